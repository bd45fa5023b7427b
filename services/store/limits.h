// Checks of arguments that every backend makes in the same words.
#pragma once

#include "absl/status/status.h"
#include "services/base/strings.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// INVALID_ARGUMENT where `limit` of a Scan or ReadFeed is not within 1 .. kMaxScanRows.
inline absl::Status CheckReadLimit(size_t limit) {
  if (limit >= 1 && limit <= kMaxScanRows) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::View(base::StrCat("a read of ", limit, " rows; 1 to ", kMaxScanRows, " are possible")));
}

}  // namespace zhuxiao::store
