#include "services/quota/declaration_states.h"

#include "services/base/etag.h"

namespace zhuxiao::quota {
namespace {

using base::kTime;
using base::Role;

std::vector<base::Transition> MakeTable() {
  using namespace v1;
  const std::vector<Role> unit = {Role::ROLE_INSTITUTION};
  const std::vector<Role> officers = {Role::ROLE_OFFICER, Role::ROLE_OPERATOR};
  std::vector<base::Transition> table;
  for (const int from : {DECLARATION_STATE_DRAFT, DECLARATION_STATE_RETURNED}) {
    table.push_back({from, kSaveStep, unit, from});
    table.push_back({from, kSubmitStep, unit, DECLARATION_STATE_SUBMITTED});
  }
  table.push_back({DECLARATION_STATE_SUBMITTED, kPassStep, officers, DECLARATION_STATE_REVIEWED});
  table.push_back({DECLARATION_STATE_SUBMITTED, kReturnStep, officers, DECLARATION_STATE_RETURNED});
  table.push_back({DECLARATION_STATE_REVIEWED, kConfirmStep, officers, DECLARATION_STATE_CONFIRMED});
  table.push_back({DECLARATION_STATE_REVIEWED, kReturnStep, officers, DECLARATION_STATE_RETURNED});
  table.push_back({DECLARATION_STATE_CONFIRMED, kLockStep, {kTime}, DECLARATION_STATE_LOCKED});
  for (const int from : {DECLARATION_STATE_LOCKED, DECLARATION_STATE_CORRECTED}) {
    table.push_back({from, kCorrectStep, unit, DECLARATION_STATE_CORRECTING});
  }
  table.push_back({DECLARATION_STATE_CORRECTING, kGrantStep, officers, DECLARATION_STATE_CORRECTED});
  table.push_back({DECLARATION_STATE_CORRECTING, kDenyStep, officers, DECLARATION_STATE_LOCKED});
  for (const int from : {DECLARATION_STATE_LOCKED, DECLARATION_STATE_CORRECTING, DECLARATION_STATE_CORRECTED}) {
    table.push_back({from, kCloseStep, {kTime}, DECLARATION_STATE_CLOSED});
  }
  return table;
}

}  // namespace

const base::StateMachine& DeclarationStates() {
  static const auto* const machine = new base::StateMachine("declaration", *v1::DeclarationState_descriptor(),
                                                            {v1::DECLARATION_STATE_DRAFT}, MakeTable());
  return *machine;
}

bool IsInForce(const v1::Declaration& declaration) { return declaration.state() >= v1::DECLARATION_STATE_CONFIRMED; }

absl::Status TakeStep(v1::Declaration& declaration, std::string_view step, base::Role actor) {
  auto next = DeclarationStates().Next(declaration.state(), step, actor, declaration.institution_uscc());
  if (!next.ok()) return next.status();
  declaration.set_state(static_cast<v1::DeclarationState>(*next));
  declaration.set_etag(base::NextEtag(declaration.etag()));
  return absl::OkStatus();
}

}  // namespace zhuxiao::quota
