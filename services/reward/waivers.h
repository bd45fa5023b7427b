// Fees that platforms waive (五免), recorded by kind and booked.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// "platform-use" for FEE_KIND_PLATFORM_USE: what policies list as commodity, and the name of the account.
std::string_view CodeOf(v1::FeeKind kind);

// Records a waiver that the named policy covers: a fee it lists, of a firm whose seat is in its scope, due in its
// period. Errors stand in the proto.
absl::StatusOr<v1::RecordWaiverResponse> RecordWaiver(ledger::Operation& operation,
                                                      const v1::RecordWaiverRequest& request);

// A page of a firm's waivers, for those who may see its sales.
absl::StatusOr<store::Page<v1::ListWaiversResponse>> ListWaivers(store::Reader& reader, const base::Caller& caller,
                                                                 const v1::ListWaiversRequest& request,
                                                                 const store::PageRequest& page);

}  // namespace zhuxiao::reward
