#include "services/stall/case_states.h"

#include "services/base/etag.h"

namespace zhuxiao::stall {
namespace {

using base::kTime;
using base::Role;

std::vector<base::Transition> MakeTable() {
  using namespace v1;
  const std::vector<Role> officers = {Role::ROLE_OFFICER, Role::ROLE_OPERATOR};
  const std::vector<Role> officers_or_time = {kTime, Role::ROLE_OFFICER, Role::ROLE_OPERATOR};
  std::vector<base::Transition> table;
  for (const int from : {STALL_CASE_STATE_REPORTED, STALL_CASE_STATE_DETECTED}) {
    table.push_back({from, kVerifyStep, officers, STALL_CASE_STATE_VERIFIED});
    table.push_back({from, kDismissStep, officers, STALL_CASE_STATE_DISMISSED});
  }
  table.push_back({STALL_CASE_STATE_VERIFIED, kDispatchStep, officers, STALL_CASE_STATE_DISPATCHED});
  table.push_back({STALL_CASE_STATE_DISPATCHED, kDispatchStep, officers, STALL_CASE_STATE_DISPATCHED});
  table.push_back({STALL_CASE_STATE_PARTLY_SOLD, kDispatchStep, officers, STALL_CASE_STATE_PARTLY_SOLD});
  table.push_back({STALL_CASE_STATE_VERIFIED, kSellStep, {kTime}, STALL_CASE_STATE_PARTLY_SOLD});
  table.push_back({STALL_CASE_STATE_DISPATCHED, kSellStep, {kTime}, STALL_CASE_STATE_PARTLY_SOLD});
  for (const int from : {STALL_CASE_STATE_REPORTED, STALL_CASE_STATE_DETECTED, STALL_CASE_STATE_VERIFIED,
                         STALL_CASE_STATE_DISPATCHED, STALL_CASE_STATE_PARTLY_SOLD}) {
    table.push_back({from, kRaiseStep, officers_or_time, from});
    table.push_back({from, kClearStep, officers_or_time, STALL_CASE_STATE_CLEARED});
    table.push_back({from, kSpoilStep, officers_or_time, STALL_CASE_STATE_SPOILED});
  }
  return table;
}

}  // namespace

const base::StateMachine& CaseStates() {
  static const auto* const machine =
      new base::StateMachine("stall case", *v1::StallCaseState_descriptor(),
                             {v1::STALL_CASE_STATE_REPORTED, v1::STALL_CASE_STATE_DETECTED}, MakeTable());
  return *machine;
}

absl::Status TakeStep(v1::StallCase& stall_case, std::string_view step, base::Role actor) {
  auto next = CaseStates().Next(stall_case.state(), step, actor, stall_case.case_id());
  if (!next.ok()) return next.status();
  stall_case.set_state(static_cast<v1::StallCaseState>(*next));
  stall_case.set_etag(base::NextEtag(stall_case.etag()));
  return absl::OkStatus();
}

}  // namespace zhuxiao::stall
