// A fund that may not suffice for all awards.
#include "services/reward/engine/pool.h"

#include <algorithm>
#include <numeric>

#include "services/base/money.h"

namespace zhuxiao::reward::engine {
namespace {

void Lower(Award& award, int64_t reward_fen) {
  if (reward_fen == award.reward_fen) return;
  award = {reward_fen, reward_fen == 0 ? AwardReason::kPoolExhausted : AwardReason::kPoolShare};
}

// The sum of all awards, or nullopt beyond int64: more than any fund.
std::optional<int64_t> SumOf(const std::vector<Award>& awards) {
  int64_t sum_fen = 0;
  for (const Award& award : awards) {
    const std::optional<int64_t> next_fen = base::CheckedAdd(sum_fen, award.reward_fen);
    if (!next_fen) return std::nullopt;
    sum_fen = *next_fen;
  }
  return sum_fen;
}

int64_t ShareProRata(int64_t fund_fen, std::vector<Award>& awards) {
  const std::optional<int64_t> wanted_fen = SumOf(awards);
  if (wanted_fen && *wanted_fen <= fund_fen) return fund_fen - *wanted_fen;
  std::vector<int64_t> weights;
  weights.reserve(awards.size());
  for (const Award& award : awards) weights.push_back(award.reward_fen);
  const std::vector<int64_t> shares = base::SplitByLargestRemainder(fund_fen, weights);
  for (size_t i = 0; i < awards.size(); ++i) Lower(awards[i], shares[i]);
  return 0;
}

int64_t ShareRanked(int64_t fund_fen, const std::vector<Totals>& totals, std::vector<Award>& awards) {
  std::vector<size_t> ranked(awards.size());
  std::iota(ranked.begin(), ranked.end(), 0);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](size_t a, size_t b) { return totals[a].net_fen() > totals[b].net_fen(); });
  for (const size_t i : ranked) {
    Lower(awards[i], std::min(awards[i].reward_fen, fund_fen));
    fund_fen -= awards[i].reward_fen;
  }
  return fund_fen;
}

// The awards say what each claimant may get at most (the cap included); the draws take it in their order.
int64_t ShareFirstCome(int64_t fund_fen, const std::vector<Draw>& draws, std::vector<Award>& awards) {
  std::vector<int64_t> paid_fen(awards.size(), 0);
  for (const Draw& draw : draws) {
    const int64_t room_fen = awards[draw.claimant].reward_fen - paid_fen[draw.claimant];
    const int64_t pays_fen = std::min({draw.value_fen, room_fen, fund_fen});
    paid_fen[draw.claimant] += pays_fen;
    fund_fen -= pays_fen;
  }
  for (size_t i = 0; i < awards.size(); ++i) Lower(awards[i], paid_fen[i]);
  return fund_fen;
}

}  // namespace

int64_t ShareFund(const Pool& pool, int64_t fund_fen, const WindowSales& sales, std::vector<Award>& awards) {
  switch (pool.mode) {
    case PoolMode::kProRata:
      return ShareProRata(fund_fen, awards);
    case PoolMode::kRanked:
      return ShareRanked(fund_fen, sales.totals, awards);
    case PoolMode::kFirstCome:
      return ShareFirstCome(fund_fen, sales.draws, awards);
  }
  return fund_fen;
}

}  // namespace zhuxiao::reward::engine
