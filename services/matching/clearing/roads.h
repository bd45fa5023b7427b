// Road kilometres between the counties of a round.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/base/geo.h"

namespace zhuxiao::matching::clearing {

// base::RoadKm between all pairs, computed once. Immutable; thread-safe. 2 bytes a pair.
class Roads {
 public:
  explicit Roads(const std::vector<base::GeoPoint>& counties, int threads);
  const uint16_t* To(uint32_t county) const { return &km_[static_cast<size_t>(county) * size_]; }
  int64_t Km(uint32_t from, uint32_t to) const { return To(to)[from]; }
  size_t size() const { return size_; }

 private:
  size_t size_;
  std::vector<uint16_t> km_;
};

}  // namespace zhuxiao::matching::clearing
