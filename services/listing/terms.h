// What a listing must be like: the checks of every field, and the price check against the catalogue.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/errors.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::listing {

// Units of one listing: a thousand times the largest cold store, far from overflow when multiplied by a price.
inline constexpr int64_t kMaxUnits = 1'000'000'000'000;
// Base units of one sale unit: a 1,000-tonne shipload in grams.
inline constexpr int64_t kMaxSaleUnitBase = 1'000'000'000;
inline constexpr int kMaxDeliveryRegions = 100;
inline constexpr size_t kMaxSaleUnitCodePoints = 20;
inline constexpr int64_t kMaxNominalWeightG = 2'000'000;  // the heaviest bull is under two tonnes
inline constexpr int32_t kMaxHouseholdsAffected = 100'000;
inline constexpr size_t kMaxContactCodePoints = 60;
// A listing stays on the market for two years at most: the longest shelf life of the catalogue.
inline constexpr absl::Duration kMaxListingLife = absl::Hours(24 * 731);

// The price check: certified goods sell at about the average price of the same grade, so an ask beyond twice the
// reference is refused, and one below a tenth of it is taken for a slip of the decimal point.
inline constexpr int64_t kMaxPriceOfReferencePpm = 2'000'000;
inline constexpr int64_t kMinPriceOfReferencePpm = 100'000;

// Adds a violation for every field of `listing` that is wrong in any state; `prefix` is the path of the message, for
// example "listing.". `commodity` may be null where the code is unknown (which is a violation too).
void CheckTerms(const v1::Listing& listing, const directory::v1::Commodity* commodity, absl::Time now,
                const std::string& prefix, base::FieldErrors& errors);

// Adds a violation for every field of a stall report that is wrong. A supplier reports at village level at most.
void CheckStall(const v1::StallReport& stall, bool is_officer, const std::string& prefix, base::FieldErrors& errors);

// What is known of a stall once `told` is reported of it: what `told` leaves open stays as `known` has it, and a level
// once reached stays. A listing without a stall has an empty `known`.
v1::StallReport AddReport(const v1::StallReport& known, const v1::StallReport& told);

// Fills what follows from the rest: nominal weight and min_lot_units where 0, unit_price of catch-weight goods
// (price_per_kg times nominal weight, rounded half up once). Requires checked terms.
void CompleteTerms(v1::Listing& listing, const directory::v1::Commodity& commodity);

// OK, or PRICE_OUT_OF_RANGE. Requires completed terms.
absl::Status CheckPrice(const v1::Listing& listing, const directory::v1::Commodity& commodity);

}  // namespace zhuxiao::listing
