// The rules of payment: data by first day, mode and payer (services/order/data/payment_rules.csv), and the dates and
// interest that follow from one. Pure; what moves money is contract_payments.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/store/store.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// Reads CSV with the header of the data file. INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<v1::PaymentRule>> ParsePaymentRules(std::string_view csv);

// The rules that ship with the product, by first day, mode and payer.
const std::vector<v1::PaymentRule>& PaymentRules();

// The newest rule of the mode that holds on `day`: one for the payer's kind before one for any. nullptr where none
// does.
const v1::PaymentRule* FindPaymentRule(const std::vector<v1::PaymentRule>& rules, v1::PaymentMode mode,
                                       v1::PayerKind payer, base::Day day);

// The most interest that may be agreed on, in ppm a day: twice what the law says where nothing is agreed. More is a
// slip of a digit.
inline constexpr int64_t kMaxAgreedInterestPpm = 1'000;

// The rule for an order of this buyer made on `day`, with the days and the interest the order agrees on, as far as they
// stay within 1 to max_pay_days and LeastInterestPpm (prime_rates.h) to kMaxAgreedInterestPpm: the nearer end holds
// beyond, and `beyond` names the field. A new order is refused for that; one that was good when it was placed is not.
absl::StatusOr<v1::PaymentRule> PaymentRuleFor(store::Reader& reader, const v1::Order& order, base::Day day,
                                               base::FieldErrors& beyond);
// The same for an order that was checked when it was placed.
absl::StatusOr<v1::PaymentRule> PaymentRuleFor(store::Reader& reader, const v1::Order& order, base::Day day);

// The first instant that is later than `days` days after the day of `start`: a midnight of Asia/Shanghai.
absl::Time MidnightAfter(absl::Time start, int32_t days);

// Days by which `now` is later than the last day before `due`, a midnight; 0 where it is not.
int32_t DaysLate(absl::Time due, absl::Time now);

// owed_fen (0 .. kMaxAmountFen) times the daily rate times days, rounded half up to the fen once.
int64_t LateInterestFen(int64_t owed_fen, int64_t rate_ppm, int32_t days);

absl::StatusOr<v1::ListPaymentRulesResponse> ListPaymentRules(const v1::ListPaymentRulesRequest& request);

}  // namespace zhuxiao::order
