// Conditions on whoever applies.
#include "services/reward/engine/applicant.h"

#include <algorithm>

#include "services/base/strings.h"

namespace zhuxiao::reward::engine {

std::vector<std::string> UnmetConditions(const ApplicantRule& rule, const Applicant& applicant) {
  std::vector<std::string> unmet;
  const bool is_late =
      rule.registered_before && applicant.registered_on.value_or(*rule.registered_before) >= *rule.registered_before;
  if (is_late) unmet.push_back(base::StrCat("registered_before ", base::FormatDay(*rule.registered_before)));
  for (const std::string& document : rule.documents) {
    const auto& filed = applicant.documents;
    if (std::find(filed.begin(), filed.end(), document) == filed.end()) {
      unmet.push_back(base::StrCat("document ", document));
    }
  }
  return unmet;
}

}  // namespace zhuxiao::reward::engine
