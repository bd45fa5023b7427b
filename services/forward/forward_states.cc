#include "services/forward/forward_states.h"

#include "services/base/etag.h"

namespace zhuxiao::forward {

const base::StateMachine& ForwardStates() {
  using namespace v1;
  using base::kTime;
  using base::Role;
  static const std::vector<Role> sides = {Role::ROLE_SUPPLIER, Role::ROLE_INSTITUTION};
  static const auto* const machine = new base::StateMachine(
      "forward contract", *ForwardState_descriptor(), {FORWARD_STATE_PROPOSED},
      {
          {FORWARD_STATE_PROPOSED, kSignStep, {Role::ROLE_SUPPLIER}, FORWARD_STATE_AGREED},
          {FORWARD_STATE_PROPOSED, kRefuseStep, {Role::ROLE_SUPPLIER}, FORWARD_STATE_REFUSED},
          {FORWARD_STATE_PROPOSED, kWithdrawStep, {Role::ROLE_INSTITUTION}, FORWARD_STATE_WITHDRAWN},
          {FORWARD_STATE_PROPOSED, kMissSignDeadlineStep, {kTime}, FORWARD_STATE_LAPSED},
          {FORWARD_STATE_AGREED, kCallOffStep, {Role::ROLE_SUPPLIER}, FORWARD_STATE_AGREED},
          {FORWARD_STATE_AGREED, kAskCancelStep, sides, FORWARD_STATE_CANCEL_ASKED},
          {FORWARD_STATE_AGREED, kEndWindowStep, {kTime}, FORWARD_STATE_ENDED},
          {FORWARD_STATE_CANCEL_ASKED, kAgreeCancelStep, sides, FORWARD_STATE_CANCELLED},
          {FORWARD_STATE_CANCEL_ASKED, kDeclineCancelStep, sides, FORWARD_STATE_AGREED},
          {FORWARD_STATE_CANCEL_ASKED, kReachWindowStep, {kTime}, FORWARD_STATE_AGREED},
      });
  return *machine;
}

absl::Status TakeStep(v1::Forward& forward, std::string_view step, base::Role actor) {
  auto next = ForwardStates().Next(forward.state(), step, actor, forward.forward_id());
  if (!next.ok()) return next.status();
  forward.set_state(static_cast<v1::ForwardState>(*next));
  forward.set_etag(base::NextEtag(forward.etag()));
  return absl::OkStatus();
}

}  // namespace zhuxiao::forward
