// Distances between all counties.
#include "services/matching/clearing/roads.h"

#include "services/matching/clearing/workers.h"
#include "services/matching/distance.h"

namespace zhuxiao::matching::clearing {

Roads::Roads(const std::vector<base::GeoPoint>& counties, int threads) : size_(counties.size()), km_(size_ * size_) {
  const DistanceTable table(counties);
  ForEach(size_, threads, [&](size_t to, int) {
    const uint16_t* row = table.RowTo(to).km;
    std::copy(row, row + size_, &km_[to * size_]);
  });
}

}  // namespace zhuxiao::matching::clearing
