#include "services/order/standing_work.h"

#include <utility>
#include <vector>

#include "services/base/errors.h"
#include "services/directory/directory.h"
#include "services/directory/institutions.h"
#include "services/ledger/event_parts.h"
#include "services/order/records.h"
#include "services/store/keys.h"

namespace zhuxiao::order {
namespace {

// Events taken in at once: a fraction of a second.
constexpr size_t kEventsAtOnce = 1'000;
// Rows of a walk read at once.
constexpr size_t kRowsAtOnce = 200;
// Orders and buyers that wait to be looked at one by one: where there are more a sweep is as good.
constexpr size_t kMaxKnown = 10'000;

std::string CommodityPrefix(const std::string& commodity) { return store::Key(kStanding, commodity, ""); }

// What was tried with the same commit as the event need not be tried again.
bool WasJustTried(const audit::v1::Event& event) {
  return event.action() == "PlaceOrder" || event.action() == "FillOrder";
}

}  // namespace

void RowWalk::Add(const std::string& prefix) {
  if (waiting_.insert(prefix).second) queue_.push_back(prefix);
}

absl::StatusOr<std::optional<std::string>> RowWalk::Next(store::Store& store) {
  while (read_.empty()) {
    if (prefix_.empty()) {
      if (queue_.empty()) return std::nullopt;
      prefix_ = std::move(queue_.front());
      queue_.pop_front();
      waiting_.erase(prefix_);
      after_.clear();
    }
    const std::string begin = after_.empty() ? prefix_ : after_ + '\0';
    auto rows = store.Latest()->Scan(begin, store::PrefixEnd(prefix_), kRowsAtOnce);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) {
      prefix_.clear();
      continue;
    }
    after_ = rows->back().key;
    for (store::KeyValue& row : *rows) read_.push_back(std::move(row.key));
  }
  std::string key = std::move(read_.front());
  read_.pop_front();
  return key;
}

void RowWalk::Clear() { *this = RowWalk(); }

void StandingWork::Begin(absl::Time now) {
  position_ = store_.FeedEnd();
  market_.TakeReplenished();
  Sweep(now);
}

void StandingWork::Sweep(absl::Time now) {
  known_.Clear();
  for (const directory::v1::Commodity& commodity : directory::Catalogue()) all_.Add(CommodityPrefix(commodity.code()));
  next_sweep_ = now + kSweepPause;
}

absl::Status StandingWork::Look(absl::Time now) {
  if (now >= next_sweep_ || known_.size() > kMaxKnown) Sweep(now);
  for (const std::string& commodity : market_.TakeReplenished()) commodities_.Add(CommodityPrefix(commodity));
  using audit::v1::Event;
  ledger::EventParts parts({Event::kActionFieldNumber, Event::kOrderFieldNumber, Event::kQuotaFieldNumber});
  auto entries = store_.ReadFeed(position_, kEventsAtOnce);
  if (!entries.ok()) {
    Begin(now);
    return entries.status();
  }
  Event event;
  for (const store::FeedEntry& entry : *entries) {
    position_ = entry.position;
    if (!parts.Parse(entry.payload, event)) return base::DataLoss("an event of the feed cannot be read");
    if (event.order().state() == v1::ORDER_STATE_STANDING && !WasJustTried(event)) {
      known_.Add(StandingKey(event.order()));
    }
    if (!event.has_quota()) continue;
    if (absl::Status added = AddBuyersOf(event.quota().institution_uscc()); !added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status StandingWork::AddBuyersOf(const std::string& unit) {
  auto buyers = directory::RepresentedBy(*store_.Latest(), unit);
  if (!buyers.ok()) return buyers.status();
  buyers->push_back(unit);
  for (const std::string& buyer : *buyers) known_.Add(store::Key(kOrderByBuyer, buyer, ""));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> StandingWork::Next() {
  for (RowWalk* walk : {&known_, &commodities_, &all_}) {
    auto key = walk->Next(store_);
    if (!key.ok()) return key.status();
    if (*key) return (*key)->substr((*key)->rfind('/') + 1);
  }
  return std::nullopt;
}

}  // namespace zhuxiao::order
