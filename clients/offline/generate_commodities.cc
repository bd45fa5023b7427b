#include "clients/offline/generate_commodities.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/base/strings.h"
#include "services/directory/data.h"

namespace zhuxiao::offline {
namespace {

// Sale units of goods by weight: a jin, a kilogram, a box, a bag; a canteen's order is many of them.
constexpr std::array<int64_t, 5> kSaleUnitsG = {500, 500, 1'000, 2'500, 5'000};
// Value ordered for each value listed: from stalled goods nobody wants to goods everybody is short of.
constexpr std::array<int64_t, 7> kDemandSharesPpm = {400'000,   600'000,   800'000,  1'000'000,
                                                     1'200'000, 1'500'000, 2'200'000};
constexpr int64_t kZipfWeight = 1'000'000'000;

// A number of a cell of the shipped table, which is part of the program.
int64_t NumberOf(const std::vector<std::string>& header, const std::vector<std::string>& cells, const char* column) {
  const size_t at = std::find(header.begin(), header.end(), column) - header.begin();
  int64_t value = 0;
  if (at >= cells.size() || !absl::SimpleAtoi(cells[at], &value)) std::abort();
  return value;
}

std::vector<GeneratedCommodity> ShippedCommodities() {
  std::vector<GeneratedCommodity> commodities;
  std::vector<std::string> header;
  for (absl::string_view line : absl::StrSplit(base::View(directory::CommoditiesCsv()), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (header.empty()) {
      header = cells;
      continue;
    }
    const auto number = [&](const char* column) { return NumberOf(header, cells, column); };
    GeneratedCommodity commodity;
    commodity.code = cells[0];
    commodity.is_counted = number("nominal_weight_g") > 0;
    const int64_t price_fen = number("reference_price_fen");
    const int64_t base_g = number("reference_base");
    commodity.rates = {
        .reference_price_fen = commodity.is_counted ? price_fen * number("nominal_weight_g") / base_g : price_fen,
        .reference_base = commodity.is_counted ? 1 : base_g,
        .transport_microfen_per_km_base = number("transport_microfen_per_km_base"),
        .min_life_days = static_cast<int32_t>(number("min_life_days"))};
    commodity.shelf_life_days = static_cast<int32_t>(number("shelf_life_days"));
    commodities.push_back(commodity);
  }
  return commodities;
}

}  // namespace

std::vector<GeneratedCommodity> GenerateCommodities(int count, Chance& chance) {
  const std::vector<GeneratedCommodity> shipped = ShippedCommodities();
  std::vector<GeneratedCommodity> commodities;
  for (int i = 0; i < count; ++i) {
    GeneratedCommodity commodity = shipped[i % shipped.size()];
    const auto grade = i / static_cast<int>(shipped.size());
    if (grade > 0) {
      commodity.code = absl::StrFormat("%s-%02d", commodity.code, grade);
      commodity.rates.reference_price_fen = commodity.rates.reference_price_fen * chance.Between(60, 180) / 100;
      commodity.shelf_life_days = static_cast<int32_t>(std::max<int64_t>(
          commodity.rates.min_life_days + 1, commodity.shelf_life_days * chance.Between(70, 130) / 100));
    }
    commodity.harvest_day = static_cast<int32_t>(chance.Below(365));
    commodity.unit_base = commodity.is_counted ? 1 : kSaleUnitsG[chance.Below(kSaleUnitsG.size())];
    commodity.demand_share_ppm = kDemandSharesPpm[chance.Below(kDemandSharesPpm.size())];
    commodities.push_back(commodity);
  }
  // Popularity has nothing to do with the alphabet.
  for (size_t i = 0; i < commodities.size(); ++i) {
    commodities[i].popularity = kZipfWeight / static_cast<int64_t>(i + 1);
    std::swap(commodities[i].popularity, commodities[chance.Below(i + 1)].popularity);
  }
  std::sort(commodities.begin(), commodities.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
  return commodities;
}

}  // namespace zhuxiao::offline
