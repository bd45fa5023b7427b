// Access to sales and statements.
#include "services/reward/access.h"

#include "services/base/uscc.h"
#include "services/directory/directory.h"

namespace zhuxiao::reward {

std::string ClaimantOf(const base::Caller& caller, const std::string& claimant_uscc, base::FieldErrors& errors) {
  const std::string& claimant = claimant_uscc.empty() ? caller.organisation : claimant_uscc;
  errors.Require(base::IsValidUscc(claimant), "claimant_uscc",
                 "must be a unified social credit code of 18 characters, or empty for the caller's own");
  return claimant;
}

absl::StatusOr<directory::v1::Organisation> VisibleClaimant(store::Reader& reader, const base::Caller& caller,
                                                            std::string_view claimant_uscc) {
  auto organisation = directory::GetOrganisation(reader, claimant_uscc);
  if (absl::IsNotFound(organisation.status())) return base::NotFound("claimant", claimant_uscc);
  if (!organisation.ok()) return organisation;
  const bool is_visible = caller.ReadsEverything() || caller.IsOfficerOf(organisation->region_code()) ||
                          caller.Is(base::Role::ROLE_SUPPLIER, claimant_uscc);
  if (!is_visible) return base::NotFound("claimant", claimant_uscc);
  return organisation;
}

}  // namespace zhuxiao::reward
