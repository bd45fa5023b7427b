// Running totals of a claimant under each policy that holds for it, kept as escrow counters so that a statement costs
// the same for ten sales and for ten million, and reports of one claimant's sales never abort one another. Private to
// the module.
//
// The first report of a claimant's sales after a version was published counts the sales reported before it; from then
// on every sale and refund moves the counters by what it adds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/reward/engine/award.h"
#include "services/reward/engine/scope.h"
#include "services/reward/policies.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// The most the sales of a claimant's year may sum to: a hundred times the largest amount, and the 20 years a period may
// have still sum inside int64.
inline constexpr int64_t kMaxYearFen = 100'000'000'000'000'000;

// The calendar year of Asia/Shanghai in which the sale was ordered.
int OrderYear(const v1::OnlineSale& sale);

// True where the sale was refunded in full, so that it is no parcel and no order.
bool IsRefundedInFull(const v1::OnlineSale& sale);

// Whether and why a sale counts under a policy, and in which window.
engine::Verdict JudgeSale(const engine::Policy& policy, const v1::OnlineSale& sale);

// True where the verdict makes the sale a line of the policy's statements: it falls in the period or, without the time
// that would tell, was ordered in it.
bool IsLine(const engine::Policy& policy, const v1::OnlineSale& sale, const engine::Verdict& verdict);

// Sums of a claimant under a policy.
struct Totals {
  std::vector<engine::Totals> windows;
  int64_t counted_count = 0;
  int64_t excluded_count = 0;
};

// What sales sum to, added one by one: the definition the counters must agree with.
class TotalsBySale {
 public:
  explicit TotalsBySale(const engine::Policy& policy);
  void Add(const v1::OnlineSale& sale);
  const Totals& totals() const { return totals_; }

 private:
  const engine::Policy& policy_;
  Totals totals_;
};

// The totals of this moment: of the counters where they are kept, else sale by sale.
absl::StatusOr<Totals> TotalsOf(store::Reader& reader, std::string_view claimant_uscc, const ReadyPolicy& policy);

// The same sale by sale, in any case.
absl::StatusOr<Totals> RecomputedTotals(store::Reader& reader, std::string_view claimant_uscc,
                                        const engine::Policy& policy);

// Moves the counters of one transaction. Not thread-safe; `transaction` outlives it.
class Counting {
 public:
  explicit Counting(store::Transaction& transaction) : transaction_(transaction) {}

  // Counts a sale that was not counted before and is not stored yet; `region_code` is its firm's seat. OUT_OF_RANGE,
  // with nothing added, where the firm's year would pass kMaxYearFen.
  absl::Status Add(const v1::OnlineSale& sale, std::string_view region_code);

  // Counts the difference between a stored sale and what it becomes.
  absl::Status Move(const v1::OnlineSale& before, const v1::OnlineSale& after, std::string_view region_code);

 private:
  using Policies = std::vector<std::shared_ptr<const ReadyPolicy>>;

  // The policies under which the claimant's totals are kept, after they were brought up to date where they were not.
  absl::StatusOr<const Policies*> PoliciesOf(const std::string& claimant_uscc, std::string_view region_code);
  absl::StatusOr<const Policies*> PoliciesIn(std::string_view region_code);
  absl::Status StartCounting(const std::string& claimant_uscc, const ReadyPolicy& policy);

  store::Transaction& transaction_;
  std::map<std::string, Policies, std::less<>> by_region_;
  std::map<std::string, Policies, std::less<>> by_claimant_;
};

}  // namespace zhuxiao::reward
