#include "services/order/contract_steps.h"

#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/catch_weight.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/listing/listing.h"
#include "services/order/certificate_gate.h"
#include "services/order/contract_parts.h"
#include "services/order/contract_payments.h"
#include "services/order/contract_states.h"
#include "services/order/order.h"
#include "services/order/payment_rules.h"
#include "services/order/placing.h"
#include "services/order/records.h"
#include "services/quota/quota.h"

namespace zhuxiao::order {
namespace {

using base::ErrorReason;
using base::Role;
using listing::Balance;

// Voids a contract that holds all it ordered.
absl::Status Void(ledger::Operation& operation, v1::Contract& contract, std::string_view step, Role actor,
                  v1::VoidReason reason, Balance from) {
  operation.transaction().Delete(ContractDueKey(contract));
  if (absl::Status stepped = TakeStep(contract, step, actor); !stepped.ok()) return stepped;
  contract.set_void_reason(reason);
  contract.set_returned_units(contract.ordered_units());
  if (absl::Status given = GiveBack(operation, contract, from, contract.ordered_units()); !given.ok()) return given;
  if (absl::Status released = ReleaseQuota(operation, contract, contract.ordered_amount().amount_fen());
      !released.ok()) {
    return released;
  }
  if (absl::Status refunded = RefundExcess(operation, contract); !refunded.ok()) return refunded;
  PutContract(operation, contract);
  return Unfill(operation, contract.order_id(), contract.ordered_units() * contract.sale_unit_base(),
                contract.listing_id());
}

// Adds what is wrong with the request whatever the contract is.
void CheckAccepted(const v1::AcceptContractRequest& request, base::FieldErrors& errors) {
  errors.Require(request.accepted_units() >= 0, "accepted_units", "must not be negative");
  errors.Require(request.accepted_weight_g() >= 0, "accepted_weight_g", "must not be negative");
  errors.Require(base::CodePointCount(request.cause()) <= base::kMaxRemarkCodePoints, "cause",
                 "must have at most 500 characters");
  errors.Require(request.invoice_number().empty() || base::IsValidId(request.invoice_number()), "invoice_number",
                 "must have 1 to 64 characters of A-Z a-z 0-9 . _ -, or be empty");
}

// Holds what the buyer says about the accepted goods, with what is wrong of it so far, against the contract and sets
// its figures.
absl::Status SetAccepted(v1::Contract& contract, const v1::AcceptContractRequest& request, base::FieldErrors errors) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(contract.commodity_code());
  if (commodity == nullptr) return base::DataLoss("a contract's commodity is not in the catalogue");
  const int64_t units = request.accepted_units();
  const int64_t weight = request.accepted_weight_g();
  const bool by_weight = commodity->is_catch_weight();
  errors.Require(units <= contract.delivered_units(), "accepted_units",
                 base::StrCat("must be 0 to the delivered units, ", contract.delivered_units()));
  errors.Require(by_weight || weight <= 0, "accepted_weight_g", "is for goods settled by weight only");
  errors.Require(!by_weight || weight < 0 || (weight == 0) == (units == 0), "accepted_weight_g",
                 "is required for goods settled by weight, and 0 where none is accepted");
  errors.Require(units >= contract.delivered_units() || request.rejected_goods() != v1::REJECTED_GOODS_UNSPECIFIED,
                 "rejected_goods", "is required where less than all is accepted");
  if (!errors.empty()) return errors.ToStatus();

  if (units < contract.delivered_units()) {
    contract.set_rejected_party(request.rejected_party());
    contract.set_rejected_cause(request.cause());
  }
  contract.set_invoice_number(request.invoice_number());
  contract.set_accepted_units(units);
  if (!by_weight) {
    contract.mutable_accepted_amount()->set_amount_fen(units * contract.unit_price().amount_fen());
    return absl::OkStatus();
  }
  if (absl::Status believed =
          directory::CheckWeight(*commodity, contract.contract_id(), units, contract.nominal_weight_g(), weight);
      !believed.ok()) {
    return believed;
  }
  const auto amount = directory::WeighedAmountFen(weight, contract.price_per_kg().amount_fen());
  if (!amount) {
    errors.Add("accepted_weight_g", "times price_per_kg is more than 10^15 fen");
    return errors.ToStatus();
  }
  contract.set_accepted_weight_g(weight);
  contract.mutable_accepted_amount()->set_amount_fen(*amount);
  return absl::OkStatus();
}

// Moves the shipped units to where acceptance puts them.
absl::Status MoveAccepted(ledger::Operation& operation, v1::Contract& contract, v1::RejectedGoods rejected) {
  const int64_t accepted = contract.accepted_units();
  const int64_t refused = contract.delivered_units() - accepted;
  if (accepted > 0) {
    if (absl::Status moved = listing::MoveUnits(operation, contract.listing_id(), Balance::kContracted, Balance::kSold,
                                                accepted, contract.contract_id());
        !moved.ok()) {
      return moved;
    }
  }
  if (refused == 0) return absl::OkStatus();
  if (rejected == v1::REJECTED_GOODS_RETURNED) {
    contract.set_returned_units(contract.returned_units() + refused);
    return GiveBack(operation, contract, Balance::kContracted, refused);
  }
  contract.set_spoiled_units(refused);
  return listing::MoveUnits(operation, contract.listing_id(), Balance::kContracted, Balance::kSpoiled, refused,
                            contract.contract_id());
}

// Brings the quota from what was held for the delivered units to what the accepted ones cost.
absl::Status AdjustQuota(ledger::Operation& operation, const v1::Contract& contract) {
  const int64_t held = contract.delivered_units() * contract.unit_price().amount_fen();
  const int64_t cost = contract.accepted_amount().amount_fen();
  if (cost <= held) return ReleaseQuota(operation, contract, held - cost);
  return quota::Hold(operation, contract.institution_uscc(), contract.quota_year(), cost - held,
                     contract.contract_id());
}

// The first instant too late for the payment the contract comes to owe at `start`.
void SetPaymentDue(v1::Contract& contract, absl::Time start) {
  *contract.mutable_payment_due_time() = base::ToProto(MidnightAfter(start, contract.payment_rule().pay_days()));
}

// Puts the money of goods that were just accepted or refused in order and stores the contract: what was paid too much
// goes back, and where nothing is owed, having been paid first, the contract is settled.
absl::Status CloseAcceptance(ledger::Operation& operation, v1::Contract& contract) {
  if (absl::Status refunded = RefundExcess(operation, contract); !refunded.ok()) return refunded;
  PutContract(operation, contract);
  if (contract.state() == v1::CONTRACT_STATE_VOID) return absl::OkStatus();
  if (OwedFen(contract) == 0) return SettleNow(operation, contract, kOweNothingStep, base::kTime);
  operation.transaction().Put(ContractDueKey(contract), "");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SignContractResponse> Sign(ledger::Operation& operation, const v1::SignContractRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_SUPPLIER);
  if (!contract.ok()) return contract.status();
  auto supplier = directory::GetSupplier(operation.transaction(), contract->supplier_uscc());
  if (!supplier.ok()) return supplier.status();
  const std::string former_due = ContractDueKey(*contract);
  const bool is_paid_first = contract->payment_rule().mode() == v1::PAYMENT_MODE_PAY_FIRST;
  if (absl::Status stepped =
          TakeStep(*contract, is_paid_first ? kSignToBePaidStep : kSignStep, operation.caller().role);
      !stepped.ok()) {
    return stepped;
  }
  if (absl::Status active = directory::CheckActive(*supplier); !active.ok()) return active;
  if (operation.now() > base::FromProto(contract->sign_deadline())) {
    return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, contract->contract_id(),
                        "the sign deadline has passed");
  }
  if (absl::Status moved = listing::MoveUnits(operation, contract->listing_id(), Balance::kHeld, Balance::kContracted,
                                              contract->ordered_units(), contract->contract_id());
      !moved.ok()) {
    return moved;
  }
  *contract->mutable_sign_time() = base::ToProto(operation.now());
  if (is_paid_first) SetPaymentDue(*contract, operation.now());
  operation.transaction().Delete(former_due);
  operation.transaction().Put(ContractDueKey(*contract), "");
  PutContract(operation, *contract);
  return Respond<v1::SignContractResponse>(*std::move(contract));
}

absl::StatusOr<v1::RefuseContractResponse> RefuseContract(ledger::Operation& operation,
                                                          const v1::RefuseContractRequest& request) {
  base::FieldErrors errors;
  errors.Require(base::CodePointCount(request.cause()) <= base::kMaxRemarkCodePoints, "cause",
                 "must have at most 500 characters");
  if (!errors.empty()) return errors.ToStatus();
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_SUPPLIER);
  if (!contract.ok()) return contract.status();
  if (absl::Status voided =
          Void(operation, *contract, kRefuseStep, operation.caller().role, v1::VOID_REASON_REFUSED, Balance::kHeld);
      !voided.ok()) {
    return voided;
  }
  return Respond<v1::RefuseContractResponse>(*std::move(contract));
}

absl::StatusOr<v1::ShipContractResponse> Ship(ledger::Operation& operation, const v1::ShipContractRequest& request) {
  auto shipped = ShipWith(operation, request, "");
  if (!shipped.ok()) return shipped.status();
  return Respond<v1::ShipContractResponse>(*std::move(shipped));
}

absl::StatusOr<v1::Contract> ShipWith(ledger::Operation& operation, const v1::ShipContractRequest& request,
                                      const std::string& shipment_id) {
  base::FieldErrors errors;
  errors.Require(request.delivered_units() >= 0, "delivered_units", "must not be negative");
  CheckCertificates(request.certificates(), "certificates", errors);
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_SUPPLIER);
  if (!contract.ok()) return errors.Else(contract.status());
  errors.Require(request.delivered_units() <= contract->ordered_units(), "delivered_units",
                 base::StrCat("must be 0 (all) to the ordered units, ", contract->ordered_units()));
  if (!errors.empty()) return errors.ToStatus();

  const std::string former_due = ContractDueKey(*contract);
  if (absl::Status stepped = TakeStep(*contract, kShipStep, operation.caller().role); !stepped.ok()) return stepped;
  if (operation.now() > base::FromProto(contract->last_sale_time())) {
    return base::Refuse(ErrorReason::ERROR_REASON_LISTING_CLOSED, contract->contract_id(),
                        "the goods are past their last-sale time");
  }
  const int64_t units = request.delivered_units() == 0 ? contract->ordered_units() : request.delivered_units();
  const directory::v1::Commodity* commodity = directory::FindCommodity(contract->commodity_code());
  if (commodity == nullptr) return base::DataLoss("a contract's commodity is not in the catalogue");
  if (absl::Status gate = CheckGate(RequiredKinds(*commodity, contract->origin_code(), contract->destination_code()),
                                    request.certificates(), units * contract->sale_unit_base(), operation.now(),
                                    contract->contract_id());
      !gate.ok()) {
    return gate;
  }

  const int64_t left_behind = contract->ordered_units() - units;
  contract->set_delivered_units(units);
  contract->set_returned_units(left_behind);
  *contract->mutable_certificates() = request.certificates();
  *contract->mutable_ship_time() = base::ToProto(operation.now());
  contract->set_shipment_id(shipment_id);
  if (absl::Status given = GiveBack(operation, *contract, Balance::kContracted, left_behind); !given.ok()) {
    return given;
  }
  if (absl::Status released = ReleaseQuota(operation, *contract, left_behind * contract->unit_price().amount_fen());
      !released.ok()) {
    return released;
  }
  if (left_behind > 0) {
    if (absl::Status unfilled =
            Unfill(operation, contract->order_id(), left_behind * contract->sale_unit_base(), contract->listing_id());
        !unfilled.ok()) {
      return unfilled;
    }
  }
  operation.transaction().Delete(former_due);
  PutContract(operation, *contract);
  return contract;
}

absl::StatusOr<v1::AcceptContractResponse> AcceptGoods(ledger::Operation& operation,
                                                       const v1::AcceptContractRequest& request) {
  base::FieldErrors errors;
  CheckAccepted(request, errors);
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return errors.Else(contract.status());
  const std::string_view step = request.accepted_units() == 0 ? kAcceptNothingStep : kAcceptStep;
  if (absl::Status stepped = TakeStep(*contract, step, operation.caller().role); !stepped.ok()) {
    return errors.Else(stepped);
  }
  if (absl::Status set = SetAccepted(*contract, request, std::move(errors)); !set.ok()) return set;
  if (step == kAcceptNothingStep) contract->set_void_reason(v1::VOID_REASON_NOTHING_ACCEPTED);
  if (absl::Status moved = MoveAccepted(operation, *contract, request.rejected_goods()); !moved.ok()) return moved;
  if (absl::Status adjusted = AdjustQuota(operation, *contract); !adjusted.ok()) return adjusted;

  const int64_t short_base = (contract->delivered_units() - contract->accepted_units()) * contract->sale_unit_base();
  if (short_base > 0) {
    if (absl::Status unfilled = Unfill(operation, contract->order_id(), short_base, ""); !unfilled.ok())
      return unfilled;
  }
  if (const int64_t cost = contract->accepted_amount().amount_fen(); cost > 0) {
    if (absl::Status posted =
            ledger::Post(operation, audit::v1::POSTING_CAUSE_CONTRACT_ACCEPTED, contract->contract_id(),
                         {{ledger::SupplierReceivable(contract->supplier_uscc()), cost},
                          {ledger::InstitutionPayable(contract->institution_uscc()), -cost}});
        !posted.ok()) {
      return posted;
    }
  }
  *contract->mutable_accept_time() = base::ToProto(operation.now());
  SetPaymentDue(*contract, operation.now());
  if (absl::Status closed = CloseAcceptance(operation, *contract); !closed.ok()) return closed;
  return Respond<v1::AcceptContractResponse>(*std::move(contract));
}

absl::StatusOr<v1::SettleContractResponse> Settle(ledger::Operation& operation,
                                                  const v1::SettleContractRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return contract.status();
  if (absl::Status settled = SettleNow(operation, *contract, kSettleStep, operation.caller().role); !settled.ok()) {
    return settled;
  }
  return Respond<v1::SettleContractResponse>(*std::move(contract));
}

absl::Status ExpireContract(ledger::Operation& operation, const std::string& contract_id) {
  auto contract = GetContract(operation.transaction(), contract_id);
  if (!contract.ok()) return contract.status();
  const absl::Time now = operation.now();
  const bool is_past_last_sale = now > base::FromProto(contract->last_sale_time());
  switch (contract->state()) {
    case v1::CONTRACT_STATE_PROPOSED:
      if (now <= base::FromProto(contract->sign_deadline())) return absl::OkStatus();
      return Void(operation, *contract, kMissSignDeadlineStep, base::kTime, v1::VOID_REASON_SIGN_DEADLINE,
                  Balance::kHeld);
    case v1::CONTRACT_STATE_AWAITING_PAYMENT:
      if (now >= base::FromProto(contract->payment_due_time())) {
        return Void(operation, *contract, kMissPaymentStep, base::kTime, v1::VOID_REASON_NOT_PAID,
                    Balance::kContracted);
      }
      [[fallthrough]];
    case v1::CONTRACT_STATE_SIGNED:
      if (!is_past_last_sale) return absl::OkStatus();
      return Void(operation, *contract, kMissLastSaleStep, base::kTime, v1::VOID_REASON_NOT_SHIPPED,
                  Balance::kContracted);
    case v1::CONTRACT_STATE_ACCEPTED:
      return FallOverdue(operation, *contract);
    default:
      return absl::OkStatus();
  }
}

}  // namespace zhuxiao::order
