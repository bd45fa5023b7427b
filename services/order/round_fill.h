// Fills one standing order with what a clearing round gave it. Time has passed since the round was frozen: what was
// bought, spent or closed meanwhile shrinks its shares, and each says why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/order/market.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// What kept a share from its full size.
enum class FillLimit {
  kNone,
  kOrderEnded,         // the order stands no more
  kOrderServed,        // other contracts fill the order
  kListingClosed,      // withdrawn or past its last-sale time
  kListingBarred,      // a contract of the order over it fell short before
  kPriceChanged,       // the price or the sale unit is not what the round weighed
  kSupplierNotActive,  // the supplier may not sell now
  kTooLate,            // the goods would arrive too late, or with too little life left
  kStockSold,          // others bought of the listing
  kLimitSpent,         // the buyer's spending limit does not cover it
  kBelowMinLot,        // what is left of it is below the least lot
  kNotFilledWhole,     // the order takes no part, and could not be filled whole
};

// What a round gives an order of one listing.
struct RoundShare {
  std::string listing_id;
  int64_t units = 0;           // 1 or more
  int64_t sale_unit_base = 0;  // as the round weighed it
  int64_t unit_price_fen = 0;
  v1::MatchReason reason;
};

struct RoundFill {
  int64_t units = 0;  // 0 .. RoundShare::units
  FillLimit limit = FillLimit::kNone;
  std::string contract_id;  // empty where there are no units
};

// Shares of one order taken at once. More suppliers than this no canteen can receive, and with the rows of a contract
// it keeps a transaction well inside the store's limits.
inline constexpr size_t kMaxRoundShares = 256;

// The same of an order that takes no part and so is not taken in several pieces: as many contracts as one transaction
// holds. One of more shares is not filled.
inline constexpr size_t kMaxWholeShares = 700;

// Makes the contracts of an order's shares (1 to kMaxRoundShares, or kMaxWholeShares, of different listings), each as
// large as its listing, the order and the spending limit still admit; answers one fill a share, in their order. An
// order that takes no part gets all of it or nothing. NOT_FOUND for an unknown order or listing.
absl::StatusOr<std::vector<RoundFill>> FillFromRound(ledger::Operation& operation, Market& market,
                                                     const std::string& order_id,
                                                     const std::vector<RoundShare>& shares);

}  // namespace zhuxiao::order
