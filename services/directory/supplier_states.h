// The way of a supplier to selling and out of it, as one table.
//
//   APPLIED -recommend-> RECOMMENDED -activate-> ACTIVE -suspend-> SUSPENDED -activate-> ACTIVE
//   APPLIED, RECOMMENDED, SUSPENDED -remove-> REMOVED
//
// An active supplier is suspended before it is removed, so that nothing is sold in its name meanwhile. An applicant who
// is turned down is removed.
#pragma once

#include <optional>

#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

enum class SupplierAction { kRecommend, kActivate, kSuspend, kRemove };

// The state after `action` in `state`, or nullopt where the state does not admit it.
std::optional<v1::SupplierState> NextState(v1::SupplierState state, SupplierAction action);

}  // namespace zhuxiao::directory
