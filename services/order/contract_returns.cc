#include "services/order/contract_returns.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/catch_weight.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/order/contract_parts.h"
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

bool IsByWeight(const v1::Contract& contract) { return contract.price_per_kg().amount_fen() > 0; }

int64_t KeptUnits(const v1::Contract& contract) { return contract.accepted_units() - contract.taken_back_units(); }

int64_t KeptWeightG(const v1::Contract& contract) {
  return contract.accepted_weight_g() - contract.taken_back_weight_g();
}

// Adds what is wrong with the request whatever the contract is.
void CheckAsked(const v1::AskReturnRequest& request, base::FieldErrors& errors) {
  errors.Require(request.units() >= 1, "units", "must be 1 or more");
  errors.Require(request.weight_g() >= 0, "weight_g", "must not be negative");
  errors.Require(request.goods() != v1::REJECTED_GOODS_UNSPECIFIED, "goods", "is required");
  errors.Require(request.party() != v1::PARTY_UNSPECIFIED, "party", "is required");
  const size_t length = base::CodePointCount(request.cause());
  errors.Require(length >= 1 && length <= base::kMaxRemarkCodePoints, "cause", "must have 1 to 500 characters");
}

// Adds a violation for every field of the request that does not fit the contract.
void CheckFits(const v1::Contract& contract, const v1::AskReturnRequest& request, base::FieldErrors& errors) {
  const int64_t kept = KeptUnits(contract);
  const int64_t weight = request.weight_g();
  const int64_t kept_weight = KeptWeightG(contract);
  errors.Require(request.units() <= kept, "units", base::StrCat("must be 1 to what was accepted and kept, ", kept));
  errors.Require(IsByWeight(contract) || weight <= 0, "weight_g", "is for goods settled by weight only");
  if (!errors.Names("units") && IsByWeight(contract) && weight >= 0) {
    const bool is_all = request.units() == kept;
    errors.Require(is_all ? weight == kept_weight : weight >= 1 && weight < kept_weight, "weight_g",
                   is_all ? base::StrCat("must be what was accepted and kept, ", kept_weight)
                          : base::StrCat("must be 1 to less than what was accepted and kept, ", kept_weight));
  }
}

// OK where the contract may have one more return asked for now.
absl::Status CheckMayAsk(const v1::Contract& contract, absl::Time now) {
  if (now >= MidnightAfter(base::FromProto(contract.accept_time()), contract.payment_rule().return_days())) {
    return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, contract.contract_id(),
                        "the days for a return have passed");
  }
  const bool is_one_open = std::any_of(contract.returns().begin(), contract.returns().end(),
                                       [](const auto& r) { return r.state() == v1::RETURN_STATE_ASKED; });
  if (is_one_open || contract.returns_size() >= kMaxReturns) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, contract.contract_id(),
                        is_one_open ? "a return is not answered yet" : "has had as many returns as one may have");
  }
  return absl::OkStatus();
}

// What the goods kept cost; exact, so that returns of all parts give back all to the fen.
absl::StatusOr<int64_t> KeptFen(const v1::Contract& contract) {
  if (!IsByWeight(contract)) return KeptUnits(contract) * contract.unit_price().amount_fen();
  const auto amount = directory::WeighedAmountFen(KeptWeightG(contract), contract.price_per_kg().amount_fen());
  if (!amount) return base::DataLoss("a contract's weight times its price is out of range");
  return *amount;
}

absl::Status MoveBack(ledger::Operation& operation, const v1::Contract& contract, const v1::ContractReturn& back) {
  if (back.goods() == v1::REJECTED_GOODS_RETURNED) {
    return GiveBack(operation, contract, Balance::kSold, back.units());
  }
  return listing::MoveUnits(operation, contract.listing_id(), Balance::kSold, Balance::kSpoiled, back.units(),
                            contract.contract_id());
}

// Takes the amount off what the contract spent and off what is owed for it.
absl::Status TakeOff(ledger::Operation& operation, const v1::Contract& contract, int64_t amount_fen) {
  if (amount_fen == 0) return absl::OkStatus();
  const absl::Status freed = contract.state() == v1::CONTRACT_STATE_SETTLED
                                 ? quota::Refund(operation, contract.institution_uscc(), contract.quota_year(),
                                                 amount_fen, contract.contract_id())
                                 : ReleaseQuota(operation, contract, amount_fen);
  if (!freed.ok()) return freed;
  return ledger::Post(operation, audit::v1::POSTING_CAUSE_GOODS_RETURNED, contract.contract_id(),
                      {{ledger::SupplierReceivable(contract.supplier_uscc()), -amount_fen},
                       {ledger::InstitutionPayable(contract.institution_uscc()), amount_fen}});
}

// Gives back stock, quota, order and money, each once, and stores the contract.
absl::Status TakeBack(ledger::Operation& operation, v1::Contract& contract, v1::ContractReturn& back) {
  const int64_t former_fen = contract.accepted_amount().amount_fen();
  contract.set_taken_back_units(contract.taken_back_units() + back.units());
  contract.set_taken_back_weight_g(contract.taken_back_weight_g() + back.weight_g());
  const auto kept_fen = KeptFen(contract);
  if (!kept_fen.ok()) return kept_fen.status();
  contract.mutable_accepted_amount()->set_amount_fen(*kept_fen);
  back.mutable_amount()->set_amount_fen(former_fen - *kept_fen);
  if (absl::Status moved = MoveBack(operation, contract, back); !moved.ok()) return moved;
  if (absl::Status off = TakeOff(operation, contract, former_fen - *kept_fen); !off.ok()) return off;
  if (absl::Status unfilled = Unfill(operation, contract.order_id(), back.units() * contract.sale_unit_base(), "");
      !unfilled.ok()) {
    return unfilled;
  }
  if (absl::Status refunded = RefundExcess(operation, contract); !refunded.ok()) return refunded;
  PutContract(operation, contract);
  const bool is_done = contract.state() == v1::CONTRACT_STATE_ACCEPTED && OwedFen(contract) == 0;
  return is_done ? SettleNow(operation, contract, kOweNothingStep, base::kTime) : absl::OkStatus();
}

// The contract where the caller may answer for its supplier.
absl::StatusOr<v1::Contract> GetToAnswer(ledger::Operation& operation, const std::string& contract_id) {
  auto contract = GetContract(operation.transaction(), contract_id);
  if (!contract.ok()) return contract;
  const base::Caller& caller = operation.caller();
  const bool may_answer =
      caller.Is(Role::ROLE_SUPPLIER, contract->supplier_uscc()) || caller.IsOfficerOf(contract->origin_code());
  if (!may_answer) return base::NotFound("contract", contract_id);
  return contract;
}

}  // namespace

absl::StatusOr<v1::AskReturnResponse> AskReturn(ledger::Operation& operation, const v1::AskReturnRequest& request) {
  base::FieldErrors errors;
  CheckAsked(request, errors);
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return errors.Else(contract.status());
  if (absl::Status stepped = TakeStep(*contract, kAskReturnStep, operation.caller().role); !stepped.ok()) {
    return errors.Else(stepped);
  }
  CheckFits(*contract, request, errors);
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status may = CheckMayAsk(*contract, operation.now()); !may.ok()) return may;
  v1::ContractReturn& asked = *contract->add_returns();
  asked.set_return_id(operation.NewId());
  asked.set_state(v1::RETURN_STATE_ASKED);
  asked.set_units(request.units());
  asked.set_weight_g(request.weight_g());
  asked.set_goods(request.goods());
  asked.set_party(request.party());
  asked.set_cause(request.cause());
  *asked.mutable_ask_time() = base::ToProto(operation.now());
  PutContract(operation, *contract);
  return Respond<v1::AskReturnResponse>(*std::move(contract));
}

absl::StatusOr<v1::AnswerReturnResponse> AnswerReturn(ledger::Operation& operation,
                                                      const v1::AnswerReturnRequest& request) {
  base::FieldErrors errors;
  const size_t length = base::CodePointCount(request.answer());
  errors.Require(length <= base::kMaxRemarkCodePoints && (request.is_agreed() || length >= 1), "answer",
                 "must have at most 500 characters, and at least one where a return is declined");
  if (!errors.empty()) return errors.ToStatus();
  auto contract = GetToAnswer(operation, request.contract_id());
  if (!contract.ok()) return contract.status();
  if (absl::Status stepped =
          TakeStep(*contract, request.is_agreed() ? kAgreeReturnStep : kDeclineReturnStep, operation.caller().role);
      !stepped.ok()) {
    return stepped;
  }
  auto& returns = *contract->mutable_returns();
  const auto asked =
      std::find_if(returns.begin(), returns.end(), [&](const auto& r) { return r.return_id() == request.return_id(); });
  if (asked == returns.end()) return base::NotFound("return", request.return_id());
  if (asked->state() != v1::RETURN_STATE_ASKED) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, request.return_id(), "is answered",
                        {{"state", v1::ReturnState_Name(asked->state())}});
  }
  asked->set_state(request.is_agreed() ? v1::RETURN_STATE_AGREED : v1::RETURN_STATE_DECLINED);
  asked->set_answer(request.answer());
  *asked->mutable_answer_time() = base::ToProto(operation.now());
  if (request.is_agreed()) {
    if (absl::Status back = TakeBack(operation, *contract, *asked); !back.ok()) return back;
  } else {
    PutContract(operation, *contract);
  }
  return Respond<v1::AnswerReturnResponse>(*std::move(contract));
}

}  // namespace zhuxiao::order
