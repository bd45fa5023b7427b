// Who gets what, and what lying would bring: a clearing round against orders served one by one on the same instance,
// and the same round with one participant cheating.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/offline/fairness.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::offline {

struct NamedFairness {
  std::string name;  // "round", "first-come", "nearest-first"
  Fairness fairness;
};

// The round cleared, and the baselines, in this order. The errors of matching::Clear.
absl::StatusOr<std::vector<NamedFairness>> CompareFairness(const round_files::RoundInput& round, int threads);

// What one participant may do. A buyer's true need is its order, a supplier's true stock its listing.
enum class Attack {
  kInflateLimits,    // a buyer doubles its limit prices and spending limit
  kInflateQuantity,  // a buyer orders twice what it needs
  kSplitBuyer,       // a buyer becomes ten, each with a tenth of its orders and limit
  kInflateAsk,       // a supplier asks 150 % of the reference price: the most the reference check lets pass
  kInflateStock,     // a supplier lists twice what it has
  kSplitSupplier,    // a supplier's listing becomes ten, each with a tenth
};
inline constexpr int kAttackCount = 6;

// "inflate-limits" for kInflateLimits.
std::string NameOf(Attack attack);

// Sums over all trials, in fen of value at the reference price for buyers (goods received, never more than the true
// need of each order) and of income for suppliers (at most the true stock at what it asks).
struct AttackOutcome {
  Attack attack = Attack::kInflateLimits;
  int trials = 0;  // made: fewer than asked for where the round has nobody to cheat, or no room for the lie
  int64_t honest_fen = 0;
  int64_t attack_fen = 0;
  int gained = 0;  // trials in which the attacker got more than when honest
  int64_t GainPpm() const {
    return honest_fen == 0
               ? 0
               : static_cast<int64_t>(static_cast<__int128>(attack_fen - honest_fen) * 1'000'000 / honest_fen);
  }
};

// Clears the round honestly once, then once for each trial with one random participant doing `attack`; the same trials
// for the same seed. The errors of matching::Clear.
absl::StatusOr<std::vector<AttackOutcome>> TryAttacks(const round_files::RoundInput& round, int trials, uint64_t seed,
                                                      int threads);

}  // namespace zhuxiao::offline
