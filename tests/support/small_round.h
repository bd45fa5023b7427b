// Small random rounds in which everything that can bind does: limits, lots, whole units, dates, prices, tranches.
#pragma once

#include <cstdint>
#include <random>

#include "services/matching/round_book.h"

namespace zhuxiao::matching {

// The most rows a round has.
struct RoundSize {
  int listings = 4;
  int institutions = 3;
  int orders = 5;
};

// A round whose numbers are small, so that few units decide, and its policy.
inline RoundBook MakeSmallRound(std::mt19937_64& random, const RoundSize& size) {
  const auto pick = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  const auto below = [&](size_t count) { return static_cast<uint32_t>(pick(0, static_cast<int64_t>(count) - 1)); };
  RoundBook book;
  book.counties = {{112.5, 37.9}, {113.6, 37.8}, {116.4, 39.9}, {121.5, 31.2}};
  for (int i = 0; i < 2; ++i) {
    book.commodities.push_back({.reference_price_fen = pick(500, 3'000),
                                .reference_base = 1'000,
                                .transport_microfen_per_km_base = pick(20, 200),
                                .min_life_days = static_cast<int32_t>(pick(0, 3))});
  }
  for (int64_t i = pick(1, size.listings); i > 0; --i) {
    const int64_t unit_base = pick(1, 3) * 500;
    book.listings.push_back({.commodity = below(book.commodities.size()),
                             .county = below(book.counties.size()),
                             .units = pick(0, 4),
                             .unit_base = unit_base,
                             .unit_price_fen = pick(1, 4) * unit_base,
                             .ready_day = static_cast<int32_t>(pick(-2, 3)),
                             .last_sale_day = static_cast<int32_t>(pick(1, 30)),
                             .linkage_ppm = static_cast<int32_t>(pick(0, 1'000'000)),
                             .stall_level = static_cast<uint32_t>(pick(0, 6)),
                             .min_lot_units = pick(1, 2)});
  }
  for (int64_t i = pick(1, size.institutions); i > 0; --i) {
    book.institutions.push_back({.limit_fen = pick(0, 12'000), .quota_gap_ppm = pick(0, 1'000'000)});
  }
  for (int64_t i = pick(1, size.orders); i > 0; --i) {
    book.orders.push_back({.institution = below(book.institutions.size()),
                           .commodity = below(book.commodities.size()),
                           .county = below(book.counties.size()),
                           .is_partial_allowed = pick(0, 3) != 0,
                           .deliver_by_day = static_cast<int32_t>(pick(1, 12)),
                           .quantity_base = pick(0, 9) * 500,
                           .limit_price_fen = pick(1, 5) * 1'000,
                           .limit_base = 1'000});
  }
  return book;
}

inline ClearingPolicy SmallRoundPolicy() {
  ClearingPolicy policy = {.today = 0, .weights = DefaultMatchPolicy()};
  policy.weights.tranche_ppm = 400'000;  // so that a handful of units has both tranches
  return policy;
}

}  // namespace zhuxiao::matching
