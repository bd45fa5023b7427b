// The names of what a RoundBook holds by position.
#pragma once

#include <cstdint>
#include <vector>

#include "services/round_files/id_table.h"

namespace zhuxiao::round_files {

// The village of a listing that names none.
inline constexpr uint32_t kNoVillage = UINT32_MAX;

// Each table in the order of the book's table of the same name, ascending in byte order.
struct RoundIds {
  IdTable commodities;
  IdTable counties;  // codes of 6 digits
  IdTable listings;
  IdTable institutions;
  IdTable orders;

  // Whose the listings are and where they come from, for reports; a clearing does not look at them.
  IdTable suppliers;                        // in no particular order
  IdTable villages;                         // codes of 12 digits, in no particular order
  std::vector<uint32_t> listing_suppliers;  // position in `suppliers`, by listing
  std::vector<uint32_t> listing_villages;   // position in `villages` or kNoVillage, by listing
};

}  // namespace zhuxiao::round_files
