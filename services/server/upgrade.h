// Rows that the product keeps in another way than the version before it did, brought up to date while the server
// serves. Every reader takes the former rows too, so that servers of both versions work side by side; what an upgrade
// saves them is time. How the store keeps its rows is the store's own matter (Database::kFormat, RedisLog::kFormat).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/store.h"

namespace zhuxiao::server {

// The version of the rows this program writes, and the newest it reads:
//   1  without a row that says which
//   2  the indexes of a supplier's listings and contracts say what is over
inline constexpr int64_t kRowsVersion = 2;

// The version that `reader` says its rows are of. DATA_LOSS where it cannot be read.
absl::StatusOr<int64_t> ReadRowsVersion(store::Reader& reader);

// FAILED_PRECONDITION / STATE_NOT_ALLOWED where a newer program brought the rows up to date: this one would write what
// that one does not expect.
absl::Status CheckRowsVersion(store::Reader& reader);

// Brings a store up to date a piece at a time. Cut off anywhere, the next one begins anew and finds less to do; several
// at once do no harm. Not thread-safe.
class Upgrade {
 public:
  // Does one piece, of at most a few hundred rows, in a transaction that `guard` may refuse; true once all are done,
  // which costs nothing from then on. Blocking. Errors: the store's, or the guard's; the piece may then be tried again.
  absl::StatusOr<bool> Next(store::Store& store, const std::function<absl::Status(store::Transaction&)>& guard);

 private:
  bool is_done_ = false;
  size_t pass_ = 0;    // over one index each
  std::string after_;  // where it is
};

}  // namespace zhuxiao::server
