// The one-year loan prime rate (LPR) by day: data that ships (services/order/data/loan_prime_rates.csv), below which
// late interest may not be agreed on. Pure.
//
// Source: Regulation on Ensuring Payments to Small and Medium-sized Enterprises, which lets the parties agree on a rate
// not below the one-year LPR of the day the contract is made, and sets 0.05 % a day where they do not.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/clock.h"

namespace zhuxiao::order {

struct PrimeRate {
  base::Day valid_from = 0;  // first day it holds; until the next
  int64_t one_year_ppm = 0;  // a year, 1 to 10^6
};

// Reads CSV with the header of the data file, by first day. INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<PrimeRate>> ParsePrimeRates(std::string_view csv);

// The rates that ship with the product.
const std::vector<PrimeRate>& LoanPrimeRates();

// The least rate that may be agreed on on `day`, in ppm a day of a year of 365 days, rounded up; the first rate holds
// for the days before it too. At least 1.
int64_t LeastInterestPpm(const std::vector<PrimeRate>& rates, base::Day day);

}  // namespace zhuxiao::order
