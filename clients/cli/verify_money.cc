// Checks the books from outside: money.
#include "clients/cli/verify.h"
#include "clients/cli/verify_rules.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {

using base::StrCat;

// An entry is a reason to look at what it was booked for.
void BookCheck::TouchBooked() {
  for (const auto& [cause, id] : touched_.booked) {
    if (contracts_.contains(id)) touched_.contracts.insert(id);
    if (sales_.contains(id)) touched_.sales.insert(id);
  }
}

void BookCheck::CheckAccounts() {
  int64_t sum = 0;
  for (const auto& [name, balance_fen] : accounts_) {
    sum += balance_fen;
    Require(balance_fen == posted_[name], Rule::kMoneyBalance, name,
            StrCat("book: ", balance_fen, " fen; entries: ", posted_[name]));
  }
  Require(sum == 0, Rule::kMoneyBalance, "*", StrCat("all accounts sum to ", sum, " fen"));
  for (const auto& [name, posted_fen] : posted_) {
    Require(posted_fen == 0 || accounts_.contains(name), Rule::kMoneyBalance, name, "is in no book");
  }
}

void BookCheck::CheckMoney() {
  CheckAccounts();
  for (const std::string& id : touched_.contracts) {
    const auto contract = contracts_.find(id);
    if (contract != contracts_.end()) CheckContractMoney(contract->second);
  }
  for (const std::string& id : touched_.sales) {
    const auto sale = sales_.find(id);
    if (sale == sales_.end()) continue;
    CheckBooked(audit::v1::POSTING_CAUSE_PLATFORM_SALE, id, true, sale->second.amount().amount_fen());
  }
  for (const auto& [id, claim] : claims_) {
    CheckBooked(audit::v1::POSTING_CAUSE_CLAIM_PAID, id, claim.has_pay_time(), claim.paid().amount_fen());
  }
  for (const auto& [cause, id] : touched_.booked) {
    const bool is_known = contracts_.contains(id) || sales_.contains(id) || claims_.contains(id) ||
                          waivers_.contains(id) || policies_.contains(id);
    Require(is_known, Rule::kMoneyCause, id,
            StrCat("an entry for ", audit::v1::PostingCause_Name(static_cast<audit::v1::PostingCause>(cause)),
                   " names nothing in the books"));
  }
}

// What is due for a thing was booked exactly once, with its amount; what is not due was not booked.
void BookCheck::CheckBooked(audit::v1::PostingCause cause, const std::string& id, bool is_due, int64_t amount_fen) {
  const auto it = booked_.find({cause, id});
  const Booked booked = it == booked_.end() ? Booked{} : it->second;
  const bool holds = is_due && amount_fen > 0 ? booked.count == 1 && booked.largest_leg_fen == amount_fen
                                              : booked.largest_leg_fen == 0;
  Require(holds, Rule::kMoneyCause, id,
          StrCat(audit::v1::PostingCause_Name(cause), ": ", booked.count, " entries of ", booked.largest_leg_fen,
                 " fen, due ", is_due ? amount_fen : 0));
}

}  // namespace zhuxiao::cli
