// The prices of settled rounds that are reserves of single orders (reserves.h), read from their published files for the
// market.
#pragma once

#include <vector>

#include "services/order/round_prices.h"

namespace zhuxiao::round {

// Stateless. Reading the prices of a national round of 300,000 listings takes some tens of milliseconds.
class SettledPrices : public order::RoundPrices {
 public:
  absl::StatusOr<std::vector<zhuxiao::matching::v1::Round>> LastSettled(store::Reader& reader) const override;
  absl::Status ForEach(store::Reader& reader, const zhuxiao::matching::v1::Round& round, Visit visit) const override;
};

}  // namespace zhuxiao::round
