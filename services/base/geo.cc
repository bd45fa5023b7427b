#include "services/base/geo.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace zhuxiao::base {

double GreatCircleKm(GeoPoint a, GeoPoint b) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double half_latitude = std::sin((b.latitude - a.latitude) * kRadians / 2);
  const double half_longitude = std::sin((b.longitude - a.longitude) * kRadians / 2);
  const double h = half_latitude * half_latitude +
                   std::cos(a.latitude * kRadians) * std::cos(b.latitude * kRadians) * half_longitude * half_longitude;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

int64_t RoadKm(GeoPoint a, GeoPoint b) { return static_cast<int64_t>(std::floor(1.3 * GreatCircleKm(a, b) + 10)); }

int64_t TransitDays(int64_t road_km) { return 1 + road_km / kKmPerDay; }

}  // namespace zhuxiao::base
