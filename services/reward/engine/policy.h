// A reward or subsidy programme as plain data: when it counts, what it counts, what it pays and out of which fund.
// Read from a text file by policy_file.h; judged by scope.h and award.h; told in words by explain.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/base/clock.h"

namespace zhuxiao::reward::engine {

// Which of a sale's four times decides the period it falls in.
enum class SaleClock { kOrder, kPayment, kWaybill, kAcceptance };
inline constexpr size_t kClockCount = 4;

// Whether the period is one, or each calendar quarter of it stands for itself (thresholds, caps and pool included).
enum class Window { kWhole, kQuarter };

struct Period {
  SaleClock clock = SaleClock::kOrder;
  base::Day first_day = 0;  // of Asia/Shanghai, both included
  base::Day last_day = 0;
  Window window = Window::kWhole;
};

// An empty list means any.
struct Scope {
  std::vector<std::string> programmes;       // a list of one of them must hold the origin on the day of the order
  std::string list_version;                  // of those lists; empty means any
  std::vector<int64_t> levels;               // digits of the listed region (6 county, 12 village); empty means any
  std::vector<std::string> platforms;        // a sale elsewhere is excluded
  std::vector<std::string> known_platforms;  // a sale elsewhere is a mistake of the feed, which is refused
  std::vector<std::string> commodities;
  std::vector<std::string> origins;       // region codes; the sale's starts with one of them
  std::vector<std::string> destinations;  // likewise
  bool is_outside_own_county = false;     // the destination lies in another county than the origin
};

// A number to be reached ("以上", inclusive) or passed ("超过", exclusive).
struct Threshold {
  int64_t value = 0;
  bool is_inclusive = true;

  bool IsMet(int64_t number) const { return is_inclusive ? number >= value : number > value; }
};

// What is paid: a share of net sales, a fixed sum by tier, a sum a parcel or order, or the fee itself that is waived.
enum class GrantKind { kRate, kTiers, kPerUnit, kWaiver };
enum class Unit { kParcel, kOrder };

// What becomes of claimants with equal net sales that the last place of a tier cannot all take: all are paid, none is,
// or they share equally what the free places hold (odd fen to the lower code).
enum class TieRule { kAll, kNone, kSplit };

struct Tier {
  int64_t from_fen = 0;              // net sales, inclusive
  std::optional<int64_t> below_fen;  // exclusive; none for the highest
  int64_t reward_fen = 0;
  std::optional<int64_t> top;  // pays this many claimants, those with the largest net sales; none: all
};

struct Grant {
  GrantKind kind = GrantKind::kRate;
  int64_t rate_basis_points = 0;  // kRate
  std::vector<Tier> tiers;        // kTiers, by from_fen
  TieRule tie_rule = TieRule::kAll;
  Unit unit = Unit::kParcel;          // kPerUnit: what is counted
  int64_t unit_fen = 0;               // kPerUnit
  int64_t free_units = 0;             // kPerUnit: the first units that pay nothing
  bool is_actual_cost_limit = false;  // kPerUnit: a line pays its parcel fee where that is less
  std::optional<int64_t> cap_fen;     // for a claimant and window
};

// How a fund that does not suffice is shared: in proportion (largest remainder), to the earliest sales, or in full to
// the largest claimants one after another. In the last two, whoever comes to the end of the fund gets what is left.
enum class PoolMode { kProRata, kFirstCome, kRanked };

struct Pool {
  int64_t amount_fen = 0;  // for each window
  PoolMode mode = PoolMode::kProRata;
  bool rolls_over = false;  // what a window leaves is added to the next
};

// What is asked of the applicant (applicant.h); where it is not known, an officer checks it on the application.
struct ApplicantRule {
  std::optional<base::Day> registered_before;
  bool is_shipper = false;  // the applicant itself hands over the parcels
  std::vector<std::string> documents;
};

// How a claim is made public before it is approved (公示).
struct ClaimRule {
  int64_t objection_days = 7;  // objections may be raised for so many days of 24 hours after publication
};

// What makes a claim look suspicious, to a person who then judges it (signals.h): it decides nothing.
enum class SignalKind {
  kThresholdBunching,  // net sales just above the threshold
  kLateRefunds,        // refunds soon after the period's end
  kDuplicateWaybills,  // one waybill on several orders
  kAllSubsidised,      // nearly every line counts
  kSuddenJump,         // a month of one commodity far above the months before it
  kSharedRegistrant,   // the claimant's legal representative stands behind several organisations
  kOverCapacity,       // more of a commodity sold in a year than the claimant is certified to produce
  kSharedIdentifiers,  // buyers known by an identifier of the claimant's own
};

struct Signal {
  SignalKind kind = SignalKind::kThresholdBunching;
  int64_t margin_basis_points = 0;  // kThresholdBunching, kOverCapacity: how far above threshold or capacity, of it
  int64_t days = 0;                 // kLateRefunds: after the last day
  int64_t share_basis_points = 0;   // kLateRefunds: of gross sales refunded then; kAllSubsidised: of lines counted
  int64_t least_lines = 0;          // kAllSubsidised, kSharedIdentifiers: fewer lines say nothing
  int64_t least_shops = 0;          // kSharedRegistrant: fewer organisations, the claimant among them, say nothing
  int64_t times = 0;                // kSuddenJump: the month is more than so many times the mean before it
  int64_t least_fen = 0;            // kSuddenJump: smaller months say nothing
};

struct Policy {
  std::string id;
  int64_t version = 0;
  std::string jurisdiction;  // region code
  std::string title_zh, title_en, source;
  Period period;
  Scope scope;
  std::optional<Threshold> least_amount;  // of net sales, in fen
  std::optional<Threshold> least_units;
  Unit threshold_unit = Unit::kParcel;
  Grant grant;
  std::optional<Pool> pool;
  ApplicantRule applicant;
  ClaimRule claims;
  std::vector<Signal> signals;
};

// The windows of the period in order, and their names ("2023Q1", or "" for the whole). At least one.
size_t WindowCount(const Period& period);
std::string WindowName(const Period& period, size_t window);

// The window a day falls in, or nullopt where it is outside the period.
std::optional<size_t> WindowOf(const Period& period, base::Day day);

// The unit that sales are counted in: that of the grant, or of the threshold where the grant counts none.
Unit CountedUnit(const Policy& policy);

// True where what a claimant gets depends on the others too: a pool, or places in a tier.
bool LooksAtOthers(const Policy& policy);

}  // namespace zhuxiao::reward::engine
