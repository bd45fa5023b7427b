// Which standing orders are worth a try. What may fill one comes from many sides: goods, a programme's list, a spending
// limit, a contract that fell short; the feed tells of these, and a slow sweep over all finds the rest.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/order/market.h"
#include "services/store/store.h"

namespace zhuxiao::order {

// How often every standing order is tried whatever the feed tells. Two things come without an event of their own: a
// round's price that lapsed, and spending that came free again. The first is by the day, the second by the hour; a
// sweep over a nation's standing orders takes about a minute, so it costs a tenth of the time where nothing else is to
// be done.
inline constexpr absl::Duration kSweepPause = absl::Minutes(10);

// Keys of rows to visit, prefix by prefix, each prefix to its end before the next. Not thread-safe.
class RowWalk {
 public:
  // Visits the rows under `prefix` after those that wait already; no effect where it waits. One that is under way is
  // visited once more from its first row.
  void Add(const std::string& prefix);
  // The key of the next row, or nullopt at the end.
  absl::StatusOr<std::optional<std::string>> Next(store::Store& store);
  // Prefixes that wait.
  size_t size() const { return queue_.size(); }
  void Clear();

 private:
  std::deque<std::string> queue_;
  absl::flat_hash_set<std::string> waiting_;
  std::string prefix_;  // under way; empty: none
  std::string after_;   // the last key of it that was read
  std::deque<std::string> read_;
};

// Not thread-safe. Of several processes on a store one uses it, the holder of the maintenance lease.
class StandingWork {
 public:
  // Both outlive the object.
  StandingWork(store::Store& store, Market& market) : store_(store), market_(market) {}

  // Makes every standing order worth a try and follows the feed from here: for who begins to fill orders, since what
  // was told before nobody may have followed.
  void Begin(absl::Time now);

  // Takes in what happened since, a bounded part of it a call. Where the feed cannot be read it begins anew.
  absl::Status Look(absl::Time now);

  // The id of the next order that is worth a try, in the order: those of which something is known, those of
  // commodities that came on the market, all others. nullopt where none is.
  absl::StatusOr<std::optional<std::string>> Next();

 private:
  void Sweep(absl::Time now);
  // Makes the orders of all whose spending counts for the quota of `unit` worth a try.
  absl::Status AddBuyersOf(const std::string& unit);

  store::Store& store_;
  Market& market_;
  store::Position position_;
  absl::Time next_sweep_ = absl::InfinitePast();
  RowWalk known_;
  RowWalk commodities_;
  RowWalk all_;
};

}  // namespace zhuxiao::order
