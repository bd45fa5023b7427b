// What a running command has.
#include "clients/cli/session.h"

#include "google/protobuf/util/json_util.h"

namespace zhuxiao::cli {

Session::Session(const Environment& environment, Globals globals)
    : environment_(environment),
      globals_(std::move(globals)),
      client_(OptionsFor(globals_.token), environment.clock, environment.random) {}

client::ClientOptions Session::OptionsFor(const std::string& token) const {
  return {.target = globals_.server,
          .token = token,
          .tls_ca_pem = globals_.tls_ca_pem,
          .tls_certificate_pem = globals_.tls_certificate_pem,
          .tls_key_pem = globals_.tls_key_pem,
          .deadline = globals_.deadline,
          .stream_patience = globals_.stream_patience};
}

client::Client Session::ClientFor(const std::string& token) const {
  return client::Client(OptionsFor(token), environment_.clock, environment_.random);
}

Renderer Session::MakeRenderer() const {
  return Renderer(globals_.language, [this](const std::string& commodity_code) {
    directory::v1::GetCommodityRequest request;
    request.set_code(commodity_code);
    // Where the answer is an error, quantities are shown as plain numbers.
    const auto response = client_.Call<directory::v1::GetCommodityResponse>(request);
    return response.ok() ? response->commodity() : directory::v1::Commodity();
  });
}

void Session::Print(const google::protobuf::Message& response) const {
  if (!globals_.is_json) {
    environment_.out << MakeRenderer().Response(response);
    return;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(response, &json, options);
  environment_.out << (status.ok() ? json : "{}") << "\n";
}

void Session::PrintJson(const google::protobuf::Struct& done) const {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(done, &json).ok()) json = "{}";
  environment_.out << json << "\n";
}

int Session::Fail(const absl::Status& status, const std::string& request_id) const {
  if (globals_.is_json) {
    environment_.out << ErrorAsJson(status);
  } else {
    environment_.err << DescribeError(globals_.language, status);
    if (ExitCodeOf(status) == kExitUnavailable && !request_id.empty()) {
      environment_.err << Say("repeat_with", {request_id}) << "\n";
    }
  }
  return ExitCodeOf(status);
}

int Session::FailUsage(const absl::Status& status) const {
  Fail(status);
  return kExitUsage;
}

}  // namespace zhuxiao::cli
