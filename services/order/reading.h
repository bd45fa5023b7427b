// What callers may read of orders and contracts: their own; auditors and operators all.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

absl::StatusOr<v1::GetOrderResponse> ReadOrder(store::Reader& reader, const base::Caller& caller,
                                               const v1::GetOrderRequest& request);
absl::StatusOr<v1::GetContractResponse> ReadContract(store::Reader& reader, const base::Caller& caller,
                                                     const v1::GetContractRequest& request);

absl::StatusOr<store::Page<v1::ListOrdersResponse>> ListOrders(store::Reader& reader, const base::Caller& caller,
                                                               const v1::ListOrdersRequest& request,
                                                               const store::PageRequest& page);
absl::StatusOr<store::Page<v1::ListContractsResponse>> ListContracts(store::Reader& reader, const base::Caller& caller,
                                                                     const v1::ListContractsRequest& request,
                                                                     const store::PageRequest& page);

// Contracts found overdue, with the interest they bear at `now`; an officer sees those with goods of the own region.
absl::StatusOr<store::Page<v1::ListOverdueContractsResponse>> ListOverdue(store::Reader& reader,
                                                                          const base::Caller& caller, absl::Time now,
                                                                          const store::PageRequest& page);

}  // namespace zhuxiao::order
