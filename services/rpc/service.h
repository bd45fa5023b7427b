// A gRPC service made at run time from its descriptor. One pipeline serves every method of every kind: identity,
// access rule, limits, parsing with errors that name the field, handler, status with google.rpc details, metrics
// and a log line. An adapter registers one handler a method; it holds no rules.
//
//   auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.order.v1.OrderService"));
//   service->Unary<GetOrderRequest, Order>("GetOrder", [orders](const rpc::Call& call, const GetOrderRequest& request,
//                                                               rpc::Done<Order> done) {
//     done(orders->Get(call.caller, request));
//   });
//
// Handlers run on the few threads that serve the whole process, so they never wait: work that does goes to a
// worker, which calls `done` from there. `done` may be called on any thread, once; where every copy of it is
// dropped without a call, the client gets INTERNAL. The Call and the request live as long as a copy of `done`.
// When a server drains, calls that outlast the deadline are ended over the handler's head: a later `done` is
// ignored.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "services/rpc/call.h"
#include "services/rpc/codec.h"
#include "services/rpc/open_call.h"
#include "services/rpc/reused.h"
#include "services/rpc/stream.h"

namespace zhuxiao::rpc {

// Ends a unary call, or the tail of a client stream.
template <typename Res>
using Done = std::function<void(absl::StatusOr<Res>)>;

// Not thread-safe while handlers are registered; immutable and thread-safe once a Server has it.
class Service final : public grpc::Service {
 public:
  // `descriptor` outlives the service; FindService below gives a generated one.
  explicit Service(const google::protobuf::ServiceDescriptor* descriptor);
  ~Service() override;

  // One request, one response. `bad_text` says what a request with text that is not UTF-8 meets; see BadText.
  template <typename Req, typename Res>
  void Unary(std::string_view method, std::function<void(const Call&, const Req&, Done<Res>)> handler,
             BadText bad_text = BadText::kRefused);

  // The same where the answer is made at once: `handler` fills the empty response before it returns, and where it
  // answers OK that is what the client gets. Both messages are the thread's own, used again by its next call.
  template <typename Req, typename Res>
  void UnaryInPlace(std::string_view method,
                    std::function<absl::Status(const Call&, const Req&, Res& response)> handler,
                    BadText bad_text = BadText::kRefused);

  // The same where the response is at hand as bytes: a repeated write answers with the bytes stored the first
  // time. `raw_request` is the request exactly as it came, bad text too.
  template <typename Req>
  void UnaryBytes(std::string_view method,
                  std::function<void(const Call&, const Req&, std::string raw_request, Done<std::string>)> handler,
                  BadText bad_text = BadText::kRefused);

  // One request, many responses. The handler keeps `writer` and writes from any thread; see StreamWriter.
  template <typename Req, typename Res>
  void ServerStream(std::string_view method,
                    std::function<void(const Call&, const Req&, std::shared_ptr<StreamWriter<Res>> writer)> handler,
                    BadText bad_text = BadText::kRefused);

  // Many requests, one response. `handler` makes the object that takes the messages of one call; see StreamReader.
  template <typename Req, typename Res>
  void ClientStream(std::string_view method,
                    std::function<std::unique_ptr<StreamReader<Req, Res>>(const Call&)> handler,
                    BadText bad_text = BadText::kRefused);

  const google::protobuf::ServiceDescriptor* descriptor() const { return descriptor_; }

  // FAILED_PRECONDITION that names every method without an access rule, with an empty one, without a handler or
  // with a handler of the wrong kind or types. A Server checks it before it starts.
  absl::Status Check() const;

 private:
  friend class Server;

  using UnaryStart = std::function<void(std::shared_ptr<UnaryCall>, const grpc::ByteBuffer&)>;
  using ServerStreamStart = std::function<void(std::shared_ptr<ServerStreamCall>, const grpc::ByteBuffer&)>;
  using ClientStreamStart = std::function<void(std::shared_ptr<ClientStreamCall>)>;
  using Start = std::variant<std::monostate, UnaryStart, ServerStreamStart, ClientStreamStart>;

  struct Entry {
    Method method;
    Start start;
  };

  // Remembers the handler, or what is wrong with it for Check.
  void Register(std::string_view method, const google::protobuf::Descriptor* request,
                const google::protobuf::Descriptor* response, Start start);

  // Makes gRPC call `pipeline` for every method. Called once, after Check.
  void Bind(Pipeline& pipeline, Metrics& metrics);
  grpc::internal::MethodHandler* MakeHandler(Pipeline& pipeline, const Entry& entry);

  const google::protobuf::ServiceDescriptor* const descriptor_;
  std::vector<std::unique_ptr<Entry>> entries_;  // in the descriptor's order
  std::vector<std::string> errors_;
};

// The generated service of that full name ("zhuxiao.order.v1.OrderService"); stops the process where no proto
// linked in declares it.
const google::protobuf::ServiceDescriptor* FindService(std::string_view full_name);

}  // namespace zhuxiao::rpc

#include "services/rpc/service_inl.h"
