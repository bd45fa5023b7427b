#include "services/stall/sell_through.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/ledger/event_parts.h"

namespace zhuxiao::stall {
namespace {

// Events read at once.
constexpr size_t kFeedChunk = 500;

using audit::v1::Event;

ledger::EventParts UsedParts() {
  return ledger::EventParts({Event::kTimeFieldNumber, Event::kStockMovesFieldNumber, Event::kListingFieldNumber,
                             Event::kStallCaseFieldNumber});
}

absl::Status Parse(const std::string& payload, ledger::EventParts& parts, Event& event) {
  return parts.Parse(payload, event) ? absl::OkStatus() : base::DataLoss("an event of the feed cannot be read");
}

// Units a move took from the market for a buyer; below 0 where a buyer gave them back. Spoilage, withdrawal and changes
// of what is listed are nobody's purchase.
int64_t TakenBy(const listing::v1::Balances& delta) {
  const bool is_trade = delta.held() != 0 || delta.contracted() != 0;
  return is_trade ? -delta.available() : 0;
}

// The position after which everything since `since` stands, or a little before.
absl::StatusOr<store::Position> FindStart(store::Store& store, absl::Time since) {
  const store::Position end = store.FeedEnd();
  uint64_t before = 0;  // events up to here are older
  uint64_t after = end.sequence;
  ledger::EventParts parts({Event::kTimeFieldNumber});
  Event event;
  while (before < after) {
    const uint64_t middle = before + (after - before) / 2;
    auto entries = store.ReadFeed({end.epoch, middle}, 1);
    if (!entries.ok()) return entries.status();
    if (entries->empty()) return store::Position{end.epoch, before};
    if (absl::Status parsed = Parse(entries->front().payload, parts, event); !parsed.ok()) return parsed;
    if (base::FromProto(event.time()) < since) {
      before = middle + 1;
    } else {
      after = middle;
    }
  }
  return store::Position{end.epoch, before};
}

}  // namespace

absl::StatusOr<SellThrough> SellThrough::Load(store::Store& store, absl::Time now) {
  SellThrough sell_through(store);
  auto start = FindStart(store, base::StartOfDay(base::DayOf(now) - kRememberedDays));
  if (!start.ok()) return start.status();
  sell_through.position_ = *start;
  return sell_through;
}

absl::StatusOr<bool> SellThrough::Advance(size_t limit) {
  size_t read = 0;
  ledger::EventParts parts = UsedParts();
  Event event;  // used again for each, which saves making its parts anew
  for (const store::Position end = store_->FeedEnd(); position_ < end;) {
    if (read >= limit) return false;
    auto entries = store_->ReadFeed(position_, kFeedChunk);
    if (!entries.ok()) return entries.status();
    if (entries->empty()) break;
    read += entries->size();
    for (const store::FeedEntry& entry : *entries) {
      if (absl::Status parsed = Parse(entry.payload, parts, event); !parsed.ok()) return parsed;
      Apply(event);
      position_ = entry.position;
    }
  }
  return true;
}

void SellThrough::Apply(const audit::v1::Event& event) {
  const base::Day day = base::DayOf(base::FromProto(event.time()));
  for (const audit::v1::StockMove& move : event.stock_moves()) {
    const int64_t units = TakenBy(move.delta());
    if (units == 0) continue;
    auto& days = taken_[move.listing_id()];
    const auto at = std::lower_bound(days.begin(), days.end(), std::pair(day, INT64_MIN));
    if (at != days.end() && at->first == day) {
      at->second += units;
    } else {
      days.insert(at, {day, units});
    }
    while (days.front().first < days.back().first - kRememberedDays) days.erase(days.begin());
  }
  if (!event.has_listing()) return;
  const std::string& id = event.listing().listing_id();
  if (event.listing().state() != listing::v1::LISTING_STATE_OPEN) taken_.erase(id);
  if (event.listing().has_stall() && !event.has_stall_case()) marked_.insert(id);
}

int64_t SellThrough::Taken(std::string_view listing_id, base::Day today, int days) const {
  const auto it = taken_.find(base::View(listing_id));
  if (it == taken_.end()) return 0;
  int64_t sum = 0;
  for (const auto& [day, units] : it->second) {
    if (day >= today - days) sum += units;
  }
  return sum;
}

std::vector<std::string> SellThrough::TakeMarked() {
  std::vector<std::string> ids(marked_.begin(), marked_.end());
  marked_.clear();
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace zhuxiao::stall
