// The price of a platform sale.
#include "services/partner/sale_price.h"

#include <optional>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/catch_weight.h"

namespace zhuxiao::partner {
void CheckWeightGiven(const directory::v1::Commodity& commodity, int64_t weight_g, base::FieldErrors& errors) {
  if (commodity.is_catch_weight()) {
    errors.Require(weight_g > 0, "weight_g", "is required for goods settled by weight");
  } else {
    errors.Require(weight_g == 0, "weight_g", "is for goods settled by weight only");
  }
}

absl::StatusOr<int64_t> SalePrice(const listing::v1::Listing& terms, const directory::v1::Commodity& commodity,
                                  int64_t units, int64_t weight_g) {
  base::FieldErrors errors;
  const bool by_weight = commodity.is_catch_weight();
  CheckWeightGiven(commodity, weight_g, errors);
  if (!errors.empty()) return errors.ToStatus();
  if (by_weight) {
    if (absl::Status believed =
            directory::CheckWeight(commodity, terms.listing_id(), units, terms.nominal_weight_g(), weight_g);
        !believed.ok()) {
      return believed;
    }
  }
  const std::optional<int64_t> amount_fen =
      by_weight ? directory::WeighedAmountFen(weight_g, terms.price_per_kg().amount_fen())
                : base::CheckedMul(units, terms.unit_price().amount_fen());
  if (!amount_fen || *amount_fen > base::kMaxAmountFen) {
    errors.Add("units", base::StrCat("cost more than ", base::kMaxAmountFen, " fen"));
    return errors.ToStatus();
  }
  return *amount_fen;
}

}  // namespace zhuxiao::partner
