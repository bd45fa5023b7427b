// A server in this process with a service made up for the test, and calls to it over a real connection.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/sync_stream.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/base/errors.h"
#include "services/rpc/diagnostics_service.h"
#include "services/rpc/server.h"
#include "tests/support/callers.h"
#include "zhuxiao/diagnostics/v1/diagnostics.pb.h"

namespace zhuxiao::rpc {

using diagnostics::v1::EchoRequest;
using diagnostics::v1::EchoResponse;

// The tokens "supplier" and "auditor" and no others.
class FixedTokens final : public Authenticator {
 public:
  absl::StatusOr<base::Caller> Authenticate(std::string_view token) override {
    if (token == "supplier") return testing::SupplierOf(testing::Uscc("93", 1));
    if (token == "auditor") return testing::Auditor();
    return base::MakeError(absl::StatusCode::kUnauthenticated, base::ErrorReason::ERROR_REASON_TOKEN_INVALID, "no");
  }
};

// Describes zhuxiao.test.v1.TestService method by method. Messages come from the generated protos.
class ServiceDescription {
 public:
  ServiceDescription() : pool_(google::protobuf::DescriptorPool::generated_pool()) {
    file_.set_name("test.proto");
    file_.set_package("zhuxiao.test.v1");
    file_.set_syntax("proto3");
    file_.add_dependency("zhuxiao/diagnostics/v1/diagnostics.proto");
    file_.add_dependency("google/rpc/error_details.proto");
    file_.add_service()->set_name("TestService");
  }

  google::protobuf::MethodDescriptorProto& Add(const std::string& name,
                                               const std::string& request = ".zhuxiao.diagnostics.v1.EchoRequest") {
    auto* method = file_.mutable_service(0)->add_method();
    method->set_name(name);
    method->set_input_type(request);
    method->set_output_type(".zhuxiao.diagnostics.v1.EchoResponse");
    return *method;
  }

  google::protobuf::MethodDescriptorProto& AddPublic(
      const std::string& name, const std::string& request = ".zhuxiao.diagnostics.v1.EchoRequest") {
    auto& method = Add(name, request);
    method.mutable_options()->MutableExtension(common::v1::access)->set_is_public(true);
    return method;
  }

  google::protobuf::MethodDescriptorProto& AddFor(base::Role role, const std::string& name) {
    auto& method = Add(name);
    method.mutable_options()->MutableExtension(common::v1::access)->add_roles(role);
    return method;
  }

  std::unique_ptr<Service> MakeService() { return std::make_unique<Service>(pool_.BuildFile(file_)->service(0)); }

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::FileDescriptorProto file_;
};

// The google.rpc details of a status.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  Detail detail;
  if (!details.ParseFromString(status.error_details())) return detail;
  for (const auto& any : details.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&detail);
  }
  return detail;
}

inline std::string ReasonOf(const grpc::Status& status) { return DetailOf<google::rpc::ErrorInfo>(status).reason(); }

// The fields a BadRequest names.
inline std::vector<std::string> FieldsOf(const grpc::Status& status) {
  std::vector<std::string> fields;
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  for (const auto& violation : bad_request.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

inline std::string TestPath(const std::string& method) { return "/zhuxiao.test.v1.TestService/" + method; }

class RpcTest : public ::testing::Test {
 protected:
  // Starts a server with `service` and the diagnostics.
  void StartServer(std::unique_ptr<Service> service, ServerOptions options = {}) {
    std::vector<std::unique_ptr<Service>> services;
    if (service != nullptr) services.push_back(std::move(service));
    services.push_back(MakeDiagnosticsService("1.2.3"));
    auto server = Server::Start(std::move(options), std::move(services), tokens_, metrics_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = NewChannel();
  }

  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  // One unary call with bytes as they are. `token` empty sends none.
  grpc::Status CallBytes(const std::string& path, const std::string& request, std::string* response,
                         const std::string& token = "", const std::map<std::string, std::string>& metadata = {},
                         absl::Duration timeout = absl::Seconds(30)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::ByteBuffer request_bytes = ToByteBuffer(request);
    grpc::ByteBuffer response_bytes;
    const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel_.get(), method, &context, request_bytes, &response_bytes);
    if (response != nullptr && status.ok()) *response = ToString(response_bytes);
    return status;
  }

  // An echo to a method of the test service.
  grpc::Status Say(const std::string& method, const std::string& token = "") {
    return CallBytes(TestPath(method), EchoRequest().SerializeAsString(), nullptr, token);
  }

  grpc::Status Echo() {
    return CallBytes("/zhuxiao.diagnostics.v1.DiagnosticsService/Echo", EchoRequest().SerializeAsString(), nullptr);
  }

  FixedTokens tokens_;
  Metrics metrics_;
  ServiceDescription description_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A call that waits until the test lets it go. Outlives the calls of the server.
class HeldCall {
 public:
  // What `method` of `service` does from now on, for one call.
  void Serve(Service& service, std::string_view method) {
    service.Unary<EchoRequest, EchoResponse>(method,
                                             [this](const Call&, const EchoRequest&, const Done<EchoResponse>& done) {
                                               release_ = done;
                                               held_.Notify();
                                             });
  }

  void WaitUntilHeld() const { held_.WaitForNotification(); }

  void Release() {
    release_(EchoResponse());
    release_ = nullptr;
  }

 private:
  absl::Notification held_;
  Done<EchoResponse> release_;
};

// Answers with the payload it got.
inline void AnswerAtOnce(const Call&, const EchoRequest& request, const Done<EchoResponse>& done) {
  EchoResponse response;
  response.set_payload(request.payload());
  done(std::move(response));
}

}  // namespace zhuxiao::rpc
