// A claim's statement as a file: comma-separated values or a workbook.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/base/caller.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Writes the file at `path`: the statement of this moment under the version the claim rests on (what was published is
// stated beside it), and every line with its reason. INVALID_FIELDS; STATE_NOT_ALLOWED where there are more lines than
// a sheet of a workbook holds, or than kMaxSaleRows; NOT_FOUND where the claim is unknown or neither the caller's own
// nor the caller's to decide or audit.
absl::Status ExportStatement(store::Reader& reader, const base::Caller& caller,
                             const v1::ExportStatementRequest& request, const std::string& path);

}  // namespace zhuxiao::reward
