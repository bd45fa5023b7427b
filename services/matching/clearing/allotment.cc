// Contracts from what the auction left with the buyers. Exact from here on: no figure below is a floating one but the
// order in which left-over goods are offered.
#include "services/matching/clearing/allotment.h"

#include <algorithm>
#include <functional>

#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Units of one listing for one buyer of a market.
struct Share {
  uint32_t buyer = 0;
  uint32_t listing = 0;
  int64_t units = 0;
};

// The money a buyer may draw on; null where it is not to be served.
using Wallet = std::function<int64_t*(Buyer&)>;

// Any welfare above zero is worth having in the end, however far below the auction's prices.
constexpr float kAnyWorth = -100;

// One market's contracts in the making. Lots keep the goods that are still free.
class Shop {
 public:
  Shop(const RoundBook& book, Market& market, const Roads& roads, Watch& watch)
      : book_(book), market_(market), roads_(roads), watch_(watch) {}

  // Takes over what buyers hold, both tranches of a listing together; gives back what is below the least lot.
  void Collect();
  // Offers free goods to buyers with something left to find: to those that take all or nothing, or to the others.
  void Fill(bool is_all_or_nothing, const Wallet& wallet);
  // Gives back what all-or-nothing orders hold that are not full.
  void DropUnfilled();

  void Append(std::vector<RoundContract>& contracts) const;
  void Spend(std::vector<int64_t>& purse_fen) const;

 private:
  bool IsFull(uint32_t buyer) const;
  void FillBuyer(uint32_t buyer, int64_t& purse);
  void SetFree(uint32_t lot, int64_t units);
  // The lot's own is lowered where the listing has fewer units, so that it is priced all the same.
  int64_t MinUnits(const Stock& stock) const { return book_.listings[stock.listing].min_lot_units; }
  void Take(uint32_t lot, int64_t units) { SetFree(lot, market_.stocks[lot].free_units - units); }
  int64_t WelfareFen(uint32_t buyer, uint32_t lot, int64_t km) const {
    const Stock& stock = market_.stocks[lot];
    return stock.welfare_fen + market_.GapFen(market_.lot_classes[stock.lot_class], market_.buyers[buyer].gap_ppm) -
           market_.TollFen(km, stock.unit_base);
  }

  const RoundBook& book_;
  Market& market_;
  const Roads& roads_;
  Watch& watch_;
  std::vector<std::vector<Share>> shares_;  // by buyer
  Finder finder_;
  Row row_;
};

void Shop::SetFree(uint32_t lot, int64_t units) {
  Stock& stock = market_.stocks[lot];
  stock.free_units = units;
  market_.lots[lot].worth = units < MinUnits(stock) ? kNothing : stock.gross - stock.price;
}

void Shop::Collect() {
  shares_.resize(market_.buyers.size());
  for (Buyer& buyer : market_.buyers) buyer.left_base = buyer.quantity_base;
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    Stock& stock = market_.stocks[lot];
    // The tranches of a listing stand side by side, and holds of one buyer on both come one after the other.
    std::sort(stock.holds.begin(), stock.holds.end(), [](const Hold& a, const Hold& b) { return a.buyer < b.buyer; });
    for (const Hold& hold : stock.holds) {
      std::vector<Share>& held = shares_[hold.buyer];
      if (!held.empty() && held.back().listing == stock.listing) {
        held.back().units += hold.units;
      } else {
        held.push_back({hold.buyer, stock.listing, hold.units});
      }
    }
  }
  std::vector<std::pair<uint32_t, int64_t>> sold;  // by listing, in the order of the lots
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    if (sold.empty() || sold.back().first != market_.stocks[lot].listing)
      sold.push_back({market_.stocks[lot].listing, 0});
    Stock& stock = market_.stocks[lot];
    for (const Hold& hold : stock.holds) sold.back().second += hold.units;
    stock.holds.clear();
    stock.holds.shrink_to_fit();
  }
  std::vector<std::pair<uint32_t, int64_t>> dropped;
  for (std::vector<Share>& held : shares_) {
    std::erase_if(held, [&](const Share& share) {
      if (share.units >= book_.listings[share.listing].min_lot_units) return false;
      dropped.push_back({share.listing, share.units});
      return true;
    });
    for (const Share& share : held) {
      market_.buyers[share.buyer].left_base -= share.units * book_.listings[share.listing].unit_base;
    }
  }
  std::sort(dropped.begin(), dropped.end());
  size_t at = 0;
  for (uint32_t lot = 0; lot < market_.stocks.size(); ++lot) {
    Stock& stock = market_.stocks[lot];
    if (sold[at].first != stock.listing) ++at;
    int64_t& left = sold[at].second;
    if (lot == 0 || market_.stocks[lot - 1].listing != stock.listing) {
      const auto range =
          std::equal_range(dropped.begin(), dropped.end(), std::pair<uint32_t, int64_t>(stock.listing, 0),
                           [](const auto& a, const auto& b) { return a.first < b.first; });
      for (auto drop = range.first; drop != range.second; ++drop) left -= drop->second;
    }
    // The first units sold are those of the first tranche.
    const int64_t gone = std::min(left, stock.units);
    left -= gone;
    SetFree(lot, stock.units - gone);
  }
  market_.RefreshAll();
}

bool Shop::IsFull(uint32_t buyer) const {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const Share& share : shares_[buyer]) least = std::min(least, book_.listings[share.listing].unit_base);
  return market_.buyers[buyer].left_base < least;
}

void Shop::Spend(std::vector<int64_t>& purse_fen) const {
  for (const std::vector<Share>& held : shares_) {
    for (const Share& share : held) {
      purse_fen[market_.buyers[share.buyer].institution] -= share.units * book_.listings[share.listing].unit_price_fen;
    }
  }
}

void Shop::Fill(bool is_all_or_nothing, const Wallet& wallet) {
  for (uint32_t index = 0; index < market_.groups.size() && !watch_.IsOver(); ++index) {
    const Group& group = market_.groups[index];
    bool has_row = false;
    for (uint32_t buyer = group.begin; buyer < group.end; ++buyer) {
      if (market_.buyers[buyer].left_base < market_.least_unit_base) continue;
      if (book_.orders[market_.buyers[buyer].order].is_partial_allowed == is_all_or_nothing) continue;
      if (is_all_or_nothing && shares_[buyer].empty()) continue;
      int64_t* purse = wallet(market_.buyers[buyer]);
      if (purse == nullptr) continue;
      if (!has_row) market_.StartRow(roads_, index, row_);
      has_row = true;
      FillBuyer(buyer, *purse);
    }
  }
}

void Shop::FillBuyer(uint32_t index, int64_t& purse) {
  Buyer& buyer = market_.buyers[index];
  while (buyer.left_base >= market_.least_unit_base && purse >= market_.least_unit_price_fen) {
    const Best best = finder_.Find(market_, row_,
                                   {.gap_ppm = buyer.gap_ppm,
                                    .money = buyer.money_floor,
                                    .price_rank = buyer.price_rank,
                                    .days = buyer.days,
                                    .lot_base = buyer.left_base,
                                    .left_base = buyer.left_base,
                                    .left_fen = purse,
                                    .floor = kAnyWorth});
    if (best.lot == kNoLot) return;
    const Stock& stock = market_.stocks[best.lot];
    if (WelfareFen(index, best.lot, roads_.Km(market_.cells[stock.cell].county, market_.groups[buyer.group].county)) <=
        0) {
      return;
    }
    int64_t units = std::min(stock.free_units, buyer.left_base / stock.unit_base);
    if (stock.unit_price_fen > 0) units = std::min(units, purse / stock.unit_price_fen);
    if (units < MinUnits(stock)) return;
    purse -= units * stock.unit_price_fen;
    buyer.left_base -= units * stock.unit_base;
    std::vector<Share>& held = shares_[index];
    const auto same =
        std::find_if(held.begin(), held.end(), [&](const Share& share) { return share.listing == stock.listing; });
    if (same != held.end()) {
      same->units += units;
    } else {
      held.push_back({index, stock.listing, units});
    }
    Take(best.lot, units);
    market_.RefreshCell(stock.cell);
  }
}

void Shop::DropUnfilled() {
  std::vector<std::pair<uint32_t, int64_t>> dropped;
  for (uint32_t index = 0; index < shares_.size(); ++index) {
    Buyer& buyer = market_.buyers[index];
    if (book_.orders[buyer.order].is_partial_allowed || shares_[index].empty() || IsFull(index)) continue;
    for (const Share& share : shares_[index]) {
      dropped.push_back({share.listing, share.units});
    }
    buyer.left_base = buyer.quantity_base;
    shares_[index].clear();
  }
  std::sort(dropped.begin(), dropped.end());
  // Goods come back to the second tranche first: the first is the last to be unsold.
  for (uint32_t lot = static_cast<uint32_t>(market_.stocks.size()); lot-- > 0;) {
    Stock& stock = market_.stocks[lot];
    auto drop = std::lower_bound(dropped.begin(), dropped.end(), std::pair<uint32_t, int64_t>(stock.listing, 0));
    int64_t gone = stock.units - stock.free_units;
    for (; gone > 0 && drop != dropped.end() && drop->first == stock.listing; ++drop) {
      const int64_t back = std::min(gone, drop->second);
      drop->second -= back;
      gone -= back;
    }
    SetFree(lot, stock.units - gone);
  }
  market_.RefreshAll();
}

void Shop::Append(std::vector<RoundContract>& contracts) const {
  for (const std::vector<Share>& held : shares_) {
    for (const Share& share : held) {
      contracts.push_back({market_.buyers[share.buyer].order, share.listing, share.units});
    }
  }
}

// Fills orders in all markets at once. They have institutions in common, so first each order draws on its own share of
// what its institution has left, by need; then, one market after the other, on whatever is over.
class Filling {
 public:
  Filling(const RoundBook& book, const Purses& purses, std::vector<Market>& markets, std::vector<Shop>& shops,
          int threads)
      : book_(book), purses_(purses), markets_(markets), shops_(shops), threads_(threads) {
    is_scarce_.resize(book.institutions.size());
    for (const uint32_t institution : purses.scarce()) is_scarce_[institution] = true;
  }

  void Run(bool is_all_or_nothing) {
    CountPurses();
    ShareOut(is_all_or_nothing);
    ForEach(shops_.size(), threads_,
            [&](size_t i, int) { shops_[i].Fill(is_all_or_nothing, [](Buyer& buyer) { return &buyer.left_fen; }); });
    CountPurses();
    for (Shop& shop : shops_) {
      shop.Fill(is_all_or_nothing, [&](Buyer& buyer) -> int64_t* {
        // Money was not what it lacked.
        if (!is_scarce_[buyer.institution] || buyer.left_fen >= NeedFen(book_.orders[buyer.order], buyer.left_base))
          return nullptr;
        return &purse_fen_[buyer.institution];
      });
    }
  }

 private:
  void CountPurses() {
    purse_fen_.clear();
    for (const RoundInstitution& institution : book_.institutions) purse_fen_.push_back(institution.limit_fen);
    for (const Shop& shop : shops_) shop.Spend(purse_fen_);
  }

  void ShareOut(bool is_all_or_nothing) {
    for (Market& market : markets_) {
      for (Buyer& buyer : market.buyers) buyer.left_fen = kUnlimited;
    }
    for (const uint32_t institution : purses_.scarce()) {
      __int128 needs = 0;
      const auto each = [&](const auto& visit) {
        for (const Seat* seat = purses_.begin(institution); seat != purses_.end(institution); ++seat) {
          Buyer& buyer = markets_[seat->market].buyers[seat->buyer];
          if (buyer.is_partial_allowed != is_all_or_nothing)
            visit(buyer, NeedFen(book_.orders[buyer.order], buyer.left_base));
        }
      };
      each([&](Buyer&, int64_t need) { needs += need; });
      if (needs <= std::max<int64_t>(0, purse_fen_[institution])) continue;
      each([&](Buyer& buyer, int64_t need) {
        buyer.left_fen = static_cast<int64_t>(static_cast<__int128>(purse_fen_[institution]) * need / needs);
      });
    }
  }

  const RoundBook& book_;
  const Purses& purses_;
  std::vector<Market>& markets_;
  std::vector<Shop>& shops_;
  const int threads_;
  std::vector<bool> is_scarce_;
  std::vector<int64_t> purse_fen_;
};

}  // namespace

void SortContracts(std::vector<RoundContract>& contracts) {
  std::sort(contracts.begin(), contracts.end(), [](const RoundContract& a, const RoundContract& b) {
    return a.order != b.order ? a.order < b.order : a.listing < b.listing;
  });
}

int64_t WelfareFen(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads,
                   const std::vector<RoundContract>& contracts) {
  const Terms terms(book, policy);
  std::vector<int64_t> sold(book.listings.size());
  int64_t welfare = 0;
  for (const RoundContract& contract : contracts) {
    const RoundListing& listing = book.listings[contract.listing];
    const RoundOrder& order = book.orders[contract.order];
    welfare += terms.PlainFen(listing, order, roads.Km(listing.county, order.county)) * contract.units;
    sold[contract.listing] += contract.units;
  }
  for (size_t i = 0; i < sold.size(); ++i) {
    const RoundListing& listing = book.listings[i];
    const int64_t first = std::min(sold[i], terms.FirstTrancheUnits(listing.units));
    if (first > 0) welfare += first * terms.BonusFen(listing);
  }
  return welfare;
}

Allotment Allot(const RoundBook& book, const ClearingPolicy& policy, const Purses& purses, std::vector<Market>& markets,
                const Roads& roads, int threads, Watch& watch) {
  std::vector<Shop> shops;
  shops.reserve(markets.size());
  for (Market& market : markets) shops.emplace_back(book, market, roads, watch);
  ForEach(shops.size(), threads, [&](size_t i, int) { shops[i].Collect(); });
  Filling filling(book, purses, markets, shops, threads);
  filling.Run(true);
  ForEach(shops.size(), threads, [&](size_t i, int) { shops[i].DropUnfilled(); });
  filling.Run(false);
  Allotment allotment;
  for (const Shop& shop : shops) shop.Append(allotment.contracts);
  SortContracts(allotment.contracts);
  allotment.welfare_fen = WelfareFen(book, policy, roads, allotment.contracts);
  return allotment;
}

}  // namespace zhuxiao::matching::clearing
