#include "services/order/prime_rates.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/order/loan_prime_rates_data.h"

namespace zhuxiao::order {
namespace {

constexpr size_t kRateCellCount = 3;
constexpr int64_t kDaysOfAYear = 365;

bool ReadRate(const std::vector<std::string>& cells, PrimeRate& rate) {
  if (cells.size() != kRateCellCount) return false;
  const auto day = base::ParseDay(cells[0]);
  if (!day.ok() || !absl::SimpleAtoi(cells[1], &rate.one_year_ppm)) return false;
  rate.valid_from = *day;
  return rate.one_year_ppm >= 1 && rate.one_year_ppm <= base::kPpm && !cells[2].empty();
}

}  // namespace

absl::StatusOr<std::vector<PrimeRate>> ParsePrimeRates(std::string_view csv) {
  std::vector<PrimeRate> rates;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    PrimeRate rate;
    if (!ReadRate(absl::StrSplit(line, absl::MaxSplits(',', kRateCellCount - 1)), rate) ||
        (!rates.empty() && rate.valid_from <= rates.back().valid_from)) {
      return absl::InvalidArgumentError(
          base::StrCat("loan prime rates: line ", line_number, " is not a rate later than the one before: ", line));
    }
    rates.push_back(rate);
  }
  if (rates.empty()) return absl::InvalidArgumentError("loan prime rates: there is none");
  return rates;
}

// The shipped data is part of the program: where it does not parse the program is broken, and stops.
const std::vector<PrimeRate>& LoanPrimeRates() {
  static const auto* const rates = [] {
    auto parsed = ParsePrimeRates(kLoanPrimeRatesCsv);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new std::vector<PrimeRate>(*std::move(parsed));
  }();
  return *rates;
}

int64_t LeastInterestPpm(const std::vector<PrimeRate>& rates, base::Day day) {
  int64_t one_year_ppm = rates.front().one_year_ppm;
  for (const PrimeRate& rate : rates) {
    if (rate.valid_from <= day) one_year_ppm = rate.one_year_ppm;
  }
  return (one_year_ppm + kDaysOfAYear - 1) / kDaysOfAYear;
}

}  // namespace zhuxiao::order
