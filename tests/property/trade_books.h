// The books of a random world as its checks count over them: contracts, sales and whose quota each contract counts for,
// taken row by row, and what each day came to, taken event by event. Plain on purpose: no sum is kept that a row could
// give.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "services/base/clock.h"
#include "services/store/store.h"
#include "zhuxiao/order/v1/order.pb.h"
#include "zhuxiao/partner/v1/partner.pb.h"

namespace zhuxiao::testing {

struct TradeBooks {
  std::map<std::string, order::v1::Contract> contracts;
  std::map<std::string, std::string> bound;  // unit by contract, walked through from the approvals alone
  std::map<std::string, partner::v1::PlatformSale> sales;

  // Takes the rows a scan of `rows` shows, each in place of what it was. Returns the suppliers they are about.
  std::set<std::string> Take(store::Reader& rows);

  // The institution whose quota the contract counts for.
  const std::string& UnitOf(const order::v1::Contract& contract) const;
};

using Tally = std::map<std::string, std::pair<int64_t, int64_t>>;  // "commodity figure": count and fen

// What contracts and platform sales came to by day and commodity, counted from the feed in the plainest way.
class DayTally {
 public:
  // Counts the events since the last call.
  void Follow(store::Store& store);

  const std::map<base::Day, Tally>& days() const { return days_; }

 private:
  store::Position seen_;
  std::map<base::Day, Tally> days_;
  std::map<std::string, std::string> commodity_of_;  // by listing
  std::map<std::string, order::v1::Contract> last_;  // as the feed last showed them
};

}  // namespace zhuxiao::testing
