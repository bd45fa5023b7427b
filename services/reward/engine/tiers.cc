// Fixed sums by tier of net sales.
#include "services/reward/engine/tiers.h"

#include <algorithm>

#include "services/base/money.h"

namespace zhuxiao::reward::engine {
namespace {

bool IsIn(const Tier& tier, int64_t net_fen) {
  return net_fen >= tier.from_fen && (!tier.below_fen || net_fen < *tier.below_fen);
}

// Claimants of a tier from the largest net sales down; of equal ones the lower index first.
std::vector<size_t> Ranked(const std::vector<size_t>& members, const std::vector<Totals>& totals) {
  std::vector<size_t> ranked = members;
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](size_t a, size_t b) { return totals[a].net_fen() > totals[b].net_fen(); });
  return ranked;
}

// Those in [first, last) of `ranked` are level, and `places` of them, fewer than they are, would be paid.
void SettleTie(const Grant& grant, const Tier& tier, const std::vector<size_t>& ranked, size_t first, size_t last,
               size_t places, std::vector<Award>& awards) {
  const size_t count = last - first;
  std::vector<int64_t> shares(count, 0);
  if (grant.tie_rule == TieRule::kAll) {
    shares.assign(count, tier.reward_fen);
  } else if (grant.tie_rule == TieRule::kSplit) {
    // Within int64: a file's tier and number of places are bounded (policy_file.h).
    const int64_t total_fen = tier.reward_fen * static_cast<int64_t>(places);
    shares = base::SplitByLargestRemainder(total_fen, std::vector<int64_t>(count, 1));
  }
  for (size_t i = 0; i < count; ++i) {
    const AwardReason reason = grant.tie_rule == TieRule::kAll     ? AwardReason::kTier
                               : grant.tie_rule == TieRule::kSplit ? AwardReason::kTierShared
                                                                   : AwardReason::kOutsideTop;
    awards[ranked[first + i]] = {shares[i], reason};
  }
}

void PayTier(const Grant& grant, const Tier& tier, const std::vector<size_t>& members,
             const std::vector<Totals>& totals, std::vector<Award>& awards) {
  const std::vector<size_t> ranked = Ranked(members, totals);
  const size_t top = tier.top ? std::min<size_t>(*tier.top, ranked.size()) : ranked.size();
  for (size_t i = 0; i < ranked.size(); ++i) {
    awards[ranked[i]] = i < top ? Award{tier.reward_fen, AwardReason::kTier} : Award{0, AwardReason::kOutsideTop};
  }
  if (top == 0 || top == ranked.size()) return;
  const int64_t edge_fen = totals[ranked[top - 1]].net_fen();
  size_t first = top - 1;
  while (first > 0 && totals[ranked[first - 1]].net_fen() == edge_fen) --first;
  size_t last = top;
  while (last < ranked.size() && totals[ranked[last]].net_fen() == edge_fen) ++last;
  if (last > top) SettleTie(grant, tier, ranked, first, last, top - first, awards);
}

}  // namespace

std::vector<Award> AwardTiers(const Grant& grant, const std::vector<Totals>& totals,
                              const std::function<bool(const Totals&)>& is_admitted) {
  std::vector<Award> awards(totals.size(), {0, AwardReason::kNoTier});
  std::vector<bool> admitted(totals.size());
  for (size_t i = 0; i < totals.size(); ++i) {
    admitted[i] = is_admitted(totals[i]);
    if (!admitted[i]) awards[i].reason = AwardReason::kBelowThreshold;
  }
  for (const Tier& tier : grant.tiers) {
    std::vector<size_t> members;
    for (size_t i = 0; i < totals.size(); ++i) {
      if (admitted[i] && IsIn(tier, totals[i].net_fen())) members.push_back(i);
    }
    PayTier(grant, tier, members, totals, awards);
  }
  return awards;
}

}  // namespace zhuxiao::reward::engine
