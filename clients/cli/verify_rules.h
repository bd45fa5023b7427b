// The sums of the trade in their plainest form, written a second time so that the server's own are checked by another
// hand. They share nothing with services/.
#pragma once

#include <cstdint>

#include "zhuxiao/order/v1/order.pb.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::cli {

// What goods cost: units times unit price; where they were sold by weight (price_per_kg_fen > 0), weight times price
// rounded half up to the fen once.
int64_t PriceOf(int64_t units, int64_t unit_price_fen, int64_t weight_g, int64_t price_per_kg_fen);

// Sale units of a contract that count as bought in its state: ordered, then delivered, then accepted; none when void.
int64_t LiveUnits(const order::v1::Contract& contract);

// What a contract holds against its quota in its state, and what it has settled.
int64_t HeldFen(const order::v1::Contract& contract);
int64_t SettledFen(const order::v1::Contract& contract);

// Units of a contract that spoiled on the way or after they were accepted.
int64_t SpoiledUnits(const order::v1::Contract& contract);

// Interest on what is paid late, rounded half up to the fen once.
int64_t InterestFen(int64_t owed_fen, int64_t rate_ppm, int64_t days);

// True where the contract's price is within the order's limit. Compared as cross products, without division.
bool IsWithinLimit(const order::v1::Contract& contract, const order::v1::Order& order);

// What a declaration asks for at least: 0 where it asks to be let off, else the rule's part of its base rounded up to
// the fen, or its own target where that is more.
int64_t DeclaredTargetFen(const quota::v1::Declaration& declaration);

}  // namespace zhuxiao::cli
