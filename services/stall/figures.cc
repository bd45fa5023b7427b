#include "services/stall/figures.h"

#include <algorithm>

#include "services/base/money.h"

namespace zhuxiao::stall {
namespace {

using Wide = __int128;

int64_t ValueFen(int64_t units, const listing::v1::Listing& listing) {
  return std::min(base::CheckedMul(units, listing.unit_price().amount_fen()).value_or(base::kMaxAmountFen),
                  base::kMaxAmountFen);
}

}  // namespace

v1::StallFigures FiguresOf(const listing::v1::Listing& listing) {
  const listing::v1::Balances& balances = listing.balances();
  v1::StallFigures figures;
  figures.set_sold_units(balances.sold());
  figures.set_spoiled_units(balances.spoiled());
  figures.set_withdrawn_units(balances.withdrawn());
  figures.set_left_units(balances.available() + balances.held() + balances.contracted());
  return figures;
}

int64_t ValueAtRiskFen(const listing::v1::Listing& listing) {
  return ValueFen(listing.balances().available(), listing);
}

int32_t DaysLeft(const listing::v1::Listing& listing, base::Day today) {
  return std::max(0, base::DayOf(base::FromProto(listing.last_sale_time())) - today);
}

const v1::StallRaisingRule* RaisingRuleFor(const v1::GetStallRulesResponse& rules, const listing::v1::Listing& listing,
                                           base::Day today) {
  const v1::StallRaisingRule* found = nullptr;
  for (const v1::StallRaisingRule& rule : rules.raising_rules()) {
    const bool holds = ValueAtRiskFen(listing) >= rule.min_value().amount_fen() &&
                       DaysLeft(listing, today) <= rule.max_days_left() &&
                       listing.stall().households_affected() >= rule.min_households();
    if (holds && (found == nullptr || rule.level() > found->level())) found = &rule;
  }
  return found;
}

std::optional<v1::StallDetection> Detect(const v1::StallDetectionRule& rule, const listing::v1::Listing& listing,
                                         int64_t taken_units, base::Day today) {
  const int64_t left = listing.balances().available();
  // Goods are judged from when they could leave and could be seen.
  const absl::Time offered = std::max(base::FromProto(listing.ready_time()), base::FromProto(listing.create_time()));
  const int32_t age_days = today - base::DayOf(offered);
  const int64_t value_fen = ValueAtRiskFen(listing);
  if (left <= 0 || age_days < rule.min_age_days() || value_fen < rule.min_value().amount_fen()) return std::nullopt;

  const int32_t days = std::clamp(age_days, 1, rule.window_days());
  const int64_t taken = std::max<int64_t>(0, taken_units);
  const int32_t days_left = DaysLeft(listing, today);
  const bool lasts_too_long =
      static_cast<Wide>(left) * days * base::kPpm > static_cast<Wide>(days_left) * taken * rule.cover_ppm();
  if (!lasts_too_long) return std::nullopt;
  v1::StallDetection detection;
  detection.set_taken_units(taken);
  detection.set_window_days(days);
  detection.set_left_units(left);
  if (taken > 0) {
    detection.set_cover_days(static_cast<int64_t>((static_cast<Wide>(left) * days + taken - 1) / taken));
  }
  detection.set_days_left(days_left);
  detection.mutable_value_at_risk()->set_amount_fen(value_fen);
  detection.set_source(rule.source());
  return detection;
}

v1::StallClosing CloseFigures(const v1::StallFigures& opening, const listing::v1::Listing& listing) {
  v1::StallClosing closing;
  *closing.mutable_figures() = FiguresOf(listing);
  const v1::StallFigures& now = closing.figures();
  // Goods that were sold before the case may have come back since.
  const int64_t saved = std::max<int64_t>(0, now.sold_units() - opening.sold_units());
  const int64_t lost =
      now.spoiled_units() - opening.spoiled_units() + now.withdrawn_units() - opening.withdrawn_units();
  closing.set_saved_units(saved);
  closing.mutable_saved_value()->set_amount_fen(ValueFen(saved, listing));
  closing.set_lost_units(lost);
  if (saved + lost > 0) closing.set_saved_ppm(*base::MulDivFloor(saved, base::kPpm, saved + lost));
  return closing;
}

bool IsCleared(const v1::StallClosing& closing, int64_t cleared_ppm) {
  const Wide all = static_cast<Wide>(closing.saved_units()) + closing.lost_units();
  return static_cast<Wide>(closing.saved_units()) * base::kPpm >= all * cleared_ppm;
}

}  // namespace zhuxiao::stall
