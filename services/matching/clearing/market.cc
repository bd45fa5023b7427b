// Builds the markets from the book and keeps their ceilings.
#include "services/matching/clearing/market.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "services/base/geo.h"
#include "services/base/money.h"
#include "services/matching/clearing/range.h"
#include "services/matching/clearing/wide.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Days past any road make no difference.
constexpr int64_t kManyDays = 10'000;

int16_t Days(int64_t days, int64_t most) { return static_cast<int16_t>(std::clamp<int64_t>(days, -1, most)); }

BookCommodity BookCommodityOf(const RoundCommodity& commodity) {
  return {.reference_price_fen = commodity.reference_price_fen,
          .reference_base = commodity.reference_base,
          .transport_microfen_per_km_base = commodity.transport_microfen_per_km_base,
          .min_life_days = commodity.min_life_days};
}

bool IsCheaper(int64_t fen_a, int64_t base_a, int64_t fen_b, int64_t base_b) {
  return static_cast<__int128>(fen_a) * base_b < static_cast<__int128>(fen_b) * base_a;
}

// Fewer listings than this are not worth telling apart by price and life.
constexpr size_t kFewListings = 128;

// Rows of a table by commodity, in the table's order.
template <typename RowType>
std::vector<std::vector<uint32_t>> ByCommodity(const std::vector<RowType>& rows, size_t commodity_count) {
  std::vector<std::vector<uint32_t>> by(commodity_count);
  for (size_t i = 0; i < rows.size(); ++i) by[rows[i].commodity].push_back(static_cast<uint32_t>(i));
  return by;
}

// Exact while the products are whole numbers below 2^53: a quotient by a million is then never rounded up to a whole
// number it is not.
ZHUXIAO_WIDE void FillTolls(const uint16_t* __restrict km, double rate, double per_fen, float* __restrict toll,
                            float* __restrict days) {
  for (size_t i = 0; i < kBlockCells; ++i) {
    toll[i] = static_cast<float>(std::floor(km[i] * rate / 1e6) * per_fen);
    const int32_t transit_days = 1 + static_cast<int32_t>(km[i]) / 600;  // base::TransitDays, in 32 bits
    days[i] = static_cast<float>(transit_days);
  }
}

class MarketMaker {
 public:
  MarketMaker(const RoundBook& book, const ClearingPolicy& policy)
      : book_(book), policy_(policy), terms_(book, policy), first_day_(FirstDay(book, policy)) {}

  Market Make(uint32_t commodity, std::vector<uint32_t> listings, std::vector<uint32_t> orders) const {
    Market market;
    market.commodity = commodity;
    const RoundCommodity& row = book_.commodities[commodity];
    market.fen_per_base = static_cast<double>(row.reference_price_fen) / static_cast<double>(row.reference_base);
    market.weights = &policy_.weights;
    market.rates = BookCommodityOf(row);
    std::erase_if(listings, [&](uint32_t listing) { return !CanSell(book_.listings[listing]); });
    std::erase_if(orders, [&](uint32_t order) { return book_.orders[order].quantity_base <= 0; });
    if (listings.empty() || orders.empty()) return market;
    const std::vector<uint32_t> ladder = PriceLadder(listings);
    AddLots(market, listings, ladder);
    AddBuyers(market, orders, ladder);
    return market;
  }

 private:
  int64_t SlackDays(const RoundListing& listing) const {
    return static_cast<int64_t>(listing.last_sale_day) - book_.commodities[listing.commodity].min_life_days -
           LeavesOn(listing, policy_);
  }
  bool CanSell(const RoundListing& listing) const {
    return listing.units > 0 && SlackDays(listing) >= 1 && terms_.ValueFen(listing) > 0;
  }

  // Listings of distinct asks, cheapest first.
  std::vector<uint32_t> PriceLadder(std::vector<uint32_t> listings) const {
    const auto is_cheaper = [&](uint32_t a, uint32_t b) {
      return IsCheaper(book_.listings[a].unit_price_fen, book_.listings[a].unit_base, book_.listings[b].unit_price_fen,
                       book_.listings[b].unit_base);
    };
    std::stable_sort(listings.begin(), listings.end(), is_cheaper);
    const auto is_same = [&](uint32_t a, uint32_t b) { return !is_cheaper(a, b) && !is_cheaper(b, a); };
    listings.erase(std::unique(listings.begin(), listings.end(), is_same), listings.end());
    return listings;
  }

  // How many rungs of the ladder are strictly below (or, with `or_equal`, not above) a price.
  int32_t RungsBelow(const std::vector<uint32_t>& ladder, int64_t fen, int64_t base, bool or_equal) const {
    const auto rung = std::partition_point(ladder.begin(), ladder.end(), [&](uint32_t listing) {
      const RoundListing& row = book_.listings[listing];
      return or_equal ? !IsCheaper(fen, base, row.unit_price_fen, row.unit_base)
                      : IsCheaper(row.unit_price_fen, row.unit_base, fen, base);
    });
    return static_cast<int32_t>(rung - ladder.begin());
  }

  void AddLots(Market& market, std::vector<uint32_t> listings, const std::vector<uint32_t>& ladder) const {
    struct Entry {
      int64_t unit_base;
      int64_t traits;
      uint32_t county;
      uint32_t listing;
      int32_t rank;
      auto operator<=>(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    for (uint32_t listing : listings) {
      const RoundListing& row = book_.listings[listing];
      const int32_t rank = RungsBelow(ladder, row.unit_price_fen, row.unit_base, false);
      const int64_t traits = listings.size() < kFewListings ? 0 : Traits(row, rank, ladder.size());
      entries.push_back({row.unit_base, traits, row.county, listing, rank});
    }
    std::sort(entries.begin(), entries.end());
    market.least_unit_base = entries.front().unit_base;
    market.least_unit_price_fen = std::numeric_limits<int64_t>::max();
    int64_t traits = -1;
    for (const Entry& entry : entries) {
      const RoundListing& row = book_.listings[entry.listing];
      const uint32_t lot = static_cast<uint32_t>(market.lots.size());
      if (traits != entry.traits || market.lot_classes.back().unit_base != row.unit_base) {
        CloseLotClass(market);
        market.lot_classes.push_back({.unit_base = row.unit_base,
                                      .least_price_rank = entry.rank,
                                      .value_fen = terms_.ValueFen(row),
                                      .per_fen = 1 / (static_cast<double>(row.unit_base) * market.fen_per_base),
                                      .block_begin = static_cast<uint32_t>(market.block_count())});
        market.cells.push_back({row.county, lot, lot});
      } else if (market.cells.back().county != row.county) {
        market.cells.push_back({row.county, lot, lot});
      }
      traits = entry.traits;
      market.least_unit_price_fen = std::min(market.least_unit_price_fen, row.unit_price_fen);
      LotClass& lot_class = market.lot_classes.back();
      lot_class.least_price_rank = std::min(lot_class.least_price_rank, entry.rank);
      lot_class.most_slack_days = std::max(lot_class.most_slack_days, Days(SlackDays(row), kManyDays));
      const int64_t first = terms_.FirstTrancheUnits(row.units);
      if (first > 0) AddLot(market, entry.listing, true, first, entry.rank);
      if (first < row.units) AddLot(market, entry.listing, false, row.units - first, entry.rank);
    }
    CloseLotClass(market);
    market.ceilings.assign(market.cells.size() * kKnotCount, kNothing);
    market.block_ceilings.assign(market.block_count() * kKnotCount, kNothing);
  }

  // Life short, middling or long; price in the lower or upper half.
  int64_t Traits(const RoundListing& listing, int32_t rank, size_t ladder_size) const {
    const int64_t slack = SlackDays(listing);
    const int64_t life = slack <= 2 ? 0 : slack <= 5 ? 1 : 2;
    return life * 2 + (static_cast<size_t>(rank) * 2 >= ladder_size ? 1 : 0);
  }

  static void CloseLotClass(Market& market) {
    while (market.cells.size() % kBlockCells != 0) market.cells.push_back({});
    if (!market.lot_classes.empty()) {
      market.lot_classes.back().block_end = static_cast<uint32_t>(market.block_count());
      market.block_class.resize(market.block_count(), static_cast<uint32_t>(market.lot_classes.size() - 1));
    }
  }

  void AddLot(Market& market, uint32_t listing, bool is_first_tranche, int64_t units, int32_t rank) const {
    const RoundListing& row = book_.listings[listing];
    const double per_fen = market.lot_classes.back().per_fen;
    const int64_t welfare_fen = terms_.ListingFen(row, is_first_tranche);
    market.lots.push_back({.cost = static_cast<float>(static_cast<double>(row.unit_price_fen) * per_fen),
                           .price_rank = rank,
                           .slack_days = Days(SlackDays(row), kManyDays),
                           .ready_days = Days(LeavesOn(row, policy_) - first_day_, kMostReadyDays),
                           .min_base = std::min(row.min_lot_units, row.units) * row.unit_base,
                           .unit_price_fen = row.unit_price_fen});
    market.stocks.push_back({.gross = static_cast<float>(static_cast<double>(welfare_fen) * per_fen),
                             .listing = listing,
                             .cell = static_cast<uint32_t>(market.cells.size() - 1),
                             .is_first_tranche = is_first_tranche,
                             .lot_class = static_cast<uint32_t>(market.lot_classes.size() - 1),
                             .welfare_fen = welfare_fen,
                             .unit_base = row.unit_base,
                             .unit_price_fen = row.unit_price_fen,
                             .min_units = std::min(row.min_lot_units, row.units),
                             .units = units,
                             .free_units = units});
    market.SetPrice(static_cast<uint32_t>(market.lots.size() - 1), 0);
    market.cells.back().lot_end = static_cast<uint32_t>(market.lots.size());
  }

  void AddBuyers(Market& market, std::vector<uint32_t> orders, const std::vector<uint32_t>& ladder) const {
    std::stable_sort(orders.begin(), orders.end(),
                     [&](uint32_t a, uint32_t b) { return book_.orders[a].county < book_.orders[b].county; });
    for (uint32_t order : orders) {
      const RoundOrder& row = book_.orders[order];
      if (market.groups.empty() || market.groups.back().county != row.county) {
        const uint32_t begin = static_cast<uint32_t>(market.buyers.size());
        market.groups.push_back({.county = row.county, .begin = begin, .end = begin});
      }
      market.buyers.push_back({.order = order,
                               .institution = row.institution,
                               .group = static_cast<uint32_t>(market.groups.size() - 1),
                               .price_rank = RungsBelow(ladder, row.limit_price_fen, row.limit_base, true) - 1,
                               .days = Days(row.deliver_by_day - first_day_, kMostReadyDays),
                               .is_partial_allowed = row.is_partial_allowed,
                               .gap_ppm = static_cast<int32_t>(book_.institutions[row.institution].quota_gap_ppm),
                               .quantity_base = row.quantity_base});
      ++market.groups.back().end;
    }
  }

  const RoundBook& book_;
  const ClearingPolicy& policy_;
  const Terms terms_;
  const int64_t first_day_;
};

}  // namespace

int64_t Terms::ValueFen(const RoundListing& listing) const {
  const RoundCommodity& commodity = book_.commodities[listing.commodity];
  return base::MulDivFloor(commodity.reference_price_fen, listing.unit_base, commodity.reference_base)
      .value_or(std::numeric_limits<int64_t>::max());
}

int64_t Terms::ListingFen(const RoundListing& listing, bool is_first_tranche) const {
  const UnitWelfare part = ListingPart(policy_.weights, {.value_fen = ValueFen(listing),
                                                         .days_left = DaysLeft(listing.last_sale_day, policy_.today),
                                                         .stall_level = listing.stall_level,
                                                         .linkage_ppm = listing.linkage_ppm});
  return is_first_tranche ? part.BonusFen() : part.PlainFen();
}

int64_t Terms::PlainFen(const RoundListing& listing, const RoundOrder& order, int64_t km) const {
  return ListingFen(listing, false) + GapFen(ValueFen(listing), book_.institutions[order.institution].quota_gap_ppm) -
         TollFen(listing.commodity, km, listing.unit_base);
}

int64_t Terms::GapFen(int64_t value_fen, int64_t quota_gap_ppm) const {
  return matching::GapFen(policy_.weights, value_fen, quota_gap_ppm);
}

int64_t Terms::TollFen(uint32_t commodity, int64_t km, int64_t unit_base) const {
  return TransportFen(BookCommodityOf(book_.commodities[commodity]), km, unit_base)
      .value_or(std::numeric_limits<int64_t>::max());
}

int64_t Terms::FirstTrancheUnits(int64_t units) const { return TrancheUnits(policy_.weights, units); }

std::vector<Market> MakeMarkets(const RoundBook& book, const ClearingPolicy& policy, int threads) {
  std::vector<std::vector<uint32_t>> listings = ByCommodity(book.listings, book.commodities.size());
  std::vector<std::vector<uint32_t>> orders = ByCommodity(book.orders, book.commodities.size());
  std::vector<uint32_t> traded;
  for (uint32_t commodity = 0; commodity < book.commodities.size(); ++commodity) {
    if (!listings[commodity].empty() && !orders[commodity].empty() &&
        book.commodities[commodity].reference_price_fen > 0) {
      traded.push_back(commodity);
    }
  }
  std::stable_sort(traded.begin(), traded.end(),
                   [&](uint32_t a, uint32_t b) { return orders[a].size() > orders[b].size(); });
  const MarketMaker maker(book, policy);
  std::vector<Market> markets(traded.size());
  ForEach(traded.size(), threads, [&](size_t i, int) {
    markets[i] = maker.Make(traded[i], std::move(listings[traded[i]]), std::move(orders[traded[i]]));
  });
  std::erase_if(markets, [](const Market& market) { return market.lots.empty() || market.buyers.empty(); });
  return markets;
}

void Market::RefreshCell(uint32_t cell) {
  float best[kKnotCount];
  std::fill_n(best, kKnotCount, kNothing);
  for (uint32_t lot = cells[cell].lot_begin; lot < cells[cell].lot_end; ++lot) {
    const float worth = lots[lot].worth;
    const float cost = lots[lot].cost;
    for (size_t knot = 0; knot < kKnotCount; ++knot) best[knot] = std::max(best[knot], worth - cost * kKnots[knot]);
  }
  for (size_t knot = 0; knot < kKnotCount; ++knot) ceilings[knot * cells.size() + cell] = best[knot];
  RefreshBlock(cell / kBlockCells);
}

void Market::RefreshBlock(size_t block) {
  for (size_t knot = 0; knot < kKnotCount; ++knot) {
    const float* const begin = &ceilings[knot * cells.size() + block * kBlockCells];
    float most = kNothing;
#pragma omp simd reduction(max : most)
    for (size_t cell = 0; cell < kBlockCells; ++cell) most = most > begin[cell] ? most : begin[cell];
    block_ceilings[knot * block_count() + block] = most;
  }
}

void Market::RefreshAll() {
  for (uint32_t cell = 0; cell < cells.size(); ++cell) RefreshCell(cell);
}

void Market::KeepPrices() {
  kept_prices.clear();
  for (const Stock& stock : stocks) kept_prices.push_back(stock.price);
}

void Market::MeasureBlocks(const Roads& roads) {
  block_tolls.resize(groups.size() * block_count());
  for (size_t group = 0; group < groups.size(); ++group) {
    const uint16_t* const km_from = roads.To(groups[group].county);
    for (const LotClass& lot_class : lot_classes) {
      for (size_t block = lot_class.block_begin; block < lot_class.block_end; ++block) {
        uint16_t least = std::numeric_limits<uint16_t>::max();
        for (size_t cell = block * kBlockCells; cell < (block + 1) * kBlockCells; ++cell) {
          if (cells[cell].lot_end > cells[cell].lot_begin) least = std::min(least, km_from[cells[cell].county]);
        }
        block_tolls[group * block_count() + block] =
            static_cast<float>(static_cast<double>(TollFen(least, lot_class.unit_base)) * lot_class.per_fen);
      }
    }
  }
}

void Market::StartRow(const Roads& roads, uint32_t group, Row& row) const {
  row.group = group;
  row.km_from = roads.To(groups[group].county);
  row.toll.resize(cells.size());
  row.days.resize(cells.size());
  row.km.resize(cells.size());
  if (row.stamps.size() != block_count() || ++row.stamp == 0) {
    row.stamps.assign(block_count(), 0);
    row.stamp = 1;
  }
}

void Market::FillBlock(const LotClass& lot_class, size_t block, Row& row) const {
  row.stamps[block] = row.stamp;
  const size_t first = block * kBlockCells;
  for (size_t i = 0; i < kBlockCells; ++i) row.km[first + i] = row.km_from[cells[first + i].county];
  const double rate =
      static_cast<double>(rates.transport_microfen_per_km_base) * static_cast<double>(lot_class.unit_base);
  constexpr double kExact = 1LL << 53;
  if (rate * std::numeric_limits<uint16_t>::max() < kExact) {
    FillTolls(&row.km[first], rate, lot_class.per_fen, &row.toll[first], &row.days[first]);
    return;
  }
  for (size_t i = first; i < first + kBlockCells; ++i) {
    row.toll[i] = static_cast<float>(static_cast<double>(TollFen(row.km[i], lot_class.unit_base)) * lot_class.per_fen);
    row.days[i] = static_cast<float>(base::TransitDays(row.km[i]));
  }
}

int64_t Market::GapFen(const LotClass& lot_class, int32_t gap_ppm) const {
  return matching::GapFen(*weights, lot_class.value_fen, gap_ppm);
}

float Market::GapWorth(const LotClass& lot_class, int32_t gap_ppm) const {
  return static_cast<float>(static_cast<double>(GapFen(lot_class, gap_ppm)) * lot_class.per_fen);
}

int64_t Market::TollFen(int64_t km, int64_t unit_base) const {
  return *TransportFen(rates, km, unit_base);  // a number: CheckRange tried the longest road
}

}  // namespace zhuxiao::matching::clearing
