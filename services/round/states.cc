#include "services/round/states.h"

namespace zhuxiao::round {

const base::StateMachine& RoundStates() {
  using namespace v1;
  using base::kTime;
  using base::Role;
  static const std::vector<Role> kOfficers = {Role::ROLE_OFFICER, Role::ROLE_OPERATOR};
  static const std::vector<Role> kOfficersOrTime = {Role::ROLE_OFFICER, Role::ROLE_OPERATOR, kTime};
  static const auto* const machine =
      new base::StateMachine("round", *RoundState_descriptor(), {ROUND_STATE_OPEN},
                             {
                                 {ROUND_STATE_OPEN, kCloseStep, kOfficersOrTime, ROUND_STATE_CLOSING},
                                 {ROUND_STATE_OPEN, kCancelStep, kOfficers, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_CLOSING, kFreezeStep, {kTime}, ROUND_STATE_CLOSED},
                                 {ROUND_STATE_CLOSING, kFailStep, {kTime}, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_CLOSING, kCancelStep, kOfficers, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_CLOSED, kClearStep, kOfficersOrTime, ROUND_STATE_CLEARING},
                                 {ROUND_STATE_CLOSED, kCancelStep, kOfficers, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_CLEARING, kComputeStep, {kTime}, ROUND_STATE_CLEARED},
                                 {ROUND_STATE_CLEARING, kFailStep, {kTime}, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_CLEARING, kCancelStep, kOfficers, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_CLEARED, kSettleStep, kOfficersOrTime, ROUND_STATE_SETTLING},
                                 {ROUND_STATE_CLEARED, kCancelStep, kOfficers, ROUND_STATE_CANCELLED},
                                 {ROUND_STATE_SETTLING, kFinishStep, {kTime}, ROUND_STATE_SETTLED},
                             });
  return *machine;
}

std::optional<std::string_view> NextStepOf(v1::RoundState state) {
  switch (state) {
    case v1::ROUND_STATE_OPEN:
      return kCloseStep;
    case v1::ROUND_STATE_CLOSED:
      return kClearStep;
    case v1::ROUND_STATE_CLEARED:
      return kSettleStep;
    default:
      return std::nullopt;
  }
}

bool IsWorking(v1::RoundState state) {
  return state == v1::ROUND_STATE_CLOSING || state == v1::ROUND_STATE_CLEARING || state == v1::ROUND_STATE_SETTLING;
}

bool IsOver(v1::RoundState state) { return RoundStates().IsFinal(state); }

}  // namespace zhuxiao::round
