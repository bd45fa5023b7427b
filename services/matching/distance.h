// Road distances between counties, a row a destination, computed when first asked for and kept.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/base/region.h"

namespace zhuxiao::matching {

// Counties that follow one another in the table, which is sorted by code, lie near one another; they are looked at in
// groups of this many.
inline constexpr size_t kCountyGroupSize = 16;

// The groups of so many counties; and of those rounded up to what is looked at at once.
inline constexpr size_t kGroupsAtOnce = 8;
constexpr size_t GroupCount(size_t counties) { return (counties + kCountyGroupSize - 1) / kCountyGroupSize; }
constexpr size_t GroupRoom(size_t counties) {
  return (GroupCount(counties) + kGroupsAtOnce - 1) / kGroupsAtOnce * kGroupsAtOnce;
}

// Kilometres to one destination; points into the table.
struct DistanceRow {
  const uint16_t* km = nullptr;        // from each county, by its position in the table; group_km stands behind them
  const uint16_t* group_km = nullptr;  // from the nearest county of each group; GroupRoom of them
};

// Gives base::RoadKm between centroids. Thread-safe. Memory grows to 2 bytes a pair of counties asked for (18 MB
// when every county of the country has been a destination). Not copyable.
class DistanceTable {
 public:
  // Either may have at most 65,535 rows.
  explicit DistanceTable(const base::CountyTable& counties);
  explicit DistanceTable(const std::vector<base::GeoPoint>& centroids);
  ~DistanceTable();
  DistanceTable(const DistanceTable&) = delete;
  DistanceTable& operator=(const DistanceTable&) = delete;

  // The row of `destination`. Valid as long as the table. The first call for a destination takes about a tenth of a
  // millisecond.
  DistanceRow RowTo(size_t destination) const;

  size_t size() const { return centroids_.size(); }

 private:
  std::unique_ptr<uint16_t[]> ComputeRow(size_t destination) const;

  std::vector<base::GeoPoint> centroids_;
  std::vector<std::array<double, 3>> directions_;           // unit vectors of the centroids
  mutable std::vector<std::atomic<const uint16_t*>> rows_;  // each: km by county, then by group
};

}  // namespace zhuxiao::matching
