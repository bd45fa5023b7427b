// What a round decides on: the standing orders, open goods and limits of one moment. A pure read; storing it is
// archive.h's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/order/market.h"
#include "services/round/round.h"
#include "services/round_files/read_round.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// A listing or order as frozen: which version of it.
struct FrozenVersion {
  std::string id;
  std::string etag;
};

// A listing or order that was there but does not take part.
struct LeftOut {
  std::string id;
  v1::RoundLeftOut reason = v1::ROUND_LEFT_OUT_UNSPECIFIED;
};

struct Frozen {
  round_files::RoundInput input;
  std::vector<FrozenVersion> versions;  // listings, then orders, each by id
  std::vector<LeftOut> left_out;        // by id
};

// The round over the goods of `region_code` as `snapshot` has them at `now`. Rows:
// - listings: open, with units available, of active suppliers; units are those available, villages of origins known
//   only to the township end in 000;
// - orders: standing, over what is not filled;
// - institutions: "USCC/YEAR", since each order counts for one year's quota; the limit is what is left of it.
// Left out are goods settled by weight, listings delivered to some regions only, orders that ask for a programme or
// certificates, orders of buyers that sell in the round themselves, orders without a quota: the formula of a round
// knows none of these, and matching one order at a time serves them. The same state gives the same round, byte for
// byte.
absl::StatusOr<Frozen> Freeze(const std::shared_ptr<store::Snapshot>& snapshot, order::Market& market,
                              const std::string& region_code, absl::Time now);

}  // namespace zhuxiao::round
