// Whether a sale counts under a policy, and why not. A pure function of the sale, the policy and the designation lists.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "services/base/clock.h"
#include "services/reward/engine/policy.h"

namespace zhuxiao::reward::engine {

// An entry of a programme's list of regions.
struct Designation {
  std::string programme;
  std::string list_version;
  std::string region_code;
  base::Day valid_from = 0;
  std::optional<base::Day> valid_to;  // included; none: open
};

// What a policy asks of a sale. Times are nanoseconds since 1970 UTC.
struct SaleFacts {
  std::string_view platform;
  std::string_view origin;
  std::string_view destination;
  std::string_view commodity;
  std::array<std::optional<int64_t>, kClockCount> times_ns;  // by SaleClock; the order time is always there
  std::optional<bool> is_shipper = {};                       // whether the claimant handed it over, where that is known
};

// Why a line counts or not. The names (LineReasonName) are what lines.csv says; they never change.
enum class LineReason : uint8_t {
  kInScope,               // in_scope: a sale that counts
  kNoTime,                // no_time: the time that decides the period is not there
  kOutsidePeriod,         // outside_period
  kPlatformNotListed,     // platform_not_listed
  kCommodityNotListed,    // commodity_not_listed
  kOriginNotListed,       // origin_not_listed
  kDestinationNotListed,  // destination_not_listed
  kInsideOwnCounty,       // inside_own_county: sent within the county it comes from
  kNotShipper,            // not_shipper: handed over by somebody else, where the policy asks for the applicant itself
  kNotDesignated,         // not_designated: on no list of the programme on the day of the order
  kRefundCounted,         // refund_of_counted_sale: subtracted
  kRefundOfExcluded,      // refund_of_excluded_sale: its sale does not count, so neither does it
  kRefundPending,         // refund_pending: its sale is not known
};
std::string_view LineReasonName(LineReason reason);
// True where the line changes the sums.
bool IsCounted(LineReason reason);

// The day in Asia/Shanghai on which an instant falls.
base::Day DayOfNanos(int64_t time_ns);

struct Verdict {
  LineReason reason = LineReason::kInScope;
  size_t window = 0;  // where in scope
};

// Judges one sale. `is_designated` is asked last, and only where the policy names programmes: whether one of their
// lists held the origin on the day of the order.
Verdict JudgeSale(const Policy& policy, const SaleFacts& sale, absl::FunctionRef<bool()> is_designated);

// True where the policy counts by a list of this programme and version that names a region of this code.
bool CountsBy(const Scope& scope, std::string_view programme, std::string_view list_version,
              std::string_view region_code);

// A policy's scope made ready for many sales. Immutable; thread-safe. Keeps a reference to the policy.
class ScopeJudge {
 public:
  ScopeJudge(const Policy& policy, const std::vector<Designation>& designations);

  Verdict Judge(const SaleFacts& sale) const;

  // False where the policy names the platforms there are and this is none of them.
  bool IsKnownPlatform(std::string_view platform) const;

 private:
  bool IsDesignated(std::string_view origin, base::Day day) const;

  const Policy& policy_;
  // By region code: the spans of days it is listed for.
  absl::flat_hash_map<std::string, std::vector<std::pair<base::Day, base::Day>>> listed_;
  std::vector<size_t> code_lengths_;  // of the listed regions
};

}  // namespace zhuxiao::reward::engine
