// Errors as callers see them: an absl::Status that carries google.rpc details (ErrorInfo, BadRequest,
// PreconditionFailure, RetryInfo) as payloads under their type URLs, set where the fact is known.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "zhuxiao/common/v1/common.pb.h"

namespace zhuxiao::base {

using common::v1::ErrorReason;

// The ErrorInfo domain of every error of this product.
inline constexpr std::string_view kErrorDomain = "zhuxiao";

using Metadata = std::vector<std::pair<std::string, std::string>>;

// A status of `code` with an ErrorInfo of `reason` and `metadata`.
absl::Status MakeError(absl::StatusCode code, ErrorReason reason, std::string_view message, Metadata metadata = {});

// A business "no": FAILED_PRECONDITION with ErrorInfo and a PreconditionFailure violation on `subject`.
absl::Status Refuse(ErrorReason reason, std::string_view subject, std::string_view message, Metadata metadata = {});

// NOT_FOUND for `kind` (for example "listing") and `id`. Said of another tenant's thing too, word for word.
absl::Status NotFound(std::string_view kind, std::string_view id);

// ALREADY_EXISTS for `kind` and `id`.
absl::Status AlreadyExists(std::string_view kind, std::string_view id);

// ABORTED: `etag` of `kind` `id` is not the current one.
absl::Status EtagMismatch(std::string_view kind, std::string_view id);

// RESOURCE_EXHAUSTED with RetryInfo.
absl::Status Overloaded(std::string_view message, absl::Duration retry_after);

// UNAVAILABLE: try again later; the outcome may be unknown.
absl::Status Unavailable(std::string_view message);

// DATA_LOSS: stored data breaks an invariant; `what` says which.
absl::Status DataLoss(std::string_view what);

// The reason a status carries, or ERROR_REASON_UNSPECIFIED.
ErrorReason ReasonOf(const absl::Status& status);

// The metadata value under `key` in the status's ErrorInfo, or "".
std::string MetadataOf(const absl::Status& status, std::string_view key);

// Collects every bad field of a request, so that the caller hears of all of them at once. Not thread-safe.
class FieldErrors {
 public:
  // Adds a violation. `field` is the path in the request, for example "listing.unit_price".
  void Add(std::string_view field, std::string_view description);

  // Adds a violation unless `ok`. Returns `ok`.
  bool Require(bool ok, std::string_view field, std::string_view description);

  // Adds the field violations that `status` carries, if it is an INVALID_FIELDS error.
  void Absorb(const absl::Status& status);

  bool empty() const { return violations_.empty(); }

  // True where a violation of `field` was added.
  bool Names(std::string_view field) const;

  // OK where nothing was added, else INVALID_ARGUMENT with reason INVALID_FIELDS and a BadRequest that names
  // every violation in the order added.
  absl::Status ToStatus() const;

  // ToStatus where anything was added, else `next`: what is wrong with the request in any state goes before what is
  // wrong with it now.
  absl::Status Else(const absl::Status& next) const { return empty() ? next : ToStatus(); }

  const std::vector<std::pair<std::string, std::string>>& violations() const { return violations_; }

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
};

}  // namespace zhuxiao::base
