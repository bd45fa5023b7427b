// Suspicions about a claimant's sales, by the signals of a policy: evidence for a person, never a decision. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/clock.h"
#include "services/reward/engine/award.h"
#include "services/reward/engine/policy.h"

namespace zhuxiao::reward::engine {

// Lines one suspicion names; of more only the number is told.
inline constexpr size_t kMaxSuspectLines = 100;

struct SuspectRefund {
  base::Day day = 0;
  int64_t amount_fen = 0;
};

// A line of the policy's statement, as far as signals look at it.
struct SuspectLine {
  std::string place;  // what a person finds it by
  std::string commodity;
  base::Day day = 0;  // by the policy's clock
  int64_t amount_fen = 0;
  int64_t refunded_fen = 0;
  bool is_counted = false;
  std::string waybill_no;
  bool shares_waybill = false;  // another order, of any claimant, has the same waybill
  std::vector<SuspectRefund> refunds;
  int64_t quantity_base = 0;       // goods sold; 0 where it is not known
  bool shares_identifier = false;  // its buyer is known by an identifier of the claimant's own
};

// What the claimant is registered with, as far as signals look at it.
struct SuspectFirm {
  std::vector<std::string> shops;                // all organisations of its legal representative, itself among them
  std::map<std::string, int64_t> capacity_base;  // certified, a year, by commodity
};

struct Suspicion {
  SignalKind kind = SignalKind::kThresholdBunching;
  std::string evidence;             // a sentence with the numbers
  std::vector<std::string> places;  // of the lines it concerns, sorted; empty where it concerns all
};

// "threshold_bunching": as in the policy's text.
std::string_view SignalName(SignalKind kind);

// The suspicions in the order of the policy's signals. `windows` are the claimant's totals.
std::vector<Suspicion> Suspect(const Policy& policy, const std::vector<Totals>& windows,
                               const std::vector<SuspectLine>& lines, const SuspectFirm& firm);

}  // namespace zhuxiao::reward::engine
