// Suspicions about a claimant's sales.
#include "services/reward/engine/signals.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_join.h"
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
  Search(const Policy& policy, const std::vector<Totals>& windows, const std::vector<SuspectLine>& lines,
         const SuspectFirm& firm)
      : policy_(policy), windows_(windows), lines_(lines), firm_(firm) {}

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
        case SignalKind::kSharedRegistrant:
          FindShops(signal);
          break;
        case SignalKind::kOverCapacity:
          FindOverCapacity(signal);
          break;
        case SignalKind::kSharedIdentifiers:
          FindOwnBuyers(signal);
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

  void FindShops(const Signal& signal) {
    if (static_cast<int64_t>(firm_.shops.size()) < signal.least_shops) return;
    found_.push_back(Concerning(signal.kind, StrCat("one legal representative stands behind ", firm_.shops.size(),
                                                    " organisations: ", absl::StrJoin(firm_.shops, ", "))));
  }

  void FindOverCapacity(const Signal& signal) {
    struct Sold {
      Int128 base = 0;
      int64_t unknown_count = 0;
      std::vector<std::string> places;
    };
    std::map<std::pair<std::string, int64_t>, Sold> by_year;  // by commodity and year
    for (const SuspectLine& line : lines_) {
      const bool is_kept = line.is_counted && line.refunded_fen < line.amount_fen;
      if (!is_kept || !firm_.capacity_base.contains(line.commodity)) continue;
      Sold& sold = by_year[{line.commodity, (absl::CivilDay(1970, 1, 1) + line.day).year()}];
      sold.base += line.quantity_base;
      sold.unknown_count += line.quantity_base == 0 ? 1 : 0;
      sold.places.push_back(line.place);
    }
    for (auto& [key, sold] : by_year) {
      const int64_t capacity_base = firm_.capacity_base.at(key.first);
      if (sold.base * base::kBasisPoints <=
          static_cast<Int128>(capacity_base) * (base::kBasisPoints + signal.margin_basis_points)) {
        continue;
      }
      const std::string text = StrCat("at least ", static_cast<int64_t>(sold.base), " base units of ", key.first,
                                      " sold in ", key.second, ", certified for ", capacity_base, " a year; ",
                                      sold.unknown_count, " of ", sold.places.size(), " orders tell no quantity");
      found_.push_back(Concerning(signal.kind, text, std::move(sold.places)));
    }
  }

  void FindOwnBuyers(const Signal& signal) {
    int64_t amount_fen = 0;
    std::vector<std::string> places;
    for (const SuspectLine& line : lines_) {
      if (!line.is_counted || !line.shares_identifier) continue;
      amount_fen += line.amount_fen;
      places.push_back(line.place);
    }
    if (static_cast<int64_t>(places.size()) < signal.least_lines) return;
    const std::string text = StrCat(places.size(), " orders of ", base::FormatYuan(amount_fen),
                                    " yuan have a buyer known by an identifier of the claimant's own");
    found_.push_back(Concerning(signal.kind, text, std::move(places)));
  }

  const Policy& policy_;
  const std::vector<Totals>& windows_;
  const std::vector<SuspectLine>& lines_;
  const SuspectFirm& firm_;
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
    case SignalKind::kSharedRegistrant:
      return "shared_registrant";
    case SignalKind::kOverCapacity:
      return "over_capacity";
    case SignalKind::kSharedIdentifiers:
      return "shared_identifiers";
  }
  return "";
}

std::vector<Suspicion> Suspect(const Policy& policy, const std::vector<Totals>& windows,
                               const std::vector<SuspectLine>& lines, const SuspectFirm& firm) {
  return Search(policy, windows, lines, firm).Run();
}

}  // namespace zhuxiao::reward::engine
