// The CSV files that ship with the product, as text inside the binary (see data.S). Private to the directory.
#pragma once

#include <string_view>

namespace zhuxiao::directory {

std::string_view CountiesCsv();
std::string_view CommoditiesCsv();

}  // namespace zhuxiao::directory
