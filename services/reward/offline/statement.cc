// From sums to what each claimant gets.
#include "services/reward/offline/statement.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "services/base/strings.h"
#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward::offline {
namespace {

constexpr Int128 kMaxInt64 = std::numeric_limits<int64_t>::max();

bool Fits(const Sums& sums) {
  return sums.counted_fen <= kMaxInt64 && sums.refunded_fen <= kMaxInt64 && sums.unit_value_fen <= kMaxInt64 &&
         sums.units <= kMaxInt64;
}

engine::Totals Narrow(const Sums& sums) {
  return {.counted_fen = static_cast<int64_t>(sums.counted_fen),
          .refunded_fen = static_cast<int64_t>(sums.refunded_fen),
          .units = static_cast<int64_t>(sums.units),
          .unit_value_fen = static_cast<int64_t>(sums.unit_value_fen)};
}

constexpr size_t kNoPlace = std::numeric_limits<size_t>::max();

// The claimants' numbers by code, and the place of each number among those that are admitted, in that order.
struct ByCode {
  ByCode(const std::vector<std::string>& codes, const UnmetByClaimant& unmet)
      : ids(codes.size()), places(codes.size(), kNoPlace) {
    std::iota(ids.begin(), ids.end(), 0);
    std::sort(ids.begin(), ids.end(), [&](size_t a, size_t b) { return codes[a] < codes[b]; });
    size_t place = 0;
    for (const size_t id : ids) {
      if (!unmet.contains(codes[id])) places[id] = place++;
    }
  }

  std::vector<size_t> ids;
  std::vector<size_t> places;
};

void AddDraws(const ByCode& by_code, std::vector<TimedDraw>& draws, std::vector<engine::WindowSales>& sales) {
  std::sort(draws.begin(), draws.end(), [](const TimedDraw& a, const TimedDraw& b) {
    return std::tie(a.time_ns, a.ordinal) < std::tie(b.time_ns, b.ordinal);
  });
  for (const TimedDraw& draw : draws) {
    if (by_code.places[draw.claimant] == kNoPlace) continue;
    sales[draw.window].draws.push_back({by_code.places[draw.claimant], draw.value_fen});
  }
}

// The row of one claimant over all windows; its sums in `total` fit.
absl::StatusOr<StatementRow> MakeRow(const engine::Policy& policy, const std::string& code, const Sums& total,
                                     const std::vector<std::vector<engine::Award>>& awards, size_t place) {
  Int128 reward_fen = 0;
  std::vector<engine::AwardReason> reasons;
  for (size_t window = 0; window < awards.size(); ++window) {
    const engine::Award award =
        place == kNoPlace ? engine::Award{0, engine::AwardReason::kConditionsUnmet} : awards[window][place];
    reward_fen += award.reward_fen;
    reasons.push_back(award.reason);
  }
  if (reward_fen > kMaxInt64) return absl::OutOfRangeError(base::StrCat("the reward of ", code, " is beyond int64"));
  const engine::Totals totals = Narrow(total);
  return StatementRow{code,
                      totals.counted_fen,
                      totals.refunded_fen,
                      totals.net_fen(),
                      static_cast<int64_t>(reward_fen),
                      engine::JoinReasons(policy.period, reasons)};
}

}  // namespace

absl::StatusOr<std::vector<StatementRow>> MakeStatement(const engine::Policy& policy,
                                                        const std::vector<std::string>& codes,
                                                        const UnmetByClaimant& unmet, const std::vector<Sums>& sums,
                                                        std::vector<TimedDraw> draws, const std::string& file,
                                                        FaultList& faults) {
  const size_t window_count = engine::WindowCount(policy.period);
  const ByCode by_code(codes, unmet);
  std::vector<engine::WindowSales> sales(window_count);
  std::vector<Sums> totals(codes.size());
  for (const size_t id : by_code.ids) {
    for (size_t window = 0; window < window_count; ++window) {
      const size_t at = id * window_count + window;
      const Sums part = at < sums.size() ? sums[at] : Sums();
      totals[id].Add(part);
      if (by_code.places[id] == kNoPlace) continue;
      sales[window].totals.push_back(Fits(part) ? Narrow(part) : engine::Totals());
    }
    if (!Fits(totals[id])) {
      faults.Add({file, 0,
                  base::StrCat("claimant_uscc ", codes[id],
                               ": its counted sales, refunds or parcels sum to more than can be counted, "
                               "9223372036854775807")});
    }
  }
  std::vector<StatementRow> rows;
  if (!faults.empty()) return rows;
  AddDraws(by_code, draws, sales);
  const auto awards = engine::AwardAll(policy, sales);
  if (!awards.ok()) return awards.status();
  for (const size_t id : by_code.ids) {
    auto row = MakeRow(policy, codes[id], totals[id], *awards, by_code.places[id]);
    if (!row.ok()) return row.status();
    rows.push_back(*std::move(row));
  }
  return rows;
}

std::string FormatStatement(const std::vector<StatementRow>& rows) {
  std::string text = "claimant,counted_fen,refunded_fen,net_fen,reward_fen,reason\n";
  for (const StatementRow& row : rows) {
    AppendCell(row.claimant, text);
    base::StrAppend(&text, ",", row.counted_fen, ",", row.refunded_fen, ",", row.net_fen, ",", row.reward_fen, ",");
    AppendCell(row.reason, text);
    text.push_back('\n');
  }
  return text;
}

}  // namespace zhuxiao::reward::offline
