#include "services/rpc/status.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace zhuxiao::rpc {
namespace {

constexpr char kCutMark[] = " [cut]";

// Never cuts inside a character of UTF-8: its continuation bytes are 10xxxxxx.
std::string CutText(std::string text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + kCutMark;
}

std::string CutBadRequest(const std::string& payload, size_t max_bytes) {
  google::rpc::BadRequest bad_request;
  if (!bad_request.ParseFromString(payload)) return "";
  while (bad_request.field_violations_size() > 0 && bad_request.ByteSizeLong() > max_bytes) {
    bad_request.mutable_field_violations()->RemoveLast();
  }
  return bad_request.field_violations_size() == 0 ? "" : bad_request.SerializeAsString();
}

// By size, so that a long BadRequest does not push out the reason; Abseil visits payloads in no fixed order.
std::vector<std::pair<std::string, std::string>> PayloadsOf(const absl::Status& status) {
  std::vector<std::pair<std::string, std::string>> payloads;
  status.ForEachPayload(
      [&](absl::string_view type_url, const absl::Cord& payload) { payloads.emplace_back(type_url, payload); });
  std::sort(payloads.begin(), payloads.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.size(), a.first) < std::pair(b.second.size(), b.first);
  });
  return payloads;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(status.raw_code());
  std::string message = CutText(std::string(status.message()), kMaxMessageBytes);

  google::rpc::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  size_t bytes_left = kMaxDetailBytes;
  for (auto& [type_url, payload] : PayloadsOf(status)) {
    if (payload.size() > bytes_left) {
      payload = type_url.ends_with("/google.rpc.BadRequest") ? CutBadRequest(payload, bytes_left) : "";
      if (payload.empty()) continue;
    }
    bytes_left -= payload.size();
    auto* any = details.add_details();
    any->set_type_url(type_url);
    any->set_value(std::move(payload));
  }
  return grpc::Status(code, std::move(message), details.SerializeAsString());
}

}  // namespace zhuxiao::rpc
