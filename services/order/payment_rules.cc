#include "services/order/payment_rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/order/payment_rules_data.h"
#include "services/order/prime_rates.h"

namespace zhuxiao::order {
namespace {

constexpr size_t kCellCount = 9;
constexpr int64_t kMaxDays = 366;  // of any rule; beyond a year a contract is no sale of perishables

bool ReadDays(const std::string& cell, int32_t& days) {
  return absl::SimpleAtoi(cell, &days) && days >= 0 && days <= kMaxDays;
}

bool ReadRule(const std::vector<std::string>& cells, v1::PaymentRule& rule) {
  if (cells.size() != kCellCount || !base::ParseDay(cells[0]).ok()) return false;
  if (cells[1] != "pay-first" && cells[1] != "goods-first") return false;
  if (cells[2] != "any" && cells[2] != "public-body") return false;
  int32_t pay_days = 0;
  int32_t max_pay_days = 0;
  int32_t extension_days = 0;
  int32_t return_days = 0;
  int64_t rate_ppm = 0;
  if (!ReadDays(cells[3], pay_days) || !ReadDays(cells[4], max_pay_days) || !ReadDays(cells[5], extension_days) ||
      !absl::SimpleAtoi(cells[6], &rate_ppm) || !ReadDays(cells[7], return_days)) {
    return false;
  }
  rule.set_rule_id(base::StrCat(cells[0], "/", cells[1], "/", cells[2]));
  rule.set_valid_from(cells[0]);
  rule.set_mode(cells[1] == "pay-first" ? v1::PAYMENT_MODE_PAY_FIRST : v1::PAYMENT_MODE_GOODS_FIRST);
  rule.set_payer(cells[2] == "any" ? v1::PAYER_KIND_UNSPECIFIED : v1::PAYER_KIND_PUBLIC_BODY);
  rule.set_pay_days(pay_days);
  rule.set_max_pay_days(max_pay_days);
  rule.set_extension_days(extension_days);
  rule.set_late_interest_ppm(rate_ppm);
  rule.set_return_days(return_days);
  rule.set_source(cells[8]);
  return pay_days >= 1 && pay_days <= max_pay_days && rate_ppm >= 0 && rate_ppm <= base::kPpm && !cells[8].empty();
}

// True where the agreement holds: goods that are paid first are never owed.
bool MayAgree(const v1::PaymentRule& rule, const std::string& field, base::FieldErrors& beyond) {
  const bool may = rule.mode() == v1::PAYMENT_MODE_GOODS_FIRST;
  beyond.Require(may, field, "is for goods that come first");
  return may;
}

void AgreeOnDays(const v1::Order& order, v1::PaymentRule& rule, base::FieldErrors& beyond) {
  const std::string field = "order.payment_days";
  if (!MayAgree(rule, field, beyond)) return;
  const int32_t days = std::clamp(order.payment_days(), 1, rule.max_pay_days());
  beyond.Require(order.payment_days() == days, field,
                 base::StrCat("must be 1 to ", rule.max_pay_days(), " days, or 0 for those of the rule"));
  rule.set_pay_days(days);
}

void AgreeOnInterest(const v1::Order& order, base::Day day, v1::PaymentRule& rule, base::FieldErrors& beyond) {
  const std::string field = "order.late_interest_ppm";
  if (!MayAgree(rule, field, beyond)) return;
  const int64_t least_ppm = LeastInterestPpm(LoanPrimeRates(), day);
  const int64_t rate_ppm = std::clamp(order.late_interest_ppm(), least_ppm, kMaxAgreedInterestPpm);
  beyond.Require(order.late_interest_ppm() == rate_ppm, field,
                 base::StrCat("must be ", least_ppm, " to ", kMaxAgreedInterestPpm, " ppm a day, or 0 for the rule's"));
  rule.set_late_interest_ppm(rate_ppm);
}

}  // namespace

absl::StatusOr<std::vector<v1::PaymentRule>> ParsePaymentRules(std::string_view csv) {
  std::vector<v1::PaymentRule> rules;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    v1::PaymentRule rule;
    if (!ReadRule(absl::StrSplit(line, absl::MaxSplits(',', kCellCount - 1)), rule)) {
      return absl::InvalidArgumentError(base::StrCat("payment rules: line ", line_number, " is not a rule: ", line));
    }
    rules.push_back(std::move(rule));
  }
  std::stable_sort(rules.begin(), rules.end(), [](const v1::PaymentRule& a, const v1::PaymentRule& b) {
    return std::tuple(a.valid_from(), a.mode(), a.payer()) < std::tuple(b.valid_from(), b.mode(), b.payer());
  });
  return rules;
}

// The shipped data is part of the program: where it does not parse the program is broken, and stops.
const std::vector<v1::PaymentRule>& PaymentRules() {
  static const auto* const rules = [] {
    auto parsed = ParsePaymentRules(kPaymentRulesCsv);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new std::vector<v1::PaymentRule>(*std::move(parsed));
  }();
  return *rules;
}

const v1::PaymentRule* FindPaymentRule(const std::vector<v1::PaymentRule>& rules, v1::PaymentMode mode,
                                       v1::PayerKind payer, base::Day day) {
  const std::string today = base::FormatDay(day);
  const v1::PaymentRule* found = nullptr;
  for (const v1::PaymentRule& rule : rules) {
    const bool holds = rule.mode() == mode && rule.valid_from() <= today &&
                       (rule.payer() == payer || rule.payer() == v1::PAYER_KIND_UNSPECIFIED);
    const auto rank = [](const v1::PaymentRule& r) {
      return std::tuple(r.payer() != v1::PAYER_KIND_UNSPECIFIED, r.valid_from());
    };
    if (holds && (found == nullptr || rank(rule) > rank(*found))) found = &rule;
  }
  return found;
}

absl::StatusOr<v1::PaymentRule> PaymentRuleFor(store::Reader& reader, const v1::Order& order, base::Day day,
                                               base::FieldErrors& beyond) {
  auto buyer = directory::GetOrganisation(reader, order.institution_uscc());
  if (!buyer.ok() && !absl::IsNotFound(buyer.status())) return buyer.status();
  const bool is_public = buyer.ok() && buyer->kind() == directory::v1::ORGANISATION_KIND_PUBLIC_BODY;
  const auto mode =
      order.payment_mode() == v1::PAYMENT_MODE_UNSPECIFIED ? v1::PAYMENT_MODE_GOODS_FIRST : order.payment_mode();
  const v1::PaymentRule* found =
      FindPaymentRule(PaymentRules(), mode, is_public ? v1::PAYER_KIND_PUBLIC_BODY : v1::PAYER_KIND_UNSPECIFIED, day);
  if (found == nullptr) return base::DataLoss("no rule of payment holds today");
  v1::PaymentRule rule = *found;
  if (order.payment_days() != 0) AgreeOnDays(order, rule, beyond);
  if (order.late_interest_ppm() != 0) AgreeOnInterest(order, day, rule, beyond);
  return rule;
}

absl::StatusOr<v1::PaymentRule> PaymentRuleFor(store::Reader& reader, const v1::Order& order, base::Day day) {
  base::FieldErrors beyond;
  return PaymentRuleFor(reader, order, day, beyond);
}

absl::Time MidnightAfter(absl::Time start, int32_t days) { return base::StartOfDay(base::DayOf(start) + days + 1); }

int32_t DaysLate(absl::Time due, absl::Time now) { return now < due ? 0 : base::DayOf(now) - base::DayOf(due) + 1; }

int64_t LateInterestFen(int64_t owed_fen, int64_t rate_ppm, int32_t days) {
  // At most 10^15 fen at 100 % a day over the 36,525 days of the product's calendar, which is beyond int64 only far
  // outside what the rules admit.
  return base::MulDivHalfUp(owed_fen, rate_ppm * days, base::kPpm).value_or(base::kMaxAmountFen);
}

absl::StatusOr<v1::ListPaymentRulesResponse> ListPaymentRules(const v1::ListPaymentRulesRequest& request) {
  v1::ListPaymentRulesResponse response;
  if (request.day().empty()) {
    response.mutable_rules()->Assign(PaymentRules().begin(), PaymentRules().end());
    return response;
  }
  const auto day = base::ParseDay(request.day());
  base::FieldErrors errors;
  errors.Require(day.ok(), "day", "must be YYYY-MM-DD, or empty");
  if (!errors.empty()) return errors.ToStatus();
  for (const v1::PaymentRule& rule : PaymentRules()) {
    const v1::PaymentRule* holding = FindPaymentRule(PaymentRules(), rule.mode(), rule.payer(), *day);
    if (holding == &rule) *response.add_rules() = rule;
  }
  return response;
}

}  // namespace zhuxiao::order
