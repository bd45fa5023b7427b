// The price of a platform sale.
#include "services/partner/sale_price.h"

#include <optional>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::partner {
namespace {

constexpr int64_t kGramsPerKg = 1'000;

absl::Status CheckWeight(const listing::v1::Listing& terms, const directory::v1::Commodity& commodity, int64_t units,
                         int64_t weight_g) {
  // Units up to 10^12 of at most 2,000,000 g each stay inside int64.
  const int64_t nominal_g = units * terms.nominal_weight_g();
  const int64_t tolerance_g = *base::MulDivFloor(nominal_g, commodity.weight_tolerance_ppm(), base::kPpm);
  if (weight_g >= nominal_g - tolerance_g && weight_g <= nominal_g + tolerance_g) return absl::OkStatus();
  return base::Refuse(
      base::ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE, terms.listing_id(),
      base::StrCat("the weight must be ", nominal_g - tolerance_g, " to ", nominal_g + tolerance_g, " g"),
      {{"min_g", base::StrCat(nominal_g - tolerance_g)}, {"max_g", base::StrCat(nominal_g + tolerance_g)}});
}

}  // namespace

absl::StatusOr<int64_t> SalePrice(const listing::v1::Listing& terms, const directory::v1::Commodity& commodity,
                                  int64_t units, int64_t weight_g) {
  base::FieldErrors errors;
  const bool by_weight = commodity.is_catch_weight();
  if (by_weight) {
    errors.Require(weight_g > 0, "weight_g", "is required for goods settled by weight");
  } else {
    errors.Require(weight_g == 0, "weight_g", "is for goods settled by weight only");
  }
  if (!errors.empty()) return errors.ToStatus();
  if (by_weight) {
    if (absl::Status status = CheckWeight(terms, commodity, units, weight_g); !status.ok()) return status;
  }
  const std::optional<int64_t> amount_fen =
      by_weight ? base::MulDivHalfUp(weight_g, terms.price_per_kg().amount_fen(), kGramsPerKg)
                : base::CheckedMul(units, terms.unit_price().amount_fen());
  if (!amount_fen || *amount_fen > base::kMaxAmountFen) {
    errors.Add("units", base::StrCat("cost more than ", base::kMaxAmountFen, " fen"));
    return errors.ToStatus();
  }
  return *amount_fen;
}

}  // namespace zhuxiao::partner
