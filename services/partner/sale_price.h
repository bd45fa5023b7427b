// What a sale from a hold costs: pure arithmetic. Private to the module.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "services/base/errors.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::partner {

// Adds a violation where weight_g is missing, or given for goods not settled by weight.
void CheckWeightGiven(const directory::v1::Commodity& commodity, int64_t weight_g, base::FieldErrors& errors);

// Fen for `units` of a listing: units times unit price; for goods settled by weight, weight_g times the price of a
// kilogram, rounded half up to the fen once. Requires units of 1 to 10^12.
// INVALID_FIELDS where weight_g is missing, or given for goods not settled by weight, or the amount passes
// base::kMaxAmountFen; WEIGHT_OUT_OF_TOLERANCE where it is not within the commodity's tolerance of the nominal weight.
absl::StatusOr<int64_t> SalePrice(const listing::v1::Listing& terms, const directory::v1::Commodity& commodity,
                                  int64_t units, int64_t weight_g);

}  // namespace zhuxiao::partner
