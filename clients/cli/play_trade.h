// What the scenes of trade share: orders, the way of a contract to settlement, and balances shown.
#pragma once

#include <string>
#include <string_view>

#include "clients/cli/play_stage.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/order/v1/order.pb.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::cli {

// An order of `quantity_base` at no more than `limit_fen` for `limit_base`, to arrive within `days`, immediate or
// cancel.
order::v1::Order MakeOrder(const Stage& stage, std::string_view buyer, const std::string& commodity_code,
                           int64_t quantity_base, int64_t limit_fen, int64_t limit_base, int days);

// How an accepted shipment turned out.
struct Delivery {
  int64_t spoiled_units = 0;      // of each contract
  int64_t weight_per_unit_g = 0;  // goods settled by weight only
};

// Takes each of the contracts from PROPOSED to SETTLED: the supplier signs and ships with today's certificates, the
// buyer accepts and pays. Contracts with suppliers outside the cast are left alone.
void Fulfil(Stage& stage, std::string_view buyer, const order::v1::PlaceOrderResponse& placed,
            const Delivery& delivery);

// The listing as it is now, and its balances as a table of one row.
listing::v1::Listing ReadListing(Stage& stage, const std::string& listing_id);
void ShowBalances(Stage& stage, const std::vector<std::pair<std::string, listing::v1::Listing>>& listings);

// The quota of an institution for this year.
quota::v1::Quota ReadQuota(Stage& stage, std::string_view institution);

}  // namespace zhuxiao::cli
