#include "tests/property/reward_model.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zhuxiao::reward {
namespace {

absl::CivilSecond LocalTime(const v1::OnlineSale& sale) {
  return absl::ToCivilSecond(absl::FromUnixSeconds(sale.order_time().seconds()) + absl::Hours(8), absl::UTCTimeZone());
}

}  // namespace

void RewardModel::Take(const v1::SaleEntry& entry) {
  entry.has_sale() ? TakeSale(entry.sale()) : TakeRefund(entry.refund());
}

void RewardModel::TakeSale(const v1::OnlineSale& sale) {
  const auto known = sales_.find(sale.platform_order_no());
  if (known != sales_.end()) {
    const bool is_same = known->second.sale.SerializeAsString() == sale.SerializeAsString();
    ++(is_same ? counts_.duplicate : counts_.rejected);
    return;
  }
  ++counts_.taken;
  KnownSale& taken = sales_[sale.platform_order_no()];
  taken.sale = sale;
  std::vector<v1::SaleRefund> still_waiting;
  for (const v1::SaleRefund& refund : waiting_) {
    if (refund.platform_order_no() != sale.platform_order_no()) {
      still_waiting.push_back(refund);
    } else if (taken.refunded_fen + refund.amount().amount_fen() <= sale.amount().amount_fen()) {
      taken.refunded_fen += refund.amount().amount_fen();
    } else {
      refunds_.erase(refund.refund_no());
      ++counts_.rejected;
    }
  }
  waiting_ = std::move(still_waiting);
}

void RewardModel::TakeRefund(const v1::SaleRefund& refund) {
  const auto known = refunds_.find(refund.refund_no());
  if (known != refunds_.end()) {
    const bool is_same = known->second.SerializeAsString() == refund.SerializeAsString();
    ++(is_same ? counts_.duplicate : counts_.rejected);
    return;
  }
  const auto sale = sales_.find(refund.platform_order_no());
  if (sale == sales_.end()) {
    ++counts_.pending;
    waiting_.push_back(refund);
  } else if (sale->second.refunded_fen + refund.amount().amount_fen() > sale->second.sale.amount().amount_fen()) {
    ++counts_.rejected;
    return;
  } else {
    ++counts_.taken;
    sale->second.refunded_fen += refund.amount().amount_fen();
  }
  refunds_[refund.refund_no()] = refund;
}

bool RewardModel::IsDesignated(const v1::OnlineSale& sale, const YearlyRule& rule) const {
  const absl::CivilSecond local = LocalTime(sale);
  const std::string day = absl::StrFormat("%04d-%02d-%02d", local.year(), local.month(), local.day());
  for (const directory::v1::Designation& designation : designations_) {
    const bool is_named = std::count(rule.programmes.begin(), rule.programmes.end(), designation.programme()) > 0;
    const bool is_inside = sale.origin_code().substr(0, designation.region_code().size()) == designation.region_code();
    const bool is_valid =
        designation.valid_from() <= day && (designation.valid_to().empty() || day <= designation.valid_to());
    if (is_named && is_inside && is_valid) return true;
  }
  return false;
}

RewardModel::Result RewardModel::StatementOf(const std::string& claimant_uscc, const YearlyRule& rule) const {
  Result result;
  for (const auto& [number, known] : sales_) {
    if (known.sale.claimant_uscc() != claimant_uscc || LocalTime(known.sale).year() != rule.year) continue;
    if (!IsDesignated(known.sale, rule)) {
      ++result.excluded_count;
      continue;
    }
    ++result.counted_count;
    result.gross_fen += known.sale.amount().amount_fen();
    result.refunded_fen += known.refunded_fen;
  }
  const int64_t net_fen = result.gross_fen - result.refunded_fen;
  if (net_fen >= rule.threshold_fen) {
    result.reward_fen = std::min(net_fen * rule.rate_basis_points / 10'000, rule.cap_fen);
  }
  return result;
}

}  // namespace zhuxiao::reward
