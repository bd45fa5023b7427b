// Commodities of a generated instance: those the product ships with, in grades. Internal to the generator.
#pragma once

#include <string>
#include <vector>

#include "clients/offline/chance.h"
#include "services/matching/round_book.h"

namespace zhuxiao::offline {

struct GeneratedCommodity {
  std::string code;
  matching::RoundCommodity rates;
  int32_t shelf_life_days = 0;
  int32_t harvest_day = 0;       // of the year, 0 .. 364
  bool is_counted = false;       // in pieces; else in grams
  int64_t unit_base = 1;         // the usual sale unit
  int64_t demand_share_ppm = 0;  // value ordered for each value listed
  int64_t popularity = 0;        // weight by Zipf's law with exponent 1
};

// `count` commodities by code: the shipped ones first, then grades of them with prices and shelf lives around theirs.
std::vector<GeneratedCommodity> GenerateCommodities(int count, Chance& chance);

}  // namespace zhuxiao::offline
