// The life of a forward contract, move by move, against the table written out a second time.
#include "services/forward/forward_states.h"

#include "tests/support/state_table.h"

namespace zhuxiao::forward {
namespace {

using base::kTime;
using base::Role;
using namespace v1;  // the names of the states

TEST(ForwardStatesTest, AdmitsTheseMovesAndNoOther) {
  testing::ExpectMoves(
      ForwardStates(),
      {
          {{FORWARD_STATE_PROPOSED, "sign", Role::ROLE_SUPPLIER}, FORWARD_STATE_AGREED},
          {{FORWARD_STATE_PROPOSED, "refuse", Role::ROLE_SUPPLIER}, FORWARD_STATE_REFUSED},
          {{FORWARD_STATE_PROPOSED, "withdraw", Role::ROLE_INSTITUTION}, FORWARD_STATE_WITHDRAWN},
          {{FORWARD_STATE_PROPOSED, "miss the sign deadline", kTime}, FORWARD_STATE_LAPSED},
          {{FORWARD_STATE_AGREED, "call off", Role::ROLE_SUPPLIER}, FORWARD_STATE_AGREED},
          {{FORWARD_STATE_AGREED, "ask to cancel", Role::ROLE_SUPPLIER}, FORWARD_STATE_CANCEL_ASKED},
          {{FORWARD_STATE_AGREED, "ask to cancel", Role::ROLE_INSTITUTION}, FORWARD_STATE_CANCEL_ASKED},
          {{FORWARD_STATE_AGREED, "reach the window's end", kTime}, FORWARD_STATE_ENDED},
          {{FORWARD_STATE_CANCEL_ASKED, "agree to cancel", Role::ROLE_SUPPLIER}, FORWARD_STATE_CANCELLED},
          {{FORWARD_STATE_CANCEL_ASKED, "agree to cancel", Role::ROLE_INSTITUTION}, FORWARD_STATE_CANCELLED},
          {{FORWARD_STATE_CANCEL_ASKED, "decline to cancel", Role::ROLE_SUPPLIER}, FORWARD_STATE_AGREED},
          {{FORWARD_STATE_CANCEL_ASKED, "decline to cancel", Role::ROLE_INSTITUTION}, FORWARD_STATE_AGREED},
          {{FORWARD_STATE_CANCEL_ASKED, "reach the window", kTime}, FORWARD_STATE_AGREED},
      });
}

TEST(ForwardStatesTest, ARefusedStepLeavesItAsItIs) {
  Forward forward;
  forward.set_state(FORWARD_STATE_ENDED);
  forward.set_etag("7");
  EXPECT_THAT(TakeStep(forward, kCallOffStep, Role::ROLE_SUPPLIER),
              testing::HasReason(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(forward.state(), FORWARD_STATE_ENDED);
  EXPECT_EQ(forward.etag(), "7");
}

}  // namespace
}  // namespace zhuxiao::forward
