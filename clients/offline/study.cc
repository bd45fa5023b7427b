// A cheat's rows are added at the end of the tables: Clear takes any book whose positions are right, and the result
// depends on the order of rows only where it breaks ties.
#include "clients/offline/study.h"

#include <algorithm>
#include <array>
#include <limits>

#include "clients/offline/chance.h"
#include "clients/offline/one_by_one.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"

namespace zhuxiao::offline {
namespace {

using matching::RoundBook;
using matching::RoundContract;
using matching::RoundListing;
using matching::RoundOrder;

// The reference check refuses asks above this share of the reference price.
constexpr int64_t kMostAskPercent = 150;
constexpr int kParts = 10;

bool IsBuyers(Attack attack) { return attack <= Attack::kSplitBuyer; }

int64_t ValueFen(const RoundBook& book, uint32_t commodity, int64_t base_units) {
  const matching::RoundCommodity& rates = book.commodities[commodity];
  return static_cast<int64_t>(static_cast<__int128>(rates.reference_price_fen) * base_units / rates.reference_base);
}

// The most there is stands for no limit, and stays that.
int64_t Twice(int64_t number) {
  int64_t twice = 0;
  return __builtin_add_overflow(number, number, &twice) ? std::numeric_limits<int64_t>::max() : twice;
}

// A participant of a round, and the book as it makes it look by cheating.
class Participant {
 public:
  // `who` is an institution for a buyer's attack, a listing for a supplier's.
  // Without an attack the participant is honest.
  Participant(const RoundBook& honest, uint32_t who) : honest_(honest), book_(honest), who_(who) {}

  void Do(Attack attack) {
    switch (attack) {
      case Attack::kInflateLimits:
        book_.institutions[who_].limit_fen = Twice(honest_.institutions[who_].limit_fen);
        ForOwnOrders([](RoundOrder& order) { order.limit_price_fen = Twice(order.limit_price_fen); });
        break;
      case Attack::kInflateQuantity:
        ForOwnOrders([](RoundOrder& order) { order.quantity_base = Twice(order.quantity_base); });
        break;
      case Attack::kSplitBuyer:
        SplitBuyer();
        break;
      case Attack::kInflateAsk:
        InflateAsk();
        break;
      case Attack::kInflateStock:
        book_.listings[who_].units = Twice(book_.listings[who_].units);
        break;
      case Attack::kSplitSupplier:
        SplitSupplier();
        break;
    }
  }

  const RoundBook& book() const { return book_; }

  // What the goods are worth that the buyer receives and needs.
  int64_t ReceivedFen(const std::vector<RoundContract>& contracts) const {
    std::vector<int64_t> received_base(honest_.orders.size());
    for (const RoundContract& contract : contracts) {
      const uint32_t order = TrueOrder(contract.order);
      if (honest_.orders[order].institution != who_) continue;
      received_base[order] += contract.units * book_.listings[contract.listing].unit_base;
    }
    int64_t fen = 0;
    for (uint32_t j = 0; j < honest_.orders.size(); ++j) {
      fen +=
          ValueFen(honest_, honest_.orders[j].commodity, std::min(received_base[j], honest_.orders[j].quantity_base));
    }
    return fen;
  }

  // What the supplier earns with the goods it has.
  int64_t EarnedFen(const std::vector<RoundContract>& contracts) const {
    int64_t units = 0;
    for (const RoundContract& contract : contracts) {
      if (contract.listing == who_ || contract.listing >= honest_.listings.size()) units += contract.units;
    }
    return std::min(units, honest_.listings[who_].units) * book_.listings[who_].unit_price_fen;
  }

 private:
  template <typename Change>
  void ForOwnOrders(Change change) {
    for (RoundOrder& order : book_.orders) {
      if (order.institution == who_) change(order);
    }
  }

  uint32_t TrueOrder(uint32_t order) const {
    return order < honest_.orders.size() ? order : true_orders_[order - honest_.orders.size()];
  }

  void SplitBuyer() {
    const auto orders = static_cast<uint32_t>(honest_.orders.size());
    matching::RoundInstitution& own = book_.institutions[who_];
    const int64_t limit_part_fen = own.limit_fen / kParts;
    own.limit_fen -= limit_part_fen * (kParts - 1);
    for (int part = 1; part < kParts; ++part) {
      const auto alias = static_cast<uint32_t>(book_.institutions.size());
      book_.institutions.push_back(
          {.limit_fen = limit_part_fen, .quota_gap_ppm = book_.institutions[who_].quota_gap_ppm});
      for (uint32_t j = 0; j < orders; ++j) {
        if (honest_.orders[j].institution != who_) continue;
        RoundOrder order = honest_.orders[j];
        order.institution = alias;
        order.quantity_base = honest_.orders[j].quantity_base / kParts;
        book_.orders[j].quantity_base -= order.quantity_base;
        book_.orders.push_back(order);
        true_orders_.push_back(j);
      }
    }
  }

  void InflateAsk() {
    RoundListing& listing = book_.listings[who_];
    listing.unit_price_fen = ValueFen(honest_, listing.commodity, listing.unit_base) * kMostAskPercent / 100;
  }

  void SplitSupplier() {
    const int64_t part_units = honest_.listings[who_].units / kParts;
    book_.listings[who_].units -= part_units * (kParts - 1);
    for (int part = 1; part < kParts && part_units > 0; ++part) {
      RoundListing listing = honest_.listings[who_];
      listing.units = part_units;
      listing.min_lot_units = std::min(listing.min_lot_units, part_units);
      book_.listings.push_back(listing);
    }
  }

  const RoundBook& honest_;
  RoundBook book_;
  const uint32_t who_;
  std::vector<uint32_t> true_orders_;  // of the orders added
};

absl::StatusOr<std::vector<RoundContract>> Contracts(const RoundBook& book, const matching::ClearingPolicy& policy,
                                                     int threads) {
  auto clearing = matching::Clear(book, policy, {.threads = threads});
  if (!clearing.ok()) return clearing.status();
  return std::move(clearing->contracts);
}

}  // namespace

std::string NameOf(Attack attack) {
  static constexpr std::array<const char*, kAttackCount> kNames = {
      "inflate-limits", "inflate-quantity", "split-buyer", "inflate-ask", "inflate-stock", "split-supplier"};
  return kNames[static_cast<size_t>(attack)];
}

absl::StatusOr<std::vector<NamedFairness>> CompareFairness(const round_files::RoundInput& round, int threads) {
  const auto cleared = Contracts(round.book, round.policy, threads);
  if (!cleared.ok()) return cleared.status();
  std::vector<NamedFairness> all = {{"round", MeasureFairness(round, *cleared)}};
  for (const auto& [name, preference] :
       {std::pair("first-come", Preference::kBestWelfare), std::pair("nearest-first", Preference::kNearest)}) {
    all.push_back({name, MeasureFairness(round, ServeOneByOne(round.book, round.policy, preference))});
  }
  return all;
}

absl::StatusOr<std::vector<AttackOutcome>> TryAttacks(const round_files::RoundInput& round, int trials, uint64_t seed,
                                                      int threads) {
  const auto honest = Contracts(round.book, round.policy, threads);
  if (!honest.ok()) return honest.status();
  std::vector<AttackOutcome> outcomes;
  for (int n = 0; n < kAttackCount; ++n) {
    AttackOutcome outcome = {.attack = static_cast<Attack>(n)};
    const bool is_buyers = IsBuyers(outcome.attack);
    const size_t participants = is_buyers ? round.book.institutions.size() : round.book.listings.size();
    if (participants == 0) {
      outcomes.push_back(outcome);
      continue;
    }
    // The same participants for all attacks of their side.
    Chance chance(seed);
    for (int trial = 0; trial < trials; ++trial) {
      const auto who = static_cast<uint32_t>(chance.Below(participants));
      Participant participant(round.book, who);
      const auto measure = [&](const std::vector<RoundContract>& contracts) {
        return is_buyers ? participant.ReceivedFen(contracts) : participant.EarnedFen(contracts);
      };
      const int64_t honest_fen = measure(*honest);
      participant.Do(outcome.attack);
      const auto cheated = Contracts(participant.book(), round.policy, threads);
      // A lie so large that no number holds it is refused, and tells nothing.
      if (absl::IsInvalidArgument(cheated.status())) continue;
      if (!cheated.ok()) return cheated.status();
      ++outcome.trials;
      const int64_t attack_fen = measure(*cheated);
      outcome.attack_fen += attack_fen;
      outcome.honest_fen += honest_fen;
      outcome.gained += attack_fen > honest_fen ? 1 : 0;
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

}  // namespace zhuxiao::offline
