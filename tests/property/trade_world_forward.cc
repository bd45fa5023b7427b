// The steps of a random world that look ahead or go together: harvests reserved and called off, contracts shipped in
// one vehicle.
#include <algorithm>

#include "services/base/clock.h"
#include "services/directory/directory.h"
#include "services/forward/agreeing.h"
#include "services/forward/call_off.h"
#include "services/forward/forward.h"
#include "services/order/order.h"
#include "services/order/shipping.h"
#include "tests/property/trade_world.h"

namespace zhuxiao::testing {
namespace {

using forward::v1::Forward;
using namespace forward::v1;  // requests and states

constexpr int64_t kLorryG = 30'000'000;

}  // namespace

void TradeWorld::WorkOnForward() {
  // Several at once, so that windows of a few days see parts, refusals and ends.
  for (int i = 0; i < 3; ++i) MoveForward();
}

void TradeWorld::MoveForward() {
  if (forwards_.size() < 3 || Chance(15)) return ProposeForward();
  // Mostly one of the newest: the windows of the others are over.
  const size_t newest = std::min<size_t>(forwards_.size(), 8);
  const std::string id = Chance(90)
                             ? forwards_[forwards_.size() - static_cast<size_t>(Draw(1, static_cast<int64_t>(newest)))]
                             : Pick(forwards_);
  const Forward now = *forward::GetForward(*memory_.Latest(), id);
  // Sometimes a step that does not fit the state.
  const int state = Chance(92) ? now.state() : static_cast<int>(Draw(1, ForwardState_MAX));
  if (state == FORWARD_STATE_PROPOSED) return AnswerForward(now);
  if (state == FORWARD_STATE_AGREED && Chance(75)) return CallOff(now);
  CancelForward(now, state == FORWARD_STATE_CANCEL_ASKED);
}

// Windows that open within days, so that short worlds live through them.
void TradeWorld::ProposeForward() {
  const directory::v1::Commodity& commodity = *directory::FindCommodity(Pick(kGoods));
  ProposeForwardRequest request;
  Forward& forward = *request.mutable_forward();
  forward.set_supplier_uscc(Pick(suppliers_));
  forward.set_commodity_code(commodity.code());
  forward.set_sale_unit("unit");
  forward.set_sale_unit_base(commodity.is_catch_weight() ? 1 : Pick(std::vector<int64_t>{500, 1'000}));
  forward.set_units(commodity.is_catch_weight() ? Draw(1, 12) : Draw(1, 2'000));
  const int64_t price_base = commodity.is_catch_weight() ? commodity.reference_base() : forward.sale_unit_base();
  const int64_t reference_fen = commodity.reference_price().amount_fen() * price_base / commodity.reference_base();
  forward.mutable_floor_price()->set_amount_fen(std::max<int64_t>(1, reference_fen * Draw(70, 110) / 100));
  if (Chance(70)) {
    forward.mutable_ceiling_price()->set_amount_fen(forward.floor_price().amount_fen() + reference_fen / 4);
  }
  const auto first = static_cast<base::Day>(base::DayOf(clock_.Now()) + Draw(0, 5));
  forward.set_first_day(base::FormatDay(first));
  forward.set_last_day(base::FormatDay(static_cast<base::Day>(first + Draw(0, 12))));
  forward.set_destination_code("140105");
  if (Chance(30)) forward.set_payment_mode(order::v1::PAYMENT_MODE_PAY_FIRST);
  auto proposed = Do<ProposeForwardResponse, ProposeForwardRequest>(InstitutionOf(Pick(institutions_)),
                                                                    "ProposeForward", request, forward::Propose);
  if (proposed.ok()) forwards_.push_back(proposed->forward().forward_id());
}

void TradeWorld::AnswerForward(const Forward& now) {
  const base::Caller supplier = SupplierOf(now.supplier_uscc());
  const int64_t draw = Draw(1, 10);
  if (draw == 1) {
    RefuseForwardRequest request;
    request.set_forward_id(now.forward_id());
    return Try<RefuseForwardResponse, RefuseForwardRequest>(supplier, "RefuseForward", request, forward::Refuse);
  }
  if (draw == 2) {
    WithdrawForwardRequest request;
    request.set_forward_id(now.forward_id());
    return Try<WithdrawForwardResponse, WithdrawForwardRequest>(InstitutionOf(now.institution_uscc()),
                                                                "WithdrawForward", request, forward::Withdraw);
  }
  SignForwardRequest request;
  request.set_forward_id(now.forward_id());
  // Sometimes after somebody else moved it.
  request.set_etag(Chance(95) ? now.etag() : "0");
  Try<SignForwardResponse, SignForwardRequest>(supplier, "SignForward", request, forward::Sign);
}

void TradeWorld::CallOff(const Forward& now) {
  CallOffForwardRequest request;
  request.set_forward_id(now.forward_id());
  // Sometimes more than there is left.
  request.set_units(Chance(40) ? Draw(1, now.units()) : Draw(1, std::max<int64_t>(1, now.units() / 3)));
  const int64_t floor_fen = now.floor_price().amount_fen();
  request.mutable_going_price()->set_amount_fen(floor_fen * Draw(80, 130) / 100);
  const absl::Time window = base::StartOfDay(*base::ParseDay(now.first_day()));
  const absl::Time ready = std::max(clock_.Now(), window - absl::Hours(24 * Draw(0, 1)));
  *request.mutable_ready_time() = base::ToProto(ready);
  *request.mutable_last_sale_time() = base::ToProto(ready + absl::Hours(24 * Draw(3, 40)));
  auto called = Do<CallOffForwardResponse, CallOffForwardRequest>(
      SupplierOf(now.supplier_uscc()), "CallOffForward", request,
      [this](ledger::Operation& operation, const CallOffForwardRequest& asked) {
        return forward::CallOff(operation, *market_, asked);
      });
  if (!called.ok()) return;
  Know(called->contract().contract_id());
  listings_.push_back(called->listing().listing_id());
}

void TradeWorld::CancelForward(const Forward& now, bool is_asked) {
  const base::Caller side = Chance(50) ? SupplierOf(now.supplier_uscc()) : InstitutionOf(now.institution_uscc());
  if (is_asked) {
    AnswerCancelForwardRequest request;
    request.set_forward_id(now.forward_id());
    request.set_is_agreed(Chance(60));
    return Try<AnswerCancelForwardResponse, AnswerCancelForwardRequest>(side, "AnswerCancelForward", request,
                                                                        forward::AnswerCancel);
  }
  AskCancelForwardRequest request;
  request.set_forward_id(now.forward_id());
  request.set_reason("hail");
  const auto asked =
      Do<AskCancelForwardResponse, AskCancelForwardRequest>(side, "AskCancelForward", request, forward::AskCancel);
  // Mostly answered at once, sometimes by who asked: windows are near.
  if (asked.ok() && Chance(80)) CancelForward(asked->forward(), true);
}

// Signed contracts of one supplier among the newest leave together, mostly for the one county there is.
void TradeWorld::ShipTogether() {
  std::map<std::string, std::vector<order::v1::Contract>> by_supplier;
  const size_t newest = std::min<size_t>(contracts_.size(), 60);
  for (size_t i = contracts_.size() - newest; i < contracts_.size(); ++i) {
    const order::v1::Contract contract = *order::GetContract(*memory_.Latest(), contracts_[i]);
    const bool leaves = contract.state() == order::v1::CONTRACT_STATE_SIGNED || Chance(1);
    if (leaves) by_supplier[contract.supplier_uscc()].push_back(contract);
  }
  if (by_supplier.empty()) return;
  const auto load = std::next(by_supplier.begin(), Draw(0, static_cast<int64_t>(by_supplier.size()) - 1));
  shipping::v1::ShipTogetherRequest request;
  int64_t load_g = 0;
  int64_t covered = 0;
  for (const order::v1::Contract& contract : load->second) {
    request.add_contract_ids(contract.contract_id());
    load_g += order::WeightG(contract);
    covered += contract.ordered_units() * contract.sale_unit_base();
  }
  // Sometimes too small a vehicle, or papers for too little.
  request.set_capacity_g(Chance(90) ? std::max(load_g, Draw(load_g / 2, kLorryG)) : std::max<int64_t>(1, load_g / 2));
  request.set_vehicle("JC12345");
  for (const auto kind :
       {directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE, directory::v1::CERTIFICATE_KIND_QUARANTINE_B}) {
    *request.add_certificates() = CertificateOf(kind, covered * (Chance(93) ? 1 : 0));
  }
  Try<shipping::v1::ShipTogetherResponse, shipping::v1::ShipTogetherRequest>(SupplierOf(load->first), "ShipTogether",
                                                                             request, order::ShipTogether);
}

}  // namespace zhuxiao::testing
