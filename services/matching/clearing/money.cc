// Cutting planes for one institution's value of money, and the sharing of its limit.
#include "services/matching/clearing/money.h"

#include <algorithm>
#include <memory>

#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Each cut finds the exact crossing of two offers; more than a handful only polishes ties.
constexpr int kMostCuts = 10;
constexpr int kBisections = 48;
// Of the order's worth: a cut that gains less ends the search.
constexpr double kCutGain = 1e-6;

}  // namespace

bool Teller::Cut(const Seat& seat, double money, bool is_proof, std::vector<Line>& lines) {
  const Market& market = markets_[seat.market];
  const Buyer& buyer = market.buyers[seat.buyer];
  market.StartRow(roads_, buyer.group, row_);
  const Query query{.gap_ppm = buyer.gap_ppm,
                    .money = static_cast<float>(money),
                    .price_rank = buyer.price_rank,
                    .days = buyer.days,
                    .lot_base = is_proof ? kUnlimited : buyer.quantity_base,
                    .left_base = is_proof ? kUnlimited : buyer.quantity_base,
                    .floor = 0};
  const Best best = finder_.Find(market, row_, query);
  if (best.lot == kNoLot) return false;
  const double scale = static_cast<double>(buyer.quantity_base) * market.fen_per_base;
  const double cost = market.lots[best.lot].cost;
  double known = 0;
  for (const Line& line : lines) known = std::max(known, line.worth - line.cost * money);
  if (best.worth * scale <= known + kCutGain * scale) return false;
  lines.push_back({(best.worth + cost * query.money) * scale, cost * scale});
  return true;
}

const Money& Teller::Solve(const Purses& purses, uint32_t institution, int64_t limit_fen, bool is_proof) {
  const size_t count = purses.end(institution) - purses.begin(institution);
  if (lines_.size() < count) lines_.resize(count);
  for (size_t i = 0; i < count; ++i) lines_[i].clear();
  money_.value = 0;
  money_.most_fen.assign(count, 0);
  money_.least_fen.assign(count, 0);
  const double limit = static_cast<double>(limit_fen);
  // What the orders spend, at least, at a value of money, by the offers seen.
  const auto spend = [&](double money, bool most, std::vector<double>* by_order) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) {
      double worth = 0;
      double cost = 0;
      const double slack = 1e-9;
      for (const Line& line : lines_[i]) {
        const double value = line.worth - line.cost * money;
        const double margin = slack * line.worth;
        if (value > worth + margin) {
          worth = value;
          cost = line.cost;
        } else if (value > worth - margin && (most ? line.cost > cost : line.cost < cost)) {
          cost = line.cost;
        }
      }
      if (by_order != nullptr) (*by_order)[i] = cost;
      sum += cost;
    }
    return sum;
  };
  for (int cut = 0; cut < kMostCuts; ++cut) {
    bool has_gained = false;
    for (size_t i = 0; i < count; ++i) {
      has_gained |= Cut(purses.begin(institution)[i], money_.value, is_proof, lines_[i]);
    }
    if (!has_gained) break;
    double low = 0;
    if (spend(0, false, nullptr) <= limit) {
      money_.value = 0;
      continue;
    }
    double high = 0;
    for (size_t i = 0; i < count; ++i) {
      for (const Line& line : lines_[i]) high = std::max(high, line.cost > 0 ? line.worth / line.cost : 0);
    }
    high *= 1.000001;
    for (int i = 0; i < kBisections; ++i) {
      const double middle = (low + high) / 2;
      (spend(middle, false, nullptr) > limit ? low : high) = middle;
    }
    money_.value = high;
  }
  const double shift = money_.value * 1e-6;
  spend(std::max(0.0, money_.value - shift), true, &money_.most_fen);
  spend(money_.value + shift, false, &money_.least_fen);
  return money_;
}

namespace {

// Institutions are handed to the threads in runs of this many.
constexpr size_t kRun = 256;
// Below int64's end, which stands for no limit, by more than double precision rounds.
constexpr double kLargestBudgetFen = 9.2e18;
// An order whose spending may vary by less than this share at the institution's value of money is not at the margin.
constexpr double kMarginShare = 1e-6;

template <typename Visit>
void ForEachScarce(const Purses& purses, const std::vector<Market>& markets, const Roads& roads, int threads,
                   const Visit& visit) {
  const std::vector<uint32_t>& scarce = purses.scarce();
  std::vector<std::unique_ptr<Teller>> tellers;
  tellers.reserve(threads);
  for (int i = 0; i < threads; ++i) tellers.push_back(std::make_unique<Teller>(markets, roads));
  ForEach((scarce.size() + kRun - 1) / kRun, threads, [&](size_t run, int worker) {
    for (size_t i = run * kRun; i < std::min(scarce.size(), (run + 1) * kRun); ++i) visit(*tellers[worker], scarce[i]);
  });
}

void ShareLimit(const Purses& purses, uint32_t institution, int64_t limit_fen, const Money& solved,
                std::vector<Market>& markets) {
  const size_t count = purses.end(institution) - purses.begin(institution);
  double left_fen = static_cast<double>(limit_fen);
  double planned_fen = 0;
  for (size_t i = 0; i < count; ++i) {
    left_fen -= solved.least_fen[i];
    planned_fen += solved.most_fen[i];
  }
  // None where offers of equal worth differ in cost, and the dearer of all would be beyond the limit.
  const double spare_fen = std::max(0.0, static_cast<double>(limit_fen) - planned_fen);
  for (size_t i = 0; i < count; ++i) {
    const Seat seat = purses.begin(institution)[i];
    Buyer& buyer = markets[seat.market].buyers[seat.buyer];
    const double more_fen = std::max(0.0, std::min(left_fen, solved.most_fen[i] - solved.least_fen[i]));
    left_fen -= more_fen;
    double budget_fen = solved.least_fen[i] + more_fen;
    if (solved.value <= 0) {
      // Nothing binds at these prices; what is left over is there for all, in case they rise.
      const double share = planned_fen > 0 ? solved.most_fen[i] / planned_fen : 1.0 / static_cast<double>(count);
      budget_fen += spare_fen * share;
      buyer.money_floor = 0;
    } else {
      const bool is_marginal =
          count == 1 || solved.most_fen[i] - solved.least_fen[i] > kMarginShare * solved.most_fen[i];
      buyer.money_floor = is_marginal ? 0 : static_cast<float>(solved.value);
    }
    buyer.budget_fen = static_cast<int64_t>(std::min({budget_fen, static_cast<double>(limit_fen), kLargestBudgetFen}));
  }
}

}  // namespace

void ShareLimits(const RoundBook& book, const Purses& purses, const Sample& sample, std::vector<Market>& markets,
                 const Roads& roads, int threads, std::vector<double>& money) {
  // Buyers are written by the thread that has their institution; searches read lots alone.
  ForEachScarce(purses, markets, roads, threads, [&](Teller& teller, uint32_t institution) {
    if (sample.WeightOf(institution) == 0) return;
    const int64_t limit_fen = book.institutions[institution].limit_fen;
    const Money& solved = teller.Solve(purses, institution, limit_fen, false);
    money[institution] = solved.value;
    ShareLimit(purses, institution, limit_fen, solved, markets);
  });
}

int64_t NeedFen(const RoundOrder& order, int64_t base) {
  const __int128 fen = static_cast<__int128>(base) * order.limit_price_fen / order.limit_base;
  return static_cast<int64_t>(std::min<__int128>(fen, kUnlimited));
}

void ShareLimitsByNeed(const RoundBook& book, const Purses& purses, std::vector<Market>& markets) {
  for (const uint32_t institution : purses.scarce()) {
    const auto each = [&](const auto& visit) {
      for (const Seat* seat = purses.begin(institution); seat != purses.end(institution); ++seat) {
        Buyer& buyer = markets[seat->market].buyers[seat->buyer];
        visit(buyer, NeedFen(book.orders[buyer.order], buyer.quantity_base));
      }
    };
    __int128 needs = 0;
    each([&](Buyer&, int64_t need) { needs += need; });
    const __int128 limit_fen = book.institutions[institution].limit_fen;
    each([&](Buyer& buyer, int64_t need) {
      buyer.budget_fen = needs == 0 ? 0 : static_cast<int64_t>(std::min(limit_fen, limit_fen * need / needs));
      buyer.money_floor = 0;
    });
  }
}

void ProveMoney(const RoundBook& book, const Purses& purses, const std::vector<Market>& markets, const Roads& roads,
                int threads, std::vector<double>& money) {
  ForEachScarce(purses, markets, roads, threads, [&](Teller& teller, uint32_t institution) {
    money[institution] = teller.Solve(purses, institution, book.institutions[institution].limit_fen, true).value;
  });
}

}  // namespace zhuxiao::matching::clearing
