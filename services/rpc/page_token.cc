#include "services/rpc/page_token.h"

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "google/rpc/error_details.pb.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::rpc {
namespace {

// Layout: version, digest of the query, checksum of all else, key. Eight bytes of SHA-256 each: an accident goes
// unseen once in 10^19.
constexpr char kVersion = 1;
constexpr size_t kDigestBytes = 8;
constexpr size_t kKeyOffset = 1 + 2 * kDigestBytes;

std::string Digest(std::string_view text) { return base::Sha256(text).substr(0, kDigestBytes); }

absl::Status Refused(std::string_view description) {
  absl::Status status = base::MakeError(absl::StatusCode::kInvalidArgument,
                                        base::ErrorReason::ERROR_REASON_PAGE_TOKEN_INVALID, description);
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field("page_token");
  violation->set_description(std::string(description));
  status.SetPayload("type.googleapis.com/google.rpc.BadRequest", absl::Cord(bad_request.SerializeAsString()));
  return status;
}

}  // namespace

std::string EncodePageToken(std::string_view query, std::string_view last_key) {
  const std::string head = kVersion + Digest(query);
  return absl::WebSafeBase64Escape(head + Digest(base::StrCat(head, last_key)) + std::string(last_key));
}

absl::StatusOr<std::string> DecodePageToken(std::string_view query, std::string_view token) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(base::View(token), &bytes) || bytes.size() < kKeyOffset) {
    return Refused("the page token is damaged");
  }
  std::string key = bytes.substr(kKeyOffset);
  // Made again and compared as a whole: digest, checksum and every loose bit of the encoding at once.
  if (EncodePageToken(query, key) != token) return Refused("the page token is damaged or belongs to another query");
  return key;
}

}  // namespace zhuxiao::rpc
