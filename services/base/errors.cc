#include "services/base/errors.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_join.h"
#include "google/rpc/error_details.pb.h"
#include "services/base/strings.h"

namespace zhuxiao::base {
namespace {

constexpr std::string_view kTypePrefix = "type.googleapis.com/";
constexpr std::string_view kReasonPrefix = "ERROR_REASON_";

std::string TypeUrl(const google::protobuf::Message& message) {
  return StrCat(kTypePrefix, message.GetDescriptor()->full_name());
}

void Attach(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  if (auto payload = status.GetPayload(TypeUrl(info))) info.ParseFromString(std::string(*payload));
  return info;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, ErrorReason reason, std::string_view message, Metadata metadata) {
  absl::Status status(code, View(message));
  google::rpc::ErrorInfo info;
  info.set_reason(common::v1::ErrorReason_Name(reason).substr(kReasonPrefix.size()));
  info.set_domain(std::string(kErrorDomain));
  for (auto& [key, value] : metadata) (*info.mutable_metadata())[key] = std::move(value);
  Attach(status, info);
  return status;
}

absl::Status Refuse(ErrorReason reason, std::string_view subject, std::string_view message, Metadata metadata) {
  absl::Status status = MakeError(absl::StatusCode::kFailedPrecondition, reason, message, std::move(metadata));
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type(InfoOf(status).reason());
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(message));
  Attach(status, failure);
  return status;
}

absl::Status NotFound(std::string_view kind, std::string_view id) {
  return MakeError(absl::StatusCode::kNotFound, ErrorReason::ERROR_REASON_NOT_FOUND,
                   StrCat("no such ", kind, ": ", id));
}

absl::Status AlreadyExists(std::string_view kind, std::string_view id) {
  return MakeError(absl::StatusCode::kAlreadyExists, ErrorReason::ERROR_REASON_ALREADY_EXISTS,
                   StrCat(kind, " exists: ", id));
}

absl::Status EtagMismatch(std::string_view kind, std::string_view id) {
  return MakeError(absl::StatusCode::kAborted, ErrorReason::ERROR_REASON_ETAG_MISMATCH,
                   StrCat("etag of ", kind, " ", id, " is not the current one; read it again"));
}

absl::Status Overloaded(std::string_view message, absl::Duration retry_after) {
  absl::Status status = MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::ERROR_REASON_OVERLOADED, message);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(retry_after));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(retry_after - absl::Seconds(absl::ToInt64Seconds(retry_after)))));
  Attach(status, retry);
  return status;
}

absl::Status Unavailable(std::string_view message) {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_UNAVAILABLE, message);
}

absl::Status DataLoss(std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, ErrorReason::ERROR_REASON_DATA_CORRUPT, what);
}

ErrorReason ReasonOf(const absl::Status& status) {
  ErrorReason reason = ErrorReason::ERROR_REASON_UNSPECIFIED;
  common::v1::ErrorReason_Parse(StrCat(kReasonPrefix, InfoOf(status).reason()), &reason);
  return reason;
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  const auto it = info.metadata().find(std::string(key));
  return it == info.metadata().end() ? "" : it->second;
}

void FieldErrors::Add(std::string_view field, std::string_view description) {
  violations_.emplace_back(field, description);
}

bool FieldErrors::Require(bool ok, std::string_view field, std::string_view description) {
  if (!ok) Add(field, description);
  return ok;
}

void FieldErrors::Absorb(const absl::Status& status) {
  google::rpc::BadRequest bad_request;
  if (auto payload = status.GetPayload(TypeUrl(bad_request))) bad_request.ParseFromString(std::string(*payload));
  for (const auto& violation : bad_request.field_violations()) Add(violation.field(), violation.description());
}

bool FieldErrors::Names(std::string_view field) const {
  return std::any_of(violations_.begin(), violations_.end(),
                     [&](const auto& violation) { return violation.first == field; });
}

absl::Status FieldErrors::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : violations_) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::ERROR_REASON_INVALID_FIELDS,
                                  absl::StrJoin(violations_, "; ", absl::PairFormatter(": ")));
  Attach(status, bad_request);
  return status;
}

}  // namespace zhuxiao::base
