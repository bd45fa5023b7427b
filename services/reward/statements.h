// Statements: what a claimant's sales earn under a policy, and why each sale counts or not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/reward/engine/award.h"
#include "services/reward/policies.h"
#include "services/reward/totals.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// The statement of totals and the awards of their windows: pure.
v1::Statement MakeStatement(const std::string& claimant_uscc, const ReadyPolicy& policy, const Totals& totals,
                            const std::vector<engine::Award>& awards);

// The statement of this moment from the running totals; provisional where the policy looks at others.
absl::StatusOr<v1::Statement> StatementOf(store::Reader& reader, const std::string& claimant_uscc,
                                          const ReadyPolicy& policy);

// Whether and why a sale counts under a policy: pure. The lines of a claimant sum to its statement.
v1::StatementLine LineOf(const v1::OnlineSale& sale, const engine::Policy& policy);

// OK where the claimant has its seat inside the policy's jurisdiction, else INVALID_FIELDS.
absl::Status CheckSeat(const directory::v1::Organisation& claimant, const v1::RewardPolicy& policy);

// A statement with a page of its lines. A page of size 0 has no lines.
// INVALID_FIELDS, POLICY_MISSING; NOT_FOUND where the claimant is unknown or not the caller's to see.
absl::StatusOr<store::Page<v1::GetStatementResponse>> GetStatement(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::GetStatementRequest& request,
                                                                   const store::PageRequest& page);

}  // namespace zhuxiao::reward
