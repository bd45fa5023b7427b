// Instances of clearing rounds that look like the nation's trade, for measuring and for trying things out: real
// counties, commodities of Zipf popularity, log-normal sizes, seasonal shelf lives, some goods scarce and some in
// plenty, limits that bind for about a third of the buyers.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::offline {

// Ten times the nation, and as many digits as the ids have.
inline constexpr int64_t kMaxGeneratedRows = 9'999'999;
inline constexpr int kMaxGeneratedCommodities = 999;

struct InstanceShape {
  int64_t listings = 0;      // 1 .. kMaxGeneratedRows
  int64_t institutions = 0;  // 1 .. kMaxGeneratedRows; each has two orders in the mean, 1 to 8
  int64_t suppliers = 0;     // 1 .. kMaxGeneratedRows
  int commodities = 200;     // 1 .. kMaxGeneratedCommodities
  std::string region;        // prefix of the codes of all counties, supply and demand; empty: the whole country
  uint64_t seed = 1;
};

// The shape of `scale_ppm` / 10^6 of the nation: 300,000 listings of 20,000 suppliers, 700,000 institutions and 200
// commodities at 1 (10^6), at least one of each.
InstanceShape ShapeOfScale(int64_t scale_ppm, uint64_t seed);

// The instance of a shape; the same on every machine. INVALID_ARGUMENT naming every number out of range, or a region
// without a county.
absl::StatusOr<round_files::RoundInput> Generate(const InstanceShape& shape);

}  // namespace zhuxiao::offline
