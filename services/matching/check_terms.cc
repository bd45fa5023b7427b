#include "services/matching/check_terms.h"

#include <algorithm>

namespace zhuxiao::matching::check {
namespace {

constexpr int64_t kMillion = 1'000'000;

std::optional<int64_t> Narrow(Wide value) {
  if (value < INT64_MIN || value > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(value);
}

int64_t UrgencyOf(const MatchPolicy& policy, int64_t days_left) {
  const auto row = std::find_if(policy.urgency.begin(), policy.urgency.end(),
                                [&](const UrgencyRow& candidate) { return days_left <= candidate.days; });
  return row == policy.urgency.end() ? policy.urgency.back().ppm : row->ppm;
}

int64_t StallOf(const MatchPolicy& policy, uint32_t level) {
  return level < policy.stall_ppm.size() ? policy.stall_ppm[level] : policy.stall_ppm.back();
}

std::optional<ListingFigures> FiguresOf(const RoundBook& book, const ClearingPolicy& policy,
                                        const RoundListing& listing) {
  const RoundCommodity& commodity = book.commodities[listing.commodity];
  const Wide value = Wide{commodity.reference_price_fen} * listing.unit_base / commodity.reference_base;
  if (!Narrow(value)) return std::nullopt;
  const int64_t ppm = UrgencyOf(policy.weights, int64_t{listing.last_sale_day} - policy.today) +
                      StallOf(policy.weights, listing.stall_level) +
                      policy.weights.linkage_weight_ppm * listing.linkage_ppm / kMillion;
  const auto plain = Narrow(value * ppm / kMillion);
  const auto with_bonus = Narrow(value * (ppm + policy.weights.tranche_bonus_ppm) / kMillion);
  if (!plain || !with_bonus) return std::nullopt;
  return ListingFigures{
      .value_fen = static_cast<int64_t>(value),
      .plain_fen = *plain,
      .bonus_fen = *with_bonus - *plain,
      .first_units = static_cast<int64_t>(Wide{listing.units} * policy.weights.tranche_ppm / kMillion),
      .from_day = std::max(policy.today, listing.ready_day)};
}

}  // namespace

std::optional<std::vector<ListingFigures>> FiguresOf(const RoundBook& book, const ClearingPolicy& policy) {
  std::vector<ListingFigures> all;
  all.reserve(book.listings.size());
  for (const RoundListing& listing : book.listings) {
    const auto figures = FiguresOf(book, policy, listing);
    if (!figures) return std::nullopt;
    all.push_back(*figures);
  }
  return all;
}

Wide GapFen(const ClearingPolicy& policy, int64_t value_fen, int64_t quota_gap_ppm) {
  const int64_t weight = policy.weights.gap_weight_ppm * quota_gap_ppm;  // at most 10^13
  int64_t product = 0;
  if (!__builtin_mul_overflow(value_fen, weight, &product)) return product / (kMillion * kMillion);
  return Wide{value_fen} * weight / (Wide{kMillion} * kMillion);
}

Wide TransportFen(const RoundCommodity& commodity, int64_t km, int64_t unit_base) {
  int64_t rate = 0;
  int64_t product = 0;
  if (!__builtin_mul_overflow(km, commodity.transport_microfen_per_km_base, &rate) &&
      !__builtin_mul_overflow(rate, unit_base, &product)) {
    return product / kMillion;
  }
  Wide wide = Wide{km} * commodity.transport_microfen_per_km_base;
  if (__builtin_mul_overflow(wide, Wide{unit_base}, &wide)) return kMostTransportFen;
  return std::min(wide / kMillion, kMostTransportFen);
}

bool IsWithinLimitPrice(const RoundListing& listing, const RoundOrder& order) {
  return Wide{listing.unit_price_fen} * order.limit_base <= Wide{order.limit_price_fen} * listing.unit_base;
}

}  // namespace zhuxiao::matching::check
