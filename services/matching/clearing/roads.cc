// Distances between all counties.
#include "services/matching/clearing/roads.h"

#include <algorithm>

#include "services/matching/clearing/workers.h"
#include "services/matching/distance.h"

namespace zhuxiao::matching::clearing {

std::vector<uint32_t> DestinationsOf(const RoundBook& book) {
  std::vector<uint32_t> destinations;
  destinations.reserve(book.orders.size());
  for (const RoundOrder& order : book.orders) destinations.push_back(order.county);
  std::sort(destinations.begin(), destinations.end());
  destinations.erase(std::unique(destinations.begin(), destinations.end()), destinations.end());
  return destinations;
}

Roads::Roads(const std::vector<base::GeoPoint>& counties, const std::vector<uint32_t>& destinations, int threads)
    : size_(counties.size()), row_of_(counties.size()), km_(size_ * destinations.size()) {
  const DistanceTable table(counties);
  ForEach(destinations.size(), threads, [&](size_t i, int) {
    const uint16_t* row = table.RowTo(destinations[i]).km;
    std::copy(row, row + size_, &km_[i * size_]);
  });
  for (uint32_t i = 0; i < destinations.size(); ++i) row_of_[destinations[i]] = i;
}

int64_t Roads::LongestKm() const { return km_.empty() ? 0 : *std::max_element(km_.begin(), km_.end()); }

}  // namespace zhuxiao::matching::clearing
