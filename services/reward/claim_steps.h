// The states of a claim as one table: which step leads from where to where, and who takes it; and which officers may
// not take a step because of one they took before. Private to the module.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

enum class ClaimAction {
  kReview,         // first review: passed
  kRejectReview,   // first review: not passed
  kRecheck,        // second review
  kRejectRecheck,  //
  kPublish,
  kObject,
  kAnswer,  // an objection is turned down
  kUphold,  // an objection is upheld
  kApprove,
  kRejectApproval,
  kPay,
  kOwe,         // the books show more paid than earned
  kOweNothing,  // sales reported late earn what was owed, before anything was returned
  kOweNoMore,   // the same, after an earlier return
  kSettle,
};
inline constexpr ClaimAction kLastClaimAction = ClaimAction::kSettle;

// Who takes a step: an officer of the jurisdiction, anyone with a token, or the books when sales and refunds are
// reported.
enum class ClaimActor { kOfficer, kAnyone, kBooks };

struct ClaimStep {
  v1::ClaimState from;
  ClaimAction action;
  ClaimActor actor;
  v1::ClaimState to;
};

inline constexpr ClaimStep kClaimSteps[] = {
    {v1::CLAIM_STATE_SUBMITTED, ClaimAction::kReview, ClaimActor::kOfficer, v1::CLAIM_STATE_REVIEWED},
    {v1::CLAIM_STATE_SUBMITTED, ClaimAction::kRejectReview, ClaimActor::kOfficer, v1::CLAIM_STATE_REJECTED},
    {v1::CLAIM_STATE_REVIEWED, ClaimAction::kRecheck, ClaimActor::kOfficer, v1::CLAIM_STATE_RECHECKED},
    {v1::CLAIM_STATE_REVIEWED, ClaimAction::kRejectRecheck, ClaimActor::kOfficer, v1::CLAIM_STATE_REJECTED},
    {v1::CLAIM_STATE_RECHECKED, ClaimAction::kPublish, ClaimActor::kOfficer, v1::CLAIM_STATE_PUBLISHED},
    {v1::CLAIM_STATE_PUBLISHED, ClaimAction::kObject, ClaimActor::kAnyone, v1::CLAIM_STATE_PUBLISHED},
    {v1::CLAIM_STATE_PUBLISHED, ClaimAction::kAnswer, ClaimActor::kOfficer, v1::CLAIM_STATE_PUBLISHED},
    {v1::CLAIM_STATE_PUBLISHED, ClaimAction::kUphold, ClaimActor::kOfficer, v1::CLAIM_STATE_REJECTED},
    {v1::CLAIM_STATE_PUBLISHED, ClaimAction::kApprove, ClaimActor::kOfficer, v1::CLAIM_STATE_APPROVED},
    {v1::CLAIM_STATE_PUBLISHED, ClaimAction::kRejectApproval, ClaimActor::kOfficer, v1::CLAIM_STATE_REJECTED},
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

// Four eyes: true where the officer with the token took an earlier step that this one checks. Who reviewed may not
// recheck, who reviewed or rechecked may not approve, who approved may not pay; turning down is checking too.
inline bool HasSeenBefore(const v1::Claim& claim, ClaimAction action, std::string_view token_id) {
  switch (action) {
    case ClaimAction::kRecheck:
    case ClaimAction::kRejectRecheck:
      return claim.reviewed_by() == token_id;
    case ClaimAction::kApprove:
    case ClaimAction::kRejectApproval:
      return claim.reviewed_by() == token_id || claim.rechecked_by() == token_id;
    case ClaimAction::kPay:
      return claim.approved_by() == token_id;
    default:
      return false;
  }
}

}  // namespace zhuxiao::reward
