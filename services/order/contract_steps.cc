#include "services/order/contract_steps.h"

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/catch_weight.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/listing/listing.h"
#include "services/order/certificate_gate.h"
#include "services/order/contract_states.h"
#include "services/order/order.h"
#include "services/order/placing.h"
#include "services/order/records.h"
#include "services/quota/quota.h"

namespace zhuxiao::order {
namespace {

using base::ErrorReason;
using base::Role;
using listing::Balance;

// The contract where the caller is the side the step belongs to; another's looks like an unknown one.
absl::StatusOr<v1::Contract> GetOwn(ledger::Operation& operation, const std::string& contract_id, Role side) {
  auto contract = GetContract(operation.transaction(), contract_id);
  if (!contract.ok()) return contract;
  const std::string& owner = side == Role::ROLE_SUPPLIER ? contract->supplier_uscc() : contract->institution_uscc();
  if (!operation.caller().Is(side, owner)) return base::NotFound("contract", contract_id);
  return contract;
}

template <typename Response>
Response Respond(v1::Contract contract) {
  Response response;
  *response.mutable_contract() = std::move(contract);
  return response;
}

// Units that come back: on the market while the listing is on it, else withdrawn.
absl::Status GiveBack(ledger::Operation& operation, const v1::Contract& contract, Balance from, int64_t units) {
  if (units == 0) return absl::OkStatus();
  auto terms = listing::GetTerms(operation.transaction(), contract.listing_id());
  if (!terms.ok()) return terms.status();
  const bool is_sellable = listing::CheckSellable(*terms, operation.now()).ok();
  return listing::MoveUnits(operation, contract.listing_id(), from,
                            is_sellable ? Balance::kAvailable : Balance::kWithdrawn, units, contract.contract_id());
}

absl::Status ReleaseQuota(ledger::Operation& operation, const v1::Contract& contract, int64_t amount_fen) {
  return quota::Release(operation, contract.institution_uscc(), contract.quota_year(), amount_fen,
                        contract.contract_id());
}

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
  PutContract(operation, contract);
  return Unfill(operation, contract.order_id(), contract.ordered_units() * contract.sale_unit_base());
}

// Checks what the buyer says about the accepted goods and sets the figures of the contract.
absl::Status SetAccepted(v1::Contract& contract, const v1::AcceptContractRequest& request) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(contract.commodity_code());
  if (commodity == nullptr) return base::DataLoss("a contract's commodity is not in the catalogue");
  const int64_t units = request.accepted_units();
  const int64_t weight = request.accepted_weight_g();
  const bool by_weight = commodity->is_catch_weight();
  base::FieldErrors errors;
  errors.Require(units >= 0 && units <= contract.delivered_units(), "accepted_units",
                 base::StrCat("must be 0 to the delivered units, ", contract.delivered_units()));
  errors.Require(by_weight || weight == 0, "accepted_weight_g", "is for goods settled by weight only");
  errors.Require(!by_weight || (units == 0 ? weight == 0 : weight > 0), "accepted_weight_g",
                 "is required for goods settled by weight, and 0 where none is accepted");
  errors.Require(units >= contract.delivered_units() || request.rejected_goods() != v1::REJECTED_GOODS_UNSPECIFIED,
                 "rejected_goods", "is required where less than all is accepted");
  errors.Require(base::CodePointCount(request.cause()) <= base::kMaxRemarkCodePoints, "cause",
                 "must have at most 500 characters");
  if (!errors.empty()) return errors.ToStatus();

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

}  // namespace

absl::StatusOr<v1::SignContractResponse> Sign(ledger::Operation& operation, const v1::SignContractRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_SUPPLIER);
  if (!contract.ok()) return contract.status();
  auto supplier = directory::GetSupplier(operation.transaction(), contract->supplier_uscc());
  if (!supplier.ok()) return supplier.status();
  const std::string former_due = ContractDueKey(*contract);
  if (absl::Status stepped = TakeStep(*contract, kSignStep, operation.caller().role); !stepped.ok()) return stepped;
  if (supplier->state() != directory::v1::SUPPLIER_STATE_ACTIVE) {
    return base::Refuse(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE, contract->supplier_uscc(),
                        "the supplier is not active");
  }
  if (operation.now() > base::FromProto(contract->sign_deadline())) {
    return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, contract->contract_id(),
                        "the sign deadline has passed");
  }
  if (absl::Status moved = listing::MoveUnits(operation, contract->listing_id(), Balance::kHeld, Balance::kContracted,
                                              contract->ordered_units(), contract->contract_id());
      !moved.ok()) {
    return moved;
  }
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
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_SUPPLIER);
  if (!contract.ok()) return contract.status();
  base::FieldErrors errors;
  errors.Require(request.delivered_units() >= 0 && request.delivered_units() <= contract->ordered_units(),
                 "delivered_units", base::StrCat("must be 0 (all) to the ordered units, ", contract->ordered_units()));
  CheckCertificates(request.certificates(), "certificates", errors);
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
  if (absl::Status given = GiveBack(operation, *contract, Balance::kContracted, left_behind); !given.ok()) {
    return given;
  }
  if (absl::Status released = ReleaseQuota(operation, *contract, left_behind * contract->unit_price().amount_fen());
      !released.ok()) {
    return released;
  }
  if (left_behind > 0) {
    if (absl::Status unfilled = Unfill(operation, contract->order_id(), left_behind * contract->sale_unit_base());
        !unfilled.ok()) {
      return unfilled;
    }
  }
  operation.transaction().Delete(former_due);
  PutContract(operation, *contract);
  return Respond<v1::ShipContractResponse>(*std::move(contract));
}

absl::StatusOr<v1::AcceptContractResponse> AcceptGoods(ledger::Operation& operation,
                                                       const v1::AcceptContractRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return contract.status();
  const std::string_view step = request.accepted_units() == 0 ? kAcceptNothingStep : kAcceptStep;
  if (absl::Status stepped = TakeStep(*contract, step, operation.caller().role); !stepped.ok()) return stepped;
  if (absl::Status set = SetAccepted(*contract, request); !set.ok()) return set;
  if (step == kAcceptNothingStep) contract->set_void_reason(v1::VOID_REASON_NOTHING_ACCEPTED);
  if (absl::Status moved = MoveAccepted(operation, *contract, request.rejected_goods()); !moved.ok()) return moved;
  if (absl::Status adjusted = AdjustQuota(operation, *contract); !adjusted.ok()) return adjusted;

  const int64_t short_base = (contract->delivered_units() - contract->accepted_units()) * contract->sale_unit_base();
  if (short_base > 0) {
    if (absl::Status unfilled = Unfill(operation, contract->order_id(), short_base); !unfilled.ok()) return unfilled;
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
  PutContract(operation, *contract);
  return Respond<v1::AcceptContractResponse>(*std::move(contract));
}

absl::StatusOr<v1::SettleContractResponse> Settle(ledger::Operation& operation,
                                                  const v1::SettleContractRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return contract.status();
  if (absl::Status stepped = TakeStep(*contract, kSettleStep, operation.caller().role); !stepped.ok()) return stepped;
  const int64_t cost = contract->accepted_amount().amount_fen();
  if (absl::Status settled =
          quota::Settle(operation, contract->institution_uscc(), contract->quota_year(), cost, contract->contract_id());
      !settled.ok()) {
    return settled;
  }
  if (absl::Status posted = ledger::Post(operation, audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, contract->contract_id(),
                                         {{ledger::InstitutionPayable(contract->institution_uscc()), cost},
                                          {ledger::InstitutionPaid(contract->institution_uscc()), -cost},
                                          {ledger::SupplierReceivable(contract->supplier_uscc()), -cost},
                                          {ledger::SupplierPaid(contract->supplier_uscc()), cost}});
      !posted.ok()) {
    return posted;
  }
  *contract->mutable_settle_time() = base::ToProto(operation.now());
  operation.transaction().Put(
      store::Key(kSettled, contract->supplier_uscc(), absl::StrFormat("%04d", base::YearOf(operation.now())),
                 contract->contract_id()),
      "");
  PutContract(operation, *contract);
  return Respond<v1::SettleContractResponse>(*std::move(contract));
}

absl::Status ExpireContract(ledger::Operation& operation, const std::string& contract_id) {
  auto contract = GetContract(operation.transaction(), contract_id);
  if (!contract.ok()) return contract.status();
  if (contract->state() == v1::CONTRACT_STATE_PROPOSED) {
    if (operation.now() <= base::FromProto(contract->sign_deadline())) return absl::OkStatus();
    return Void(operation, *contract, kMissSignDeadlineStep, base::kTime, v1::VOID_REASON_SIGN_DEADLINE,
                Balance::kHeld);
  }
  if (contract->state() == v1::CONTRACT_STATE_SIGNED) {
    if (operation.now() <= base::FromProto(contract->last_sale_time())) return absl::OkStatus();
    return Void(operation, *contract, kMissLastSaleStep, base::kTime, v1::VOID_REASON_NOT_SHIPPED,
                Balance::kContracted);
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::order
