// The sales a policy looks at as a file for the offline calculator.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/base/caller.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Writes SALES.csv at `path`, by firm, year, platform and order number: the sales that are lines of the policy in that
// period, of firms seated in its jurisdiction, each with its refunds and the lists it was eligible by. Errors stand in
// the proto.
absl::Status ExportSales(store::Reader& reader, const base::Caller& caller, const v1::ExportSalesRequest& request,
                         const std::string& path);

}  // namespace zhuxiao::reward
