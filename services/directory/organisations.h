// Organisations: legal persons by unified social credit code. Names and codes are public register data, so every role
// that may call reads any organisation; officers write, and list, inside their region only.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// The methods of DirectoryService; effects and errors as in the proto.
absl::StatusOr<v1::CreateOrganisationResponse> CreateOrganisation(ledger::Operation& operation,
                                                                  const v1::CreateOrganisationRequest& request);

// An officer may move an organisation only out of and into regions of the own.
absl::StatusOr<v1::UpdateOrganisationResponse> UpdateOrganisation(ledger::Operation& operation,
                                                                  const v1::UpdateOrganisationRequest& request);

absl::StatusOr<v1::GetOrganisationResponse> GetOrganisation(store::Reader& reader, const base::Caller& caller,
                                                            const v1::GetOrganisationRequest& request);

absl::StatusOr<store::Page<v1::ListOrganisationsResponse>> ListOrganisations(
    store::Reader& reader, const base::Caller& caller, const v1::ListOrganisationsRequest& request,
    const store::PageRequest& page);

}  // namespace zhuxiao::directory
