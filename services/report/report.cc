// Household income over the order and partner modules.
#include "services/report/report.h"

#include <optional>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/order/order.h"
#include "services/partner/partner.h"

namespace zhuxiao::report {
namespace {

// Years the product accepts instants of.
constexpr int kFirstYear = 2000;
constexpr int kLastYear = 2099;

absl::Status AddIncome(int64_t amount_fen, v1::GetIncomeResponse& response) {
  const std::optional<int64_t> sum = base::CheckedAdd(response.total().amount_fen(), amount_fen);
  if (!sum) {
    base::FieldErrors errors;
    errors.Add("year", "the income of this year sums to more than can be counted");
    return errors.ToStatus();
  }
  response.mutable_total()->set_amount_fen(*sum);
  return absl::OkStatus();
}

absl::Status AddContracts(store::Reader& reader, int year, v1::GetIncomeResponse& response) {
  return order::ForEachSettledContract(reader, response.supplier_uscc(), year,
                                       [&](const order::v1::Contract& contract) {
                                         response.set_contract_count(response.contract_count() + 1);
                                         return AddIncome(contract.accepted_amount().amount_fen(), response);
                                       });
}

absl::Status AddPlatformSales(store::Reader& reader, int year, v1::GetIncomeResponse& response) {
  return partner::ForEachPlatformSaleOf(reader, response.supplier_uscc(), year,
                                        [&](const partner::v1::PlatformSale& sale) {
                                          response.set_platform_sale_count(response.platform_sale_count() + 1);
                                          return AddIncome(sale.amount().amount_fen(), response);
                                        });
}

// Days of a statement, both inclusive.
struct Period {
  base::Day first = 0;
  base::Day last = 0;
};

// The period a request names, with a violation for each day that is wrong.
Period PeriodOf(const v1::GetHouseholdStatementRequest& request, base::FieldErrors& errors) {
  const auto first = base::ParseDay(request.first_day());
  const auto last = base::ParseDay(request.last_day());
  const auto is_known = [](const absl::StatusOr<base::Day>& day) {
    return day.ok() && *day >= base::DayOf(base::StartOfYear(kFirstYear)) &&
           *day < base::DayOf(base::StartOfYear(kLastYear + 1));
  };
  errors.Require(is_known(first), "first_day", "must be a day, YYYY-MM-DD");
  if (!errors.Require(is_known(last), "last_day", "must be a day, YYYY-MM-DD") || !is_known(first)) return {};
  errors.Require(*first <= *last && *last - *first < kMaxStatementDays, "last_day",
                 base::StrCat("must be the first day or at most ", kMaxStatementDays - 1, " days after it"));
  return {*first, *last};
}

// Adds to the statement what was settled or sold on a day of the period.
absl::Status AddLine(const Period& period, absl::Time time, const std::string& id, const std::string& commodity_code,
                     int64_t amount_fen, v1::GetHouseholdStatementResponse& statement) {
  const base::Day day = base::DayOf(time);
  if (day < period.first || day > period.last) return absl::OkStatus();
  const std::optional<int64_t> sum = base::CheckedAdd(statement.total().amount_fen(), amount_fen);
  if (!sum) return base::DataLoss("the income of a period sums to more than can be counted");
  statement.mutable_total()->set_amount_fen(*sum);
  statement.set_line_count(statement.line_count() + 1);
  if (statement.lines_size() == kMaxStatementLines) return absl::OkStatus();
  v1::StatementLine& line = *statement.add_lines();
  line.set_id(id);
  line.set_day(base::FormatDay(day));
  line.set_commodity_code(commodity_code);
  line.mutable_amount()->set_amount_fen(amount_fen);
  return absl::OkStatus();
}

absl::Status AddLines(store::Reader& reader, const Period& period, v1::GetHouseholdStatementResponse& statement) {
  const int first_year = base::YearOf(base::StartOfDay(period.first));
  const int last_year = base::YearOf(base::StartOfDay(period.last));
  for (int year = first_year; year <= last_year; ++year) {
    const absl::Status added = order::ForEachSettledContract(
        reader, statement.supplier_uscc(), year, [&](const order::v1::Contract& contract) {
          return AddLine(period, base::FromProto(contract.settle_time()), contract.contract_id(),
                         contract.commodity_code(), contract.accepted_amount().amount_fen(), statement);
        });
    if (!added.ok()) return added;
  }
  for (int year = first_year; year <= last_year; ++year) {
    const absl::Status added = partner::ForEachPlatformSaleOf(
        reader, statement.supplier_uscc(), year, [&](const partner::v1::PlatformSale& sale) {
          return AddLine(period, base::FromProto(sale.sale_time()), sale.sale_id(), "", sale.amount().amount_fen(),
                         statement);
        });
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

// OK where the caller may see the supplier's income, else NOT_FOUND as for a supplier that is unknown.
absl::Status CheckVisible(store::Reader& reader, const base::Caller& caller, const std::string& supplier_uscc) {
  auto supplier = directory::GetSupplier(reader, supplier_uscc);
  if (absl::IsNotFound(supplier.status())) return base::NotFound("supplier", supplier_uscc);
  if (!supplier.ok()) return supplier.status();
  const bool is_visible = caller.ReadsEverything() || caller.IsOfficerOf(supplier->village_code()) ||
                          caller.Is(base::Role::ROLE_SUPPLIER, supplier_uscc);
  return is_visible ? absl::OkStatus() : base::NotFound("supplier", supplier_uscc);
}

}  // namespace

void SplitIncome(int64_t total_fen, const directory::v1::Linkage& linkage, v1::GetIncomeResponse& response) {
  std::vector<int64_t> shares;
  int64_t share_sum = 0;
  for (const directory::v1::Household& household : linkage.households()) {
    shares.push_back(household.share_ppm());
    share_sum += household.share_ppm();
  }
  // At most total_fen, since the shares sum to one million at most.
  const int64_t linked_fen = *base::MulDivFloor(total_fen, share_sum, base::kPpm);
  response.mutable_linked()->set_amount_fen(linked_fen);
  std::vector<int64_t> incomes = base::SplitByLargestRemainder(linked_fen, shares);
  incomes.resize(shares.size());  // empty where every share is 0
  for (int i = 0; i < linkage.households_size(); ++i) {
    v1::HouseholdIncome& row = *response.add_households();
    row.set_household_code(linkage.households(i).household_code());
    row.set_name(linkage.households(i).name());
    row.set_share_ppm(shares[i]);
    row.mutable_income()->set_amount_fen(incomes[i]);
  }
}

absl::StatusOr<v1::GetIncomeResponse> GetIncome(store::Reader& reader, const base::Caller& caller,
                                                const v1::GetIncomeRequest& request) {
  const std::string& supplier_uscc = request.supplier_uscc().empty() ? caller.organisation : request.supplier_uscc();
  base::FieldErrors errors;
  errors.Require(base::IsValidUscc(supplier_uscc), "supplier_uscc",
                 "must be a unified social credit code of 18 characters, or empty for the caller's own");
  errors.Require(request.year() >= kFirstYear && request.year() <= kLastYear, "year",
                 base::StrCat("must be ", kFirstYear, " to ", kLastYear));
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status status = CheckVisible(reader, caller, supplier_uscc); !status.ok()) return status;

  v1::GetIncomeResponse response;
  response.set_supplier_uscc(supplier_uscc);
  response.mutable_total()->set_amount_fen(0);
  response.mutable_linked()->set_amount_fen(0);
  if (absl::Status status = AddContracts(reader, request.year(), response); !status.ok()) return status;
  if (absl::Status status = AddPlatformSales(reader, request.year(), response); !status.ok()) return status;
  auto linkage = directory::FindLinkage(reader, supplier_uscc);
  if (!linkage.ok()) return linkage.status();
  if (!*linkage) return response;
  SplitIncome(response.total().amount_fen(), **linkage, response);
  if (caller.IsOfficerOf((*linkage)->village_code())) return response;
  for (v1::HouseholdIncome& row : *response.mutable_households()) row.set_name(directory::MaskName(row.name()));
  return response;
}

absl::StatusOr<v1::GetHouseholdStatementResponse> GetHouseholdStatement(
    store::Reader& reader, const base::Caller& caller, const v1::GetHouseholdStatementRequest& request) {
  const std::string& supplier_uscc = request.supplier_uscc().empty() ? caller.organisation : request.supplier_uscc();
  base::FieldErrors errors;
  errors.Require(base::IsValidUscc(supplier_uscc), "supplier_uscc",
                 "must be a unified social credit code of 18 characters, or empty for the caller's own");
  errors.Require(!request.household_code().empty(), "household_code", "is required");
  const Period period = PeriodOf(request, errors);
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status status = CheckVisible(reader, caller, supplier_uscc); !status.ok()) return status;
  auto linkage = directory::FindLinkage(reader, supplier_uscc);
  if (!linkage.ok()) return linkage.status();
  if (!*linkage) return base::NotFound("household", request.household_code());

  v1::GetHouseholdStatementResponse statement;
  statement.set_supplier_uscc(supplier_uscc);
  statement.set_village_code((*linkage)->village_code());
  statement.set_first_day(request.first_day());
  statement.set_last_day(request.last_day());
  statement.mutable_total()->set_amount_fen(0);
  if (absl::Status status = AddLines(reader, period, statement); !status.ok()) return status;
  v1::GetIncomeResponse split;
  SplitIncome(statement.total().amount_fen(), **linkage, split);
  *statement.mutable_linked() = split.linked();
  for (const v1::HouseholdIncome& household : split.households()) {
    if (household.household_code() != request.household_code()) continue;
    statement.set_household_code(household.household_code());
    statement.set_name(directory::MaskName(household.name()));
    statement.set_share_ppm(household.share_ppm());
    *statement.mutable_income() = household.income();
    return statement;
  }
  return base::NotFound("household", request.household_code());
}

}  // namespace zhuxiao::report
