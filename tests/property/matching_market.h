// Random markets for tests and benchmarks of matching: real counties, listings and orders drawn from a seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "services/matching/book.h"
#include "services/matching/match.h"

namespace zhuxiao::matching {

using Rng = std::mt19937_64;

// The shipped county table, read once.
const base::CountyTable& RealCounties();

// A fresh seed each run, or the one in ZHUXIAO_TEST_SEED.
uint64_t TestSeed();

// A whole number of [low, high].
int64_t Draw(Rng& rng, int64_t low, int64_t high);

// True `percent` of the time.
bool Chance(Rng& rng, int percent);

inline constexpr base::Day kToday = 18'300;

// Small numbers, so that rounding, ties, lots and limits all matter; few counties, so that listings compete.
MatchPolicy SmallPolicy(Rng& rng);
BookCommodity SmallCommodity(Rng& rng, const std::string& code);
BookListing SmallListing(Rng& rng, const std::string& code, int number);
MatchOrder SmallOrder(Rng& rng, const std::string& code);

// National scale: prices, shelf lives and sizes as the trade has them; commodities by Zipf's law.
class NationalMarket {
 public:
  NationalMarket(size_t commodity_count, uint64_t seed);

  const std::vector<BookCommodity>& commodities() const { return commodities_; }
  BookListing NextListing();
  MatchOrder NextOrder();

 private:
  size_t DrawCommodity();
  std::string DrawCounty();

  Rng rng_;
  std::vector<BookCommodity> commodities_;
  std::vector<int32_t> shelf_days_;
  std::discrete_distribution<size_t> popularity_;
  int64_t next_number_ = 0;
};

}  // namespace zhuxiao::matching
