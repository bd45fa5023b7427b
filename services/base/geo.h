// Distances on the sphere and the road distances and transit days the matching policy derives from them.
#pragma once

#include <cstdint>

namespace zhuxiao::base {

// A point on the earth, degrees. Longitude in [-180, 180], latitude in [-90, 90].
struct GeoPoint {
  double longitude = 0;
  double latitude = 0;
};

// Mean earth radius (IUGG).
inline constexpr double kEarthRadiusKm = 6371.0088;

// The great-circle distance, km, by the haversine formula.
double GreatCircleKm(GeoPoint a, GeoPoint b);

// floor(1.3 * great-circle km + 10): the road is about 1.3 times the straight line, plus 10 km to and from it.
int64_t RoadKm(GeoPoint a, GeoPoint b);

// A lorry's day.
inline constexpr int32_t kKmPerDay = 600;

// 1 + floor(km / kKmPerDay): loading takes part of the first day.
int64_t TransitDays(int64_t road_km);

}  // namespace zhuxiao::base
