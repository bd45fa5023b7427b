// The steps of a random world that need more than one thing: orders, contracts, holds, stalls, and calls that are not
// the caller's to make.
#include <algorithm>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/listing/operations.h"
#include "services/order/contract_payments.h"
#include "services/order/contract_returns.h"
#include "services/order/contract_steps.h"
#include "services/order/order.h"
#include "services/order/placing.h"
#include "services/partner/holds.h"
#include "services/stall/cases.h"
#include "tests/property/trade_world.h"

namespace zhuxiao::testing {
namespace {

using order::v1::Contract;

}  // namespace

order::v1::Certificate TradeWorld::CertificateOf(directory::v1::CertificateKind kind, int64_t quantity_base) const {
  order::v1::Certificate certificate;
  certificate.set_kind(kind);
  certificate.set_number("C-1");
  *certificate.mutable_issue_time() = base::ToProto(clock_.Now());
  *certificate.mutable_valid_until() = base::ToProto(clock_.Now() + absl::Hours(24));
  certificate.set_quantity_base(quantity_base);
  return certificate;
}

void TradeWorld::PlaceOrder() {
  const directory::v1::Commodity& commodity = *directory::FindCommodity(Pick(kGoods));
  order::v1::PlaceOrderRequest request;
  order::v1::Order& order = *request.mutable_order();
  order.set_commodity_code(commodity.code());
  order.set_quantity_base(commodity.is_catch_weight() ? Draw(1, 8) : Draw(1, 400) * 1'000);
  order.mutable_limit_price()->set_amount_fen(commodity.reference_price().amount_fen() * Draw(80, 200) / 100);
  order.set_limit_base(commodity.reference_base());
  order.set_destination_code("140105");
  *order.mutable_deliver_by_time() = base::ToProto(clock_.Now() + absl::Hours(24 * Draw(2, 12)));
  order.set_allow_partial(Chance(80));
  if (Chance(40)) {
    *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(Draw(1, 40)));
  }
  if (Chance(30)) {
    order.set_payment_mode(order::v1::PAYMENT_MODE_PAY_FIRST);
  } else if (Chance(50)) {
    // Mostly few days, so that some fall overdue while a short world lasts.
    order.set_payment_days(static_cast<int32_t>(Chance(90) ? Draw(1, 10) : Draw(10, 62)));
    if (Chance(30)) order.set_late_interest_ppm(Draw(100, 1'010));
  }
  auto placed = Do<order::v1::PlaceOrderResponse, order::v1::PlaceOrderRequest>(
      InstitutionOf(Pick(institutions_)), "PlaceOrder", request,
      [this](ledger::Operation& operation, const order::v1::PlaceOrderRequest& asked) {
        return order::Place(operation, *market_, asked);
      });
  if (!placed.ok()) return;
  orders_.push_back(placed->order().order_id());
  for (const Contract& contract : placed->contracts()) Know(contract.contract_id());
}

void TradeWorld::CancelOrder() {
  if (orders_.empty()) return;
  const auto order = order::GetOrder(*memory_.Latest(), Pick(orders_));
  order::v1::CancelOrderRequest request;
  request.set_order_id(order->order_id());
  Try<order::v1::CancelOrderResponse, order::v1::CancelOrderRequest>(InstitutionOf(order->institution_uscc()),
                                                                     "CancelOrder", request, order::Cancel);
}

void TradeWorld::MoveContract() {
  if (contracts_.empty()) return;
  // Half of the time one of the newest, so that most are moved before their deadlines.
  const size_t newest = std::min<size_t>(contracts_.size(), 30);
  const std::string id =
      Chance(70) ? contracts_[contracts_.size() - static_cast<size_t>(Draw(1, newest))] : Pick(contracts_);
  const Contract contract = *order::GetContract(*memory_.Latest(), id);
  const base::Caller supplier = SupplierOf(contract.supplier_uscc());
  const base::Caller buyer = InstitutionOf(contract.institution_uscc());
  switch (contract.state()) {
    case order::v1::CONTRACT_STATE_PROPOSED:
      if (Chance(15)) {
        order::v1::RefuseContractRequest request;
        request.set_contract_id(id);
        Try<order::v1::RefuseContractResponse, order::v1::RefuseContractRequest>(supplier, "RefuseContract", request,
                                                                                 order::RefuseContract);
      } else {
        order::v1::SignContractRequest request;
        request.set_contract_id(id);
        Try<order::v1::SignContractResponse, order::v1::SignContractRequest>(supplier, "SignContract", request,
                                                                             order::Sign);
      }
      return;
    case order::v1::CONTRACT_STATE_SIGNED:
      return Ship(contract);
    case order::v1::CONTRACT_STATE_SHIPPED:
      return Accept(contract);
    case order::v1::CONTRACT_STATE_AWAITING_PAYMENT:
      return PayFirst(contract);
    case order::v1::CONTRACT_STATE_ACCEPTED:
    case order::v1::CONTRACT_STATE_SETTLED:
      if (Chance(contract.state() == order::v1::CONTRACT_STATE_SETTLED ? 80 : 60)) return GoBack(contract);
      [[fallthrough]];
    default:
      // Also in states that do not admit it, which must change nothing.
      order::v1::SettleContractRequest request;
      request.set_contract_id(id);
      Try<order::v1::SettleContractResponse, order::v1::SettleContractRequest>(buyer, "SettleContract", request,
                                                                               order::Settle);
  }
}

void TradeWorld::Ship(const Contract& contract) {
  order::v1::ShipContractRequest request;
  request.set_contract_id(contract.contract_id());
  request.set_delivered_units(Chance(70) ? 0 : Draw(1, contract.ordered_units()));
  const int64_t covered = contract.ordered_units() * contract.sale_unit_base() * (Chance(90) ? 1 : 0);
  for (const auto kind :
       {directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE, directory::v1::CERTIFICATE_KIND_QUARANTINE_B}) {
    *request.add_certificates() = CertificateOf(kind, covered);
  }
  Try<order::v1::ShipContractResponse, order::v1::ShipContractRequest>(SupplierOf(contract.supplier_uscc()),
                                                                       "ShipContract", request, order::Ship);
}

void TradeWorld::Accept(const Contract& contract) {
  order::v1::AcceptContractRequest request;
  request.set_contract_id(contract.contract_id());
  const int64_t units = Chance(70) ? contract.delivered_units() : Draw(0, contract.delivered_units());
  request.set_accepted_units(units);
  if (contract.nominal_weight_g() > 0) {
    request.set_accepted_weight_g(units * contract.nominal_weight_g() * Draw(83, 117) / 100);
  }
  if (Chance(50)) request.set_rejected_party(static_cast<order::v1::Party>(Draw(1, 3)));
  request.set_rejected_goods(Chance(50) ? order::v1::REJECTED_GOODS_RETURNED : order::v1::REJECTED_GOODS_SPOILED);
  Try<order::v1::AcceptContractResponse, order::v1::AcceptContractRequest>(
      InstitutionOf(contract.institution_uscc()), "AcceptContract", request, order::AcceptGoods);
}

void TradeWorld::PayFirst(const Contract& contract) {
  const base::Caller buyer = InstitutionOf(contract.institution_uscc());
  if (Chance(25)) {
    order::v1::ExtendPaymentRequest request;
    request.set_contract_id(contract.contract_id());
    Try<order::v1::ExtendPaymentResponse, order::v1::ExtendPaymentRequest>(buyer, "ExtendPayment", request,
                                                                           order::ExtendPayment);
    return;
  }
  order::v1::PayContractRequest request;
  request.set_contract_id(contract.contract_id());
  Try<order::v1::PayContractResponse, order::v1::PayContractRequest>(buyer, "PayContract", request, order::Pay);
}

void TradeWorld::GoBack(const Contract& contract) {
  const bool is_open = !contract.returns().empty() &&
                       contract.returns(contract.returns_size() - 1).state() == order::v1::RETURN_STATE_ASKED;
  if (is_open) {
    order::v1::AnswerReturnRequest request;
    request.set_contract_id(contract.contract_id());
    request.set_return_id(contract.returns(contract.returns_size() - 1).return_id());
    request.set_is_agreed(Chance(75));
    if (!request.is_agreed()) request.set_answer("sound when it left");
    Try<order::v1::AnswerReturnResponse, order::v1::AnswerReturnRequest>(
        Chance(70) ? SupplierOf(contract.supplier_uscc()) : Officer("14", "province"), "AnswerReturn", request,
        order::AnswerReturn);
    return;
  }
  const int64_t kept = contract.accepted_units() - contract.taken_back_units();
  const int64_t kept_weight_g = contract.accepted_weight_g() - contract.taken_back_weight_g();
  order::v1::AskReturnRequest request;
  request.set_contract_id(contract.contract_id());
  // Sometimes more than there is.
  request.set_units(Chance(30) ? kept : Draw(0, kept + 1));
  if (kept_weight_g > 0) {
    request.set_weight_g(request.units() >= kept ? kept_weight_g : kept_weight_g * request.units() / kept + Draw(0, 1));
  }
  request.set_goods(Chance(50) ? order::v1::REJECTED_GOODS_RETURNED : order::v1::REJECTED_GOODS_SPOILED);
  request.set_party(static_cast<order::v1::Party>(Draw(1, 3)));
  request.set_cause("broken");
  Try<order::v1::AskReturnResponse, order::v1::AskReturnRequest>(InstitutionOf(contract.institution_uscc()),
                                                                 "AskReturn", request, order::AskReturn);
}

void TradeWorld::TradeOnPlatform() {
  if (listings_.empty()) return;
  const base::Caller platform = PlatformOf(kPlatform);
  if (holds_.empty() || Chance(50)) {
    partner::v1::HoldStockRequest request;
    request.set_listing_id(Pick(listings_));
    request.set_units(Draw(1, 40));
    *request.mutable_expire_time() = base::ToProto(clock_.Now() + absl::Hours(Draw(1, 72)));
    auto held = Do<partner::v1::HoldStockResponse, partner::v1::HoldStockRequest>(platform, "HoldStock", request,
                                                                                  partner::HoldStock);
    if (held.ok()) holds_.push_back(held->hold().hold_id());
    return;
  }
  const std::string id = Pick(holds_);
  if (Chance(30)) {
    partner::v1::ReleaseHoldRequest request;
    request.set_hold_id(id);
    Try<partner::v1::ReleaseHoldResponse, partner::v1::ReleaseHoldRequest>(platform, "ReleaseHold", request,
                                                                           partner::ReleaseHold);
    return;
  }
  partner::v1::GetHoldRequest get;
  get.set_hold_id(id);
  const auto hold = partner::GetHold(*memory_.Latest(), platform, get);
  const auto terms = listing::GetTerms(*memory_.Latest(), hold->hold().listing_id());
  partner::v1::SellHoldRequest request;
  request.set_hold_id(id);
  request.set_units(Draw(1, 20));
  if (terms->nominal_weight_g() > 0) request.set_weight_g(request.units() * terms->nominal_weight_g());
  // Sometimes a number that was sold before.
  request.set_platform_order_no(base::StrCat("P-", Chance(10) ? Draw(0, sale_count_) : ++sale_count_));
  Try<partner::v1::SellHoldResponse, partner::v1::SellHoldRequest>(platform, "SellHold", request, partner::SellHold);
}

// Learns of cases opened since, by hand or by upkeep.
void TradeWorld::FollowCases() {
  constexpr size_t kAtOnce = 500;
  for (;;) {
    const auto entries = memory_.ReadFeed(cases_seen_, kAtOnce);
    if (!entries.ok() || entries->empty()) return;
    for (const store::FeedEntry& entry : *entries) {
      audit::v1::Event event;
      if (!event.ParseFromString(entry.payload)) Complain("an event cannot be read");
      const std::string& id = event.stall_case().case_id();
      if (event.has_stall_case() && known_cases_.insert(id).second) cases_.push_back(id);
      cases_seen_ = entry.position;
    }
  }
}

void TradeWorld::WorkOnStall() {
  if (listings_.empty()) return;
  FollowCases();
  const int64_t draw = cases_.empty() ? 1 : Draw(1, 7);
  const base::Caller officer = Officer("14", "province");
  const std::string id = cases_.empty() ? "" : Pick(cases_);
  const auto with_id = [&](auto request) {
    request.set_case_id(id);
    return request;
  };
  using namespace stall::v1;
  if (draw <= 2) {
    ReportStallCaseRequest request;
    request.mutable_stall_case()->set_listing_id(Pick(listings_));
    request.mutable_stall()->set_households_affected(static_cast<int32_t>(Draw(0, 150)));
    Try<ReportStallCaseResponse, ReportStallCaseRequest>(officer, "ReportStallCase", request, stall::ReportCase);
  } else if (draw <= 4) {
    Try<VerifyStallCaseResponse, VerifyStallCaseRequest>(officer, "VerifyStallCase", with_id(VerifyStallCaseRequest()),
                                                         stall::VerifyCase);
  } else if (draw == 5) {
    auto request = with_id(DispatchStallCaseRequest());
    request.add_channels(directory::v1::CHANNEL_SCHOOL);
    Try<DispatchStallCaseResponse, DispatchStallCaseRequest>(officer, "DispatchStallCase", request,
                                                             stall::DispatchCase);
  } else if (draw == 6) {
    auto request = with_id(RaiseStallCaseRequest());
    request.set_level(static_cast<listing::v1::StallLevel>(Draw(1, 5)));
    Try<RaiseStallCaseResponse, RaiseStallCaseRequest>(officer, "RaiseStallCase", request, stall::RaiseCase);
  } else if (Chance(50)) {
    auto request = with_id(DismissStallCaseRequest());
    request.set_remark("sells well");
    Try<DismissStallCaseResponse, DismissStallCaseRequest>(officer, "DismissStallCase", request, stall::DismissCase);
  } else {
    Try<CloseStallCaseResponse, CloseStallCaseRequest>(officer, "CloseStallCase", with_id(CloseStallCaseRequest()),
                                                       stall::CloseByHand);
  }
}

// Somebody tries what is another's: refused as if it were not there, and nothing changes.
void TradeWorld::ActForAnother() {
  if (contracts_.empty()) return;
  const Contract before = *order::GetContract(*memory_.Latest(), Pick(contracts_));
  const base::Caller stranger = SupplierOf(Uscc("93", 4'711));
  order::v1::SignContractRequest request;
  request.set_contract_id(before.contract_id());
  const auto answer = Do<order::v1::SignContractResponse, order::v1::SignContractRequest>(stranger, "SignContract",
                                                                                          request, order::Sign);
  const Contract after = *order::GetContract(*memory_.Latest(), before.contract_id());
  if (!absl::IsNotFound(answer.status()) || after.SerializeAsString() != before.SerializeAsString()) {
    Complain(base::StrCat("a stranger signed ", before.contract_id()));
  }
}

}  // namespace zhuxiao::testing
