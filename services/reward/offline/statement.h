// From sums to what each claimant gets, and the rows of statement.csv.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/engine/award.h"
#include "services/reward/offline/faults.h"
#include "services/reward/offline/settlement.h"

namespace zhuxiao::reward::offline {

struct StatementRow {
  std::string claimant;
  int64_t counted_fen = 0;
  int64_t refunded_fen = 0;
  int64_t net_fen = 0;
  int64_t reward_fen = 0;
  std::string reason;  // AwardReasonName; of several windows "2023Q1:unit_amount;2023Q2:pool_share"
};

// What claimants do not meet of what a policy asks of applicants, by code; those that meet all are not in it.
using UnmetByClaimant = std::map<std::string, std::vector<std::string>, std::less<>>;

// The statement by claimant's code. A claimant of `unmet` gets nothing, for kConditionsUnmet, and takes no part of a
// pool and no place in a tier. `codes` are the claimants by number, `sums` theirs by number * windows + window
// (shorter where the last have none), `draws` in any order. A sum beyond int64 is a fault that names the claimant;
// the rows are usable only where there was none.
absl::StatusOr<std::vector<StatementRow>> MakeStatement(const engine::Policy& policy,
                                                        const std::vector<std::string>& codes,
                                                        const UnmetByClaimant& unmet, const std::vector<Sums>& sums,
                                                        std::vector<TimedDraw> draws, const std::string& file,
                                                        FaultList& faults);

// statement.csv, header included.
std::string FormatStatement(const std::vector<StatementRow>& rows);

}  // namespace zhuxiao::reward::offline
