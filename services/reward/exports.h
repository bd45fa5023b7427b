// A claim's statement as a file: comma-separated values or a workbook.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Lines of one export: a workbook of them takes about a second. For more, page through GetStatement.
inline constexpr int64_t kMaxExportLines = 100'000;

// The file: the statement of this moment under the version the claim rests on (what was published is stated beside it),
// and every line with its reason. INVALID_FIELDS; STATE_NOT_ALLOWED beyond kMaxExportLines; NOT_FOUND where the claim
// is unknown or neither the caller's own nor the caller's to decide or audit.
absl::StatusOr<std::string> ExportStatement(store::Reader& reader, const base::Caller& caller,
                                            const v1::ExportStatementRequest& request);

}  // namespace zhuxiao::reward
