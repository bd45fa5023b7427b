// The sums of the trade, a second time.
#include "clients/cli/verify_rules.h"

#include <algorithm>

namespace zhuxiao::cli {
namespace {

using Wide = __int128;

}  // namespace

int64_t PriceOf(int64_t units, int64_t unit_price_fen, int64_t weight_g, int64_t price_per_kg_fen) {
  if (price_per_kg_fen == 0) return static_cast<int64_t>(static_cast<Wide>(units) * unit_price_fen);
  return static_cast<int64_t>((static_cast<Wide>(weight_g) * price_per_kg_fen + 500) / 1000);
}

int64_t LiveUnits(const order::v1::Contract& contract) {
  switch (contract.state()) {
    case order::v1::CONTRACT_STATE_PROPOSED:
    case order::v1::CONTRACT_STATE_AWAITING_PAYMENT:
    case order::v1::CONTRACT_STATE_SIGNED:
      return contract.ordered_units();
    case order::v1::CONTRACT_STATE_SHIPPED:
      return contract.delivered_units();
    case order::v1::CONTRACT_STATE_ACCEPTED:
    case order::v1::CONTRACT_STATE_SETTLED:
      return contract.accepted_units() - contract.taken_back_units();
    default:
      return 0;
  }
}

int64_t HeldFen(const order::v1::Contract& contract) {
  switch (contract.state()) {
    case order::v1::CONTRACT_STATE_PROPOSED:
    case order::v1::CONTRACT_STATE_AWAITING_PAYMENT:
    case order::v1::CONTRACT_STATE_SIGNED:
    case order::v1::CONTRACT_STATE_SHIPPED:
      return LiveUnits(contract) * contract.unit_price().amount_fen();
    case order::v1::CONTRACT_STATE_ACCEPTED:
      return contract.accepted_amount().amount_fen();
    default:
      return 0;
  }
}

int64_t SettledFen(const order::v1::Contract& contract) {
  return contract.state() == order::v1::CONTRACT_STATE_SETTLED ? contract.accepted_amount().amount_fen() : 0;
}

int64_t SpoiledUnits(const order::v1::Contract& contract) {
  int64_t units = contract.spoiled_units();
  for (const order::v1::ContractReturn& back : contract.returns()) {
    const bool is_spoiled =
        back.state() == order::v1::RETURN_STATE_AGREED && back.goods() == order::v1::REJECTED_GOODS_SPOILED;
    if (is_spoiled) units += back.units();
  }
  return units;
}

int64_t InterestFen(int64_t owed_fen, int64_t rate_ppm, int64_t days) {
  return static_cast<int64_t>((static_cast<Wide>(owed_fen) * rate_ppm * days + 500'000) / 1'000'000);
}

bool IsWithinLimit(const order::v1::Contract& contract, const order::v1::Order& order) {
  const bool is_by_weight = contract.price_per_kg().amount_fen() > 0;
  const Wide price = is_by_weight ? contract.price_per_kg().amount_fen() : contract.unit_price().amount_fen();
  const Wide per = is_by_weight ? 1000 : contract.sale_unit_base();
  return price * order.limit_base() <= static_cast<Wide>(order.limit_price().amount_fen()) * per;
}

int64_t DeclaredTargetFen(const quota::v1::Declaration& declaration) {
  if (!declaration.has_figures()) return 0;
  constexpr Wide kWhole = 10'000;  // basis points
  const quota::v1::QuotaRule& rule = declaration.rule();
  const Wide parts = rule.ratio_basis_points() + (rule.kind() == quota::v1::QUOTA_KIND_GROWTH ? kWhole : 0);
  const Wide asked = (declaration.figures().base().amount_fen() * parts + kWhole - 1) / kWhole;
  return std::max(static_cast<int64_t>(asked), declaration.figures().target().amount_fen());
}

}  // namespace zhuxiao::cli
