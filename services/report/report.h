// What sales brought to the households linked to a supplier, traced to settled contracts and platform sales.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::report {

// Splits a supplier's income among its households: pure. `linked` becomes floor(total * sum of shares / 10^6), and the
// households' incomes, in the linkage's order, are its parts by largest remainder (ties to the household named first),
// so that they sum to it to the fen. Requires total_fen >= 0 and shares that sum to 10^6 ppm at most.
void SplitIncome(int64_t total_fen, const directory::v1::Linkage& linkage, v1::GetIncomeResponse& response);

// The method of ReportService: what counts is settled contracts by their accepted amount, and platform sales, both by
// the year of Asia/Shanghai they were made in. A supplier reads its own, an officer that of suppliers of the own
// region, auditors and operators all; names are masked but for the officer of the households' village. INVALID_FIELDS,
// also where the year sums beyond int64; NOT_FOUND where the supplier is not the caller's to see.
absl::StatusOr<v1::GetIncomeResponse> GetIncome(store::Reader& reader, const base::Caller& caller,
                                                const v1::GetIncomeRequest& request);

// Lines a statement shows: what a supplier sells in a year fits, and so does the message.
inline constexpr int kMaxStatementLines = 500;
// Days of a statement's period.
inline constexpr int kMaxStatementDays = 366;

// The method of ReportService: the part of one household in what a period brought, split as GetIncome splits a year,
// with the name masked for everybody. Who may see it as GetIncome. NOT_FOUND also where the linkage has no such
// household.
absl::StatusOr<v1::GetHouseholdStatementResponse> GetHouseholdStatement(
    store::Reader& reader, const base::Caller& caller, const v1::GetHouseholdStatementRequest& request);

}  // namespace zhuxiao::report
