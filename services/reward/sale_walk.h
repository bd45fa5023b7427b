// Walks over stored sales. Private to the module.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// DATA_LOSS where the row is no sale.
absl::StatusOr<v1::OnlineSale> ParseSale(const store::KeyValue& row);

// Calls `visit` with every sale of the claimant, ordered by year, platform and order number, until it answers an error.
absl::Status ForEachSaleOf(store::Reader& reader, std::string_view claimant_uscc,
                           const std::function<absl::Status(v1::OnlineSale&)>& visit);

// Calls `visit` with every firm that has sales and is seated inside the jurisdiction, ordered by code, until it answers
// an error. Costs one row read a firm, however many sales it has.
absl::Status ForEachSellerIn(store::Reader& reader, std::string_view jurisdiction,
                             const std::function<absl::Status(const std::string&)>& visit);

}  // namespace zhuxiao::reward
