// The match of one order: which listings serve it, how many units of each, and why; and for what stays unfilled, why
// not. Pure: the book, the policy and the order decide the answer to the bit, whatever the machine or the order in
// which the book was filled.
//
// What it computes. A listing can serve an order where its price is not above the order's limit, its scope,
// certificates, programme and supplier are admitted, the goods arrive in time and with the commodity's least life
// left, and a unit's welfare (welfare.h) is not negative. The last settled round's price of a unit says what it is
// worth wherever it is worth most; a share of that, the policy's, is the unit's reserve while the price is young enough
// (Agrawal, Wang & Ye 2014 decide one order at a time by such prices). A unit is only given where its welfare is not
// below its reserve, and the match maximises worth, which is welfare less reserve, over whole sale units within the
// order's quantity, the listings' available units and minimum lots, the buyer's remaining limit and the number of
// contracts. Without prices worth is welfare. A limit price only constrains.
//
// How. Each listing is cut into parts of equal worth a base unit: its lot (the first min_lot_units, all or nothing,
// where that is more than one), the rest of its first tranche, and the rest. Parts are taken in order of worth a
// base unit, compared exactly; ties go to the lower listing_id, then to the earlier part. Where every part but the last
// was taken whole and the order is full, or all parts are taken, that is the optimum (Dantzig 1957). Where the spending
// limit ends it first, parts are taken in order of worth a fen too, and the better of the two stands. Where neither is
// proved to be within a thousandth of the welfare, a branch-and-bound search over the parts taken and the next best
// ones improves it, within a fixed number of steps: on small books it is the optimum, on large ones never worse than
// taking in order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/matching/book.h"
#include "services/matching/policy.h"
#include "services/matching/welfare.h"

namespace zhuxiao::matching {

// Contracts of one order: more suppliers than this no canteen can receive, and sums of welfare stay inside int64.
inline constexpr int32_t kMaxContracts = 128;

// An explanation looks at whole groups of neighbouring counties, the nearest first, until so many listings are seen: as
// long as it takes to place an order. The largest commodity of the country has 50,000, whose far ones seldom serve.
inline constexpr size_t kMostExplained = 2'000;

// A buyer's own organisations are few.
inline constexpr size_t kMaxExcludedSuppliers = 64;

// Why a listing does not serve (more of) an order. A listing is counted under the first that holds, in this order.
enum class RefusalReason : uint8_t {
  kNone,
  kSoldOut,               // nothing available, or all of it is taken by this match
  kPriceAboveLimit,       // price above the order's limit price
  kNotDeliverableInTime,  // arrives after deliver_by_day
  kTooLittleLifeLeft,     // arrives with less than min_life_days before the last-sale day
  kCertificate,           // a required certificate is not held
  kProgramme,             // not from a region of the required programme
  kSupplierExcluded,      // the buyer's own goods
  kOutOfScope,            // the supplier does not deliver there
  kMinLot,                // available units, or the quantity left, are below the minimum lot
  kWholeUnit,             // a sale unit is larger than the quantity left
  kQuotaLimit,            // the remaining spending limit does not cover the smallest contract
  kContractLimit,         // the order has as many contracts as it may have
  kNotWorth,              // transport costs more than the sale is worth under the policy
  kReserved,              // at the last round's prices its units are worth more to others
  kAllOrNothing,          // would serve in part, but the order does not allow that
  kNoListing,             // the book has no listing of the commodity
};
inline constexpr size_t kRefusalReasonCount = static_cast<size_t>(RefusalReason::kNoListing) + 1;

struct MatchOrder {
  std::string order_id;
  std::string institution_id;
  std::string commodity;
  int64_t quantity_base = 0;
  int64_t limit_price_fen = 0;  // per limit_base; a constraint, never a weight
  int64_t limit_base = 0;
  std::string destination_code;  // county or below; its county must be in the table
  base::Day today = 0;
  base::Day deliver_from_day = 0;  // goods that could arrive earlier are delivered on this day
  base::Day deliver_by_day = 0;
  bool allow_partial = true;  // false: filled to within one sale unit (see MatchResult) or not at all
  CertificateSet required_certificates = 0;
  std::optional<std::string> required_programme;
  std::vector<std::string> excluded_suppliers;  // the buyer's own organisation, for one
  int64_t quota_gap_ppm = 0;                    // unfulfilled share of the buyer's target, 0 .. 10^6
  std::optional<int64_t> remaining_limit_fen;   // of the buyer's spending limit; none: unlimited
  // Units known to be available where the book is behind (an escrow bound broke); only ever lower the book's figure.
  absl::flat_hash_map<std::string, int64_t> available_overrides;
  // Listings that must not serve the order whatever the book says of them, each with the reason it is counted under.
  absl::flat_hash_map<std::string, RefusalReason> barred_listings;
  int32_t max_contracts = kMaxContracts;  // 1 .. kMaxContracts
  bool explain = true;                    // fill MatchResult::refusal where something stays unfilled
};

// "PRICE_ABOVE_LIMIT" for kPriceAboveLimit, and so on.
std::string_view NameOf(RefusalReason reason);

// The listing that would serve next if one thing about the order moved.
struct NearestMiss {
  std::string listing_id;
  RefusalReason reason = RefusalReason::kNone;
  // What the order's field would have to be: kPriceAboveLimit limit_price_fen per limit_base; kNotDeliverableInTime
  // deliver_by_day; kMinLot and kWholeUnit the unfilled base units; kQuotaLimit remaining_limit_fen after this match.
  // None for the others: no number moves them.
  std::optional<int64_t> needed;
};

struct RefusalSummary {
  std::array<int64_t, kRefusalReasonCount> counts{};  // listings of the commodity by reason
  // True where there are listings that were not looked at: all here is said of those near the destination.
  bool is_nearby_only = false;
  // The reason that alone holds back the most base units; where none stands alone, the most frequent one. kNone
  // where nothing is unfilled.
  RefusalReason binding = RefusalReason::kNone;
  std::optional<NearestMiss> nearest;  // of the binding reason: the cheapest, the earliest, the smallest

  int64_t count(RefusalReason reason) const { return counts[static_cast<size_t>(reason)]; }
};

// Every term that decided, in fen a unit, and where the goods come from.
struct MatchReason {
  UnitWelfare unit;
  int64_t bonus_units = 0;  // units of the contract inside the first tranche
  int64_t km = 0;
  int32_t transit_days = 0;
  int64_t days_left = 0;  // from today to the last-sale day
  base::Day arrival_day = 0;
  int64_t total_fen = 0;    // units * unit.PlainFen() + bonus_units * unit.bonus_fen
  int64_t reserve_fen = 0;  // what total_fen had to be at least, at the last round's prices
};

struct MatchProposal {
  std::string listing_id;
  std::string supplier_id;
  int64_t units = 0;
  int64_t sale_unit_base = 0;
  int64_t unit_price_fen = 0;
  int64_t amount_fen = 0;       // units * unit_price_fen
  int64_t available_units = 0;  // as the match saw them
  uint64_t revision = 0;        // of the listing in the book
  MatchReason reason;
};

struct MatchResult {
  std::vector<MatchProposal> proposals;  // by listing_id
  int64_t filled_base = 0;
  // An order that allows no partial fill is filled where this is below the smallest sale unit of all the listings that
  // can serve it; otherwise it has no proposals.
  int64_t unfilled_base = 0;
  int64_t amount_fen = 0;
  int64_t welfare_fen = 0;
  RefusalSummary refusal;
};

// Matches one order. INVALID_ARGUMENT naming every bad field of the order, or an invalid policy; NOT_FOUND for an
// unknown commodity. Thread-safe beside the book's writer. Microseconds; explaining takes 0.1 to 0.2 µs a listing it
// looks at, and a match for a day or policy other than the book's last ones looks at every listing of the commodity.
absl::StatusOr<MatchResult> Match(const Book& book, const MatchPolicy& policy, const MatchOrder& order);

}  // namespace zhuxiao::matching
