// The bound is linear in the level between the worths of goods and of orders: its least is where, from the best down,
// the goods above it first suffice for the orders that still want some there.
#include "services/matching/clearing/level.h"

#include <algorithm>
#include <vector>

namespace zhuxiao::matching::clearing {
namespace {

// A level at which so much is offered more, or asked for less, than above it.
struct Bend {
  float level = 0;
  double base = 0;
};

}  // namespace

float LevelOf(const Market& market) {
  std::vector<Bend> bends;
  bends.reserve(market.stocks.size() + market.buyers.size());
  for (const Stock& stock : market.stocks) {
    bends.push_back({stock.gross, static_cast<double>(stock.units) * static_cast<double>(stock.unit_base)});
  }
  double missing_base = 0;
  for (const Buyer& buyer : market.buyers) {
    const auto base = static_cast<double>(buyer.quantity_base);
    missing_base += base;
    // Whole fen differ between the units goods are sold in, by less than a level need be exact.
    bends.push_back({-market.GapWorth(market.lot_classes.front(), buyer.gap_ppm), base});
  }
  std::sort(bends.begin(), bends.end(),
            [](const Bend& a, const Bend& b) { return a.level != b.level ? a.level > b.level : a.base > b.base; });
  for (const Bend& bend : bends) {
    missing_base -= bend.base;
    if (missing_base <= 0) return bend.level;
  }
  return bends.back().level;
}

void TakeLevelPrices(Market& market) {
  const float level = LevelOf(market);
  for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
    market.SetPrice(lot, std::max(0.0f, market.stocks[lot].gross - level));
  }
  market.RefreshAll();
}

}  // namespace zhuxiao::matching::clearing
