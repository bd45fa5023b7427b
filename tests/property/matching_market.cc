// Drawing of random markets.
#include "tests/property/matching_market.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_format.h"

namespace zhuxiao::matching {
namespace {

// Three near one another, one a day further, one across the country.
const std::vector<std::string> kSmallCounties = {"140321", "140431", "141032", "420102", "650102"};

int64_t LogNormal(Rng& rng, double median, double sigma, int64_t low, int64_t high) {
  std::lognormal_distribution<double> draw(std::log(median), sigma);
  return std::clamp<int64_t>(static_cast<int64_t>(draw(rng)), low, high);
}

}  // namespace

const base::CountyTable& RealCounties() {
  static const base::CountyTable* const table = [] {
    std::ifstream file(ZHUXIAO_COUNTIES_CSV);
    const std::string csv{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return new base::CountyTable(base::CountyTable::Parse(csv).value());
  }();
  return *table;
}

uint64_t TestSeed() {
  if (const char* seed = std::getenv("ZHUXIAO_TEST_SEED"); seed != nullptr) return std::strtoull(seed, nullptr, 10);
  return std::random_device{}();
}

int64_t Draw(Rng& rng, int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(rng); }

bool Chance(Rng& rng, int percent) { return Draw(rng, 0, 99) < percent; }

MatchPolicy SmallPolicy(Rng& rng) {
  MatchPolicy policy = DefaultMatchPolicy();
  policy.version = absl::StrFormat("small-%d", Draw(rng, 0, 1'000'000));
  policy.urgency = {{2, Draw(rng, 0, 900'000)}, {7, Draw(rng, 0, 900'000)}, {15, Draw(rng, 0, 900'000)}};
  policy.tranche_ppm = Draw(rng, 0, 4) * 250'000;
  policy.tranche_bonus_ppm = Chance(rng, 30) ? 0 : Draw(rng, 0, 900'000);
  policy.gap_weight_ppm = Draw(rng, 0, 300'000);
  policy.reserve_ppm = Draw(rng, 0, 4) * 250'000;
  policy.reserve_days = static_cast<int32_t>(Draw(rng, 0, 2));
  return policy;
}

BookCommodity SmallCommodity(Rng& rng, const std::string& code) {
  return {.code = code,
          .reference_price_fen = Draw(rng, 3, 400),
          .reference_base = Chance(rng, 50) ? 500 : 1'000,
          .transport_microfen_per_km_base = Draw(rng, 0, 60),
          .min_life_days = static_cast<int32_t>(Draw(rng, 0, 3))};
}

BookListing SmallListing(Rng& rng, const std::string& code, int number) {
  const std::vector<int64_t> units = {500, 500, 500, 1'000, 700, 1'500};
  BookListing listing;
  listing.listing_id = absl::StrFormat("L%03d", number);
  listing.supplier_id = absl::StrFormat("S%d", Draw(rng, 0, 5));
  listing.origin_code = kSmallCounties[Draw(rng, 0, 4)] + "105203";
  listing.commodity = code;
  listing.sale_unit_base = units[Draw(rng, 0, 5)];
  listing.value_base = listing.sale_unit_base;
  listing.weight_base = listing.sale_unit_base;
  if (Chance(rng, 10)) listing.value_base = listing.weight_base = Draw(rng, 300, 2'000);
  listing.unit_price_fen = Draw(rng, 2, 400);
  listing.price_fen = listing.unit_price_fen;
  listing.price_base = listing.sale_unit_base;
  listing.listed_units = Draw(rng, 1, 7);
  listing.available_units = Chance(rng, 70) ? listing.listed_units : Draw(rng, 0, listing.listed_units);
  listing.min_lot_units = Chance(rng, 60) ? 1 : Draw(rng, 1, std::min<int64_t>(4, listing.listed_units));
  listing.ready_day = kToday + static_cast<base::Day>(Draw(rng, -2, 4));
  listing.last_sale_day = listing.ready_day + static_cast<base::Day>(Draw(rng, 0, 20));
  listing.linkage_ppm = Draw(rng, 0, 1'000'000);
  listing.stall_level = static_cast<uint32_t>(Draw(rng, 0, 7));
  if (Chance(rng, 10)) listing.scope = {Chance(rng, 50) ? "14" : "42"};
  listing.certificates = static_cast<CertificateSet>(Draw(rng, 4, 7));
  if (Chance(rng, 80)) listing.programmes = {"national-832"};
  // Prices of any round: right or wrong, of today, older than any policy asks for, or of a day to come.
  if (Chance(rng, 50)) {
    listing.price = {.first_fen = Draw(rng, 0, 300),
                     .rest_fen = Draw(rng, 0, 300),
                     .day = kToday + static_cast<base::Day>(Draw(rng, -3, 1))};
  }
  return listing;
}

MatchOrder SmallOrder(Rng& rng, const std::string& code) {
  MatchOrder order;
  order.order_id = "O1";
  order.institution_id = "B1";
  order.commodity = code;
  order.quantity_base = Draw(rng, 1, 12'000);
  order.limit_price_fen = Draw(rng, 100, 900);
  order.limit_base = 1'000;
  order.destination_code = kSmallCounties[Draw(rng, 0, 4)];
  order.today = kToday;
  order.deliver_from_day = kToday + static_cast<base::Day>(Draw(rng, 0, 3));
  order.deliver_by_day = order.deliver_from_day + static_cast<base::Day>(Draw(rng, 1, 14));
  order.allow_partial = Chance(rng, 70);
  order.required_certificates = Chance(rng, 80) ? 0 : 1;
  if (Chance(rng, 20)) order.required_programme = "national-832";
  if (Chance(rng, 20)) order.excluded_suppliers = {"S1"};
  order.quota_gap_ppm = Draw(rng, 0, 1'000'000);
  if (Chance(rng, 30)) order.remaining_limit_fen = Draw(rng, 0, 3'000);
  if (Chance(rng, 20)) order.max_contracts = static_cast<int32_t>(Draw(rng, 1, 3));
  if (Chance(rng, 15)) order.available_overrides["L001"] = Draw(rng, 0, 5);
  return order;
}

NationalMarket::NationalMarket(size_t commodity_count, uint64_t seed) : rng_(seed) {
  const std::vector<int32_t> lives = {4, 10, 14, 30, 60, 90, 180, 360};
  std::vector<double> weights;
  for (size_t i = 0; i < commodity_count; ++i) {
    const int32_t life = lives[i % lives.size()];
    shelf_days_.push_back(life);
    weights.push_back(1.0 / static_cast<double>(i + 1));
    // Reference prices of 3 to 50 yuan a kilogram; 0.4 to 1.2 yuan a tonne-kilometre, more with cold chain.
    commodities_.push_back({.code = absl::StrFormat("C%03d", i),
                            .reference_price_fen = LogNormal(rng_, 900, 0.7, 300, 9'000),
                            .reference_base = 1'000,
                            .transport_microfen_per_km_base = life < 15 ? Draw(rng_, 80, 120) : Draw(rng_, 40, 70),
                            .min_life_days = std::max(1, life / 8)});
  }
  popularity_ = std::discrete_distribution<size_t>(weights.begin(), weights.end());
}

size_t NationalMarket::DrawCommodity() { return popularity_(rng_); }

std::string NationalMarket::DrawCounty() {
  const auto& counties = RealCounties().counties();
  return counties[static_cast<size_t>(Draw(rng_, 0, static_cast<int64_t>(counties.size()) - 1))].code;
}

BookListing NationalMarket::NextListing() {
  const size_t at = DrawCommodity();
  const BookCommodity& commodity = commodities_[at];
  BookListing listing;
  listing.listing_id = absl::StrFormat("01J%023d", next_number_);
  listing.supplier_id = absl::StrFormat("93140321MA0%07d", next_number_ / 15);
  ++next_number_;
  listing.origin_code = DrawCounty() + absl::StrFormat("%06d", 100'000 + Draw(rng_, 0, 99'999));
  listing.commodity = commodity.code;
  const std::vector<int64_t> units = {500, 500, 500, 1'000, 5'000, 22'500};
  listing.sale_unit_base = units[static_cast<size_t>(Draw(rng_, 0, 5))];
  listing.value_base = listing.weight_base = listing.price_base = listing.sale_unit_base;
  const int64_t ask_permille = LogNormal(rng_, 1'000, 0.15, 600, 1'500);
  listing.unit_price_fen = std::max<int64_t>(
      1, commodity.reference_price_fen * listing.sale_unit_base / commodity.reference_base * ask_permille / 1'000);
  listing.price_fen = listing.unit_price_fen;
  const int64_t listed_base = LogNormal(rng_, 2'000'000, 1.2, 50'000, 200'000'000);
  listing.listed_units = std::max<int64_t>(1, listed_base / listing.sale_unit_base);
  listing.available_units = Chance(rng_, 60) ? listing.listed_units : Draw(rng_, 0, listing.listed_units);
  if (Chance(rng_, 25)) listing.min_lot_units = std::min<int64_t>(listing.listed_units, Draw(rng_, 2, 20));
  listing.last_sale_day = kToday + static_cast<base::Day>(Draw(rng_, 0, shelf_days_[at]));
  listing.ready_day = std::min<base::Day>(listing.last_sale_day, kToday + static_cast<base::Day>(Draw(rng_, -20, 5)));
  listing.linkage_ppm = Draw(rng_, 0, 1'000'000);
  listing.stall_level = Chance(rng_, 20) ? static_cast<uint32_t>(Draw(rng_, 1, 5)) : 0;
  if (Chance(rng_, 15)) listing.scope = {listing.origin_code.substr(0, 2)};
  listing.certificates = Chance(rng_, 90) ? 3 : 1;
  if (Chance(rng_, 70)) listing.programmes = {"national-832"};
  return listing;
}

MatchOrder NationalMarket::NextOrder() {
  const BookCommodity& commodity = commodities_[DrawCommodity()];
  MatchOrder order;
  order.order_id = "O1";
  order.institution_id = "B1";
  order.commodity = commodity.code;
  // A median of about 3,000 yuan, at most 500,000.
  const int64_t value_fen = LogNormal(rng_, 300'000, 0.9, 20'000, 50'000'000);
  order.quantity_base = std::max<int64_t>(500, value_fen * 1'000 / commodity.reference_price_fen / 500 * 500);
  order.limit_price_fen = commodity.reference_price_fen * Draw(rng_, 850, 1'300) / 1'000;
  order.limit_base = commodity.reference_base;
  order.destination_code = DrawCounty();
  order.today = order.deliver_from_day = kToday;
  order.deliver_by_day = kToday + static_cast<base::Day>(Draw(rng_, 3, 20));
  order.allow_partial = Chance(rng_, 90);
  order.required_certificates = Chance(rng_, 50) ? 1 : 3;
  if (Chance(rng_, 50)) order.required_programme = "national-832";
  order.quota_gap_ppm = Draw(rng_, 0, 1'000'000);
  order.remaining_limit_fen = Chance(rng_, 95) ? Draw(rng_, 50'000'000, 500'000'000) : Draw(rng_, 0, 400'000);
  return order;
}

}  // namespace zhuxiao::matching
