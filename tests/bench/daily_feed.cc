#include "tests/bench/daily_feed.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "tests/support/callers.h"

namespace zhuxiao::bench {
namespace {

// Days after the match on which a contract takes each step.
constexpr std::array<int, 5> kStepDays = {0, 0, 1, 2, 5};
// The days before year's end on which five times as many contracts are made.
constexpr int kRushDays = 31;
constexpr int64_t kRush = 5;

std::string IdOf(char kind, int64_t number) { return absl::StrFormat("%c%031d", kind, number); }

const std::string& Pick(const std::vector<std::string>& things, int64_t number) {
  return things[static_cast<size_t>(number) % things.size()];
}

const std::vector<std::string>& Counties() {
  static const auto& counties = *[] {
    auto* codes = new std::vector<std::string>();
    for (const auto& county : directory::Counties().counties()) codes->push_back(county.code);
    return codes;
  }();
  return counties;
}

std::string CommodityOf(int64_t listing) {
  const auto& catalogue = directory::Catalogue();
  return catalogue[static_cast<size_t>(listing) % catalogue.size()].code();
}

// A listing's county: many have little, few have much, by a fixed scatter.
std::string OriginOf(int64_t listing) { return Pick(Counties(), listing * 7'919); }

}  // namespace

std::string BuyerOf(int64_t number) { return testing::Uscc("12", static_cast<int>(number) + 1); }

DailyFeed::DailyFeed(store::Store& rows, const FeedSize& size)
    : rows_(rows), size_(size), first_day_(*base::ParseDay("2020-01-01")) {
  const int last = size.days + kStepDays.back();
  std::vector<std::vector<Step>> days(static_cast<size_t>(last));
  for (int64_t i = 0; i < size.listings; ++i) {
    days[static_cast<size_t>(i * size.days / size.listings)].push_back({static_cast<uint32_t>(i), 0});
  }
  const int rush = std::min(kRushDays, size.days / 2);
  const int64_t shares = size.days - rush + rush * kRush;
  int64_t made = 0;
  for (int day = 0; day < size.days; ++day) {
    const int64_t share = day < size.days - rush ? day + 1 : size.days - rush + (day - size.days + rush + 1) * kRush;
    for (; made < size.contracts * share / shares; ++made) {
      for (size_t step = 0; step < kStepDays.size(); ++step) {
        days[static_cast<size_t>(day + kStepDays[step])].push_back(
            {static_cast<uint32_t>(made), static_cast<uint32_t>(step + 1)});
      }
    }
  }
  for (const auto& day : days) {
    steps_.insert(steps_.end(), day.begin(), day.end());
    day_ends_.push_back(steps_.size());
  }
}

absl::StatusOr<std::vector<store::FeedEntry>> DailyFeed::ReadFeed(store::Position after, size_t limit) {
  std::vector<store::FeedEntry> entries;
  const uint64_t end = std::min<uint64_t>(steps_.size(), after.sequence + limit);
  auto day = std::upper_bound(day_ends_.begin(), day_ends_.end(), after.sequence) - day_ends_.begin();
  for (uint64_t i = after.sequence; i < end; ++i) {
    while (i >= day_ends_[static_cast<size_t>(day)]) ++day;
    entries.push_back({{1, i + 1}, EventOf(steps_[i], static_cast<int>(day)).SerializeAsString()});
  }
  return entries;
}

audit::v1::Event DailyFeed::EventOf(const Step& step, int day) const {
  audit::v1::Event event;
  *event.mutable_time() = base::ToProto(base::StartOfDay(DayAt(day)) + absl::Hours(9));
  event.set_action("Bench");
  const int64_t listing_number = step.kind == 0 ? step.thing : step.thing * 31 % size_.listings;
  const int64_t price_fen = 100 + listing_number % 5'000;
  if (step.kind == 0) {
    listing::v1::Listing& listing = *event.mutable_listing();
    listing.set_listing_id(IdOf('l', step.thing));
    listing.set_commodity_code(CommodityOf(step.thing));
    listing.set_origin_code(OriginOf(step.thing));
    listing.mutable_unit_price()->set_amount_fen(price_fen);
    return event;
  }
  order::v1::Contract& contract = *event.add_contracts();
  contract.set_contract_id(IdOf('c', step.thing));
  contract.set_order_id(IdOf('o', step.thing));
  contract.set_listing_id(IdOf('l', listing_number));
  contract.set_institution_uscc(BuyerOf(step.thing % size_.buyers));
  contract.set_commodity_code(CommodityOf(listing_number));
  contract.set_origin_code(OriginOf(listing_number));
  contract.set_ordered_units(1 + step.thing % 900);
  contract.set_sale_unit_base(500);
  contract.mutable_unit_price()->set_amount_fen(price_fen);
  contract.mutable_ordered_amount()->set_amount_fen(contract.ordered_units() * price_fen);
  constexpr std::array kStates = {order::v1::CONTRACT_STATE_PROPOSED, order::v1::CONTRACT_STATE_SIGNED,
                                  order::v1::CONTRACT_STATE_SHIPPED, order::v1::CONTRACT_STATE_ACCEPTED,
                                  order::v1::CONTRACT_STATE_SETTLED};
  contract.set_state(kStates[step.kind - 1]);
  if (step.kind >= 3) contract.set_delivered_units(contract.ordered_units());
  if (step.kind >= 4) *contract.mutable_accepted_amount() = contract.ordered_amount();
  contract.mutable_match_reason()->set_policy_version("bench");
  return event;
}

}  // namespace zhuxiao::bench
