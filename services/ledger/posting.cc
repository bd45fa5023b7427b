#include "services/ledger/posting.h"

#include <cstdio>
#include <cstdlib>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/keys.h"

namespace zhuxiao::ledger {

using base::StrCat;

std::string SupplierReceivable(std::string_view uscc) { return StrCat("supplier:", uscc, ":receivable"); }
std::string SupplierPaid(std::string_view uscc) { return StrCat("supplier:", uscc, ":paid"); }
std::string InstitutionPayable(std::string_view uscc) { return StrCat("institution:", uscc, ":payable"); }
std::string InstitutionPaid(std::string_view uscc) { return StrCat("institution:", uscc, ":paid"); }
std::string SupplierInterest(std::string_view uscc) { return StrCat("supplier:", uscc, ":interest"); }
std::string InstitutionInterest(std::string_view uscc) { return StrCat("institution:", uscc, ":interest"); }
std::string PlatformPayable(std::string_view uscc) { return StrCat("platform:", uscc, ":payable"); }
std::string ClaimantReward(std::string_view uscc) { return StrCat("claimant:", uscc, ":reward"); }
std::string ClaimantDue(std::string_view uscc) { return StrCat("claimant:", uscc, ":due"); }
std::string RewardFund(std::string_view jurisdiction) { return StrCat("fund:", jurisdiction, ":reward"); }
std::string RewardPool(std::string_view policy_id) { return StrCat("pool:", policy_id); }
std::string WaivedFees(std::string_view kind) { return StrCat("waived:", kind); }
std::string ClaimantWaived(std::string_view uscc) { return StrCat("claimant:", uscc, ":waived"); }
std::string RewardFundDue(std::string_view jurisdiction) { return StrCat("fund:", jurisdiction, ":due"); }

absl::Status Post(Operation& operation, audit::v1::PostingCause cause, std::string_view cause_id,
                  const std::vector<Leg>& legs) {
  audit::v1::Posting& posting = *operation.event().add_postings();
  posting.set_cause(cause);
  posting.set_cause_id(std::string(cause_id));
  *posting.mutable_time() = base::ToProto(operation.now());
  int64_t sum = 0;
  for (const Leg& leg : legs) {
    sum += leg.amount_fen;
    audit::v1::PostingLeg& row = *posting.add_legs();
    row.set_account(leg.account);
    row.set_amount_fen(leg.amount_fen);
    const int64_t least_fen = leg.may_go_below_zero ? INT64_MIN : 0;
    const absl::Status status = operation.transaction().Add(store::Key(kAccountTable, leg.account), 0, leg.amount_fen,
                                                            {.min = least_fen, .max = INT64_MAX});
    if (absl::IsOutOfRange(status) && !leg.may_go_below_zero) {
      return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, leg.account,
                          "does not hold so much money");
    }
    if (!status.ok()) return status;
  }
  if (sum != 0) {
    std::fprintf(stderr, "unbalanced entry for %.*s: %s\n", static_cast<int>(cause_id.size()), cause_id.data(),
                 posting.ShortDebugString().c_str());
    std::abort();
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::ledger
