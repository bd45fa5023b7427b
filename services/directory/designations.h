// Designations: regions on a programme's list. Entries are published once and never change; eligibility is a question
// to them for a region and a day (DesignationsOf in directory.h).
#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// Entries of one request: two rows each stay well inside a transaction; a longer list is published in parts.
inline constexpr int kMaxDesignations = 1'000;

// The methods of DirectoryService; effects and errors as in the proto.

// All entries or none. Each must lie in the officer's region, else NOT_FOUND.
absl::StatusOr<v1::PublishDesignationsResponse> PublishDesignations(ledger::Operation& operation,
                                                                    const v1::PublishDesignationsRequest& request);

// The order is that of keys, so that of programme names where they hold no '-' or '.' that another goes on with.
absl::StatusOr<store::Page<v1::ListDesignationsResponse>> ListDesignations(store::Reader& reader,
                                                                           const v1::ListDesignationsRequest& request,
                                                                           const store::PageRequest& page);

absl::StatusOr<v1::CheckEligibilityResponse> CheckEligibility(store::Reader& reader,
                                                              const v1::CheckEligibilityRequest& request);

}  // namespace zhuxiao::directory
