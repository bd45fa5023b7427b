// Keys of the partner module's rows. Private to it.
//
//   hold/<hold id>                                  Hold
//   hold_due/<expiry as ordered time>/<hold id>     "": holds that still set units aside
//   platform_sale/<sale id>                         PlatformSale
//   platform_order/<platform>/<order no>            id of the sale of that number
//   platform_sale_of/<supplier>/<year>/<sale id>    "": a supplier's sales of a year
#pragma once

#include <string_view>

namespace zhuxiao::partner {

inline constexpr std::string_view kHoldTable = "hold";
inline constexpr std::string_view kDueTable = "hold_due";
inline constexpr std::string_view kSaleTable = "platform_sale";
inline constexpr std::string_view kOrderTable = "platform_order";
inline constexpr std::string_view kSaleOfTable = "platform_sale_of";

}  // namespace zhuxiao::partner
