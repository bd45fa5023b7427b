#include "services/directory/catch_weight.h"

#include <string>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::directory {

std::optional<int64_t> WeighedAmountFen(int64_t weight_g, int64_t price_per_kg_fen) {
  const auto amount = base::MulDivHalfUp(weight_g, price_per_kg_fen, kGramsPerKg);
  return amount && *amount <= base::kMaxAmountFen ? amount : std::nullopt;
}

absl::Status CheckWeight(const v1::Commodity& commodity, std::string_view subject, int64_t units,
                         int64_t nominal_weight_g, int64_t weight_g) {
  const int64_t nominal_g = units * nominal_weight_g;
  const int64_t tolerance_g = *base::MulDivFloor(nominal_g, commodity.weight_tolerance_ppm(), base::kPpm);
  const int64_t least_g = nominal_g - tolerance_g;
  const int64_t most_g = nominal_g + tolerance_g;
  if (weight_g >= least_g && weight_g <= most_g) return absl::OkStatus();
  return base::Refuse(base::ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE, subject,
                      base::StrCat("the weight must be ", least_g, " to ", most_g, " g"),
                      {{"min_g", std::to_string(least_g)}, {"max_g", std::to_string(most_g)}});
}

}  // namespace zhuxiao::directory
