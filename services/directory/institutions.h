// Institutions: organisations that buy. They form a forest by parent, and share canteens through one representative
// that declares for all. An institution belongs to the region of its organisation's seat; it writes itself, and reads
// itself, its children and those it represents. Another as its representative is not its own to name: the
// representative's quota pays, and that it agreed an officer of both vouches for. A parent only reads what its children
// bought, so naming one needs nobody.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// The longest chain of parents: ministry, department, bureau, office, school and their like need seven. It bounds what
// the search for a cycle reads.
inline constexpr int kMaxParentDepth = 16;

// The methods of DirectoryService; effects and errors as in the proto. INVALID_FIELDS where anybody but an officer of
// both names another as the representative. PARENT_CYCLE where the chain of parents comes back to the institution.
// REFERENCE_INVALID where
// - the parent is no institution, or the chain above it is longer than kMaxParentDepth;
// - the representative is no institution that represents itself in a shared canteen;
// - a representative that others rely on would stop being one.
absl::StatusOr<v1::RegisterInstitutionResponse> RegisterInstitution(ledger::Operation& operation,
                                                                    const v1::RegisterInstitutionRequest& request);
absl::StatusOr<v1::UpdateInstitutionResponse> UpdateInstitution(ledger::Operation& operation,
                                                                const v1::UpdateInstitutionRequest& request);

absl::StatusOr<v1::GetInstitutionResponse> GetInstitution(store::Reader& reader, const base::Caller& caller,
                                                          const v1::GetInstitutionRequest& request);

// `parent_uscc` selects direct children.
absl::StatusOr<store::Page<v1::ListInstitutionsResponse>> ListInstitutions(store::Reader& reader,
                                                                           const base::Caller& caller,
                                                                           const v1::ListInstitutionsRequest& request,
                                                                           const store::PageRequest& page);

// The institutions `uscc` represents besides itself, ordered by code.
absl::StatusOr<std::vector<std::string>> RepresentedBy(store::Reader& reader, std::string_view uscc);

// Calls `visit` with every institution, ordered by code.
absl::Status ForEachInstitution(store::Reader& reader,
                                const std::function<absl::Status(const v1::Institution&)>& visit);

}  // namespace zhuxiao::directory
