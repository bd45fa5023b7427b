// The states of a claim as one table: which step leads from where to where, and who takes it. Private to the module.
#pragma once

#include <optional>

#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

enum class ClaimAction {
  kApprove,
  kReject,
  kPay,
  kOwe,         // the books show more paid than earned
  kOweNothing,  // sales reported late earn what was owed, before anything was returned
  kOweNoMore,   // the same, after an earlier return
  kSettle,
};

// Who takes a step: an officer of the jurisdiction, or the books when sales and refunds are reported.
enum class ClaimActor { kOfficer, kBooks };

struct ClaimStep {
  v1::ClaimState from;
  ClaimAction action;
  ClaimActor actor;
  v1::ClaimState to;
};

inline constexpr ClaimStep kClaimSteps[] = {
    {v1::CLAIM_STATE_SUBMITTED, ClaimAction::kApprove, ClaimActor::kOfficer, v1::CLAIM_STATE_APPROVED},
    {v1::CLAIM_STATE_SUBMITTED, ClaimAction::kReject, ClaimActor::kOfficer, v1::CLAIM_STATE_REJECTED},
    {v1::CLAIM_STATE_APPROVED, ClaimAction::kPay, ClaimActor::kOfficer, v1::CLAIM_STATE_PAID},
    {v1::CLAIM_STATE_PAID, ClaimAction::kOwe, ClaimActor::kBooks, v1::CLAIM_STATE_CLAW_BACK_OPEN},
    {v1::CLAIM_STATE_CLAW_BACK_OPEN, ClaimAction::kOwe, ClaimActor::kBooks, v1::CLAIM_STATE_CLAW_BACK_OPEN},
    {v1::CLAIM_STATE_CLAWED_BACK, ClaimAction::kOwe, ClaimActor::kBooks, v1::CLAIM_STATE_CLAW_BACK_OPEN},
    {v1::CLAIM_STATE_CLAW_BACK_OPEN, ClaimAction::kOweNothing, ClaimActor::kBooks, v1::CLAIM_STATE_PAID},
    {v1::CLAIM_STATE_CLAW_BACK_OPEN, ClaimAction::kOweNoMore, ClaimActor::kBooks, v1::CLAIM_STATE_CLAWED_BACK},
    {v1::CLAIM_STATE_CLAW_BACK_OPEN, ClaimAction::kSettle, ClaimActor::kOfficer, v1::CLAIM_STATE_CLAWED_BACK},
};

// Where `action` of `actor` leads from `from`, or nullopt where the table has no such step.
constexpr std::optional<v1::ClaimState> NextState(v1::ClaimState from, ClaimAction action, ClaimActor actor) {
  for (const ClaimStep& step : kClaimSteps) {
    if (step.from == from && step.action == action && step.actor == actor) return step.to;
  }
  return std::nullopt;
}

}  // namespace zhuxiao::reward
