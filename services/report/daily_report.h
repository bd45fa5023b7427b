// The daily report (一天一统计、一天一汇报): what happened on a day by county, city, province, commodity or channel,
// and the contracts, sales, listings and cases behind each figure.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/report/daily_facts.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::report {

// Sums the facts of the day. An officer reads the own region, auditors and operators any. Channels of buyers are those
// of the directory at the moment of the report, read through `reader`. INVALID_FIELDS. The facts must be advanced
// before.
absl::StatusOr<v1::GetDailyReportResponse> DailyReport(store::Reader& reader, const base::Caller& caller,
                                                       const DailyFacts& facts,
                                                       const v1::GetDailyReportRequest& request);

// The entries behind one figure of one row, or of the whole day, in the order of the feed. page.after is the number of
// the last entry shown.
absl::StatusOr<store::Page<v1::ListReportEntriesResponse>> ReportEntries(store::Reader& reader,
                                                                         const base::Caller& caller,
                                                                         const DailyFacts& facts,
                                                                         const v1::ListReportEntriesRequest& request,
                                                                         const store::PageRequest& page);

}  // namespace zhuxiao::report
