// A policy told in words.
#include "services/reward/engine/explain.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::engine {
namespace {

// Writes one language: every sentence is given in both, and the one asked for is kept.
class Explanation {
 public:
  Explanation(const Policy& policy, bool is_chinese) : policy_(policy), is_chinese_(is_chinese) {}

  std::string Write() {
    Line(policy_.title_zh, policy_.title_en);
    Line(base::StrCat("政策 ", policy_.id, " 第", policy_.version, "版，适用地区 ", policy_.jurisdiction),
         base::StrCat("Policy ", policy_.id, ", version ", policy_.version, ", jurisdiction ", policy_.jurisdiction));
    WritePeriod();
    WriteScope();
    WriteThresholds();
    WriteGrant();
    WritePool();
    WriteApplicant();
    Line("退款冲减其所对应的销售，无论何时发生；全额退款的销售不计件数。",
         "A refund is subtracted from its sale whenever it comes; a sale refunded in full is no parcel and no order.");
    Line(base::StrCat("依据：", policy_.source), base::StrCat("Source: ", policy_.source));
    return text_;
  }

 private:
  void Line(std::string_view chinese, std::string_view english) {
    text_.append(is_chinese_ ? chinese : english);
    text_.push_back('\n');
  }

  std::string_view Pick(std::string_view chinese, std::string_view english) const {
    return is_chinese_ ? chinese : english;
  }

  std::string Yuan(int64_t fen) const { return base::StrCat(base::FormatYuan(fen), Pick("元", " yuan")); }

  std::string Joined(const std::vector<std::string>& items) const {
    return absl::StrJoin(items, is_chinese_ ? "、" : ", ");
  }

  std::string_view UnitName(Unit unit) const {
    return unit == Unit::kParcel ? Pick("件", "parcel") : Pick("单", "order");
  }

  std::string_view ClockName() const {
    switch (policy_.period.clock) {
      case SaleClock::kOrder:
        return Pick("下单时间", "order time");
      case SaleClock::kPayment:
        return Pick("付款时间", "payment time");
      case SaleClock::kWaybill:
        return Pick("运单时间", "waybill time");
      case SaleClock::kAcceptance:
        return Pick("验收时间", "acceptance time");
    }
    return "";
  }

  void WritePeriod() {
    const std::string first = base::FormatDay(policy_.period.first_day);
    const std::string last = base::FormatDay(policy_.period.last_day);
    const bool is_quarterly = policy_.period.window == Window::kQuarter;
    Line(base::StrCat("期间：", first, " 至 ", last, "（含首尾两日，北京时间），按", ClockName(), "归属",
                      is_quarterly ? "；按季度分别核算" : ""),
         base::StrCat("Period: ", first, " to ", last, ", both included, Asia/Shanghai, by ", ClockName(),
                      is_quarterly ? "; each quarter for itself" : ""));
  }

  void WriteList(std::string_view chinese, std::string_view english, const std::vector<std::string>& items) {
    if (items.empty()) return;
    Line(base::StrCat(chinese, "：", Joined(items)), base::StrCat(english, ": ", Joined(items)));
  }

  void WriteScope() {
    const Scope& scope = policy_.scope;
    if (!scope.programmes.empty()) {
      const std::string version = scope.list_version.empty() ? "" : base::StrCat(" (", scope.list_version, ")");
      Line(base::StrCat("产地：下单当日列入名单 ", Joined(scope.programmes), version, " 的地区"),
           base::StrCat("Origin: on a list of ", Joined(scope.programmes), version, " on the day of the order"));
    }
    if (!scope.levels.empty()) {
      const std::string digits = absl::StrJoin(scope.levels, ", ");
      Line(base::StrCat("名单级别：代码 ", digits, " 位"),
           base::StrCat("Level of the list: codes of ", digits, " digits"));
    }
    WriteList("产地代码", "Origin codes", scope.origins);
    WriteList("目的地代码", "Destination codes", scope.destinations);
    WriteList("平台", "Platforms", scope.platforms);
    WriteList("品类", "Commodities", scope.commodities);
    if (scope.platforms.empty()) Line("平台：不限", "Platforms: any");
    if (scope.commodities.empty()) Line("品类：不限", "Commodities: any");
    if (scope.is_outside_own_county) Line("仅计发往外县的销售", "Only sales sent out of the county they come from");
  }

  void WriteThresholds() {
    if (const auto& least = policy_.least_amount) {
      Line(base::StrCat("门槛：净销售额", least->is_inclusive ? "达到或超过 " : "超过 ", Yuan(least->value),
                        least->is_inclusive ? "（含本数）" : "（不含本数）"),
           base::StrCat("Threshold: net sales of ", least->is_inclusive ? "at least " : "more than ",
                        Yuan(least->value)));
    }
    if (const auto& least = policy_.least_units) {
      const std::string_view unit = UnitName(policy_.threshold_unit);
      Line(base::StrCat("门槛：", least->is_inclusive ? "不少于 " : "超过 ", least->value, " ", unit),
           base::StrCat("Threshold: ", least->is_inclusive ? "at least " : "more than ", least->value, " ", unit, "s"));
    }
  }

  void WriteGrant() {
    const Grant& grant = policy_.grant;
    switch (grant.kind) {
      case GrantKind::kRate: {
        const std::string percent = base::FormatYuan(grant.rate_basis_points);
        Line(base::StrCat("奖励：净销售额的 ", percent, "%，不足一分舍去"),
             base::StrCat("Reward: ", percent, " % of net sales, part of a fen dropped"));
        break;
      }
      case GrantKind::kTiers:
        WriteTiers();
        break;
      case GrantKind::kPerUnit:
        WritePerUnit();
        break;
      case GrantKind::kWaiver:
        Line("减免：所列费用全额", "Waived: the listed fees in full");
        break;
    }
    if (grant.cap_fen) {
      Line(base::StrCat("每户最高 ", Yuan(*grant.cap_fen)),
           base::StrCat("At most ", Yuan(*grant.cap_fen), " a claimant"));
    }
  }

  void WriteTiers() {
    for (const Tier& tier : policy_.grant.tiers) {
      const std::string below_zh = tier.below_fen ? base::StrCat("、不足 ", Yuan(*tier.below_fen)) : "";
      const std::string below_en = tier.below_fen ? base::StrCat(" and below ", Yuan(*tier.below_fen)) : "";
      const std::string top_zh = tier.top ? base::StrCat("，限前 ", *tier.top, " 名") : "";
      const std::string top_en = tier.top ? base::StrCat(", the ", *tier.top, " largest only") : "";
      Line(base::StrCat("档次：净销售额 ", Yuan(tier.from_fen), " 以上（含）", below_zh, "：", Yuan(tier.reward_fen),
                        top_zh),
           base::StrCat("Tier: net sales from ", Yuan(tier.from_fen), below_en, ": ", Yuan(tier.reward_fen), top_en));
    }
    switch (policy_.grant.tie_rule) {
      case TieRule::kAll:
        return Line("并列末位：全部奖励", "Level at the last place: all are paid");
      case TieRule::kNone:
        return Line("并列末位：均不奖励", "Level at the last place: none of them is paid");
      case TieRule::kSplit:
        return Line("并列末位：平分余下名额的奖金", "Level at the last place: they share what the free places hold");
    }
  }

  void WritePerUnit() {
    const Grant& grant = policy_.grant;
    const std::string_view unit = UnitName(grant.unit);
    Line(base::StrCat("补贴：每", unit, " ", Yuan(grant.unit_fen)),
         base::StrCat("Subsidy: ", Yuan(grant.unit_fen), " a ", unit));
    if (grant.is_actual_cost_limit) {
      Line("实际快递费较低的，按实际快递费", "Where the parcel fee is less, the fee itself");
    }
    if (grant.free_units > 0) {
      Line(base::StrCat("前 ", grant.free_units, " ", unit, "不补"),
           base::StrCat("The first ", grant.free_units, " ", unit, "s earn nothing"));
    }
  }

  void WritePool() {
    if (!policy_.pool) return;
    const Pool& pool = *policy_.pool;
    const bool is_quarterly = policy_.period.window == Window::kQuarter;
    Line(base::StrCat("资金：", is_quarterly ? "每季度 " : "共 ", Yuan(pool.amount_fen),
                      pool.rolls_over ? "，结余转入下一季度" : ""),
         base::StrCat("Fund: ", Yuan(pool.amount_fen), is_quarterly ? " a quarter" : "",
                      pool.rolls_over ? "; what is left goes to the next quarter" : ""));
    switch (pool.mode) {
      case PoolMode::kProRata:
        return Line("资金不足时按比例分配（最大余数法，分文不差）",
                    "Where it does not suffice it is shared in proportion, by largest remainder, to the fen");
      case PoolMode::kFirstCome:
        return Line("先到先得，按时间先后直至用完，最后一笔领取余额",
                    "First come, first served by time; the last one gets what is left");
      case PoolMode::kRanked:
        return Line("按净销售额从高到低依次足额安排，直至用完（按序匹配）",
                    "Granted in full from the largest net sales down until it is used; the last one gets what is left");
    }
  }

  void WriteApplicant() {
    const ApplicantRule& rule = policy_.applicant;
    if (rule.registered_before) {
      const std::string day = base::FormatDay(*rule.registered_before);
      Line(base::StrCat("申报主体：", day, " 之前登记注册"), base::StrCat("Applicant: registered before ", day));
    }
    if (rule.is_shipper) Line("申报主体：须为寄件人", "Applicant: is the shipper of the parcels");
    WriteList("申报材料", "Documents", rule.documents);
    const int64_t days = policy_.claims.objection_days;
    Line(base::StrCat("公示：", days, " 天内可提出异议"), base::StrCat("Published for objections: ", days, " days"));
  }

  const Policy& policy_;
  const bool is_chinese_;
  std::string text_;
};

}  // namespace

std::string ExplainInChinese(const Policy& policy) { return Explanation(policy, true).Write(); }
std::string ExplainInEnglish(const Policy& policy) { return Explanation(policy, false).Write(); }

}  // namespace zhuxiao::reward::engine
