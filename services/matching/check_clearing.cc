#include "services/matching/check_clearing.h"

#include <algorithm>
#include <array>
#include <limits>

#include "services/base/geo.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/check_bound.h"
#include "services/matching/check_terms.h"
#include "services/matching/clear.h"

namespace zhuxiao::matching {
namespace {

using base::StrCat;
using check::ListingFigures;
using check::Wide;

std::optional<int64_t> Narrow(Wide value) {
  if (value < INT64_MIN || value > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(value);
}

// A wide number in a message, where most are narrow.
std::string Show(Wide value) {
  const auto narrow = Narrow(value);
  return narrow ? StrCat(*narrow) : value < 0 ? "less than -2^63" : "more than 2^63";
}

// Adds a product, and stays at the largest number once there: that is above any supply, quantity or limit.
void AddProduct(Wide& sum, int64_t a, int64_t b) {
  if (__builtin_add_overflow(sum, Wide{a} * b, &sum)) sum = std::numeric_limits<Wide>::max();
}

class Checker {
 public:
  Checker(const RoundBook& book, const ClearingPolicy& policy, const std::vector<RoundContract>& contracts)
      : book_(book), policy_(policy), contracts_(contracts) {}

  // What is allowed, and the welfare. False where nothing further can be computed.
  bool Check() {
    if (!IsUsable()) return false;
    CheckContracts();
    CheckListings();
    CheckOrders();
    CheckInstitutions();
    const auto welfare_fen = is_welfare_good_ ? Narrow(welfare_fen_) : std::nullopt;
    Require(welfare_fen.has_value(), ClearingRule::kBook, {}, "the welfare is outside int64");
    check_.welfare_fen = welfare_fen.value_or(0);
    return welfare_fen.has_value();
  }

  void CompareWelfare(int64_t claimed_fen) {
    Require(check_.welfare_fen == claimed_fen, ClearingRule::kWelfare, {}, "welfare is ", check_.welfare_fen,
            " fen, claimed ", claimed_fen);
  }

  // False where the prices prove nothing.
  bool ArePricesGood(const RoundPrices& prices) {
    const size_t listings = book_.listings.size();
    const bool is_one_a_row = prices.first_tranche.size() == listings && prices.second_tranche.size() == listings &&
                              prices.institution.size() == book_.institutions.size();
    Require(is_one_a_row, ClearingRule::kReference, {}, "prices are not one a row");
    if (!is_one_a_row) return false;
    const int64_t faults_before = check_.fault_count;
    for (uint32_t i = 0; i < listings; ++i) {
      Require(prices.first_tranche[i] >= 0 && prices.second_tranche[i] >= 0, ClearingRule::kPrices, {.listing = i},
              "a price is below 0");
    }
    for (uint32_t k = 0; k < book_.institutions.size(); ++k) {
      Require(prices.institution[k] >= 0, ClearingRule::kPrices, {.institution = k}, "the price is below 0");
    }
    return check_.fault_count == faults_before;
  }

  void CompareBound(const RoundPrices& prices, int64_t claimed_fen, int threads) {
    const std::optional<Wide> parts = check::BoundOf(book_, policy_, figures_, prices, threads);
    std::optional<int64_t> bound_fen;
    if (parts) bound_fen = Narrow(*parts / check::kBoundParts + (*parts % check::kBoundParts == 0 ? 0 : 1));
    Require(bound_fen.has_value(), ClearingRule::kBook, {}, "the bound is outside int64");
    if (!bound_fen) return;
    check_.bound_fen = *bound_fen;
    check_.gap_ppm = GapPpm(check_.welfare_fen, check_.bound_fen);
    Require(claimed_fen == check_.bound_fen, ClearingRule::kBound, {}, "bound is ", check_.bound_fen, " fen, claimed ",
            claimed_fen);
  }

  ClearingCheck Release() { return std::move(check_); }

 private:
  // What the contracts of an order come to.
  struct Filled {
    Wide base = 0;
    int64_t least_unit_base = std::numeric_limits<int64_t>::max();
  };

  template <typename... Parts>
  void Require(bool holds, ClearingRule rule, const ClearingPlace& place, const Parts&... parts) {
    if (holds) return;
    ++check_.fault_count;
    if (check_.faults.size() < kMaxClearingFaults) check_.faults.push_back({rule, place, StrCat(parts...)});
  }

  // False where nothing further can be computed.
  bool IsUsable() {
    const absl::Status valid = ValidateRound(book_, policy_);
    Require(valid.ok(), ClearingRule::kBook, {}, std::string(valid.message()));
    for (const RoundContract& contract : contracts_) {
      Require(contract.order < book_.orders.size() && contract.listing < book_.listings.size(),
              ClearingRule::kReference, PlaceOf(contract), "names a row that is not there");
    }
    if (check_.fault_count > 0) return false;
    auto figures = check::FiguresOf(book_, policy_);
    Require(figures.has_value(), ClearingRule::kBook, {}, "the welfare of a unit is outside int64");
    if (!figures) return false;
    figures_ = *std::move(figures);
    return true;
  }

  void CheckContracts() {
    sold_.resize(book_.listings.size());
    filled_.resize(book_.orders.size());
    spent_fen_.resize(book_.institutions.size());
    for (size_t n = 0; n < contracts_.size(); ++n) {
      const auto key = [](const RoundContract& contract) { return uint64_t{contract.order} << 32 | contract.listing; };
      Require(n == 0 || key(contracts_[n - 1]) < key(contracts_[n]), ClearingRule::kOrder, PlaceOf(contracts_[n]),
              "the contract stands twice, or not in order");
      CheckContract(contracts_[n]);
    }
  }

  static ClearingPlace PlaceOf(const RoundContract& contract) {
    return {.order = contract.order, .listing = contract.listing};
  }

  void CheckContract(const RoundContract& contract) {
    const RoundListing& listing = book_.listings[contract.listing];
    const RoundOrder& order = book_.orders[contract.order];
    const RoundCommodity& commodity = book_.commodities[listing.commodity];
    const ListingFigures& figures = figures_[contract.listing];
    const int64_t km = base::RoadKm(book_.counties[listing.county], book_.counties[order.county]);
    const int64_t arrival_day = check::ArrivalDay(figures, base::TransitDays(km));
    const ClearingPlace place = PlaceOf(contract);
    Require(contract.units >= 1, ClearingRule::kWholeUnits, place, contract.units, " units");
    Require(listing.commodity == order.commodity, ClearingRule::kCommodity, place, "of another commodity");
    Require(check::IsWithinLimitPrice(listing, order), ClearingRule::kPriceLimit, place,
            "the price is above the limit");
    Require(arrival_day <= order.deliver_by_day, ClearingRule::kDelivery, place, "arrives on day ", arrival_day,
            ", must by ", order.deliver_by_day);
    Require(arrival_day + commodity.min_life_days <= listing.last_sale_day, ClearingRule::kLife, place,
            "arrives on day ", arrival_day, ", ", commodity.min_life_days, " days of life must be left, the last is ",
            listing.last_sale_day);
    Require(contract.units >= listing.min_lot_units, ClearingRule::kMinLot, place, contract.units,
            " units, the least is ", listing.min_lot_units);
    sold_[contract.listing] += contract.units;
    Filled& filled = filled_[contract.order];
    AddProduct(filled.base, contract.units, listing.unit_base);
    filled.least_unit_base = std::min(filled.least_unit_base, listing.unit_base);
    AddProduct(spent_fen_[order.institution], contract.units, listing.unit_price_fen);
    AddWelfare(contract.units,
               figures.plain_fen +
                   check::GapFen(policy_, figures.value_fen, book_.institutions[order.institution].quota_gap_ppm) -
                   check::TransportFen(commodity, km, listing.unit_base));
  }

  void AddWelfare(int64_t units, Wide unit_fen) {
    Wide product = 0;
    is_welfare_good_ = is_welfare_good_ && !__builtin_mul_overflow(Wide{units}, unit_fen, &product) &&
                       !__builtin_add_overflow(welfare_fen_, product, &welfare_fen_);
  }

  void CheckListings() {
    for (uint32_t i = 0; i < book_.listings.size(); ++i) {
      Require(sold_[i] <= book_.listings[i].units, ClearingRule::kSupply, {.listing = i}, "sells ", Show(sold_[i]),
              " units of ", book_.listings[i].units);
      const auto bonus_units = static_cast<int64_t>(std::min<Wide>(sold_[i], figures_[i].first_units));
      AddWelfare(bonus_units, figures_[i].bonus_fen);
    }
  }

  void CheckOrders() {
    for (uint32_t j = 0; j < book_.orders.size(); ++j) {
      const RoundOrder& order = book_.orders[j];
      const Filled& filled = filled_[j];
      Require(filled.base <= order.quantity_base, ClearingRule::kQuantity, {.order = j}, "gets ", Show(filled.base),
              " base units of ", order.quantity_base);
      Require(
          order.is_partial_allowed || filled.base == 0 || order.quantity_base - filled.base < filled.least_unit_base,
          ClearingRule::kAllOrNothing, {.order = j}, "gets ", Show(filled.base), " base units of ", order.quantity_base,
          " and allows no part");
    }
  }

  void CheckInstitutions() {
    for (uint32_t k = 0; k < book_.institutions.size(); ++k) {
      Require(spent_fen_[k] <= book_.institutions[k].limit_fen, ClearingRule::kSpendingLimit, {.institution = k},
              "spends ", Show(spent_fen_[k]), " fen of ", book_.institutions[k].limit_fen);
    }
  }

  const RoundBook& book_;
  const ClearingPolicy& policy_;
  const std::vector<RoundContract>& contracts_;
  std::vector<ListingFigures> figures_;
  std::vector<Wide> sold_;       // by listing
  std::vector<Filled> filled_;   // by order
  std::vector<Wide> spent_fen_;  // by institution
  Wide welfare_fen_ = 0;
  bool is_welfare_good_ = true;
  ClearingCheck check_;
};

}  // namespace

int64_t GapPpm(int64_t welfare_fen, int64_t bound_fen) {
  if (bound_fen <= 0) return 0;
  const Wide gap_fen = std::max<Wide>(0, Wide{bound_fen} - welfare_fen);
  return static_cast<int64_t>((gap_fen * base::kPpm + bound_fen - 1) / bound_fen);
}

std::string_view NameOf(ClearingRule rule) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "book",    "reference", "order",    "whole-units",    "commodity",      "price-limit", "delivery", "life",
      "min-lot", "supply",    "quantity", "all-or-nothing", "spending-limit", "prices",      "welfare",  "bound"};
  return kNames[static_cast<size_t>(rule)];
}

absl::Status ClearingCheck::ToStatus() const {
  if (fault_count == 0) return absl::OkStatus();
  std::string message = StrCat("the clearing breaks ", fault_count, " rules");
  for (const ClearingFault& fault : faults) {
    base::StrAppend(&message, "; ", NameOf(fault.rule), ":");
    for (const auto& [row, table] :
         {std::pair(fault.place.order, " order "), std::pair(fault.place.listing, " listing "),
          std::pair(fault.place.institution, " institution ")}) {
      if (row != kNoRow) base::StrAppend(&message, table, row);
    }
    base::StrAppend(&message, " ", fault.what);
  }
  return absl::InternalError(message);
}

ClearingCheck CheckClearing(const RoundBook& book, const ClearingPolicy& policy,
                            const std::vector<RoundContract>& contracts, const RoundPrices& prices,
                            const ClearingClaim& claim, int threads) {
  Checker checker(book, policy, contracts);
  if (checker.Check()) {
    checker.CompareWelfare(claim.welfare_fen);
    if (checker.ArePricesGood(prices)) {
      checker.CompareBound(prices, claim.bound_fen, std::clamp(threads, 1, kMaxClearThreads));
    }
  }
  return checker.Release();
}

ClearingCheck CheckContracts(const RoundBook& book, const ClearingPolicy& policy,
                             const std::vector<RoundContract>& contracts) {
  Checker checker(book, policy, contracts);
  checker.Check();
  return checker.Release();
}

}  // namespace zhuxiao::matching
