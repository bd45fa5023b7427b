#include "services/rpc/service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/server_callback.h>

#include <cstdlib>

#include "absl/strings/str_join.h"
#include "services/base/strings.h"
#include "services/rpc/log.h"
#include "zhuxiao/common/v1/common.pb.h"

namespace zhuxiao::rpc {
namespace {

using google::protobuf::MethodDescriptor;
using grpc::internal::RpcMethod;
using Buffer = grpc::ByteBuffer;

// The alternatives of Service::Start by index.
constexpr size_t kNone = 0;
constexpr size_t kUnary = 1;
constexpr size_t kServerStream = 2;
constexpr size_t kClientStream = 3;
constexpr size_t kBidirectional = 4;  // no alternative: none can be registered

size_t KindOf(const MethodDescriptor& method) {
  if (method.client_streaming()) return method.server_streaming() ? kBidirectional : kClientStream;
  return method.server_streaming() ? kServerStream : kUnary;
}

RpcMethod::RpcType TypeOf(size_t kind) {
  switch (kind) {
    case kServerStream:
      return RpcMethod::SERVER_STREAMING;
    case kClientStream:
      return RpcMethod::CLIENT_STREAMING;
    default:
      return RpcMethod::NORMAL_RPC;
  }
}

const char* MetricTypeOf(size_t kind) {
  switch (kind) {
    case kServerStream:
      return "server_stream";
    case kClientStream:
      return "client_stream";
    default:
      return "unary";
  }
}

uint32_t RolesOf(const common::v1::AccessRule& rule) {
  uint32_t roles = 0;
  for (const int role : rule.roles()) {
    if (role != common::v1::ROLE_UNSPECIFIED) roles |= 1u << role;
  }
  return roles;
}

}  // namespace

Service::Service(const google::protobuf::ServiceDescriptor* descriptor) : descriptor_(descriptor) {
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const MethodDescriptor& method = *descriptor->method(i);
    const auto& rule = method.options().GetExtension(common::v1::access);
    auto entry = std::make_unique<Entry>();
    entry->method.descriptor = &method;
    entry->method.path = "/" + descriptor->full_name() + "/" + method.name();
    entry->method.roles = RolesOf(rule);
    entry->method.is_public = rule.is_public();
    entries_.push_back(std::move(entry));
  }
}

Service::~Service() = default;

void Service::Register(std::string_view name, const google::protobuf::Descriptor* request,
                       const google::protobuf::Descriptor* response, Start start) {
  const MethodDescriptor* method = descriptor_->FindMethodByName(std::string(name));
  if (method == nullptr) {
    errors_.push_back(base::StrCat(descriptor_->full_name(), " has no method ", name));
    return;
  }
  Entry& entry = *entries_[method->index()];
  const auto complain = [&](std::string_view what) { errors_.push_back(base::StrCat(method->full_name(), " ", what)); };
  if (entry.start.index() != kNone) complain("has two handlers");
  if (KindOf(*method) != start.index()) complain("has a handler of another kind");
  if (method->input_type()->full_name() != request->full_name()) complain("has a handler of another request type");
  if (response != nullptr && method->output_type()->full_name() != response->full_name()) {
    complain("has a handler of another response type");
  }
  entry.start = std::move(start);
}

absl::Status Service::Check() const {
  std::vector<std::string> errors = errors_;
  for (const auto& entry : entries_) {
    const std::string& name = entry->method.descriptor->full_name();
    const bool has_rule = entry->method.descriptor->options().HasExtension(common::v1::access);
    if (!has_rule) {
      errors.push_back(name + " has no access rule");
    } else if (!entry->method.is_public && entry->method.roles == 0) {
      errors.push_back(name + " has an access rule that admits nobody");
    }
    if (entry->start.index() == kNone) errors.push_back(name + " has no handler");
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(errors, "; "));
}

void Service::Bind(Pipeline& pipeline, Metrics& metrics) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    Method& method = entries_[i]->method;
    const size_t kind = entries_[i]->start.index();
    method.metrics = metrics.ForMethod(descriptor_->full_name(), method.descriptor->name(), MetricTypeOf(kind));
    AddMethod(new grpc::internal::RpcServiceMethod(method.path.c_str(), TypeOf(kind), nullptr));
    MarkMethodRawCallback(static_cast<int>(i), MakeHandler(pipeline, *entries_[i]));
  }
}

grpc::internal::MethodHandler* Service::MakeHandler(Pipeline& pipeline, const Entry& entry) {
  const Method& method = entry.method;
  if (const auto* unary = std::get_if<UnaryStart>(&entry.start)) {
    return new grpc::internal::CallbackUnaryHandler<Buffer, Buffer>(
        [&pipeline, &method, unary](grpc::CallbackServerContext* context, const Buffer* request, Buffer* response) {
          auto call = std::make_shared<UnaryCall>(pipeline, method, *context, *response);
          return call->Start([&] { (*unary)(call, *request); });
        });
  }
  if (const auto* server_stream = std::get_if<ServerStreamStart>(&entry.start)) {
    return new grpc::internal::CallbackServerStreamingHandler<Buffer, Buffer>(
        [&pipeline, &method, server_stream](grpc::CallbackServerContext* context, const Buffer* request) {
          auto call = std::make_shared<ServerStreamCall>(pipeline, method, *context);
          return call->Start([&] { (*server_stream)(call, *request); });
        });
  }
  const auto* client_stream = std::get_if<ClientStreamStart>(&entry.start);
  return new grpc::internal::CallbackClientStreamingHandler<Buffer, Buffer>(
      [&pipeline, &method, client_stream](grpc::CallbackServerContext* context, Buffer* response) {
        auto call = std::make_shared<ClientStreamCall>(pipeline, method, *context, *response);
        return call->Start([&] { (*client_stream)(call); });
      });
}

const google::protobuf::ServiceDescriptor* FindService(std::string_view full_name) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(full_name));
  if (descriptor == nullptr) {
    Log(LogLevel::kError, "no proto linked in declares the service", {{"service", full_name}});
    std::abort();
  }
  return descriptor;
}

}  // namespace zhuxiao::rpc
