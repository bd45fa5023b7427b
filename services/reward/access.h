// Whose sales and statements a caller may see. Private to the module.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/base/errors.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::reward {

// The firm a request means: the one it names, or else the caller's own. Adds a violation of `claimant_uscc` where that
// is no valid code.
std::string ClaimantOf(const base::Caller& caller, const std::string& claimant_uscc, base::FieldErrors& errors);

// The firm's organisation where `caller` may see its sales: the firm itself, the officer of its seat, auditors and
// operators. NOT_FOUND for everybody else, as for a firm that is unknown.
absl::StatusOr<directory::v1::Organisation> VisibleClaimant(store::Reader& reader, const base::Caller& caller,
                                                            std::string_view claimant_uscc);

}  // namespace zhuxiao::reward
