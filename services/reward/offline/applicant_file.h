// APPLICANTS.csv: claimant_uscc, registered_on, documents, in any order, further columns passed over: what applicants
// have shown of what a policy asks for. Days are YYYY-MM-DD, or empty where it is not known; documents are the names
// the policy uses, with ';' between.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "services/reward/engine/applicant.h"
#include "services/reward/offline/faults.h"

namespace zhuxiao::reward::offline {

using Applicants = std::map<std::string, engine::Applicant, std::less<>>;  // by claimant_uscc

// The rows of `text`; what is wrong in it, and a claimant that stands twice, is added to `faults` under the name
// `file`.
Applicants ReadApplicants(std::string_view text, const std::string& file, FaultList& faults);

// The same file of these applicants, by code.
std::string FormatApplicants(const Applicants& applicants);

}  // namespace zhuxiao::reward::offline
