// What buyers took of each listing on each of the last days, kept in memory from the feed: what detection judges by.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/store/store.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::stall {

// Days remembered: the longest window a rule may ask for, and the day under way.
inline constexpr int kRememberedDays = 31;

// Not thread-safe.
class SellThrough {
 public:
  // Begins with the first event of the remembered days before `now`, which Advance then reads; `store` outlives the
  // object. That event is found by halving, since events stand in the order of time but for the moments commits
  // overtake one another.
  static absl::StatusOr<SellThrough> Load(store::Store& store, absl::Time now);

  // Reads the feed up to its end, at most about `limit` events. True where it came there; until then what was taken is
  // not known. DATA_LOSS where an event cannot be read.
  absl::StatusOr<bool> Advance(size_t limit);

  // Units that went from available to contracts and holds on the `days` days before `today` and on it, less those that
  // came back on those days; may be below 0.
  int64_t Taken(std::string_view listing_id, base::Day today, int days) const;

  // Listings that were marked as stalled without a case since the last call.
  std::vector<std::string> TakeMarked();

 private:
  explicit SellThrough(store::Store& store) : store_(&store) {}

  void Apply(const audit::v1::Event& event);

  store::Store* store_;
  store::Position position_;
  absl::flat_hash_map<std::string, std::vector<std::pair<base::Day, int64_t>>> taken_;  // by day, ascending
  absl::flat_hash_set<std::string> marked_;
};

}  // namespace zhuxiao::stall
