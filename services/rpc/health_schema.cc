#include "services/rpc/health_schema.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace zhuxiao::rpc {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;

void AddField(DescriptorProto& message, const char* name, FieldDescriptorProto::Type type, const char* type_name) {
  FieldDescriptorProto& field = *message.add_field();
  field.set_name(name);
  field.set_number(1);
  field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  field.set_type(type);
  if (type_name != nullptr) field.set_type_name(type_name);
}

// As in github.com/grpc/grpc-proto, grpc/health/v1/health.proto.
std::string HealthFile() {
  google::protobuf::FileDescriptorProto file;
  file.set_name("grpc/health/v1/health.proto");
  file.set_package("grpc.health.v1");
  file.set_syntax("proto3");

  DescriptorProto& request = *file.add_message_type();
  request.set_name("HealthCheckRequest");
  AddField(request, "service", FieldDescriptorProto::TYPE_STRING, nullptr);

  DescriptorProto& response = *file.add_message_type();
  response.set_name("HealthCheckResponse");
  AddField(response, "status", FieldDescriptorProto::TYPE_ENUM, ".grpc.health.v1.HealthCheckResponse.ServingStatus");
  auto& status = *response.add_enum_type();
  status.set_name("ServingStatus");
  for (const char* name : {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}) {
    const int number = status.value_size();
    auto& value = *status.add_value();
    value.set_name(name);
    value.set_number(number);
  }

  auto& service = *file.add_service();
  service.set_name("Health");
  for (const char* name : {"Check", "Watch"}) {
    auto& method = *service.add_method();
    method.set_name(name);
    method.set_input_type(".grpc.health.v1.HealthCheckRequest");
    method.set_output_type(".grpc.health.v1.HealthCheckResponse");
  }
  service.mutable_method(1)->set_server_streaming(true);
  return file.SerializeAsString();
}

}  // namespace

void DescribeHealth() {
  // The pool keeps pointing at the bytes, so they are never freed.
  static const auto* const file = [] {
    auto* const bytes = new std::string(HealthFile());
    google::protobuf::DescriptorPool::InternalAddGeneratedFile(bytes->data(), static_cast<int>(bytes->size()));
    return bytes;
  }();
  (void)file;
}

}  // namespace zhuxiao::rpc
