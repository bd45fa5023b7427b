#include "services/round_files/id_table.h"

#include <algorithm>
#include <numeric>

namespace zhuxiao::round_files {

std::vector<uint32_t> IdTable::SortedPositions() const {
  std::vector<uint32_t> positions(size());
  std::iota(positions.begin(), positions.end(), 0);
  const auto is_before = [this](uint32_t a, uint32_t b) {
    const int order = (*this)[a].compare((*this)[b]);
    return order < 0 || (order == 0 && a < b);
  };
  if (!std::is_sorted(positions.begin(), positions.end(), is_before)) {
    std::sort(positions.begin(), positions.end(), is_before);
  }
  return positions;
}

IdTable IdTable::Picked(const std::vector<uint32_t>& positions) const {
  IdTable picked;
  picked.text_.reserve(text_.size());
  picked.Reserve(positions.size());
  for (const uint32_t position : positions) picked.Add((*this)[position]);
  return picked;
}

IdIndex::IdIndex(const IdTable& table) : positions_(table.size(), Hash{&table}, Equal{&table}) {
  for (uint32_t i = 0; i < table.size(); ++i) positions_.insert(i);
}

uint32_t IdIndex::Find(std::string_view text) const {
  const auto it = positions_.find(text);
  return it == positions_.end() ? kNone : *it;
}

}  // namespace zhuxiao::round_files
