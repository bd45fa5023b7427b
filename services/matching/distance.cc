// Distance rows. A chord between unit vectors is several times cheaper than the haversine formula and agrees with it
// far below a millimetre, so it decides wherever no whole kilometre is near, and base::RoadKm decides the rest.
#include "services/matching/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "services/base/geo.h"

namespace zhuxiao::matching {
namespace {

// Half-chords beyond this lie so close to the antipode that asin loses digits; no two Chinese counties do.
constexpr double kSafeHalfChord = 0.9;
// Both formulas err by less than 10^-8 km; a kilometre mark nearer than this goes to the exact function.
constexpr double kMarkKm = 1e-6;

std::vector<base::GeoPoint> CentroidsOf(const base::CountyTable& counties) {
  std::vector<base::GeoPoint> centroids;
  for (const base::County& county : counties.counties()) centroids.push_back(county.centroid);
  return centroids;
}

}  // namespace

DistanceTable::DistanceTable(const base::CountyTable& counties) : DistanceTable(CentroidsOf(counties)) {}

DistanceTable::DistanceTable(const std::vector<base::GeoPoint>& centroids)
    : centroids_(centroids), rows_(centroids.size()) {
  constexpr double kRadians = std::numbers::pi / 180;
  for (const base::GeoPoint& centroid : centroids) {
    const double longitude = centroid.longitude * kRadians;
    const double latitude = centroid.latitude * kRadians;
    directions_.push_back(
        {std::cos(latitude) * std::cos(longitude), std::cos(latitude) * std::sin(longitude), std::sin(latitude)});
  }
}

DistanceTable::~DistanceTable() {
  for (auto& row : rows_) delete[] row.load(std::memory_order_relaxed);
}

DistanceRow DistanceTable::RowTo(size_t destination) const {
  std::atomic<const uint16_t*>& slot = rows_[destination];
  const uint16_t* row = slot.load(std::memory_order_acquire);
  if (row == nullptr) {
    std::unique_ptr<uint16_t[]> fresh = ComputeRow(destination);
    // Another thread may be faster; its row is the same, and `row` then points at it.
    if (slot.compare_exchange_strong(row, fresh.get(), std::memory_order_acq_rel)) row = fresh.release();
  }
  return {row, row + size()};
}

std::unique_ptr<uint16_t[]> DistanceTable::ComputeRow(size_t destination) const {
  const size_t group_count = GroupCount(size());
  auto row = std::make_unique<uint16_t[]>(size() + GroupRoom(size()));
  const std::array<double, 3>& to = directions_[destination];
  for (size_t i = 0; i < centroids_.size(); ++i) {
    const std::array<double, 3>& from = directions_[i];
    const double x = from[0] - to[0];
    const double y = from[1] - to[1];
    const double z = from[2] - to[2];
    const double half_chord = std::sqrt(x * x + y * y + z * z) / 2;
    const double km = 1.3 * 2 * base::kEarthRadiusKm * std::asin(std::min(half_chord, 1.0)) + 10;
    const double whole = std::floor(km);
    const bool is_clear = half_chord < kSafeHalfChord && km - whole > kMarkKm && whole + 1 - km > kMarkKm;
    // The longest road on earth by this formula is 26,030 km.
    row[i] = static_cast<uint16_t>(is_clear ? whole : base::RoadKm(centroids_[i], centroids_[destination]));
  }
  for (size_t group = 0; group < group_count; ++group) {
    const uint16_t* begin = &row[group * kCountyGroupSize];
    const uint16_t* end = &row[0] + std::min(size(), (group + 1) * kCountyGroupSize);
    row[size() + group] = *std::min_element(begin, end);
  }
  return row;
}

}  // namespace zhuxiao::matching
