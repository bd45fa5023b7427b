// Road kilometres between the counties of a round.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/base/geo.h"
#include "services/matching/round_book.h"

namespace zhuxiao::matching::clearing {

// The counties that orders go to, ascending, each once.
std::vector<uint32_t> DestinationsOf(const RoundBook& book);

// base::RoadKm from every county to those asked for, computed once. Immutable; thread-safe. 2 bytes a pair.
class Roads {
 public:
  // `destinations`: positions of counties, ascending, each once.
  Roads(const std::vector<base::GeoPoint>& counties, const std::vector<uint32_t>& destinations, int threads);
  // Requires a destination asked for.
  const uint16_t* To(uint32_t county) const { return &km_[static_cast<size_t>(row_of_[county]) * size_]; }
  int64_t Km(uint32_t from, uint32_t to) const { return To(to)[from]; }
  // The longest of all.
  int64_t LongestKm() const;

 private:
  size_t size_;
  std::vector<uint32_t> row_of_;  // by county
  std::vector<uint16_t> km_;
};

}  // namespace zhuxiao::matching::clearing
