// Conditions a policy sets on whoever applies. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/reward/engine/policy.h"

namespace zhuxiao::reward::engine {

struct Applicant {
  std::optional<base::Day> registered_on;
  std::vector<std::string> documents;  // filed, by the names the policy uses
};

// The conditions that are not met, in the order of the rule: "registered_before 2020-01-01" where the firm was
// registered on that day or later, or does not say when; "document NAME" for each that was not filed. Whether it is the
// shipper is judged sale by sale (JudgeSale).
std::vector<std::string> UnmetConditions(const ApplicantRule& rule, const Applicant& applicant);

}  // namespace zhuxiao::reward::engine
