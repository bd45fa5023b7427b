// Where the market learns what the last rounds said goods are worth. Rounds are held a layer above; this is what the
// market asks of them.
#pragma once

#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/matching/welfare.h"
#include "services/store/store.h"
#include "zhuxiao/matching/v1/matching.pb.h"

namespace zhuxiao::order {

// Thread-safe.
class RoundPrices {
 public:
  virtual ~RoundPrices() = default;

  // For each region that had a round, the last one settled, in the order they were settled.
  virtual absl::StatusOr<std::vector<zhuxiao::matching::v1::Round>> LastSettled(store::Reader& reader) const = 0;

  // Calls `visit` for every listing of a settled round whose price there is a reserve now, with that price. Returns the
  // first error of `visit`; DATA_LOSS where the prices cannot be read.
  using Visit = absl::FunctionRef<absl::Status(std::string_view listing_id, const matching::ListingPrice& price)>;
  virtual absl::Status ForEach(store::Reader& reader, const zhuxiao::matching::v1::Round& round, Visit visit) const = 0;
};

}  // namespace zhuxiao::order
