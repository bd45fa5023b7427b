// Settling a cleared round: its lines become contracts, one order an operation.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/order/market.h"

namespace zhuxiao::round {

// Decides the lines of the next order of a SETTLING round: makes its contracts as large as what happened meanwhile
// admits, notes on each line what became of it, and moves the cursor past them, all in the operation's transaction; so
// that wherever settling stops, it goes on with the next order and nothing is done twice. Several may follow one
// another in a transaction. True where no line is left:
// also for a round that is not settling.
absl::StatusOr<bool> SettleNext(ledger::Operation& operation, order::Market& market, const std::string& round_id);

// Drops the lines that SettleNext would decide next, as FAILED: for an order whose lines no later try can settle, so
// that it does not hold up the others and its region for ever.
absl::Status DropNext(ledger::Operation& operation, const std::string& round_id);

}  // namespace zhuxiao::round
