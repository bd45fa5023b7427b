// How institutions stand against their quotas and what would close the gap before the year's end, by institution and
// summed by parent, region or channel. Who shares a canteen counts with its representative, never for itself; a missing
// base is unknown, not 0 %.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::report {

// Stalled listings named to one institution.
inline constexpr int kMaxFitting = 5;
// Open listings looked at for stalled ones, those that close first first: they are the ones in need, and a page costs
// milliseconds over any book.
inline constexpr size_t kMaxListingsLookedAt = 5'000;
// Rows of a sum: a message of 1,000 parents stays far below what gRPC sends.
inline constexpr size_t kMaxProgressRows = 1'000;

// The methods of ReportService.
absl::StatusOr<store::Page<v1::ListQuotaProgressResponse>> ListProgress(store::Reader& reader,
                                                                        const base::Caller& caller, absl::Time now,
                                                                        const v1::ListQuotaProgressRequest& request,
                                                                        const store::PageRequest& page);
// Reads every institution: for a worker's thread.
absl::StatusOr<v1::SumQuotaProgressResponse> SumProgress(store::Reader& reader, const base::Caller& caller,
                                                         absl::Time now, const v1::SumQuotaProgressRequest& request);

}  // namespace zhuxiao::report
