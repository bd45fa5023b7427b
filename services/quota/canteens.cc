#include "services/quota/canteens.h"

#include "services/base/errors.h"
#include "services/directory/directory.h"

namespace zhuxiao::quota {

const std::string& UnitOf(const directory::v1::Institution& institution) {
  return institution.representative_uscc().empty() ? institution.uscc() : institution.representative_uscc();
}

absl::StatusOr<std::string> UnitOf(store::Reader& reader, std::string_view uscc) {
  auto institution = directory::GetInstitution(reader, uscc);
  if (!institution.ok()) return institution.status();
  return UnitOf(*institution);
}

absl::StatusOr<std::string> SeatOf(store::Reader& reader, const std::string& uscc) {
  auto institution = directory::GetInstitution(reader, uscc);
  if (!institution.ok()) return institution.status();
  auto organisation = directory::GetOrganisation(reader, uscc);
  if (!organisation.ok()) return organisation.status();
  return organisation->region_code();
}

absl::StatusOr<std::string> RegionFor(store::Reader& reader, const base::Caller& caller, const std::string& uscc) {
  auto region = SeatOf(reader, uscc);
  if (!region.ok()) return region;
  if (!caller.Is(base::Role::ROLE_INSTITUTION, uscc) && !caller.IsOfficerOf(*region) && !caller.ReadsEverything()) {
    return base::NotFound("institution", uscc);
  }
  return region;
}

}  // namespace zhuxiao::quota
