// Made-up sales feeds as CSV, for benchmarks of the reward calculator.
#pragma once

#include <cstdint>
#include <string>

namespace zhuxiao {

// Writes `lines` rows to `path`: about 5 % refunds, 1 % repeated rows, 20,000 claimants of very different size, origins
// inside and outside the list of WriteDesignations, times over 2020 and a little around it. The same arguments give
// the same bytes. False where the file cannot be written.
bool WriteSalesFeed(const std::string& path, int64_t lines, uint64_t seed);

// Writes lists of programme shanxi-poor-counties that hold about half of the feed's origins.
bool WriteDesignations(const std::string& path);

}  // namespace zhuxiao
