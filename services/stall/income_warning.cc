#include "services/stall/income_warning.h"

#include <algorithm>

#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/report/report.h"
#include "services/stall/figures.h"

namespace zhuxiao::stall {
namespace {

// Sums of a year stay far below int64 (kMaxAmountFen is a thousand times less); beyond it nobody is poor.
int64_t Sum(int64_t a, int64_t b) { return base::CheckedAdd(a, b).value_or(INT64_MAX); }

// What a contract under way is still to bring.
int64_t UnderWayFen(const order::v1::Contract& contract) {
  const bool is_accepted = contract.state() == order::v1::CONTRACT_STATE_ACCEPTED;
  return is_accepted ? contract.accepted_amount().amount_fen() : contract.ordered_amount().amount_fen();
}

}  // namespace

absl::StatusOr<int64_t> ExpectedFen(store::Reader& reader, const listing::v1::Listing& stalled, int year) {
  report::v1::GetIncomeRequest request;
  request.set_supplier_uscc(stalled.supplier_uscc());
  request.set_year(year);
  const base::Caller upkeep = {.role = base::Role::ROLE_OPERATOR};
  auto income = report::GetIncome(reader, upkeep, request);
  if (!income.ok()) return income.status();
  int64_t expected_fen = income->total().amount_fen();
  absl::Status walked = order::ForEachContractUnderWay(reader, stalled.supplier_uscc(), [&](const auto& contract) {
    expected_fen = Sum(expected_fen, UnderWayFen(contract));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  walked = listing::ForEachOpenOf(reader, stalled.supplier_uscc(), [&](const listing::v1::Listing& listing) {
    const bool is_on_offer = !listing.has_stall() && listing.listing_id() != stalled.listing_id();
    if (is_on_offer) expected_fen = Sum(expected_fen, ValueAtRiskFen(listing));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return expected_fen;
}

std::optional<v1::StallWarning> WarningOf(const v1::StallWarningRule& rule, const directory::v1::Linkage& linkage,
                                          int64_t expected_fen, int64_t at_risk_fen) {
  const int64_t line_fen = rule.household_line().amount_fen();
  const auto share_of = [](int64_t fen, const directory::v1::Household& household) {
    return base::MulDivFloor(fen, household.share_ppm(), base::kPpm).value_or(INT64_MAX);
  };
  v1::StallWarning warning;
  int64_t least_fen = INT64_MAX;
  for (const directory::v1::Household& household : linkage.households()) {
    const int64_t without_fen = share_of(expected_fen, household);
    const int64_t with_fen = share_of(Sum(expected_fen, at_risk_fen), household);
    if (without_fen >= line_fen || with_fen < line_fen) continue;
    warning.set_household_count(warning.household_count() + 1);
    least_fen = std::min(least_fen, without_fen);
  }
  if (warning.household_count() == 0) return std::nullopt;
  *warning.mutable_line() = rule.household_line();
  warning.mutable_least_income()->set_amount_fen(least_fen);
  warning.set_source(rule.source());
  return warning;
}

absl::StatusOr<std::optional<v1::StallWarning>> WarningFor(store::Reader& reader, const v1::StallWarningRule& rule,
                                                           const listing::v1::Listing& listing, absl::Time now) {
  auto linkage = directory::FindLinkage(reader, listing.supplier_uscc());
  if (!linkage.ok()) return linkage.status();
  if (!*linkage) return std::optional<v1::StallWarning>();
  auto expected_fen = ExpectedFen(reader, listing, base::YearOf(now));
  if (!expected_fen.ok()) return expected_fen.status();
  return WarningOf(rule, **linkage, *expected_fen, ValueAtRiskFen(listing));
}

}  // namespace zhuxiao::stall
