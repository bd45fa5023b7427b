// What time and sales bring to stall cases: daily figures, raising by rule, the early warning, ends, cases of listings
// that were marked without one, and cases the server finds by itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/operation.h"
#include "services/stall/sell_through.h"
#include "services/store/store.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

inline constexpr int kMaxDays = 400;  // daily figures kept of a case: a year of storage and some

// Ids of cases whose next review is at or before `now`, the oldest first.
absl::StatusOr<std::vector<std::string>> DueCases(store::Reader& reader, absl::Time now, size_t limit);

// Looks at one case: sets the figures of the day, moves it along where something was sold, ends it where nothing is
// left to sell, else warns and raises it by the rules, and sets its next review. No effect where it is not due (any
// more). Balances and incomes are read from `hints`, a recent snapshot: they are statistics here, and reading them in
// the transaction would make every sale of a busy listing a conflict.
absl::Status ReviewCase(ledger::Operation& operation, store::Reader& hints, const std::string& case_id);

// Opens a case of a listing that was marked as stalled, unless one is open. It counts as reported.
absl::Status OpenMarked(ledger::Operation& operation, const std::string& listing_id);

// Opens a case for what detection saw, unless one is open, the listing was marked, or it closed meanwhile.
absl::Status OpenDetected(ledger::Operation& operation, const std::string& listing_id,
                          const v1::StallDetection& detection);

// Drives all of it. Not thread-safe.
class Upkeep {
 public:
  // Runs `step` in a transaction of its own, as `action`; a step that fails is the runner's to log.
  using Run =
      std::function<void(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& step)>;

  // `store` outlives the object.
  static absl::StatusOr<std::unique_ptr<Upkeep>> Load(store::Store& store, absl::Time now);

  // One pass over what is due now, and over a chunk of the listings. Bounded: a few hundred steps. Does nothing yet
  // where the feed of the last month has still to be read, which takes several passes where it is long.
  absl::Status Pass(absl::Time now, const Run& run);

 private:
  Upkeep(store::Store& store, SellThrough sell_through) : store_(store), sell_through_(std::move(sell_through)) {}

  absl::Status LookForStalls(store::Reader& reader, absl::Time now, const Run& run);

  store::Store& store_;
  SellThrough sell_through_;
  std::string walk_after_;  // the listing the walk over all listings stopped at
  absl::Time next_walk_ = absl::InfinitePast();
};

}  // namespace zhuxiao::stall
