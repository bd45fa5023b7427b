// What the text of a policy must be like to be taken by the service. Private to the module.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/errors.h"
#include "services/reward/engine/policy.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// "toml:12 grant.unit_fen": the name of a violation in the text.
std::string PlaceOf(std::string_view toml, std::string_view key);

// The policy of the text, or INVALID_FIELDS naming every mistake by PlaceOf. Beyond what the engine refuses: a
// jurisdiction the county table does not have, a period outside the years of the product, platforms that are no credit
// codes (which is what the service knows platforms by), units beyond kMaxUnitFen.
absl::StatusOr<engine::Policy> ReadForService(const std::string& toml);

// OK where the version is newer than every published one of its policy and holds in the same jurisdiction.
absl::Status CheckSuccession(store::Reader& reader, const v1::RewardPolicy& policy);

// Adds a violation of `cause` where it is too long, or missing for a rejection.
void CheckCause(bool is_approved, const std::string& cause, base::FieldErrors& errors);

}  // namespace zhuxiao::reward
