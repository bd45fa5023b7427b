// The ascending auction. One market is worked on by one thread, order by order, so its course is always the same.
#include "services/matching/clearing/auction.h"

#include <algorithm>
#include <cmath>

namespace zhuxiao::matching::clearing {
namespace {

// Cuts tried for the value of money of one bid; each is the crossing of two offers already seen, and four nearly always
// find it.
constexpr int kMoneyCuts = 8;
// Steps below zero within which a runner-up limits a bid.
constexpr float kReach = 8;
// Share by which the value of money falls where nothing is worth it.
constexpr float kMoneyStride = 0.1f;
// Goods nearly free: their cost decides nothing.
constexpr float kLeastCost = 1e-6f;

constexpr auto kHigherBid = [](const Hold& a, const Hold& b) {
  return a.bid != b.bid ? a.bid > b.bid : a.buyer > b.buyer;
};

// So many units of a lot are the buyer's to find again, and to pay for.
void TakeBack(Buyer& buyer, const Stock& stock, int64_t units) {
  buyer.left_base += units * stock.unit_base;
  if (buyer.left_fen != kUnlimited) buyer.left_fen += units * stock.unit_price_fen;
}

// A sampled order's quantity or money, below kUnlimited.
int64_t Multiple(int64_t amount, int64_t weight) {
  constexpr __int128 kMost = kUnlimited - 1;
  return static_cast<int64_t>(std::min(static_cast<__int128>(amount) * weight, kMost));
}

}  // namespace

void Auction::Open(float drop, const Sample& sample) {
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    Stock& stock = market_.stocks[lot];
    stock.holds.clear();
    stock.free_units = stock.units;
    market_.SetPrice(lot, std::max(0.0f, stock.price - drop));
  }
  market_.RefreshAll();
  for (Buyer& buyer : market_.buyers) {
    const int64_t weight = sample.WeightOf(buyer.institution);
    buyer.left_base = Multiple(buyer.quantity_base, weight);
    buyer.left_fen = buyer.budget_fen == kUnlimited ? kUnlimited : Multiple(buyer.budget_fen, weight);
    buyer.is_out = false;
  }
}

void Auction::Run(float step, float drop, const Sample& sample) {
  step_ = step;
  Open(drop, sample);
  ClearQueue();
  for (uint32_t group = 0; group < market_.groups.size(); ++group) {
    for (uint32_t buyer = market_.groups[group].begin; buyer < market_.groups[group].end; ++buyer) {
      if (market_.buyers[buyer].left_base > 0) Wait(buyer);
    }
  }
  ServeQueue();
}

void Auction::ClearQueue() {
  queue_.clear();
  for (Group& group : market_.groups) {
    group.waiting.clear();
    group.is_queued = false;
  }
  for (Buyer& buyer : market_.buyers) buyer.is_waiting = false;
}

void Auction::ServeQueue() {
  for (size_t head = 0; head < queue_.size() && !watch_.IsOver(); ++head) {
    Serve(queue_[head]);
    if (head > 4 * market_.groups.size()) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<int64_t>(head) + 1);
      head = static_cast<size_t>(-1);
    }
  }
}

void Auction::LowerFree(float step) {
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    Stock& stock = market_.stocks[lot];
    if (stock.free_units == 0 || stock.price == 0) continue;
    market_.SetPrice(lot, std::max(0.0f, stock.price - step));
    for (Hold& hold : stock.holds) hold.bid = std::min(hold.bid, stock.price);
    std::make_heap(stock.holds.begin(), stock.holds.end(), kHigherBid);
    market_.RefreshCell(stock.cell);
  }
}

void Auction::IndexHolds() {
  hold_begin_.assign(market_.buyers.size() + 2, 0);
  for (const Stock& stock : market_.stocks) {
    for (const Hold& hold : stock.holds) ++hold_begin_[hold.buyer + 2];
  }
  for (size_t i = 2; i < hold_begin_.size(); ++i) hold_begin_[i] += hold_begin_[i - 1];
  hold_lots_.resize(hold_begin_.back());
  hold_units_.resize(hold_begin_.back());
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    for (const Hold& hold : market_.stocks[lot].holds) {
      const uint32_t at = hold_begin_[hold.buyer + 1]++;
      hold_lots_[at] = lot;
      hold_units_[at] = hold.units;
    }
  }
}

void Auction::Resume(float step) {
  step_ = step;
  ClearQueue();
  for (uint32_t index = 0; index < market_.buyers.size(); ++index) {
    const Buyer& buyer = market_.buyers[index];
    if (buyer.is_out) continue;
    if (buyer.left_base >= market_.least_unit_base && buyer.left_fen >= market_.least_unit_price_fen) Wait(index);
  }
  ServeQueue();
}

void Auction::Prune() {
  IndexHolds();
  std::vector<std::pair<uint32_t, uint32_t>> released;  // lot, buyer
  for (uint32_t index = 0; index < market_.buyers.size(); ++index) {
    Buyer& buyer = market_.buyers[index];
    const uint32_t begin = hold_begin_[index];
    const uint32_t end = hold_begin_[index + 1];
    int64_t least_unit_base = std::numeric_limits<int64_t>::max();
    int64_t left_base = buyer.left_base;
    const size_t released_before = released.size();
    for (uint32_t i = begin; i < end; ++i) {
      const Stock& stock = market_.stocks[hold_lots_[i]];
      int64_t units = 0;
      for (uint32_t other = begin; other < end; ++other) {
        if (market_.stocks[hold_lots_[other]].listing == stock.listing) units += hold_units_[other];
      }
      if (units < stock.min_units) {
        released.push_back({hold_lots_[i], index});
        left_base += hold_units_[i] * stock.unit_base;
      } else {
        least_unit_base = std::min(least_unit_base, stock.unit_base);
      }
    }
    if (buyer.is_partial_allowed || left_base < least_unit_base) continue;
    buyer.is_out = true;
    released.resize(released_before);
    for (uint32_t i = begin; i < end; ++i) released.push_back({hold_lots_[i], index});
  }
  std::sort(released.begin(), released.end());
  for (auto at = released.begin(); at != released.end();) {
    const uint32_t lot = at->first;
    const auto lot_end = std::find_if(at, released.end(), [&](const auto& entry) { return entry.first != lot; });
    Stock& stock = market_.stocks[lot];
    std::erase_if(stock.holds, [&](const Hold& hold) {
      if (!std::binary_search(at, lot_end, std::pair(lot, hold.buyer))) return false;
      Buyer& buyer = market_.buyers[hold.buyer];
      TakeBack(buyer, stock, hold.units);
      stock.free_units += hold.units;
      return true;
    });
    std::make_heap(stock.holds.begin(), stock.holds.end(), kHigherBid);
    at = lot_end;
  }
}

void Auction::Wait(uint32_t buyer) {
  Buyer& waiting = market_.buyers[buyer];
  if (waiting.is_waiting) return;
  waiting.is_waiting = true;
  Group& group = market_.groups[waiting.group];
  group.waiting.push_back(buyer);
  if (!group.is_queued) {
    group.is_queued = true;
    queue_.push_back(waiting.group);
  }
}

void Auction::Serve(uint32_t group) {
  Group& county = market_.groups[group];
  market_.StartRow(roads_, group, row_);
  std::vector<uint32_t> waiting;
  waiting.swap(county.waiting);
  county.is_queued = false;
  for (uint32_t index : waiting) {
    Buyer& buyer = market_.buyers[index];
    buyer.is_waiting = false;
    while (buyer.left_base >= market_.least_unit_base && buyer.left_fen >= market_.least_unit_price_fen &&
           Bid(buyer, index)) {
    }
  }
}

Query Auction::QueryOf(const Buyer& buyer) const {
  return {.gap_ppm = buyer.gap_ppm,
          .money = buyer.money_floor,
          .price_rank = buyer.price_rank,
          .days = buyer.days,
          .lot_base = ignores_lots_ ? kUnlimited : buyer.quantity_base,
          .left_base = buyer.left_base,
          .left_fen = buyer.left_fen,
          .floor = 0};
}

bool Auction::Bid(Buyer& buyer, uint32_t index) {
  if (buyer.budget_fen != kUnlimited) return BidWithin(buyer, index);
  const Best best = finder_.Find(market_, row_, QueryOf(buyer));
  if (best.lot == kNoLot) return false;
  const float target = std::max(best.second - step_, 0.0f);
  return Place(buyer, index, best.lot, best.worth - target, buyer.left_base / market_.stocks[best.lot].unit_base);
}

bool Auction::IsAffordable(const Buyer& buyer, double cost) const {
  return cost * market_.fen_per_base * static_cast<double>(buyer.left_base) <= static_cast<double>(buyer.left_fen);
}

bool Auction::BidWithin(Buyer& buyer, uint32_t index) {
  Query query = QueryOf(buyer);
  query.money = std::max(buyer.money, buyer.money_floor);
  // A bid may lower the value of money, so a runner-up below zero counts, down to where it hardly changes the bid.
  query.floor = -kReach * step_;
  for (int cut = 0; cut < kMoneyCuts; ++cut) {
    const bool is_floor = query.money <= buyer.money_floor;
    const Best best = finder_.Find(market_, row_, query);
    if (best.lot == kNoLot || (is_floor && best.worth <= 0)) {
      if (is_floor) return false;
      query.money = std::max(buyer.money_floor, query.money * (1 - kMoneyStride) - kMoneyStride * step_);
      continue;
    }
    const float cost = market_.lots[best.lot].cost;
    const bool is_affordable = IsAffordable(buyer, cost);
    if (is_affordable && !is_floor) return BidBetween(buyer, index, query, best);
    if (!is_affordable && best.worth > step_ && cut + 1 < kMoneyCuts) {
      query.money += best.worth / cost;  // as Dinkelbach 1967: the best worth per fen, in a few steps
      continue;
    }
    const float lowest = std::min(best.worth, -cost * (query.money - buyer.money_floor));
    const float target = std::max(best.second - step_, lowest);
    buyer.money = std::max(buyer.money_floor, query.money + target / std::max(cost, kLeastCost));
    const Stock& stock = market_.stocks[best.lot];
    int64_t units = buyer.left_base / stock.unit_base;
    if (stock.unit_price_fen > 0) units = std::min(units, buyer.left_fen / stock.unit_price_fen);
    return Place(buyer, index, best.lot, best.worth - target, units);
  }
  return false;
}

bool Auction::BidBetween(Buyer& buyer, uint32_t index, Query query, const Best& affordable) {
  struct Offer {
    uint32_t lot = kNoLot;
    float worth = 0;  // at money zero
    float cost = 0;
  };
  const auto offer_of = [&](const Best& best) {
    const float cost = market_.lots[best.lot].cost;
    return Offer{best.lot, best.worth + cost * query.money, cost};
  };
  Offer cheap = offer_of(affordable);
  Offer dear;
  Best best = affordable;
  for (int cut = 0; cut < kMoneyCuts; ++cut) {
    query.money = dear.lot == kNoLot
                      ? buyer.money_floor
                      : std::max(buyer.money_floor, (dear.worth - cheap.worth) / (dear.cost - cheap.cost));
    best = finder_.Find(market_, row_, query);
    if (best.lot == kNoLot) return false;
    if (best.lot == dear.lot || best.lot == cheap.lot) break;
    const Offer offer = offer_of(best);
    if (!IsAffordable(buyer, offer.cost)) {
      dear = offer;
    } else {
      cheap = offer;
      if (dear.lot == kNoLot) break;
    }
  }
  // So much of the dear lot that the rest of the money covers the rest of the order with the cheap one.
  const double left_base = static_cast<double>(buyer.left_base);
  const double afforded = static_cast<double>(buyer.left_fen) / (left_base * market_.fen_per_base);
  const auto units_of = [&](uint32_t lot, double share) {
    const Stock& stock = market_.stocks[lot];
    const int64_t units = std::min(buyer.left_base / stock.unit_base,
                                   static_cast<int64_t>(share * left_base / static_cast<double>(stock.unit_base)));
    return stock.unit_price_fen > 0 ? std::min(units, buyer.left_fen / stock.unit_price_fen) : units;
  };
  const Offer* chosen = &cheap;
  int64_t units = 0;
  if (dear.lot != kNoLot) {
    chosen = &dear;
    units = units_of(dear.lot, (afforded - cheap.cost) / (dear.cost - cheap.cost));
  }
  if (units < 1) {
    chosen = &cheap;
    units = units_of(cheap.lot, 1.0 + 1e-6);
  }
  if (units < 1) return false;
  const float worth = chosen->worth - chosen->cost * query.money;
  const float second = best.lot == chosen->lot ? best.second : best.worth;
  const float lowest = std::min(worth, -chosen->cost * (query.money - buyer.money_floor));
  const float target = std::min(worth, std::max(second - step_, lowest));
  buyer.money = query.money;
  return Place(buyer, index, chosen->lot, worth - target, units);
}

bool Auction::Place(Buyer& buyer, uint32_t index, uint32_t lot, float raise, int64_t units) {
  Stock& stock = market_.stocks[lot];
  const float bid = stock.price + raise;
  int64_t taken = std::min(units, stock.free_units);
  stock.free_units -= taken;
  // A buyer pays one price for all it has of a lot: its last bid.
  Hold own{.bid = bid, .buyer = index};
  const auto held =
      std::find_if(stock.holds.begin(), stock.holds.end(), [&](const Hold& hold) { return hold.buyer == index; });
  if (held != stock.holds.end()) {
    own.bid = std::max(bid, held->bid);
    own.units = held->units;
    *held = stock.holds.back();
    stock.holds.pop_back();
    std::make_heap(stock.holds.begin(), stock.holds.end(), kHigherBid);
  }
  while (taken < units && !stock.holds.empty() && stock.holds.front().bid < bid) {
    Hold& lowest = stock.holds.front();
    const int64_t given = std::min(units - taken, lowest.units);
    taken += given;
    Buyer& loser = market_.buyers[lowest.buyer];
    TakeBack(loser, stock, given);
    Wait(lowest.buyer);
    lowest.units -= given;
    if (lowest.units == 0) {
      std::pop_heap(stock.holds.begin(), stock.holds.end(), kHigherBid);
      stock.holds.pop_back();
    }
  }
  own.units += taken;
  if (own.units > 0) {
    stock.holds.push_back(own);
    std::push_heap(stock.holds.begin(), stock.holds.end(), kHigherBid);
  }
  TakeBack(buyer, stock, -taken);
  if (stock.free_units == 0 && !stock.holds.empty() && stock.holds.front().bid > stock.price) {
    market_.SetPrice(lot, stock.holds.front().bid);
    market_.RefreshCell(stock.cell);
    return true;
  }
  return taken > 0;
}

}  // namespace zhuxiao::matching::clearing
