// Collects pairs: a search by order, then one by lot for those that few orders came near.
#include "services/matching/clearing/pairs.h"

#include <algorithm>
#include <tuple>

#include "services/matching/clearing/search.h"

namespace zhuxiao::matching::clearing {
namespace {

// Orders a lot has at least: the price of a lot that nobody wants falls until the nearest of them do. With 20 a
// province's bound is 0.012 % worse.
constexpr size_t kLeastBuyers = 40;

// Of the reference value: orders farther from wanting a lot than this do not count. No price falls so far.
constexpr float kMostRegret = 0.5f;

// Of the way to where pairs that are missing would count, prices go this far, and values of money, which weigh on all
// of an institution's orders, so far.
constexpr float kPriceShare = 0.9f;
constexpr double kMoneyShare = 0.5;

// An order that a lot is worth so much less to than its best.
struct Regret {
  float regret = 0;
  uint32_t buyer = 0;
  float worth = 0;

  friend bool operator<(const Regret& a, const Regret& b) {
    return a.regret != b.regret ? a.regret < b.regret : a.buyer < b.buyer;
  }
};

// A lot that few orders want, and the next that would.
struct Sparse {
  uint32_t lot = 0;
  std::vector<Regret> next;  // a heap, the greatest regret in front

  void Add(const Regret& regret) {
    const bool is_full = next.size() == kLeastBuyers;
    if (regret.regret > kMostRegret || (is_full && !(regret < next.front()))) return;
    if (is_full) {
      std::pop_heap(next.begin(), next.end());
      next.pop_back();
    }
    next.push_back(regret);
    std::push_heap(next.begin(), next.end());
  }
};

}  // namespace

double Pairs::LeastMoney(double money, float reach) { return std::max(0.0, money - kMoneyShare * reach); }

class Pairs::Maker {
 public:
  Maker(const Market& market, const Roads& roads, const std::vector<double>& money, float reach, bool ignores_lots)
      : market_(market),
        roads_(roads),
        money_(money),
        reach_(reach),
        ignores_lots_(ignores_lots),
        best_(market.buyers.size()),
        counts_(market.stocks.size()),
        reaches_(market.stocks.size(), reach) {}

  void Run() {
    for (uint32_t group = 0; group < market_.groups.size(); ++group) AddNearBest(group);
    AddNextBuyers();
  }
  std::vector<Pair>& pairs() { return pairs_; }
  float ReachOf(uint32_t lot) const { return reaches_[lot]; }

 private:
  float MoneyOf(const Buyer& buyer) const { return static_cast<float>(money_[buyer.institution]); }
  int64_t MostBase(const Buyer& buyer) const { return ignores_lots_ ? kUnlimited : buyer.quantity_base; }
  bool IsPossible(const Buyer& buyer, const Lot& lot, float days) const {
    return lot.price_rank <= buyer.price_rank && days <= lot.slack_days && lot.ready_days + days <= buyer.days &&
           lot.min_base <= MostBase(buyer);
  }
  void AddNearBest(uint32_t group);
  // The orders that would be next to want each of the lots with fewer than kLeastBuyers.
  void AddNextBuyers();
  void AskGroup(uint32_t group, std::vector<Sparse>& sparse);

  const Market& market_;
  const Roads& roads_;
  const std::vector<double>& money_;
  const float reach_;
  const bool ignores_lots_;
  std::vector<float> best_;       // by buyer: the best lot's worth, less its price
  std::vector<uint32_t> counts_;  // by lot: pairs
  std::vector<float> reaches_;    // by lot: which regrets have pairs
  std::vector<float> most_gaps_;  // by class: what the neediest buyer's quota gap adds
  std::vector<Pair> pairs_;
  Finder finder_;
  Row row_;
};

void Pairs::Maker::AddNearBest(uint32_t group) {
  market_.StartRow(roads_, group, row_);
  for (uint32_t index = market_.groups[group].begin; index < market_.groups[group].end; ++index) {
    const Buyer& buyer = market_.buyers[index];
    const float money = MoneyOf(buyer);
    const size_t first = pairs_.size();
    float best = 0;
    finder_.Visit(market_, row_, buyer.gap_ppm, money, buyer.price_rank, MostBase(buyer), buyer.days, -reach_,
                  [&](uint32_t lot, size_t cell, float worth) {
                    if (!IsPossible(buyer, market_.lots[lot], row_.days[cell])) return best - reach_;
                    best = std::max(best, worth);
                    pairs_.push_back({index, lot, worth});
                    return best - reach_;
                  });
    best_[index] = best;
    const auto is_far = [&](const Pair& pair) { return pair.worth <= best - reach_; };
    pairs_.erase(std::remove_if(pairs_.begin() + static_cast<ptrdiff_t>(first), pairs_.end(), is_far), pairs_.end());
    for (size_t i = first; i < pairs_.size(); ++i) {
      Pair& pair = pairs_[i];
      ++counts_[pair.lot];
      pair.worth += market_.stocks[pair.lot].price + market_.lots[pair.lot].cost * money;
    }
  }
}

void Pairs::Maker::AddNextBuyers() {
  std::vector<Sparse> sparse;
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    if (counts_[lot] < kLeastBuyers) sparse.push_back({lot, {}});
  }
  int32_t most_gap_ppm = 0;
  for (const Buyer& buyer : market_.buyers) most_gap_ppm = std::max(most_gap_ppm, buyer.gap_ppm);
  for (const LotClass& lot_class : market_.lot_classes) {
    most_gaps_.push_back(market_.GapWorth(lot_class, most_gap_ppm));
  }
  for (uint32_t group = 0; group < market_.groups.size(); ++group) AskGroup(group, sparse);
  for (const Sparse& of : sparse) {
    for (const Regret& regret : of.next) {
      if (regret.regret >= reach_) pairs_.push_back({regret.buyer, of.lot, regret.worth});
    }
    reaches_[of.lot] =
        of.next.size() < kLeastBuyers ? std::max(reach_, kMostRegret) : std::max(reach_, of.next.front().regret);
  }
}

void Pairs::Maker::AskGroup(uint32_t at, std::vector<Sparse>& sparse) {
  const Group& group = market_.groups[at];
  market_.StartRow(roads_, at, row_);
  float least_best = best_[group.begin];
  for (uint32_t index = group.begin; index < group.end; ++index) least_best = std::min(least_best, best_[index]);
  for (Sparse& of : sparse) {
    const Lot& lot = market_.lots[of.lot];
    const LotClass& lot_class = market_.lot_classes[market_.stocks[of.lot].lot_class];
    const uint32_t cell = market_.stocks[of.lot].cell;
    const size_t block = cell / kBlockCells;
    const float bar = of.next.size() < kLeastBuyers ? std::max(reach_, kMostRegret) : of.next.front().regret;
    const float most_toll = bar - least_best + lot.worth + most_gaps_[market_.stocks[of.lot].lot_class];
    if (market_.BlockTolls(at)[block] > most_toll) continue;
    if (row_.stamps[block] != row_.stamp) market_.FillBlock(lot_class, block, row_);
    const float days = row_.days[cell];
    if (days > lot.slack_days || row_.toll[cell] > most_toll) continue;
    const float nearby = lot.worth - row_.toll[cell];
    for (uint32_t index = group.begin; index < group.end; ++index) {
      const Buyer& buyer = market_.buyers[index];
      if (!IsPossible(buyer, lot, days)) continue;
      const float net = nearby + market_.GapWorth(lot_class, buyer.gap_ppm) - lot.cost * MoneyOf(buyer);
      of.Add({best_[index] - net, index, net + market_.stocks[of.lot].price + lot.cost * MoneyOf(buyer)});
    }
  }
}

Pairs::Pairs(const Market& market, const Roads& roads, const std::vector<double>& money, float reach,
             bool ignores_lots) {
  Maker maker(market, roads, money, reach, ignores_lots);
  maker.Run();
  std::vector<Pair>& pairs = maker.pairs();
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& a, const Pair& b) { return std::tie(a.buyer, a.lot) < std::tie(b.buyer, b.lot); });
  begin_.resize(market.buyers.size() + 1);
  lots_.reserve(pairs.size());
  worth_.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    ++begin_[pair.buyer + 1];
    lots_.push_back(pair.lot);
    worth_.push_back(pair.worth);
  }
  for (size_t i = 1; i < begin_.size(); ++i) {
    most_of_buyer_ = std::max(most_of_buyer_, begin_[i]);
    begin_[i] += begin_[i - 1];
  }
  least_prices_.resize(market.stocks.size());
  for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
    least_prices_[lot] = std::max(0.0f, market.stocks[lot].price - kPriceShare * maker.ReachOf(lot));
  }
}

}  // namespace zhuxiao::matching::clearing
