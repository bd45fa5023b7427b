// Sinkhorn's iteration over the pairs that matter. Single precision and approximate exponentials will do: any prices
// prove a bound, and what these prove is computed exactly elsewhere.
#include "services/matching/clearing/balance.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <span>

#include "services/matching/clearing/pairs.h"
#include "services/matching/clearing/search.h"
#include "services/matching/clearing/wide.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// A price moves by the heat times the logarithm of how many times too much is asked for, times this: steps beyond 1
// come to rest sooner (over-relaxation), those beyond 2 never.
constexpr float kRelaxation = 1.8f;
// Values of money move by so much of the way to where the limit would just be spent.
constexpr double kMoneyRelaxation = 0.8;
// Nor is that logarithm taken for more than this; a value of money moves by one heat at most.
constexpr float kMostHeats = 3;

// An order's part of a lot below this is nothing, of its best.
constexpr float kLeastPart = 1e-4f;

// A task has about so many pairs: enough to be worth a thread's while, and to share the largest market between two.
constexpr size_t kTaskPairs = 1 << 17;

// 2^x for -2^30 < x <= 0 within a ten thousandth; below 2^-126 something as small.
inline float PowerOfTwo(float x) {
  const auto whole = static_cast<int32_t>(x) - 1;
  const float part = x - static_cast<float>(whole);  // (0, 1]
  const float power = 1 + part * (0.69583356f + part * (0.22606716f + part * 0.078024521f));
  return std::bit_cast<float>(std::max(whole + 127, 1) << 23) * power;
}

// What an order may have instead of its best lot, nothing, can be worth less than any power tells.
constexpr float kLeastPower = -126;

// log(x) within a hundredth, for x > 0.
inline float Logarithm(float x) {
  const auto bits = std::bit_cast<int32_t>(x);
  const float mantissa = std::bit_cast<float>((bits & 0x7fffff) | 0x3f800000);  // [1, 2)
  const float exponent = static_cast<float>((bits >> 23) - 127);
  return 0.69314718f * (exponent + (2 - mantissa / 3) * mantissa - 5.0f / 3);
}

constexpr float kLog2E = 1.4426950f;

// What an order asks of its lots: the net worth of the best, and the sum of all parts, of which the best is 1.
struct Wish {
  float best = 0;
  float sum = 0;
};

// An order's lots: which, and what a base unit of each is worth to it at a price of nothing.
struct Offers {
  const uint32_t* lots = nullptr;
  const float* worth = nullptr;
  size_t count = 0;
};

// Writes each lot's part, 2^((its net worth - the best's) * scale). Sums are taken in eight lanes, so that the wide
// variant adds in the same order.
ZHUXIAO_WIDE Wish Spread(const Offers& offers, const float* __restrict prices, const float* __restrict costs,
                         float money, float scale, float* __restrict parts) {
  const uint32_t* __restrict lots = offers.lots;
  const float* __restrict worth = offers.worth;
  const size_t count = offers.count;
#pragma omp simd
  for (size_t i = 0; i < count; ++i) parts[i] = worth[i] - prices[lots[i]];
  if (money > 0) {
#pragma omp simd
    for (size_t i = 0; i < count; ++i) parts[i] -= costs[lots[i]] * money;
  }
  float best = 0;
#pragma omp simd reduction(max : best)
  for (size_t i = 0; i < count; ++i) best = std::max(best, parts[i]);
#pragma omp simd
  for (size_t i = 0; i < count; ++i) parts[i] = PowerOfTwo((parts[i] - best) * scale);
  float lanes[8] = {};
  const size_t whole = count / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) {
#pragma omp simd
    for (size_t lane = 0; lane < 8; ++lane) lanes[lane] += parts[i + lane];
  }
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  for (size_t i = whole; i < count; ++i) sum += parts[i];
  return {best, sum};
}

// One market in balancing.
struct Scale {
  Scale(const Market& market, const Roads& roads, const std::vector<double>& money, const BalanceOptions& options)
      : pairs(market, roads, money, options.cooling.reach, options.ignores_lots),
        spent_fen(market.buyers.size()),
        slope_fen(market.buyers.size()) {
    for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
      prices.push_back(market.stocks[lot].price);
      costs.push_back(market.lots[lot].cost);
    }
  }

  Pairs pairs;
  std::vector<float> prices;  // by lot
  std::vector<float> costs;   // by lot
  // By buyer: what it spends, and by how much less for a bit more of the value of money.
  std::vector<double> spent_fen;
  std::vector<double> slope_fen;
};

// Some buyers of a market, and what they ask of each lot.
struct Task {
  uint32_t market = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  std::vector<double> asked_base;  // by lot
  std::vector<float> parts;        // scratch
  std::vector<uint32_t> kept;      // scratch
};

class Balancing {
 public:
  Balancing(const RoundBook& book, const Purses& purses, const Roads& roads, const BalanceOptions& options,
            std::vector<Market>& markets, std::vector<double>& money)
      : book_(book), purses_(purses), threads_(options.threads), markets_(markets), money_(money) {
    scales_.resize(markets.size());
    ForEach(markets.size(), threads_,
            [&](size_t i, int) { scales_[i] = std::make_unique<Scale>(markets[i], roads, money, options); });
    size_t pairs = 0;
    for (const auto& scale : scales_) pairs += scale->pairs.size();
    if (pairs < kTaskPairs) threads_ = 1;
    for (const double value : money) least_money_.push_back(Pairs::LeastMoney(value, options.cooling.reach));
    for (uint32_t market = 0; market < markets.size(); ++market) AddTasks(market);
    first_task_.push_back(tasks_.size());
  }

  void Run(const Cooling& cooling, Watch& watch) {
    heat_ = cooling.hottest;
    for (int round = 0; round < cooling.rounds && !watch.IsOver(); ++round, heat_ *= cooling.factor) {
      ForEach(tasks_.size(), threads_, [&](size_t i, int) { Ask(tasks_[i]); });
      ForEach(markets_.size(), threads_, [&](size_t i, int) { MovePrices(i); });
      for (const uint32_t institution : purses_.scarce()) MoveMoney(institution);
    }
    for (size_t i = 0; i < markets_.size(); ++i) {
      for (uint32_t lot = 0; lot < scales_[i]->prices.size(); ++lot) markets_[i].SetPrice(lot, scales_[i]->prices[lot]);
    }
    ForEach(markets_.size(), threads_, [&](size_t i, int) { markets_[i].RefreshAll(); });
  }

 private:
  void AddTasks(uint32_t market);
  // Spreads each buyer's quantity over its lots.
  void Ask(Task& task) const;
  void MovePrices(size_t market);
  void MoveMoney(uint32_t institution);

  const RoundBook& book_;
  const Purses& purses_;
  int threads_;
  std::vector<Market>& markets_;
  std::vector<double>& money_;
  std::vector<double> least_money_;
  std::vector<std::unique_ptr<Scale>> scales_;  // by market
  std::vector<Task> tasks_;                     // those of a market one after the other
  std::vector<size_t> first_task_;              // by market, and behind the last
  float heat_ = 0;
};

void Balancing::AddTasks(uint32_t market) {
  const Pairs& pairs = scales_[market]->pairs;
  const auto buyers = static_cast<uint32_t>(markets_[market].buyers.size());
  first_task_.push_back(tasks_.size());
  for (uint32_t begin = 0; begin < buyers;) {
    uint32_t end = begin;
    for (size_t count = 0; end < buyers && count < kTaskPairs; ++end) count += pairs.LotsOf(end).size();
    tasks_.push_back({market, begin, end, std::vector<double>(markets_[market].stocks.size()),
                      std::vector<float>(pairs.most_of_buyer()), std::vector<uint32_t>(pairs.most_of_buyer())});
    begin = end;
  }
}

void Balancing::Ask(Task& task) const {
  const Market& market = markets_[task.market];
  Scale& scale = *scales_[task.market];
  std::fill(task.asked_base.begin(), task.asked_base.end(), 0);
  const float per_heat = kLog2E / heat_;
  for (uint32_t index = task.begin; index < task.end; ++index) {
    const std::span<const uint32_t> lots = scale.pairs.LotsOf(index);
    if (lots.empty()) continue;
    const Buyer& buyer = market.buyers[index];
    const Wish wish =
        Spread({lots.data(), scale.pairs.WorthOf(index).data(), lots.size()}, scale.prices.data(), scale.costs.data(),
               static_cast<float>(money_[buyer.institution]), per_heat, task.parts.data());
    // It may also have nothing.
    const double sum = wish.sum + PowerOfTwo(std::max(-wish.best * per_heat, kLeastPower));
    const size_t kept = PositionsAbove(task.parts.data(), lots.size(), kLeastPart, task.kept.data());
    const double share = static_cast<double>(buyer.quantity_base) / sum;
    double cost = 0;
    double squares = 0;
    for (size_t i = 0; i < kept; ++i) {
      const double base = task.parts[task.kept[i]] * share;
      const uint32_t lot = lots[task.kept[i]];
      const double lot_cost = scale.costs[lot];
      task.asked_base[lot] += base;
      cost += base * lot_cost;
      squares += base * lot_cost * lot_cost;
    }
    scale.spent_fen[index] = cost * market.fen_per_base;
    const double variance = std::max(0.0, squares - cost * cost / static_cast<double>(buyer.quantity_base));
    scale.slope_fen[index] = variance / heat_ * market.fen_per_base;
  }
}

void Balancing::MovePrices(size_t at) {
  const Market& market = markets_[at];
  Scale& scale = *scales_[at];
  for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
    const Stock& stock = market.stocks[lot];
    double asked = 0;
    for (size_t task = first_task_[at]; task < first_task_[at + 1]; ++task) asked += tasks_[task].asked_base[lot];
    const double there_is = static_cast<double>(stock.units) * static_cast<double>(stock.unit_base);
    const float logarithm = asked <= 0 ? -kMostHeats : Logarithm(static_cast<float>(asked / there_is));
    const float step = kRelaxation * heat_ * std::clamp(logarithm, -kMostHeats, kMostHeats);
    scale.prices[lot] = std::max(scale.pairs.LeastPrice(lot), scale.prices[lot] + step);
  }
}

void Balancing::MoveMoney(uint32_t institution) {
  double over_fen = -static_cast<double>(book_.institutions[institution].limit_fen);
  double slope_fen = 0;
  for (const Seat* seat = purses_.begin(institution); seat != purses_.end(institution); ++seat) {
    over_fen += scales_[seat->market]->spent_fen[seat->buyer];
    slope_fen += scales_[seat->market]->slope_fen[seat->buyer];
  }
  double& value = money_[institution];
  if (over_fen == 0 || (over_fen < 0 && value == 0)) return;
  const double most = heat_;
  const double step = slope_fen > 0 ? kMoneyRelaxation * over_fen / slope_fen : over_fen > 0 ? most : -most;
  value = std::max(least_money_[institution], value + std::clamp(step, -most, most));
}

}  // namespace

void Balance(const RoundBook& book, const Purses& purses, const Roads& roads, const BalanceOptions& options,
             Watch& watch, std::vector<Market>& markets, std::vector<double>& money) {
  Balancing(book, purses, roads, options, markets, money).Run(options.cooling, watch);
}

}  // namespace zhuxiao::matching::clearing
