// A local search, market by market. Floats choose whom to ask; whether an exchange happens is decided in whole fen.
#include "services/matching/clearing/resale.h"

#include <algorithm>
#include <optional>

#include "services/base/geo.h"
#include "services/base/money.h"
#include "services/matching/clearing/wide.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Goods given back are offered in the next sweep. Most come to rest within ten.
constexpr int kMostSweeps = 30;

// Orders asked in vain before goods are left as they are: their lots do not fit.
constexpr size_t kMostRefusals = 12;

// Of what an order holds, so many of the least worth to it may make room for better: the least of all can be a lot it
// must keep whole. Few orders hold more.
constexpr size_t kMostGivers = 8;

// Of the reference value: lesser gains are not worth a search.
constexpr float kLeastGain = 0.0005f;

// A full order may still pay more for better goods: for its share of what its institution has left it counts as if it
// lacked this part of its quantity.
constexpr int64_t kFullOrderPart = 8;

// Both tranches of a listing.
struct Good {
  uint32_t listing = 0;
  uint32_t lot = 0;  // the first of its lots
  uint32_t county = 0;
  uint32_t lot_class = 0;
  float gross[2] = {0, 0};          // by tranche, a base unit
  int64_t welfare_fen[2] = {0, 0};  // by tranche, a unit: the listing's part
  int64_t units = 0;
  int64_t first_units = 0;
  int64_t sold = 0;
  int64_t min_units = 1;
  bool is_queued = false;
  std::vector<uint32_t> holders;  // buyers

  int64_t free() const { return units - sold; }
  // Of the next unit sold, and of the last.
  int NextTranche() const { return sold < first_units ? 0 : 1; }
  int LastTranche() const { return sold > first_units ? 1 : 0; }
  // Units of the second tranche among the next, or the last, so many.
  int64_t SecondOfNext(int64_t count) const { return std::max<int64_t>(0, sold + count - std::max(sold, first_units)); }
  int64_t SecondOfLast(int64_t count) const { return std::min(count, std::max<int64_t>(0, sold - first_units)); }
};

struct Held {
  uint32_t good = 0;
  int64_t units = 0;
};

// An order.
struct Taker {
  std::vector<Held> held;
  int64_t left_base = 0;
  int64_t purse_fen = kUnlimited;
  // What a base unit is worth to it apart from the goods' part, less the least worth it would give up for it: more of
  // the order's part, or goods worth less at present, make it the more eager.
  float eagerness = kNothing;
};

// Goods for an order, against some of what it holds.
struct Exchange {
  int64_t take = 0;
  int64_t give = 0;
  __int128 gain_fen = 0;
};

ZHUXIAO_WIDE void BoundGroups(const float* __restrict eagerness, const float* __restrict km, float gross, float rate,
                              size_t count, float* __restrict bounds) {
  for (size_t i = 0; i < count; ++i) bounds[i] = gross + eagerness[i] - rate * km[i];
}

// One market's contracts, and what is left beside them. Not thread-safe.
class Resale {
 public:
  Resale(const RoundBook& book, const Market& market, const Roads& roads, Watch& watch)
      : book_(book), market_(market), roads_(roads), watch_(watch), takers_(market.buyers.size()) {
    AddGoods();
    for (size_t i = 0; i < takers_.size(); ++i) takers_[i].left_base = market.buyers[i].quantity_base;
  }

  void Load(uint32_t buyer, uint32_t listing, int64_t units);
  void SetPurse(uint32_t buyer, int64_t purse_fen) { takers_[buyer].purse_fen = purse_fen; }
  int64_t left_base(uint32_t buyer) const { return takers_[buyer].left_base; }
  void Run();
  void Append(std::vector<RoundContract>& contracts) const;

 private:
  void AddGoods();
  const Lot& LotOf(const Good& good) const { return market_.lots[good.lot]; }
  const Stock& StockOf(const Good& good) const { return market_.stocks[good.lot]; }
  const LotClass& ClassOf(const Good& good) const { return market_.lot_classes[good.lot_class]; }
  int64_t Km(const Good& good, uint32_t buyer) const {
    return roads_.Km(good.county, market_.groups[market_.buyers[buyer].group].county);
  }
  float Toll(const Good& good, int64_t km) const {
    return static_cast<float>(static_cast<double>(market_.TollFen(km, ClassOf(good).unit_base)) *
                              ClassOf(good).per_fen);
  }
  // What the order adds to the welfare of a base unit, about.
  float GapShare(uint32_t buyer) const {
    return static_cast<float>(static_cast<double>(market_.weights->gap_weight_ppm) *
                              static_cast<double>(market_.buyers[buyer].gap_ppm) / (1.0 * base::kPpm * base::kPpm));
  }
  // Welfare of a unit for an order, in whole fen.
  int64_t UnitFen(const Good& good, int tranche, uint32_t buyer) const {
    return good.welfare_fen[tranche] + market_.GapFen(ClassOf(good), market_.buyers[buyer].gap_ppm) -
           market_.TollFen(Km(good, buyer), ClassOf(good).unit_base);
  }
  __int128 WelfareFen(const Good& good, int64_t units, int64_t of_second, uint32_t buyer) const {
    return static_cast<__int128>(units - of_second) * UnitFen(good, 0, buyer) +
           static_cast<__int128>(of_second) * UnitFen(good, 1, buyer);
  }

  void Queue(uint32_t good);
  // Sets an order's eagerness; its group's is brought up to date by WeighGroup.
  void Weigh(uint32_t buyer);
  void WeighGroup(uint32_t group);
  void Offer(uint32_t good);
  // The order that gains most by the next unit, apart from those that refused; kNoLot: nobody does.
  uint32_t FindTaker(const Good& good);
  void AskGroup(const Good& good, uint32_t group, uint32_t& found, float& most);
  // Likewise among those that hold some of it: whoever does may have less than a lot more.
  uint32_t FindHolder(const Good& good) const;
  bool Sell(uint32_t good, uint32_t buyer);
  // Lists in givers_ the positions in Taker::held of what is least worth to the order a base unit, apart from `but`.
  void ListGivers(uint32_t buyer, uint32_t but);
  // The exchange that gives back `give` units of what stands at `at` in Taker::held, where it keeps all rules.
  Exchange Try(uint32_t good, uint32_t buyer, std::optional<size_t> at, int64_t give) const;
  bool IsFull(uint32_t buyer, int64_t left_base, int64_t new_unit_base, std::optional<size_t> but) const;
  void Settle(uint32_t good, uint32_t buyer, std::optional<size_t> from, const Exchange& exchange);

  const RoundBook& book_;
  const Market& market_;
  const Roads& roads_;
  Watch& watch_;
  std::vector<Good> goods_;                                // by the market's lots
  std::vector<std::pair<uint32_t, uint32_t>> by_listing_;  // listing and good, ascending
  std::vector<Taker> takers_;                              // by the market's buyers
  std::vector<float> eagerness_;                           // by group: of its most eager order
  std::vector<uint32_t> queue_;
  uint32_t origin_ = kNoLot;  // the county km_ is from
  std::vector<float> km_;     // by group
  std::vector<float> bounds_;
  std::vector<uint32_t> above_;
  std::vector<uint32_t> refused_;
  std::vector<std::pair<float, size_t>> givers_;  // worth, and position
};

void Resale::AddGoods() {
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    const Stock& stock = market_.stocks[lot];
    // The tranches of a listing stand side by side.
    if (goods_.empty() || goods_.back().listing != stock.listing) {
      goods_.push_back({.listing = stock.listing,
                        .lot = lot,
                        .county = market_.cells[stock.cell].county,
                        .lot_class = stock.lot_class,
                        .min_units = book_.listings[stock.listing].min_lot_units});
      by_listing_.push_back({stock.listing, static_cast<uint32_t>(goods_.size() - 1)});
    }
    Good& good = goods_.back();
    const size_t tranche = stock.is_first_tranche ? 0 : 1;
    good.gross[tranche] = stock.gross;
    good.welfare_fen[tranche] = stock.welfare_fen;
    good.units += stock.units;
    if (stock.is_first_tranche) good.first_units = stock.units;
  }
  std::sort(by_listing_.begin(), by_listing_.end());
}

void Resale::Load(uint32_t buyer, uint32_t listing, int64_t units) {
  const auto at = std::lower_bound(by_listing_.begin(), by_listing_.end(), std::pair(listing, uint32_t{0}));
  Good& good = goods_[at->second];
  good.sold += units;
  takers_[buyer].held.push_back({at->second, units});
  good.holders.push_back(buyer);
  takers_[buyer].left_base -= units * ClassOf(good).unit_base;
}

void Resale::Queue(uint32_t good) {
  if (goods_[good].is_queued) return;
  goods_[good].is_queued = true;
  queue_.push_back(good);
}

void Resale::Weigh(uint32_t buyer) {
  Taker& taker = takers_[buyer];
  const bool has_room = taker.left_base >= market_.least_unit_base && taker.purse_fen >= market_.least_unit_price_fen;
  taker.eagerness = has_room ? GapShare(buyer) : kNothing;
  for (const Held& held : taker.held) {
    const Good& good = goods_[held.good];
    taker.eagerness = std::max(taker.eagerness, Toll(good, Km(good, buyer)) - good.gross[good.LastTranche()]);
  }
}

void Resale::WeighGroup(uint32_t group) {
  float most = kNothing;
  for (uint32_t buyer = market_.groups[group].begin; buyer < market_.groups[group].end; ++buyer) {
    most = std::max(most, takers_[buyer].eagerness);
  }
  eagerness_[group] = most;
}

void Resale::Run() {
  for (uint32_t buyer = 0; buyer < takers_.size(); ++buyer) Weigh(buyer);
  eagerness_.resize(market_.groups.size());
  for (uint32_t group = 0; group < eagerness_.size(); ++group) WeighGroup(group);
  for (uint32_t good = 0; good < goods_.size(); ++good) {
    if (goods_[good].free() > 0) Queue(good);
  }
  std::vector<uint32_t> sweep;
  for (int i = 0; i < kMostSweeps && !queue_.empty(); ++i) {
    sweep.swap(queue_);
    queue_.clear();
    std::sort(sweep.begin(), sweep.end(), [this](uint32_t a, uint32_t b) {
      return goods_[a].county != goods_[b].county ? goods_[a].county < goods_[b].county : a < b;
    });
    for (const uint32_t good : sweep) {
      if (watch_.IsOver()) return;
      goods_[good].is_queued = false;
      Offer(good);
    }
  }
}

void Resale::Offer(uint32_t index) {
  const Good& good = goods_[index];
  refused_.clear();
  while (good.free() > 0 && refused_.size() < kMostRefusals) {
    const uint32_t buyer = good.free() >= good.min_units ? FindTaker(good) : FindHolder(good);
    if (buyer == kNoLot) return;
    if (!Sell(index, buyer)) refused_.push_back(buyer);
  }
}

uint32_t Resale::FindTaker(const Good& good) {
  if (origin_ != good.county) {
    origin_ = good.county;
    km_.resize(market_.groups.size());
    for (size_t i = 0; i < km_.size(); ++i) km_[i] = roads_.To(market_.groups[i].county)[origin_];
  }
  // Tolls are rounded down to whole fen, and what orders add is rounded too: two fen cover both.
  const auto per_fen = static_cast<float>(ClassOf(good).per_fen);
  const auto rate =
      static_cast<float>(static_cast<double>(market_.rates.transport_microfen_per_km_base) *
                         static_cast<double>(ClassOf(good).unit_base) * ClassOf(good).per_fen / base::kPpm);
  bounds_.resize(km_.size());
  BoundGroups(eagerness_.data(), km_.data(), good.gross[good.NextTranche()] + 2 * per_fen, rate, km_.size(),
              bounds_.data());
  uint32_t found = kNoLot;
  float most = kLeastGain;
  // The best group first: it raises the bar for all others.
  const size_t best = GreatestOf(bounds_.data(), bounds_.size());
  if (bounds_[best] <= most) return kNoLot;
  bounds_[best] = kNothing;
  AskGroup(good, static_cast<uint32_t>(best), found, most);
  above_.resize(km_.size());
  const size_t count = PositionsAbove(bounds_.data(), bounds_.size(), most, above_.data());
  for (size_t i = 0; i < count; ++i) {
    if (bounds_[above_[i]] > most) AskGroup(good, above_[i], found, most);
  }
  return found;
}

uint32_t Resale::FindHolder(const Good& good) const {
  uint32_t found = kNoLot;
  float most = kLeastGain;
  for (const uint32_t index : good.holders) {
    if (std::find(refused_.begin(), refused_.end(), index) != refused_.end()) continue;
    const float gain = good.gross[good.NextTranche()] - Toll(good, Km(good, index)) + takers_[index].eagerness;
    if (gain < most || (gain == most && index > found)) continue;
    most = gain;
    found = index;
  }
  return found;
}

void Resale::AskGroup(const Good& good, uint32_t group, uint32_t& found, float& most) {
  const auto km = static_cast<int64_t>(km_[group]);
  const int64_t days = base::TransitDays(km);
  const Lot& lot = LotOf(good);
  if (lot.slack_days < days) return;
  const float offered = good.gross[good.NextTranche()] - Toll(good, km);
  for (uint32_t index = market_.groups[group].begin; index < market_.groups[group].end; ++index) {
    const float gain = offered + takers_[index].eagerness;
    if (gain <= most) continue;
    const Buyer& buyer = market_.buyers[index];
    if (lot.price_rank > buyer.price_rank || lot.ready_days + days > buyer.days) continue;
    if (lot.min_base > buyer.quantity_base || ClassOf(good).unit_base > buyer.quantity_base) continue;
    if (std::find(refused_.begin(), refused_.end(), index) != refused_.end()) continue;
    most = gain;
    found = index;
  }
}

bool Resale::IsFull(uint32_t buyer, int64_t left_base, int64_t new_unit_base, std::optional<size_t> but) const {
  int64_t least_unit_base = new_unit_base;
  for (size_t i = 0; i < takers_[buyer].held.size(); ++i) {
    if (but != i) least_unit_base = std::min(least_unit_base, ClassOf(goods_[takers_[buyer].held[i].good]).unit_base);
  }
  return left_base < least_unit_base;
}

Exchange Resale::Try(uint32_t index, uint32_t buyer, std::optional<size_t> at, int64_t give) const {
  const Good& good = goods_[index];
  const Taker& taker = takers_[buyer];
  const int64_t unit_base = ClassOf(good).unit_base;
  int64_t base = taker.left_base;
  int64_t fen = taker.purse_fen;
  __int128 loss_fen = 0;
  bool gives_all = false;
  if (give > 0) {
    const Held& held = taker.held[*at];
    const Good& from = goods_[held.good];
    gives_all = give == held.units;
    if (!gives_all && held.units - give < from.min_units) return {};
    base += give * ClassOf(from).unit_base;
    if (fen != kUnlimited) fen += give * StockOf(from).unit_price_fen;
    loss_fen = WelfareFen(from, give, from.SecondOfLast(give), buyer);
  }
  int64_t take = std::min(good.free(), base / unit_base);
  if (fen != kUnlimited && StockOf(good).unit_price_fen > 0) {
    take = std::min(take, fen / StockOf(good).unit_price_fen);
  }
  int64_t owned = 0;
  for (const Held& held : taker.held) owned += held.good == index ? held.units : 0;
  if (take < 1 || owned + take < good.min_units) return {};
  if (!market_.buyers[buyer].is_partial_allowed &&
      !IsFull(buyer, base - take * unit_base, unit_base, gives_all ? at : std::nullopt)) {
    return {};
  }
  return {.take = take, .give = give, .gain_fen = WelfareFen(good, take, good.SecondOfNext(take), buyer) - loss_fen};
}

void Resale::ListGivers(uint32_t buyer, uint32_t but) {
  givers_.clear();
  const std::vector<Held>& held = takers_[buyer].held;
  for (size_t at = 0; at < held.size(); ++at) {
    const Good& good = goods_[held[at].good];
    if (held[at].good != but) givers_.push_back({good.gross[good.LastTranche()] - Toll(good, Km(good, buyer)), at});
  }
  const size_t most = std::min(kMostGivers, givers_.size());
  std::partial_sort(givers_.begin(), givers_.begin() + static_cast<int64_t>(most), givers_.end());
  givers_.resize(most);
}

bool Resale::Sell(uint32_t index, uint32_t buyer) {
  const Taker& taker = takers_[buyer];
  const Good& good = goods_[index];
  Exchange best;
  std::optional<size_t> best_from;
  const auto consider = [&](std::optional<size_t> from, int64_t give) {
    const Exchange exchange = Try(index, buyer, from, give);
    if (exchange.gain_fen <= best.gain_fen) return;
    best = exchange;
    best_from = from;
  };
  consider(std::nullopt, 0);
  ListGivers(buyer, index);
  for (const auto& [worth, at] : givers_) {
    const Held& held = taker.held[at];
    const Good& from = goods_[held.good];
    const int64_t from_base = ClassOf(from).unit_base;
    const int64_t from_fen = StockOf(from).unit_price_fen;
    const int64_t take = std::min(good.free(), (taker.left_base + held.units * from_base) / ClassOf(good).unit_base);
    // As much as makes room and money for what it takes; then so that its lot is kept; then all of it.
    const int64_t lack_base = take * ClassOf(good).unit_base - taker.left_base;
    int64_t give = std::max<int64_t>(0, (lack_base + from_base - 1) / from_base);
    if (taker.purse_fen != kUnlimited && from_fen > 0) {
      const int64_t lack_fen = take * StockOf(good).unit_price_fen - taker.purse_fen;
      give = std::max(give, (lack_fen + from_fen - 1) / from_fen);
    }
    if (give > 0 && give < held.units) consider(at, give);
    if (give > held.units - from.min_units && held.units > from.min_units) consider(at, held.units - from.min_units);
    consider(at, held.units);
  }
  if (best.take == 0) return false;
  Settle(index, buyer, best_from, best);
  return true;
}

void Resale::Settle(uint32_t index, uint32_t buyer, std::optional<size_t> from, const Exchange& exchange) {
  Taker& taker = takers_[buyer];
  const auto move = [&](uint32_t at, int64_t units) {
    Good& good = goods_[at];
    good.sold += units;
    taker.left_base -= units * ClassOf(good).unit_base;
    if (taker.purse_fen != kUnlimited) taker.purse_fen -= units * StockOf(good).unit_price_fen;
  };
  if (exchange.give > 0) {
    Held& held = taker.held[*from];
    move(held.good, -exchange.give);
    held.units -= exchange.give;
    Queue(held.good);
    if (held.units == 0) {
      std::erase(goods_[held.good].holders, buyer);
      taker.held.erase(taker.held.begin() + static_cast<int64_t>(*from));
    }
  }
  move(index, exchange.take);
  const auto own =
      std::find_if(taker.held.begin(), taker.held.end(), [&](const Held& held) { return held.good == index; });
  if (own == taker.held.end()) {
    taker.held.push_back({index, exchange.take});
    goods_[index].holders.push_back(buyer);
  } else {
    own->units += exchange.take;
  }
  Weigh(buyer);
  WeighGroup(market_.buyers[buyer].group);
}

void Resale::Append(std::vector<RoundContract>& contracts) const {
  for (size_t buyer = 0; buyer < takers_.size(); ++buyer) {
    for (const Held& held : takers_[buyer].held) {
      contracts.push_back({market_.buyers[buyer].order, goods_[held.good].listing, held.units});
    }
  }
}

// Shares what each institution has left among its orders, by what they lack: then markets have nothing in common.
void SharePurses(const RoundBook& book, const Purses& purses, const std::vector<Market>& markets,
                 const std::vector<int64_t>& purse_fen, std::vector<Resale>& resales) {
  for (const uint32_t institution : purses.scarce()) {
    const auto need = [&](const Seat& seat) {
      const Buyer& buyer = markets[seat.market].buyers[seat.buyer];
      return NeedFen(book.orders[buyer.order],
                     std::max(resales[seat.market].left_base(seat.buyer), buyer.quantity_base / kFullOrderPart));
    };
    __int128 needs = 0;
    for (const Seat* seat = purses.begin(institution); seat != purses.end(institution); ++seat) needs += need(*seat);
    for (const Seat* seat = purses.begin(institution); seat != purses.end(institution); ++seat) {
      const auto share = needs == 0 ? 0 : static_cast<__int128>(purse_fen[institution]) * need(*seat) / needs;
      resales[seat->market].SetPurse(seat->buyer, static_cast<int64_t>(share));
    }
  }
}

}  // namespace

Allotment Resell(const RoundBook& book, const ClearingPolicy& policy, const Purses& purses,
                 const std::vector<Market>& markets, const Roads& roads, Allotment found, int threads, Watch& watch) {
  std::vector<Resale> resales;
  resales.reserve(markets.size());
  std::vector<Seat> seats(book.orders.size());
  for (uint32_t market = 0; market < markets.size(); ++market) {
    resales.emplace_back(book, markets[market], roads, watch);
    for (uint32_t buyer = 0; buyer < markets[market].buyers.size(); ++buyer) {
      seats[markets[market].buyers[buyer].order] = {market, buyer};
    }
  }
  std::vector<int64_t> purse_fen;
  purse_fen.reserve(book.institutions.size());
  for (const RoundInstitution& institution : book.institutions) purse_fen.push_back(institution.limit_fen);
  for (const auto& [order, listing, units] : found.contracts) {
    resales[seats[order].market].Load(seats[order].buyer, listing, units);
    purse_fen[book.orders[order].institution] -= units * book.listings[listing].unit_price_fen;
  }
  SharePurses(book, purses, markets, purse_fen, resales);
  ForEach(resales.size(), threads, [&](size_t i, int) { resales[i].Run(); });
  Allotment better;
  for (const Resale& resale : resales) resale.Append(better.contracts);
  SortContracts(better.contracts);
  better.welfare_fen = WelfareFen(book, policy, roads, better.contracts);
  return better;
}

}  // namespace zhuxiao::matching::clearing
