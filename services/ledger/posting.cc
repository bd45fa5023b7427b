#include "services/ledger/posting.h"

#include <cstdio>
#include <cstdlib>

#include "services/base/strings.h"
#include "services/store/keys.h"

namespace zhuxiao::ledger {

using base::StrCat;

std::string SupplierReceivable(std::string_view uscc) { return StrCat("supplier:", uscc, ":receivable"); }
std::string SupplierPaid(std::string_view uscc) { return StrCat("supplier:", uscc, ":paid"); }
std::string InstitutionPayable(std::string_view uscc) { return StrCat("institution:", uscc, ":payable"); }
std::string InstitutionPaid(std::string_view uscc) { return StrCat("institution:", uscc, ":paid"); }
std::string PlatformPayable(std::string_view uscc) { return StrCat("platform:", uscc, ":payable"); }
std::string ClaimantReward(std::string_view uscc) { return StrCat("claimant:", uscc, ":reward"); }
std::string ClaimantDue(std::string_view uscc) { return StrCat("claimant:", uscc, ":due"); }
std::string RewardFund(std::string_view jurisdiction) { return StrCat("fund:", jurisdiction, ":reward"); }
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
    if (absl::Status status = operation.transaction().Add(store::Key(kAccountTable, leg.account), 0, leg.amount_fen,
                                                          {.min = INT64_MIN, .max = INT64_MAX});
        !status.ok()) {
      return status;
    }
  }
  if (sum != 0) {
    std::fprintf(stderr, "unbalanced entry for %.*s: %s\n", static_cast<int>(cause_id.size()), cause_id.data(),
                 posting.ShortDebugString().c_str());
    std::abort();
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::ledger
