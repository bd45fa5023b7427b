// Suppliers: organisations on the way to selling (supplier_states.h). A supplier belongs to the region its goods come
// from; the officers of that region decide on it. Institutions and platforms read suppliers without the remarks of the
// officers (state_reason, recommended_by); a supplier reads itself only.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// The methods of DirectoryService; effects and errors as in the proto. Each write puts the supplier into the event.

// A supplier applies for its own organisation only, an officer for goods of the own region. INVALID_FIELDS on
// supplier.uscc also where the organisation is no cooperative, enterprise or family farm.
absl::StatusOr<v1::ApplySupplierResponse> ApplySupplier(ledger::Operation& operation,
                                                        const v1::ApplySupplierRequest& request);
absl::StatusOr<v1::RecommendSupplierResponse> RecommendSupplier(ledger::Operation& operation,
                                                                const v1::RecommendSupplierRequest& request);

// Four eyes are asked for by token id, at reinstatement too: who recommended a supplier never activates it.
absl::StatusOr<v1::ActivateSupplierResponse> ActivateSupplier(ledger::Operation& operation,
                                                              const v1::ActivateSupplierRequest& request);
absl::StatusOr<v1::SuspendSupplierResponse> SuspendSupplier(ledger::Operation& operation,
                                                            const v1::SuspendSupplierRequest& request);
absl::StatusOr<v1::RemoveSupplierResponse> RemoveSupplier(ledger::Operation& operation,
                                                          const v1::RemoveSupplierRequest& request);

absl::StatusOr<v1::GetSupplierResponse> GetSupplier(store::Reader& reader, const base::Caller& caller,
                                                    const v1::GetSupplierRequest& request);

absl::StatusOr<store::Page<v1::ListSuppliersResponse>> ListSuppliers(store::Reader& reader, const base::Caller& caller,
                                                                     const v1::ListSuppliersRequest& request,
                                                                     const store::PageRequest& page);

}  // namespace zhuxiao::directory
