#include "services/directory/data.h"

// Defined in data.S.
extern "C" {
extern const char zhuxiao_counties_csv_begin[];
extern const char zhuxiao_counties_csv_end[];
extern const char zhuxiao_commodities_csv_begin[];
extern const char zhuxiao_commodities_csv_end[];
}

namespace zhuxiao::directory {

std::string_view CountiesCsv() { return {zhuxiao_counties_csv_begin, zhuxiao_counties_csv_end}; }

std::string_view CommoditiesCsv() { return {zhuxiao_commodities_csv_begin, zhuxiao_commodities_csv_end}; }

}  // namespace zhuxiao::directory
