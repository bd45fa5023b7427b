// The CSV files that ship with the product, as text inside the binary (see data.S). The directory makes tables of it;
// the command line makes instances of clearing rounds with real counties and prices.
#pragma once

#include <string_view>

namespace zhuxiao::directory {

std::string_view CountiesCsv();
std::string_view CommoditiesCsv();

}  // namespace zhuxiao::directory
