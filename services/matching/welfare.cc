// The welfare formula. Products are taken in 128 bits; the limits of policy.h and book.h keep the results in 64.
#include "services/matching/welfare.h"

#include <algorithm>

#include "services/base/money.h"

namespace zhuxiao::matching {
namespace {

// floor(a * b / Divisor) for non-negative a and b whose result is inside int64. A 128-bit division costs twenty times
// a 64-bit one by a constant, and nearly every product of the trade fits 64 bits.
template <int64_t Divisor>
int64_t ScaleDown(int64_t a, int64_t b) {
  int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product / Divisor;
  return static_cast<int64_t>(static_cast<__int128>(a) * b / Divisor);
}

}  // namespace

std::optional<int64_t> UnitValueFen(const BookCommodity& commodity, int64_t value_base) {
  return base::MulDivFloor(commodity.reference_price_fen, value_base, commodity.reference_base);
}

UnitWelfare ListingPart(const MatchPolicy& policy, const ListingTerms& terms) {
  int64_t ppm = 0;
  int64_t sum_fen = 0;
  const auto add = [&](int64_t more_ppm) {
    ppm += more_ppm;
    const int64_t upto_fen = ScaleDown<base::kPpm>(terms.value_fen, ppm);
    const int64_t term_fen = upto_fen - sum_fen;
    sum_fen = upto_fen;
    return term_fen;
  };
  UnitWelfare welfare;
  welfare.value_fen = terms.value_fen;
  welfare.urgency_fen = add(UrgencyPpm(policy, terms.days_left));
  welfare.stall_fen = add(StallPpm(policy, terms.stall_level));
  welfare.linkage_fen = add(policy.linkage_weight_ppm * terms.linkage_ppm / base::kPpm);
  welfare.bonus_fen = add(policy.tranche_bonus_ppm);
  return welfare;
}

int64_t GapFen(const MatchPolicy& policy, int64_t value_fen, int64_t quota_gap_ppm) {
  // At most 10^7 * 10^6: the two weights multiply inside 64 bits.
  return ScaleDown<base::kPpm * base::kPpm>(value_fen, policy.gap_weight_ppm * quota_gap_ppm);
}

std::optional<int64_t> TransportFen(const BookCommodity& commodity, int64_t km, int64_t weight_base) {
  const auto per_base = base::CheckedMul(km, commodity.transport_microfen_per_km_base);
  if (!per_base) return std::nullopt;
  int64_t product = 0;
  if (!__builtin_mul_overflow(*per_base, weight_base, &product)) return product / 1'000'000;
  return base::MulDivFloor(*per_base, weight_base, 1'000'000);
}

bool IsPriceAllowed(int64_t price_fen, int64_t price_base, int64_t limit_fen, int64_t limit_base) {
  return static_cast<__int128>(price_fen) * limit_base <= static_cast<__int128>(limit_fen) * price_base;
}

int64_t TrancheUnits(const MatchPolicy& policy, int64_t listed_units) {
  return ScaleDown<base::kPpm>(listed_units, policy.tranche_ppm);
}

int64_t TrancheUnitsLeft(const MatchPolicy& policy, int64_t listed_units, int64_t available_units) {
  const int64_t gone = std::max<int64_t>(0, listed_units - available_units);
  return std::clamp<int64_t>(TrancheUnits(policy, listed_units) - gone, 0, std::max<int64_t>(0, available_units));
}

UnitReserve ReserveOf(const MatchPolicy& policy, const ListingPrice& price, base::Day today, int64_t bonus_fen) {
  if (today < price.day || today - price.day > policy.reserve_days) return {};
  // Both factors are inside their ranges, so the products are below 10^21 and the quotients below 10^15.
  const auto share = [&](int64_t fen) {
    return static_cast<int64_t>(static_cast<__int128>(fen) * policy.reserve_ppm / base::kPpm);
  };
  const int64_t rest_fen = share(price.rest_fen);
  return {.first_fen = std::min(share(price.first_fen), rest_fen + bonus_fen), .rest_fen = rest_fen};
}

}  // namespace zhuxiao::matching
