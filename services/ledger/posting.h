// Double-entry money: every entry is balanced, names its cause, and is on the feed; account balances are counters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/ledger/operation.h"

namespace zhuxiao::ledger {

struct Leg {
  std::string account;
  int64_t amount_fen = 0;         // debit positive, credit negative
  bool may_go_below_zero = true;  // false for a fund that must never be overdrawn
};

// Account names. Parts are joined by ':'.
std::string SupplierReceivable(std::string_view uscc);     // what buyers owe a supplier
std::string SupplierPaid(std::string_view uscc);           // what a supplier was paid
std::string InstitutionPayable(std::string_view uscc);     // what an institution owes
std::string InstitutionPaid(std::string_view uscc);        // what an institution paid
std::string SupplierInterest(std::string_view uscc);       // interest a supplier was paid on what came late
std::string InstitutionInterest(std::string_view uscc);    // interest an institution paid
std::string PlatformPayable(std::string_view uscc);        // what a platform owes for stock it sold
std::string ClaimantReward(std::string_view uscc);         // rewards a firm received
std::string ClaimantDue(std::string_view uscc);            // what a firm owes back
std::string RewardFund(std::string_view jurisdiction);     // the public fund rewards come from
std::string RewardPool(std::string_view policy_id);        // what is left in a policy's pool; never below 0
std::string WaivedFees(std::string_view kind);             // fees of a kind that platforms did not charge
std::string ClaimantWaived(std::string_view uscc);         // fees a firm did not pay
std::string RewardFundDue(std::string_view jurisdiction);  // what firms owe the fund

// Books an entry: adds each leg to its account and the whole to the operation's event. The legs must sum to 0,
// else the process stops: an unbalanced entry is a defect, not an input. STATE_NOT_ALLOWED where an account that may
// not go below zero would.
absl::Status Post(Operation& operation, audit::v1::PostingCause cause, std::string_view cause_id,
                  const std::vector<Leg>& legs);

// Rows of account balances: Key(kAccountTable, name), a counter whose field 0 is the balance in fen.
inline constexpr std::string_view kAccountTable = "account";

}  // namespace zhuxiao::ledger
