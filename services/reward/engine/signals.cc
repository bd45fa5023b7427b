// Suspicions about a claimant's sales.
#include "services/reward/engine/signals.h"

#include <algorithm>
#include <map>

#include "absl/time/civil_time.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::engine {
namespace {

using base::StrCat;
__extension__ using Int128 = __int128;

// `part` is at least so many basis points of `whole`.
bool IsShare(int64_t part, int64_t whole, int64_t basis_points) {
  return static_cast<Int128>(part) * base::kBasisPoints >= static_cast<Int128>(whole) * basis_points;
}

std::string Percent(int64_t part, int64_t whole) {
  return base::FormatYuan(base::MulDivFloor(part, base::kBasisPoints, whole).value_or(0));
}

Suspicion Concerning(SignalKind kind, std::string evidence, std::vector<std::string> places = {}) {
  std::sort(places.begin(), places.end());
  if (places.size() > kMaxSuspectLines) places.resize(kMaxSuspectLines);
  return {kind, std::move(evidence), std::move(places)};
}

// Gathers what one signal finds.
class Search {
 public:
  Search(const Policy& policy, const std::vector<Totals>& windows, const std::vector<SuspectLine>& lines)
      : policy_(policy), windows_(windows), lines_(lines) {}

  std::vector<Suspicion> Run() {
    for (const Signal& signal : policy_.signals) {
      switch (signal.kind) {
        case SignalKind::kThresholdBunching:
          FindBunching(signal);
          break;
        case SignalKind::kLateRefunds:
          FindLateRefunds(signal);
          break;
        case SignalKind::kDuplicateWaybills:
          FindDuplicates();
          break;
        case SignalKind::kAllSubsidised:
          FindAllSubsidised(signal);
          break;
        case SignalKind::kSuddenJump:
          FindJumps(signal);
          break;
      }
    }
    return std::move(found_);
  }

 private:
  void FindBunching(const Signal& signal) {
    const Threshold& least = *policy_.least_amount;
    for (size_t i = 0; i < windows_.size(); ++i) {
      const int64_t over_fen = windows_[i].net_fen() - least.value;
      const bool is_just_above =
          least.IsMet(windows_[i].net_fen()) && !IsShare(over_fen - 1, least.value, signal.margin_basis_points);
      if (!is_just_above) continue;
      const std::string window = WindowName(policy_.period, i);
      found_.push_back(Concerning(
          signal.kind, StrCat(window, window.empty() ? "" : ": ", "net sales are ", base::FormatYuan(over_fen),
                              " yuan above the threshold of ", base::FormatYuan(least.value))));
    }
  }

  void FindLateRefunds(const Signal& signal) {
    int64_t late_fen = 0;
    int64_t gross_fen = 0;
    std::vector<std::string> places;
    for (const SuspectLine& line : lines_) {
      if (!line.is_counted) continue;
      gross_fen += line.amount_fen;
      int64_t line_fen = 0;
      for (const SuspectRefund& refund : line.refunds) {
        const bool is_late =
            refund.day > policy_.period.last_day && refund.day <= policy_.period.last_day + signal.days;
        if (is_late) line_fen += refund.amount_fen;
      }
      if (line_fen > 0) places.push_back(line.place);
      late_fen += line_fen;
    }
    if (late_fen == 0 || !IsShare(late_fen, gross_fen, signal.share_basis_points)) return;
    const std::string text = StrCat(base::FormatYuan(late_fen), " yuan, ", Percent(late_fen, gross_fen),
                                    " % of gross sales, were refunded on ", places.size(), " orders within ",
                                    signal.days, " days after the period");
    found_.push_back(Concerning(signal.kind, text, std::move(places)));
  }

  void FindDuplicates() {
    std::map<std::string, std::vector<std::string>> by_waybill;
    for (const SuspectLine& line : lines_) {
      if (line.is_counted && line.shares_waybill) by_waybill[line.waybill_no].push_back(line.place);
    }
    for (auto& [waybill_no, places] : by_waybill) {
      const std::string text =
          StrCat("waybill ", waybill_no, " stands on several orders, ", places.size(), " of them counted here");
      found_.push_back(Concerning(SignalKind::kDuplicateWaybills, text, std::move(places)));
    }
  }

  void FindAllSubsidised(const Signal& signal) {
    const auto total = static_cast<int64_t>(lines_.size());
    const int64_t counted =
        std::count_if(lines_.begin(), lines_.end(), [](const auto& line) { return line.is_counted; });
    if (total < signal.least_lines || !IsShare(counted, total, signal.share_basis_points)) return;
    found_.push_back(Concerning(
        signal.kind, StrCat(counted, " of ", total, " orders, ", Percent(counted, total), " %, are subsidised")));
  }

  void FindJumps(const Signal& signal) {
    // By commodity and month, counted since year 0.
    std::map<std::string, std::map<int64_t, std::vector<const SuspectLine*>>> months;
    for (const SuspectLine& line : lines_) {
      if (!line.is_counted) continue;
      const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + line.day;
      months[line.commodity][day.year() * 12 + day.month() - 1].push_back(&line);
    }
    for (const auto& [commodity, by_month] : months) {
      Int128 before_fen = 0;
      const int64_t first = by_month.begin()->first;
      for (const auto& [month, lines] : by_month) {
        int64_t now_fen = 0;
        for (const SuspectLine* line : lines) now_fen += line->amount_fen - line->refunded_fen;
        const bool is_jump = month > first && now_fen >= signal.least_fen &&
                             static_cast<Int128>(now_fen) * (month - first) > before_fen * signal.times;
        if (is_jump)
          AddJump(signal, commodity, month, now_fen, static_cast<int64_t>(before_fen / (month - first)), lines);
        before_fen += now_fen;
      }
    }
  }

  void AddJump(const Signal& signal, const std::string& commodity, int64_t month, int64_t now_fen, int64_t mean_fen,
               const std::vector<const SuspectLine*>& lines) {
    std::vector<std::string> places;
    places.reserve(lines.size());
    for (const SuspectLine* line : lines) places.push_back(line->place);
    const std::string name = StrCat(month / 12, month % 12 + 1 < 10 ? "-0" : "-", month % 12 + 1);
    found_.push_back(Concerning(signal.kind,
                                StrCat(commodity, " sold ", base::FormatYuan(now_fen), " yuan in ", name,
                                       ", a month before ", base::FormatYuan(mean_fen), " in the mean"),
                                std::move(places)));
  }

  const Policy& policy_;
  const std::vector<Totals>& windows_;
  const std::vector<SuspectLine>& lines_;
  std::vector<Suspicion> found_;
};

}  // namespace

std::string_view SignalName(SignalKind kind) {
  switch (kind) {
    case SignalKind::kThresholdBunching:
      return "threshold_bunching";
    case SignalKind::kLateRefunds:
      return "late_refunds";
    case SignalKind::kDuplicateWaybills:
      return "duplicate_waybills";
    case SignalKind::kAllSubsidised:
      return "all_subsidised";
    case SignalKind::kSuddenJump:
      return "sudden_jump";
  }
  return "";
}

std::vector<Suspicion> Suspect(const Policy& policy, const std::vector<Totals>& windows,
                               const std::vector<SuspectLine>& lines) {
  return Search(policy, windows, lines).Run();
}

}  // namespace zhuxiao::reward::engine
