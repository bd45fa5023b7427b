// What a policy pays one claimant alone, or several who share its pool and its places. Private to the module.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/engine/award.h"
#include "services/reward/totals.h"
#include "services/store/store.h"

namespace zhuxiao::reward {

// A sale's claim on a first-come pool with what decides its turn: time, then platform and number.
struct SaleDraw {
  int64_t time_ns = 0;
  std::string place;  // "<platform>/<order no>"
  size_t window = 0;
  int64_t value_fen = 0;
};

// One who shares.
struct Sharer {
  std::string claimant_uscc;
  Totals totals;
  std::vector<SaleDraw> draws;  // of a first-come pool; any order
};

// The time of a sale by the policy's clock.
const google::protobuf::Timestamp& TimeOf(const engine::Policy& policy, const v1::OnlineSale& sale);

// Adds what `sale` may draw from a first-come pool of `policy`; nothing for any other policy.
void AddDraw(const engine::Policy& policy, const v1::OnlineSale& sale, std::vector<SaleDraw>& draws);

// A claimant's totals and draws of this moment.
absl::StatusOr<Sharer> SharerOf(store::Reader& reader, const std::string& claimant_uscc, const ReadyPolicy& policy);

// Awards by window of one claimant as if there were no others and the pool were endless: the most it can get.
absl::StatusOr<std::vector<engine::Award>> AwardAlone(const engine::Policy& policy, const Totals& totals);

// Awards by claimant and window of all who share. `sharers` sorted by claimant.
absl::StatusOr<std::vector<std::vector<engine::Award>>> AwardTogether(const engine::Policy& policy,
                                                                      const std::vector<Sharer>& sharers);

}  // namespace zhuxiao::reward
