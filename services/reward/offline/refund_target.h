// What refund_of means. Platforms write the reference to a sale in several ways; which one it is shows from the orders
// there are.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace zhuxiao::reward::offline {

struct RefundTarget {
  std::string place;               // key of the sale
  bool is_of_whole_order = false;  // only the order was named; `place` then has the refund's own line number
};

// Reads `refund_of` of a refund with the key `own`. The first of these that names an order that `has_order` (asked with
// an OrderPart) knows:
//   ORDER                     the line of the refund's own line number or, where there is none, the order's only line
//   PLATFORM/ORDER            likewise
//   ORDER/LINE
//   PLATFORM/ORDER/LINE
//   LINE                      of the refund's own order number
// where any of / : # | - _ may stand for the slash and PLATFORM is the refund's own. Where none does, the first, which
// is then pending.
RefundTarget ReadRefundOf(std::string_view refund_of, std::string_view own,
                          const std::function<bool(std::string_view)>& has_order);

}  // namespace zhuxiao::reward::offline
