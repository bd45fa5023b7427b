#include "services/directory/organisations.h"

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/region.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"
#include "services/directory/records.h"

namespace zhuxiao::directory {
namespace {

void Save(store::Transaction& transaction, v1::Organisation& organisation) {
  organisation.set_etag(base::NextEtag(organisation.etag()));
  transaction.Put(store::Key(kOrganisationTable, organisation.uscc()), organisation.SerializeAsString());
}

void RequireName(base::FieldErrors& errors, const v1::Organisation& organisation) {
  RequireText(errors, organisation.name(), base::kMaxNameCodePoints, "organisation.name");
}

}  // namespace

absl::StatusOr<v1::Organisation> GetOrganisation(store::Reader& reader, std::string_view uscc) {
  return GetRecord<v1::Organisation>(reader, kOrganisationTable, uscc);
}

absl::StatusOr<v1::CreateOrganisationResponse> CreateOrganisation(ledger::Operation& operation,
                                                                  const v1::CreateOrganisationRequest& request) {
  const v1::Organisation& wanted = request.organisation();
  base::FieldErrors errors;
  RequireUscc(errors, wanted.uscc(), "organisation.uscc");
  RequireName(errors, wanted);
  errors.Require(wanted.kind() != v1::ORGANISATION_KIND_UNSPECIFIED, "organisation.kind", "is required");
  RequireRegion(errors, wanted.region_code(), "organisation.region_code");
  if (!errors.empty()) return errors.ToStatus();
  if (!operation.caller().IsOfficerOf(wanted.region_code())) return base::NotFound("region", wanted.region_code());

  auto existing = operation.transaction().Get(store::Key(kOrganisationTable, wanted.uscc()));
  if (!existing.ok()) return existing.status();
  if (*existing) return base::AlreadyExists("organisation", wanted.uscc());

  v1::CreateOrganisationResponse response;
  v1::Organisation& organisation = *response.mutable_organisation();
  organisation = wanted;
  organisation.clear_etag();
  *organisation.mutable_create_time() = base::ToProto(operation.now());
  Save(operation.transaction(), organisation);
  return response;
}

absl::StatusOr<v1::UpdateOrganisationResponse> UpdateOrganisation(ledger::Operation& operation,
                                                                  const v1::UpdateOrganisationRequest& request) {
  const v1::Organisation& wanted = request.organisation();
  const bool names_name = Names(request.update_mask(), "name");
  const bool names_region = Names(request.update_mask(), "region_code");
  base::FieldErrors errors;
  RequireUscc(errors, wanted.uscc(), "organisation.uscc");
  RequireMask(errors, request.update_mask(), {"name", "region_code"});
  if (names_name) RequireName(errors, wanted);
  if (names_region) RequireRegion(errors, wanted.region_code(), "organisation.region_code");
  errors.Require(!wanted.etag().empty(), "organisation.etag", "is required");
  if (!errors.empty()) return errors.ToStatus();

  auto stored = GetOrganisation(operation.transaction(), wanted.uscc());
  if (!stored.ok()) return stored.status();
  if (!operation.caller().IsOfficerOf(stored->region_code())) return base::NotFound("organisation", wanted.uscc());
  if (names_region && !operation.caller().IsOfficerOf(wanted.region_code())) {
    return base::NotFound("region", wanted.region_code());
  }
  if (stored->etag() != wanted.etag()) return base::EtagMismatch("organisation", wanted.uscc());

  if (names_name) stored->set_name(wanted.name());
  if (names_region) stored->set_region_code(wanted.region_code());
  Save(operation.transaction(), *stored);
  v1::UpdateOrganisationResponse response;
  *response.mutable_organisation() = *std::move(stored);
  return response;
}

absl::StatusOr<v1::GetOrganisationResponse> GetOrganisation(store::Reader& reader, const base::Caller&,
                                                            const v1::GetOrganisationRequest& request) {
  auto organisation = GetOrganisation(reader, request.uscc());
  if (!organisation.ok()) return organisation.status();
  v1::GetOrganisationResponse response;
  *response.mutable_organisation() = *std::move(organisation);
  return response;
}

absl::StatusOr<store::Page<v1::ListOrganisationsResponse>> ListOrganisations(
    store::Reader& reader, const base::Caller& caller, const v1::ListOrganisationsRequest& request,
    const store::PageRequest& page) {
  base::FieldErrors errors;
  if (!RequireRegionPrefix(errors, request.region_prefix(), "region_prefix")) return errors.ToStatus();

  store::Page<v1::ListOrganisationsResponse> listed;
  auto last = store::WalkPage(
      reader, KeyPrefix(kOrganisationTable), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto organisation = ParseRow<v1::Organisation>(row.key, row.value);
        if (!organisation.ok()) return organisation.status();
        if (!base::IsInside(organisation->region_code(), request.region_prefix())) return false;
        if (request.kind() != v1::ORGANISATION_KIND_UNSPECIFIED && organisation->kind() != request.kind()) return false;
        if (!caller.ReadsEverything() && !caller.IsOfficerOf(organisation->region_code())) return false;
        *listed.response.add_organisations() = *std::move(organisation);
        return true;
      });
  if (!last.ok()) return last.status();
  listed.last_key = *std::move(last);
  return listed;
}

}  // namespace zhuxiao::directory
