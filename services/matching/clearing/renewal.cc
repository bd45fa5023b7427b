// Ruin and recreate over exact welfare: whole units, least lots, limits and orders for all or nothing as they are.
#include "services/matching/clearing/renewal.h"

#include <algorithm>
#include <random>
#include <span>
#include <utility>

namespace zhuxiao::matching::clearing {
namespace {

// A county's 500 orders take some 20 ms; ten times as many trials bring another tenth of what these bring.
constexpr int64_t kTrialsPerOrder = 50;
// However few there are: some milliseconds, with which four listings and five orders come to their optimum. With 3,000
// one in ten of those with tight limits and unequal units did not.
constexpr int64_t kLeastTrials = 20'000;
// Where all that counts is a target gap.
constexpr int64_t kMostTrialsPerOrder = 1'000;
// Looks at a listing, all trials together: the most any round takes, some 0.5 s, and some 8 s for a target.
constexpr int64_t kLooks = 6'000'000;
constexpr int64_t kMostLooks = 80'000'000;

// Orders that give their goods back in a trial: one and so many others at most.
constexpr uint64_t kMostOthers = 5;

// While orders are served anew, each passes over one listing in so many (a blink: Christiaens and Vanden Berghe 2020),
// so that not the same goods are found again.
constexpr uint64_t kBlink = 32;
// In small rounds an order for all or nothing, which has nothing where the best goods leave it a rest that nothing
// fits, passes over more of them, and any order takes one time in so many fewer units than it could. Where orders are
// many others do as well for it, and these trials are missed.
constexpr uint64_t kWholeBlink = 8;
constexpr uint64_t kFewer = 16;
constexpr size_t kVariedOrders = 5'000;

// Any will do; a fixed one makes every clearing the same.
constexpr uint64_t kSeed = 20081;

struct Ranked {
  double worth = 0;  // of a base unit
  const Choice* choice = nullptr;
};

struct Share {
  uint32_t listing = 0;
  int64_t plain_fen = 0;  // as a choice's
  int64_t units = 0;
  size_t at = 0;  // position among the listing's holders
};

// Listings or orders by the commodity or institution they belong to.
using Groups = std::vector<std::vector<uint32_t>>;

class Renewal {
 public:
  Renewal(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads, const Choices& choices, Watch& watch)
      : book_(book),
        roads_(roads),
        choices_(choices),
        watch_(watch),
        terms_(book, policy),
        shares_(book.orders.size()),
        holders_(book.listings.size()),
        random_(kSeed) {
    ListOrders();
    GiveAllBack();
  }

  void ServeAll() {
    for (uint32_t order = 0; order < book_.orders.size(); ++order) Serve(order, 0);
  }
  void Load(const std::vector<RoundContract>& contracts) {
    GiveAllBack();
    for (const auto& [order_at, listing_at, units] : contracts) {
      const RoundOrder& order = book_.orders[order_at];
      const RoundListing& listing = book_.listings[listing_at];
      const int64_t km = roads_.Km(listing.county, order.county);
      Put(order_at, {listing_at, terms_.PlainFen(listing, order, km), units});
    }
  }
  void Run(const RenewalGoal& goal);
  int64_t welfare_fen() const { return welfare_fen_; }
  Allotment Result() const;

 private:
  void ListOrders();
  void GiveAllBack();
  // The welfare that `units` more sold of a listing add through its first tranche.
  int64_t BonusFen(uint32_t listing, int64_t units) const;
  void Put(uint32_t order, const Share& share);
  // Strikes whoever stands at the position from the listing's holders.
  void Leave(uint32_t listing, size_t at);
  void GiveBack(uint32_t order);
  // Gives the order what is worth most to it of what is left; all or nothing where it asks for that. Passes over one
  // listing in `blink`, 0: none.
  void Serve(uint32_t order, uint64_t blink);
  void Rank(uint32_t order, uint64_t blink);
  bool IsOneIn(uint64_t count) { return random_() % count == 0; }
  void Pick(uint32_t order);
  void Try(uint32_t order);
  uint32_t Any(const std::vector<uint32_t>& of) { return of[random_() % of.size()]; }

  const RoundBook& book_;
  const Roads& roads_;
  const Choices& choices_;
  Watch& watch_;
  const Terms terms_;
  std::vector<int64_t> first_units_;  // by listing: of the first tranche
  std::vector<int64_t> bonus_fen_;    // by listing: of a unit of it
  Groups orders_of_commodity_;        // those with a choice
  Groups orders_of_institution_;
  std::vector<uint32_t> able_;  // orders with a choice

  std::vector<int64_t> units_left_;         // by listing
  std::vector<int64_t> fen_left_;           // by institution
  std::vector<std::vector<Share>> shares_;  // by order
  Groups holders_;                          // by listing: orders with a share
  int64_t welfare_fen_ = 0;

  bool is_varied_ = false;  // whether some take fewer units than they could
  std::mt19937_64 random_;
  int64_t looks_ = 0;
  std::vector<Ranked> ranked_;
  std::vector<uint32_t> picked_;
  std::vector<std::vector<Share>> before_;  // by position in picked_
};

void Renewal::ListOrders() {
  for (const RoundListing& listing : book_.listings) {
    first_units_.push_back(terms_.FirstTrancheUnits(listing.units));
    bonus_fen_.push_back(terms_.BonusFen(listing));
  }
  orders_of_commodity_.resize(book_.commodities.size());
  orders_of_institution_.resize(book_.institutions.size());
  for (uint32_t j = 0; j < book_.orders.size(); ++j) {
    if (choices_.Of(j).empty()) continue;
    able_.push_back(j);
    orders_of_commodity_[book_.orders[j].commodity].push_back(j);
    orders_of_institution_[book_.orders[j].institution].push_back(j);
  }
  is_varied_ = able_.size() <= kVariedOrders;
}

void Renewal::GiveAllBack() {
  units_left_.clear();
  for (const RoundListing& listing : book_.listings) units_left_.push_back(listing.units);
  fen_left_.clear();
  for (const RoundInstitution& institution : book_.institutions) fen_left_.push_back(institution.limit_fen);
  for (std::vector<Share>& held : shares_) held.clear();
  for (std::vector<uint32_t>& held : holders_) held.clear();
  welfare_fen_ = 0;
}

int64_t Renewal::BonusFen(uint32_t listing, int64_t units) const {
  const int64_t sold = book_.listings[listing].units - units_left_[listing];
  const int64_t first = first_units_[listing];
  return bonus_fen_[listing] * (std::min(sold + units, first) - std::min(sold, first));
}

void Renewal::Put(uint32_t order, const Share& share) {
  welfare_fen_ += share.plain_fen * share.units + BonusFen(share.listing, share.units);
  units_left_[share.listing] -= share.units;
  fen_left_[book_.orders[order].institution] -= share.units * book_.listings[share.listing].unit_price_fen;
  shares_[order].push_back(share);
  shares_[order].back().at = holders_[share.listing].size();
  holders_[share.listing].push_back(order);
}

// A listing may have more holders than a trial has time to look through.
void Renewal::Leave(uint32_t listing, size_t at) {
  std::vector<uint32_t>& holders = holders_[listing];
  const uint32_t last = holders.back();
  for (Share& share : shares_[last]) {
    if (share.listing == listing) share.at = at;
  }
  holders[at] = last;
  holders.pop_back();
}

void Renewal::GiveBack(uint32_t order) {
  for (const auto& [listing, plain_fen, units, at] : shares_[order]) {
    welfare_fen_ += BonusFen(listing, -units) - plain_fen * units;
    units_left_[listing] += units;
    fen_left_[book_.orders[order].institution] += units * book_.listings[listing].unit_price_fen;
    Leave(listing, at);
  }
  shares_[order].clear();
}

void Renewal::Rank(uint32_t order, uint64_t blink) {
  ranked_.clear();
  const std::span<const Choice> choices = choices_.Of(order);
  looks_ += static_cast<int64_t>(choices.size()) + 1;
  if (blink != 0 && is_varied_ && !book_.orders[order].is_partial_allowed) blink = kWholeBlink;
  for (const Choice& choice : choices) {
    const RoundListing& listing = book_.listings[choice.listing];
    if (units_left_[choice.listing] < listing.min_lot_units) continue;
    if (blink != 0 && IsOneIn(blink)) continue;
    const int64_t welfare_fen = choice.plain_fen + BonusFen(choice.listing, 1);
    if (welfare_fen < 0) continue;
    ranked_.push_back({static_cast<double>(welfare_fen) / static_cast<double>(listing.unit_base), &choice});
  }
  std::sort(ranked_.begin(), ranked_.end(), [](const Ranked& a, const Ranked& b) {
    return a.worth != b.worth ? a.worth > b.worth : a.choice < b.choice;
  });
}

void Renewal::Serve(uint32_t at, uint64_t blink) {
  Rank(at, blink);
  const RoundOrder& order = book_.orders[at];
  int64_t base_left = order.quantity_base;
  int64_t least_unit_base = INT64_MAX;
  for (const Ranked& ranked : ranked_) {
    const RoundListing& listing = book_.listings[ranked.choice->listing];
    int64_t units = std::min(units_left_[ranked.choice->listing], base_left / listing.unit_base);
    if (listing.unit_price_fen > 0) units = std::min(units, fen_left_[order.institution] / listing.unit_price_fen);
    if (units < listing.min_lot_units) continue;
    if (blink != 0 && is_varied_ && units > listing.min_lot_units && IsOneIn(kFewer)) {
      const auto spare = static_cast<uint64_t>(units - listing.min_lot_units);
      units -= 1 + static_cast<int64_t>(random_() % spare);
    }
    Put(at, {ranked.choice->listing, ranked.choice->plain_fen, units});
    base_left -= units * listing.unit_base;
    least_unit_base = std::min(least_unit_base, listing.unit_base);
  }
  if (!order.is_partial_allowed && base_left >= least_unit_base) GiveBack(at);
}

// The order and others it competes with: for goods, or for its institution's money.
void Renewal::Pick(uint32_t order) {
  picked_.assign(1, order);
  const std::span<const Choice> choices = choices_.Of(order);
  for (uint64_t others = 1 + random_() % kMostOthers; others > 0; --others) {
    const uint64_t kind = random_() % 4;
    const std::vector<uint32_t>& from = kind == 0   ? orders_of_commodity_[book_.orders[order].commodity]
                                        : kind == 1 ? orders_of_institution_[book_.orders[order].institution]
                                                    : holders_[choices[random_() % choices.size()].listing];
    if (from.empty()) continue;
    const uint32_t other = Any(from);
    if (std::find(picked_.begin(), picked_.end(), other) == picked_.end()) picked_.push_back(other);
  }
  for (size_t i = picked_.size(); i > 1; --i) std::swap(picked_[i - 1], picked_[random_() % i]);
}

void Renewal::Try(uint32_t order) {
  Pick(order);
  const int64_t before_fen = welfare_fen_;
  before_.resize(std::max(before_.size(), picked_.size()));
  for (size_t i = 0; i < picked_.size(); ++i) {
    before_[i] = shares_[picked_[i]];
    GiveBack(picked_[i]);
  }
  for (const uint32_t picked : picked_) Serve(picked, kBlink);
  if (welfare_fen_ >= before_fen) return;
  for (const uint32_t picked : picked_) GiveBack(picked);
  for (size_t i = 0; i < picked_.size(); ++i) {
    for (const Share& share : before_[i]) Put(picked_[i], share);
  }
}

void Renewal::Run(const RenewalGoal& goal) {
  if (able_.empty()) return;
  const int64_t most_looks = goal.is_target ? kMostLooks : kLooks;
  const int64_t for_each = goal.is_target ? kMostTrialsPerOrder : kTrialsPerOrder;
  int64_t trials = std::max(kLeastTrials, for_each * static_cast<int64_t>(able_.size()));
  for (; trials > 0 && looks_ < most_looks && welfare_fen_ < goal.enough_fen && !watch_.IsOver(); --trials) {
    Try(Any(able_));
  }
}

Allotment Renewal::Result() const {
  Allotment allotment{.welfare_fen = welfare_fen_};
  for (uint32_t order = 0; order < shares_.size(); ++order) {
    for (const Share& share : shares_[order]) allotment.contracts.push_back({order, share.listing, share.units});
  }
  SortContracts(allotment.contracts);
  return allotment;
}

}  // namespace

Allotment Renew(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads, const Choices& choices,
                Allotment found, const RenewalGoal& goal, Watch& watch) {
  if (found.welfare_fen >= goal.enough_fen) return found;
  Renewal renewal(book, policy, roads, choices, watch);
  renewal.ServeAll();
  if (renewal.welfare_fen() < found.welfare_fen) renewal.Load(found.contracts);
  renewal.Run(goal);
  return renewal.Result();
}

}  // namespace zhuxiao::matching::clearing
