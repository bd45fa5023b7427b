#include "services/quota/bindings.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/base/uscc.h"
#include "services/quota/canteens.h"
#include "services/quota/declaration_record.h"
#include "services/quota/quota.h"
#include "services/quota/rebinding_states.h"
#include "services/quota/records.h"
#include "services/quota/rule_book.h"
#include "services/quota/rules.h"
#include "services/store/page.h"

namespace zhuxiao::quota {
namespace {

using base::ErrorReason;

void Put(ledger::Operation& operation, const v1::QuotaBinding& binding) {
  operation.transaction().Put(BindingKey(binding.contract_id()), binding.SerializeAsString());
}

template <typename Response>
Response Respond(v1::QuotaBinding binding) {
  Response response;
  *response.mutable_binding() = std::move(binding);
  return response;
}

bool Sees(store::Reader& reader, const base::Caller& caller, const std::string& uscc) {
  return RegionFor(reader, caller, uscc).ok();
}

// The binding where the caller has to do with the buyer or the quota it counts for; NOT_FOUND otherwise, as for a
// contract that is unknown.
absl::StatusOr<v1::QuotaBinding> GetVisibleBinding(store::Reader& reader, const base::Caller& caller,
                                                   std::string_view contract_id) {
  auto binding = FindBinding(reader, contract_id);
  if (!binding.ok()) return binding.status();
  if (!*binding ||
      (!Sees(reader, caller, (*binding)->buyer_uscc()) && !Sees(reader, caller, (*binding)->institution_uscc()))) {
    return base::NotFound("contract", contract_id);
  }
  return **std::move(binding);
}

// True while a proposal waits to be decided.
bool IsAsked(const v1::QuotaBinding& binding) {
  return !binding.rebindings().empty() && binding.rebindings().rbegin()->state() == v1::REBINDING_STATE_PROPOSED;
}

absl::Status CheckCounts(const v1::QuotaBinding& binding) {
  if (binding.held().amount_fen() + binding.settled().amount_fen() > 0) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, binding.contract_id(),
                      "nothing of the contract counts for any quota");
}

// OK until the last correction window of the year there, of whatever kind, has passed, and where no rule holds.
absl::Status CheckStillOpen(store::Reader& reader, const v1::QuotaBinding& binding, const std::string& region_code,
                            absl::Time now) {
  std::string last_day;
  for (const v1::QuotaKind kind : {v1::QUOTA_KIND_SHARE, v1::QUOTA_KIND_GROWTH}) {
    auto rule = RuleFor(reader, binding.year(), region_code, kind, binding.contract_id());
    if (base::ReasonOf(rule.status()) == ErrorReason::ERROR_REASON_POLICY_MISSING) continue;
    if (!rule.ok()) return rule.status();
    last_day = std::max(last_day, rule->correctable_until());
  }
  if (last_day.empty() || now < EndOf(last_day)) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, binding.contract_id(),
                      base::StrCat("contracts of ", binding.year(), " could be re-bound until ", last_day));
}

// The quota `uscc` stands for. REFERENCE_INVALID where that is no institution or the contract counts for it already.
absl::StatusOr<std::string> TargetOf(store::Reader& reader, const v1::QuotaBinding& binding, const std::string& uscc) {
  auto unit = UnitOf(reader, uscc);
  if (absl::IsNotFound(unit.status())) {
    return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, uscc, "is no institution");
  }
  if (!unit.ok()) return unit.status();
  if (*unit == binding.institution_uscc()) {
    return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, uscc, "the contract counts for its quota already");
  }
  return unit;
}

void AddEntry(v1::Rebinding& rebinding, const std::string& uscc, int64_t held_fen, int64_t settled_fen) {
  v1::BindingEntry& entry = *rebinding.add_entries();
  entry.set_institution_uscc(uscc);
  entry.set_held_fen(held_fen);
  entry.set_settled_fen(settled_fen);
}

// Moves all the contract counts from one quota to the other and notes the two entries.
absl::Status Rebind(ledger::Operation& operation, v1::QuotaBinding& binding, v1::Rebinding& rebinding) {
  const int64_t held = binding.held().amount_fen();
  const int64_t settled = binding.settled().amount_fen();
  if (absl::Status counts = CheckCounts(binding); !counts.ok()) return counts;
  auto to = TargetOf(operation.transaction(), binding, rebinding.to_uscc());
  if (!to.ok()) return to.status();
  if (*to != rebinding.to_uscc()) {
    return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, rebinding.to_uscc(),
                        "another declares for the institution since");
  }
  if (absl::Status moved = MoveSpending(operation, binding.contract_id(), binding.year(), rebinding.from_uscc(),
                                        rebinding.to_uscc(), held, settled);
      !moved.ok()) {
    return moved;
  }
  AddEntry(rebinding, rebinding.from_uscc(), -held, -settled);
  AddEntry(rebinding, rebinding.to_uscc(), held, settled);
  binding.set_institution_uscc(rebinding.to_uscc());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<v1::QuotaBinding>> FindBinding(store::Reader& reader, std::string_view contract_id) {
  auto row = reader.Get(BindingKey(contract_id));
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<v1::QuotaBinding>();
  v1::QuotaBinding binding;
  if (!binding.ParseFromString(**row)) return base::DataLoss("a binding cannot be read");
  return std::optional(std::move(binding));
}

absl::Status AddToBinding(ledger::Operation& operation, v1::QuotaBinding& binding, int64_t held_fen,
                          int64_t settled_fen) {
  const int64_t held = binding.held().amount_fen() + held_fen;
  const int64_t settled = binding.settled().amount_fen() + settled_fen;
  if (held < 0 || settled < 0) return base::DataLoss("more of a contract is released or settled than it holds");
  binding.mutable_held()->set_amount_fen(held);
  binding.mutable_settled()->set_amount_fen(settled);
  Put(operation, binding);
  return absl::OkStatus();
}

absl::StatusOr<v1::ProposeRebindingResponse> ProposeRebinding(ledger::Operation& operation,
                                                              const v1::ProposeRebindingRequest& request) {
  base::FieldErrors errors;
  errors.Require(base::IsValidUscc(request.to_uscc()), "to_uscc",
                 "is no unified social credit code, or its check character is wrong");
  CheckText(request.cause(), base::kMaxRemarkCodePoints, "cause", errors);
  if (!errors.empty()) return errors.ToStatus();
  store::Transaction& transaction = operation.transaction();
  auto binding = GetVisibleBinding(transaction, operation.caller(), request.contract_id());
  if (!binding.ok()) return binding.status();
  if (absl::Status counts = CheckCounts(*binding); !counts.ok()) return counts;
  if (IsAsked(*binding) || binding->rebindings_size() >= kMaxRebindings) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, binding->contract_id(),
                        "a proposal waits to be decided, or there were too many");
  }
  auto to = TargetOf(transaction, *binding, request.to_uscc());
  if (!to.ok()) return to.status();
  auto region = SeatOf(transaction, *to);
  if (!region.ok()) return region.status();
  if (absl::Status open = CheckStillOpen(transaction, *binding, *region, operation.now()); !open.ok()) return open;

  v1::Rebinding& rebinding = *binding->add_rebindings();
  rebinding.set_from_uscc(binding->institution_uscc());
  rebinding.set_to_uscc(*std::move(to));
  rebinding.set_cause(request.cause());
  rebinding.set_state(v1::REBINDING_STATE_PROPOSED);
  rebinding.set_proposed_by(operation.caller().token_id);
  *rebinding.mutable_propose_time() = base::ToProto(operation.now());
  Put(operation, *binding);
  *operation.event().add_bindings() = *binding;
  return Respond<v1::ProposeRebindingResponse>(*std::move(binding));
}

absl::StatusOr<v1::DecideRebindingResponse> DecideRebinding(ledger::Operation& operation,
                                                            const v1::DecideRebindingRequest& request) {
  base::FieldErrors errors;
  CheckRemark(request.remark(), !request.is_accepted(), "remark", errors);
  if (!errors.empty()) return errors.ToStatus();
  store::Transaction& transaction = operation.transaction();
  auto binding = GetVisibleBinding(transaction, operation.caller(), request.contract_id());
  if (!binding.ok()) return binding.status();
  if (binding->rebindings().empty()) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, binding->contract_id(), "nobody proposed any");
  }
  v1::Rebinding& rebinding = *binding->mutable_rebindings()->rbegin();
  if (absl::Status stepped = TakeStep(rebinding, request.is_accepted() ? kApproveRebindingStep : kRefuseRebindingStep,
                                      operation.caller().role, binding->contract_id());
      !stepped.ok()) {
    return stepped;
  }
  for (const std::string& uscc : {rebinding.from_uscc(), rebinding.to_uscc()}) {
    if (!Sees(transaction, operation.caller(), uscc)) return base::NotFound("contract", request.contract_id());
  }
  if (rebinding.proposed_by() == operation.caller().token_id) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, binding->contract_id(),
                        "who proposed a re-binding may not decide on it");
  }
  if (request.is_accepted()) {
    if (absl::Status rebound = Rebind(operation, *binding, rebinding); !rebound.ok()) return rebound;
  }
  rebinding.set_decided_by(operation.caller().token_id);
  *rebinding.mutable_decide_time() = base::ToProto(operation.now());
  rebinding.set_remark(request.remark());
  Put(operation, *binding);
  *operation.event().add_bindings() = *binding;
  return Respond<v1::DecideRebindingResponse>(*std::move(binding));
}

absl::StatusOr<v1::GetBindingResponse> GetBinding(store::Reader& reader, const base::Caller& caller,
                                                  const v1::GetBindingRequest& request) {
  auto binding = GetVisibleBinding(reader, caller, request.contract_id());
  if (!binding.ok()) return binding.status();
  return Respond<v1::GetBindingResponse>(*std::move(binding));
}

absl::Status ForEachBinding(store::Reader& reader, const std::function<absl::Status(const v1::QuotaBinding&)>& visit) {
  return store::WalkAll(reader, store::Key(kBindingTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::QuotaBinding binding;
    if (!binding.ParseFromString(row.value)) return base::DataLoss("a binding cannot be read");
    return visit(binding);
  });
}

}  // namespace zhuxiao::quota
