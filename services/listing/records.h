// Rows of the listing module; private to it.
#pragma once

#include <string_view>

namespace zhuxiao::listing {

inline constexpr std::string_view kListingTable = "listing";              // <id> -> Listing without balances
inline constexpr std::string_view kBalanceTable = "listing_balance";      // <id> -> counter of Balance fields
inline constexpr std::string_view kByCommodity = "listing_by_commodity";  // <commodity>/<id> -> empty
inline constexpr std::string_view kByCounty = "listing_by_county";        // <county code>/<id> -> empty
inline constexpr std::string_view kBySupplier = "listing_by_supplier";    // <uscc>/<id> -> empty
inline constexpr std::string_view kDue = "listing_due";                   // <last-sale time>/<id> -> empty

}  // namespace zhuxiao::listing
