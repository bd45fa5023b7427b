// Says in which line of its file a row stands that a clearing refuses.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/round_files/round_ids.h"

namespace zhuxiao::round_files {

// `status` with its fields "listings[POSITION].COLUMN" said as "listings.csv:LINE:COLUMN", by reading the file in `dir`
// once more; all else as it is.
absl::Status NameRows(const std::string& dir, const RoundIds& ids, const absl::Status& status);

}  // namespace zhuxiao::round_files
