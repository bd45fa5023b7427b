// The formula and the rules once more, in the plainest form.
#include "services/matching/check_match.h"

#include <algorithm>
#include <set>
#include <utility>

#include "services/base/geo.h"
#include "services/base/strings.h"

namespace zhuxiao::matching {
namespace {

using Wide = __int128;

absl::Status Wrong(std::string_view what, std::string_view listing_id) {
  return absl::InternalError(base::StrCat("match is wrong: ", what, " of listing ", listing_id));
}

class ProposalCheck {
 public:
  ProposalCheck(const Book& book, const MatchPolicy& policy, const MatchOrder& order, const BookCommodity& commodity,
                const BookListing& listing)
      : policy_(policy), order_(order), commodity_(commodity), listing_(listing) {
    const base::County* from = book.counties().Find(listing.origin_code);
    const base::County* to = book.counties().Find(order.destination_code);
    km_ = base::RoadKm(from->centroid, to->centroid);
    transit_days_ = base::TransitDays(km_);
    arrival_ =
        std::max<int64_t>({order.today + transit_days_, listing.ready_day + transit_days_, order.deliver_from_day});
  }

  // The first rule that forbids any trade between the two, or nothing.
  std::string_view Forbids() const {
    const auto& excluded = order_.excluded_suppliers;
    if (std::count(excluded.begin(), excluded.end(), listing_.supplier_id) > 0) return "supplier";
    if (order_.barred_listings.contains(listing_.listing_id)) return "barred listing";
    bool in_scope = listing_.scope.empty();
    for (const std::string& code : listing_.scope) in_scope |= order_.destination_code.starts_with(code);
    if (!in_scope) return "scope";
    const auto& held = listing_.programmes;
    if (order_.required_programme && std::count(held.begin(), held.end(), *order_.required_programme) == 0) {
      return "programme";
    }
    if ((order_.required_certificates | listing_.certificates) != listing_.certificates) return "certificates";
    if (Wide{listing_.price_fen} * order_.limit_base > Wide{order_.limit_price_fen} * listing_.price_base) {
      return "price";
    }
    if (arrival_ > order_.deliver_by_day) return "arrival";
    if (arrival_ + commodity_.min_life_days > listing_.last_sale_day) return "remaining life";
    return "";
  }

  // The first figure of the proposal that is wrong, or nothing.
  std::string_view Misstates(const MatchProposal& proposal) const {
    const MatchReason& reason = proposal.reason;
    if (proposal.supplier_id != listing_.supplier_id) return "supplier";
    if (proposal.units < std::max<int64_t>(1, listing_.min_lot_units)) return "minimum lot";
    if (proposal.units > proposal.available_units || proposal.available_units > listing_.listed_units) return "units";
    const auto known = order_.available_overrides.find(proposal.listing_id);
    if (known != order_.available_overrides.end() && proposal.units > known->second) return "override";
    if (proposal.sale_unit_base != listing_.sale_unit_base) return "sale unit";
    if (proposal.unit_price_fen != listing_.unit_price_fen) return "unit price";
    if (Wide{proposal.units} * proposal.unit_price_fen != proposal.amount_fen) return "amount";
    if (reason.km != km_ || reason.transit_days != transit_days_) return "distance";
    if (reason.arrival_day != arrival_ || reason.days_left != listing_.last_sale_day - order_.today) return "days";
    return MisstatesWelfare(proposal);
  }

 private:
  int64_t WeightPpm() const {
    int64_t urgency = policy_.urgency.back().ppm;
    for (auto row = policy_.urgency.rbegin(); row != policy_.urgency.rend(); ++row) {
      if (listing_.last_sale_day - order_.today <= row->days) urgency = row->ppm;
    }
    const size_t last = policy_.stall_ppm.size() - 1;
    return urgency + policy_.stall_ppm[std::min<size_t>(last, listing_.stall_level)] +
           policy_.linkage_weight_ppm * listing_.linkage_ppm / 1'000'000;
  }

  // What a unit of the first tranche, and one of the rest, must be worth.
  std::pair<Wide, Wide> ReserveFen(Wide bonus) const {
    const int64_t age_days = int64_t{order_.today} - listing_.price.day;
    if (age_days < 0 || age_days > policy_.reserve_days) return {0, 0};
    const Wide first = Wide{listing_.price.first_fen} * policy_.reserve_ppm / 1'000'000;
    const Wide rest = Wide{listing_.price.rest_fen} * policy_.reserve_ppm / 1'000'000;
    return {std::min(first, rest + bonus), rest};
  }

  std::string_view MisstatesWelfare(const MatchProposal& proposal) const {
    const UnitWelfare& unit = proposal.reason.unit;
    const Wide value = Wide{commodity_.reference_price_fen} * listing_.value_base / commodity_.reference_base;
    const Wide plain = value * WeightPpm() / 1'000'000;
    const Wide with_bonus = value * (WeightPpm() + policy_.tranche_bonus_ppm) / 1'000'000;
    const Wide gap = value * policy_.gap_weight_ppm * order_.quota_gap_ppm / 1'000'000 / 1'000'000;
    const Wide transport = Wide{km_} * commodity_.transport_microfen_per_km_base * listing_.weight_base / 1'000'000;
    if (unit.value_fen != value) return "value";
    if (unit.urgency_fen + unit.stall_fen + unit.linkage_fen != plain) return "urgency, stall and linkage";
    if (unit.bonus_fen != with_bonus - plain) return "bonus";
    if (unit.gap_fen != gap) return "quota gap";
    if (unit.transport_fen != transport) return "transport";
    const Wide tranche = Wide{listing_.listed_units} * policy_.tranche_ppm / 1'000'000;
    const Wide gone = listing_.listed_units - proposal.available_units;
    const Wide bonus_units = std::clamp<Wide>(tranche - gone, 0, proposal.units);
    if (proposal.reason.bonus_units != bonus_units) return "bonus units";
    if (with_bonus + gap < transport || (bonus_units < proposal.units && plain + gap < transport)) return "worth";
    const auto [first_fen, rest_fen] = ReserveFen(with_bonus - plain);
    if (bonus_units > 0 && with_bonus + gap - transport < first_fen) return "reserve";
    if (bonus_units < proposal.units && plain + gap - transport < rest_fen) return "reserve";
    const Wide reserve = first_fen * bonus_units + rest_fen * (proposal.units - bonus_units);
    if (proposal.reason.reserve_fen != reserve) return "sum of reserves";
    const Wide total = (plain + gap - transport) * proposal.units + (with_bonus - plain) * bonus_units;
    return proposal.reason.total_fen == total ? "" : "total";
  }

  const MatchPolicy& policy_;
  const MatchOrder& order_;
  const BookCommodity& commodity_;
  const BookListing& listing_;
  int64_t km_ = 0;
  int64_t transit_days_ = 0;
  int64_t arrival_ = 0;
};

absl::Status CheckSums(const MatchOrder& order, const MatchResult& result) {
  std::set<std::string_view> ids;
  Wide base_sum = 0;
  Wide amount = 0;
  Wide welfare = 0;
  for (const MatchProposal& proposal : result.proposals) {
    if (!ids.insert(proposal.listing_id).second) return Wrong("second contract", proposal.listing_id);
    base_sum += Wide{proposal.units} * proposal.sale_unit_base;
    amount += proposal.amount_fen;
    welfare += proposal.reason.total_fen;
  }
  const bool is_right = base_sum == result.filled_base && amount == result.amount_fen &&
                        welfare == result.welfare_fen &&
                        Wide{result.filled_base} + result.unfilled_base == order.quantity_base;
  if (!is_right || result.unfilled_base < 0) return absl::InternalError("match is wrong: the sums of the result");
  if (order.remaining_limit_fen && amount > *order.remaining_limit_fen) {
    return absl::InternalError("match is wrong: more than the remaining limit is spent");
  }
  if (result.proposals.size() > static_cast<size_t>(order.max_contracts)) {
    return absl::InternalError("match is wrong: too many contracts");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMatch(const Book& book, const MatchPolicy& policy, const MatchOrder& order,
                        const MatchResult& result) {
  const auto commodity = book.FindCommodity(order.commodity);
  if (!commodity || !book.counties().Find(order.destination_code)) {
    return absl::InternalError("match is wrong: the order's commodity or destination is unknown");
  }
  if (absl::Status status = CheckSums(order, result); !status.ok()) return status;
  for (const MatchProposal& proposal : result.proposals) {
    const auto found = book.FindVersioned(proposal.listing_id);
    if (!found || found->revision != proposal.revision) {
      return absl::AbortedError(base::StrCat("listing ", proposal.listing_id, " changed since the match"));
    }
    if (found->listing.commodity != order.commodity) return Wrong("commodity", proposal.listing_id);
    const ProposalCheck check(book, policy, order, *commodity, found->listing);
    if (const auto what = check.Forbids(); !what.empty()) return Wrong(what, proposal.listing_id);
    if (const auto what = check.Misstates(proposal); !what.empty()) return Wrong(what, proposal.listing_id);
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::matching
