// Administrative regions (GB/T 2260) and the table of counties.
// Codes have 2 (province), 4 (city), 6 (county), 9 (township) or 12 (village) digits; each is a prefix of its parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/base/geo.h"

namespace zhuxiao::base {

enum class RegionLevel { kProvince = 2, kCity = 4, kCounty = 6, kTownship = 9, kVillage = 12 };

// The level of a code, by its length, or nullopt where it is not 2, 4, 6, 9 or 12 digits.
std::optional<RegionLevel> LevelOf(std::string_view code);

// True where `code` is `ancestor` or lies in it. An empty ancestor is the whole country.
bool IsInside(std::string_view code, std::string_view ancestor);

struct County {
  std::string code;  // 6 digits
  std::string name;
  std::string city;
  std::string province;
  GeoPoint centroid;
};

// The counties by code. Immutable after Parse; thread-safe.
class CountyTable {
 public:
  // Reads CSV with the header code,name,city,province,longitude,latitude,centroid_of. INVALID_ARGUMENT with the
  // line where a row is short, a code is not 6 digits or stands twice, or a coordinate is no number in range.
  static absl::StatusOr<CountyTable> Parse(std::string_view csv);

  // Sorted by code.
  const std::vector<County>& counties() const { return counties_; }

  // The position in counties() of the county of a code of county level or below, or nullopt.
  std::optional<size_t> IndexOf(std::string_view code) const;
  const County* Find(std::string_view code) const;

  // True where `code` has a level and its province, city or county prefix exists.
  bool Exists(std::string_view code) const;

  // "山西省 阳泉市 平定县" for 140321; the nearest known ancestor's name for a township or village.
  std::string FullName(std::string_view code) const;

 private:
  std::vector<County> counties_;
  absl::flat_hash_map<std::string, size_t> index_;
};

}  // namespace zhuxiao::base
