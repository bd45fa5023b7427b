#include "clients/offline/fairness.h"

#include <algorithm>
#include <cmath>

#include "services/base/money.h"
#include "services/matching/check_clearing.h"

namespace zhuxiao::offline {
namespace {

constexpr double kPpm = base::kPpm;

int64_t ShareOf(int64_t part, int64_t whole) { return whole == 0 ? 0 : part * base::kPpm / whole; }

// The linked value of a village: on offer, and sold.
struct Village {
  double offered = 0;
  double sold = 0;
};

// Gini of sold / offered over households, each village having as many as it has value on offer.
int64_t GiniPpm(std::vector<Village> villages) {
  std::erase_if(villages, [](const Village& village) { return village.offered <= 0; });
  std::sort(villages.begin(), villages.end(),
            [](const Village& a, const Village& b) { return a.sold * b.offered < b.sold * a.offered; });
  double offered = 0;
  double sold = 0;
  double area = 0;  // under the Lorenz curve, twice
  for (const Village& village : villages) {
    area += village.offered * (2 * sold + village.sold);
    offered += village.offered;
    sold += village.sold;
  }
  return offered * sold <= 0 ? 0 : std::llround(kPpm * (1 - area / (offered * sold)));
}

}  // namespace

Fairness MeasureFairness(const round_files::RoundInput& round, const std::vector<matching::RoundContract>& contracts) {
  const matching::RoundBook& book = round.book;
  Fairness fairness;
  fairness.welfare_fen = matching::CheckContracts(book, round.policy, contracts).welfare_fen;
  std::vector<bool> is_sold(book.listings.size());
  std::vector<bool> is_served(book.orders.size());
  std::vector<bool> is_village_served(round.ids.villages.size());
  std::vector<Village> villages(round.ids.villages.size());
  const auto linked = [&](uint32_t listing, int64_t units) {
    return static_cast<double>(units) * static_cast<double>(book.listings[listing].unit_price_fen) *
           book.listings[listing].linkage_ppm;
  };
  std::vector<bool> has_goods(villages.size());
  for (uint32_t i = 0; i < book.listings.size(); ++i) {
    const uint32_t village = round.ids.listing_villages[i];
    if (village == round_files::kNoVillage) continue;
    has_goods[village] = true;
    villages[village].offered += linked(i, book.listings[i].units);
  }
  for (const matching::RoundContract& contract : contracts) {
    const uint32_t village = round.ids.listing_villages[contract.listing];
    fairness.sold_fen += contract.units * book.listings[contract.listing].unit_price_fen;
    is_sold[contract.listing] = true;
    is_served[contract.order] = true;
    if (village == round_files::kNoVillage) continue;
    is_village_served[village] = true;
    villages[village].sold += linked(contract.listing, contract.units);
  }
  const auto count = [](const std::vector<bool>& flags) {
    return static_cast<int64_t>(std::count(flags.begin(), flags.end(), true));
  };
  fairness.villages = count(has_goods);
  fairness.villages_served = count(is_village_served);
  const auto listings = static_cast<int64_t>(book.listings.size());
  fairness.listings_unsold_ppm = ShareOf(listings - count(is_sold), listings);
  fairness.orders_served_ppm = ShareOf(count(is_served), static_cast<int64_t>(book.orders.size()));
  fairness.gini_ppm = GiniPpm(std::move(villages));
  return fairness;
}

}  // namespace zhuxiao::offline
