// Statements: what a claimant's sales of a year earn under a policy, and why each sale counts or not.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// The statement of this moment, from the running totals. INVALID_FIELDS where the sums pass int64.
absl::StatusOr<v1::Statement> StatementOf(store::Reader& reader, std::string_view claimant_uscc,
                                          const v1::RewardPolicy& policy);

// Whether and why a sale counts under a policy: pure. The lines of a year sum to its statement.
v1::StatementLine LineOf(const v1::OnlineSale& sale, const v1::RewardPolicy& policy);

// OK where the claimant has its seat inside the jurisdiction, else INVALID_FIELDS.
absl::Status CheckSeat(const directory::v1::Organisation& claimant, std::string_view jurisdiction);

// A statement with a page of its lines. A page of size 0 has no lines.
// INVALID_FIELDS, POLICY_MISSING; NOT_FOUND where the claimant is unknown or not the caller's to see.
absl::StatusOr<store::Page<v1::GetStatementResponse>> GetStatement(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::GetStatementRequest& request,
                                                                   const store::PageRequest& page);

}  // namespace zhuxiao::reward
