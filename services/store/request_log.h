// Request records: the same request_id from the same organisation gets the same answer, byte for byte, across
// crashes and for at least kRequestRetention; the same id with other content is refused.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/store/run_transaction.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// Promised in every proto comment that names request_id; clients may retry for this long.
inline constexpr absl::Duration kRequestRetention = absl::Hours(24 * 35);

struct Request {
  std::string tenant;      // the caller's organisation or token id; ids of different tenants never meet
  std::string request_id;  // base::IsValidId
  std::string method;      // full method name
  std::string content;     // the request's bytes as received; digest of (method, content) decides "other content"
  absl::Time now;
};

// Produces the serialized response over the transaction, or an error. Errors of code FAILED_PRECONDITION,
// NOT_FOUND, ALREADY_EXISTS and OUT_OF_RANGE are answers too: they are recorded with all their details and repeated for
// the same request_id. Other errors are not recorded: the caller may try again with the same id.
using RequestBody = std::function<absl::StatusOr<std::string>(Transaction&)>;

// Runs `body` at most once to effect. The record is read first and written in the same commit as the body's
// writes. `done` is called exactly once, with the response or the (recorded) error.
// FAILED_PRECONDITION / REQUEST_ID_REUSED where the id was used with other content.
void RunOnce(Store& store, Request request, RequestBody body, std::function<void(absl::StatusOr<std::string>)> done,
             RetryPolicy policy = {});

// Deletes at most `limit` records older than kRequestRetention, from the key after `cursor` on (empty: from the start);
// returns the cursor to go on from, empty at the end. Blocking; for a maintenance thread.
absl::StatusOr<std::string> PruneRequests(Store& store, absl::Time now, std::string cursor, size_t limit);

}  // namespace zhuxiao::store
