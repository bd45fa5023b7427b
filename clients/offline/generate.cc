// All sizes are in fen of value at the reference price first, and become units from there, so that supply and demand of
// each commodity stand in the proportion they are meant to.
#include "clients/offline/generate.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "clients/offline/chance.h"
#include "clients/offline/generate_commodities.h"
#include "services/base/errors.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/directory/data.h"
#include "services/matching/policy.h"

namespace zhuxiao::offline {
namespace {

using matching::RoundListing;
using matching::RoundOrder;

constexpr int32_t kToday = 18'312;  // 2020-02-20
constexpr int32_t kDayOfYear = 50;
constexpr int64_t kFenPerYuan = 100;

// Listings: log-normal with a deviation of 1.6 in all, of which the supplier's size is most; the mean is 25,000 yuan,
// about the value ordered for each listing.
constexpr int64_t kListingMedianFen = 6'400 * kFenPerYuan;
constexpr int64_t kSupplierSigmaPpm = 1'400'000;
constexpr int64_t kListingSigmaPpm = 800'000;
constexpr int64_t kMaxListingFen = 3'000'000 * kFenPerYuan;

// Orders: median 1,500 to 6,000 yuan, at most 500,000.
constexpr int64_t kOrderMedianFen = 3'000 * kFenPerYuan;
constexpr int64_t kOrderSigmaPpm = 1'000'000;
constexpr int64_t kMaxOrderFen = 500'000 * kFenPerYuan;
constexpr int kMaxOrders = 8;
// Live animals are bought by slaughterhouses and large kitchens, several head at a time.
constexpr int64_t kHeadOrderFactor = 20;

// Goods that keep longer than this come from one harvest a year.
constexpr int32_t kHarvestedYearlyDays = 60;

class Generator {
 public:
  Generator(const InstanceShape& shape, std::vector<base::County> counties)
      : shape_(shape),
        chance_(shape.seed),
        counties_(std::move(counties)),
        commodities_(GenerateCommodities(shape.commodities, chance_)),
        supply_counties_(CountyWeights(800'000)),
        demand_counties_(CountyWeights(1'200'000)),
        listed_commodities_(CommodityWeights()) {}

  round_files::RoundInput Run() {
    AddPolicy();
    AddTables();
    AddListings();
    AddInstitutions();
    return std::move(input_);
  }

 private:
  Weights CountyWeights(int64_t sigma_ppm) {
    std::vector<int64_t> weights;
    for (size_t i = 0; i < counties_.size(); ++i) weights.push_back(chance_.LogNormal(1'000'000, sigma_ppm) + 1);
    return Weights(weights);
  }

  Weights CommodityWeights() const {
    std::vector<int64_t> weights;
    for (const GeneratedCommodity& commodity : commodities_) weights.push_back(commodity.popularity);
    return Weights(weights);
  }

  void AddPolicy() {
    input_.policy.today = kToday;
    input_.policy.weights = matching::DefaultMatchPolicy();
  }

  void AddTables() {
    for (const base::County& county : counties_) {
      input_.ids.counties.Add(county.code);
      input_.book.counties.push_back(county.centroid);
    }
    for (const GeneratedCommodity& commodity : commodities_) {
      input_.ids.commodities.Add(commodity.code);
      input_.book.commodities.push_back(commodity.rates);
    }
  }

  // A supplier sells a few commodities, gathered from a few villages of its county.
  struct Supplier {
    uint32_t county = 0;
    std::vector<uint32_t> commodities;
    std::vector<uint32_t> villages;
    int64_t median_fen = 0;
  };

  Supplier MakeSupplier() {
    Supplier supplier;
    supplier.county = static_cast<uint32_t>(supply_counties_.Pick(chance_));
    for (int64_t i = chance_.Between(1, 4); i > 0; --i) {
      supplier.commodities.push_back(static_cast<uint32_t>(listed_commodities_.Pick(chance_)));
    }
    for (int64_t i = chance_.Between(1, 5); i > 0; --i) {
      supplier.villages.push_back(static_cast<uint32_t>(input_.ids.villages.size()));
      // Township and village are numbered from 1 to leave "000", a whole county, alone.
      input_.ids.villages.Add(absl::StrFormat("%s%03d%03d", counties_[supplier.county].code, chance_.Between(100, 120),
                                              200 + (village_count_++ % 800)));
    }
    supplier.median_fen = chance_.LogNormal(kListingMedianFen, kSupplierSigmaPpm);
    return supplier;
  }

  void AddListings() {
    std::vector<Supplier> suppliers;
    for (int64_t i = 0; i < shape_.suppliers; ++i) {
      suppliers.push_back(MakeSupplier());
      input_.ids.suppliers.Add(absl::StrFormat("S%07d", i + 1));
    }
    for (int64_t i = 0; i < shape_.listings; ++i) {
      const size_t at = chance_.Below(suppliers.size());
      const Supplier& supplier = suppliers[at];
      input_.ids.listings.Add(absl::StrFormat("L%07d", i + 1));
      input_.ids.listing_suppliers.push_back(static_cast<uint32_t>(at));
      input_.ids.listing_villages.push_back(supplier.villages[chance_.Below(supplier.villages.size())]);
      input_.book.listings.push_back(MakeListing(supplier));
    }
  }

  RoundListing MakeListing(const Supplier& supplier) {
    const uint32_t at = supplier.commodities[chance_.Below(supplier.commodities.size())];
    const GeneratedCommodity& commodity = commodities_[at];
    RoundListing listing = {.commodity = at, .county = supplier.county};
    // One in four is sold by the jin, whatever the usual unit.
    listing.unit_base = commodity.is_counted || chance_.Happens(750'000) ? commodity.unit_base : 500;
    const int64_t unit_fen = ValueFen(commodity, listing.unit_base);
    const int64_t value_fen = std::min(chance_.LogNormal(supplier.median_fen, kListingSigmaPpm), kMaxListingFen);
    listing.units = std::max<int64_t>(1, value_fen / unit_fen);
    listing.unit_price_fen = std::max<int64_t>(1, unit_fen * chance_.Between(800, 1'200) / 1'000);
    listing.ready_day = chance_.Happens(300'000) ? kToday + static_cast<int32_t>(chance_.Between(1, 5)) : kToday;
    listing.last_sale_day = std::max(kToday, listing.ready_day) + LifeLeft(commodity);
    listing.linkage_ppm = static_cast<int32_t>(chance_.Between(0, 1'000'000));
    listing.stall_level = StallLevel();
    listing.min_lot_units = std::min(listing.units, chance_.Happens(700'000) ? 1 : chance_.Between(2, 10));
    return listing;
  }

  static int64_t ValueFen(const GeneratedCommodity& commodity, int64_t base_units) {
    return std::max<int64_t>(1, commodity.rates.reference_price_fen * base_units / commodity.rates.reference_base);
  }

  // Fresh goods are of any age; goods of a yearly harvest are as old as the season is past, and where they would have
  // spoiled by now they are from a cold store.
  int32_t LifeLeft(const GeneratedCommodity& commodity) {
    const int64_t shelf_days = commodity.shelf_life_days;
    int64_t age_days = chance_.Between(0, shelf_days * 7 / 10);
    if (shelf_days > kHarvestedYearlyDays) {
      const int64_t since_harvest_days = (kDayOfYear - commodity.harvest_day + 365) % 365;
      const int64_t seasonal_days = std::max<int64_t>(0, since_harvest_days + chance_.Between(-20, 20));
      if (seasonal_days < shelf_days * 9 / 10) age_days = seasonal_days;
    }
    return static_cast<int32_t>(shelf_days - age_days);
  }

  // Seven in ten are not stalled; each level is half as frequent as the one below.
  uint32_t StallLevel() {
    uint32_t level = chance_.Happens(300'000) ? 1 : 0;
    while (level > 0 && level < 5 && chance_.Happens(500'000)) ++level;
    return level;
  }

  void AddInstitutions() {
    const Weights ordered_commodities = DemandWeights();
    for (int64_t i = 0; i < shape_.institutions; ++i) {
      input_.ids.institutions.Add(absl::StrFormat("I%07d", i + 1));
      const auto county = static_cast<uint32_t>(demand_counties_.Pick(chance_));
      int64_t ordered_fen = 0;
      // A third cannot pay for all it ordered; the others may ask for all or nothing.
      const bool is_short = chance_.Happens(333'000);
      for (int n = 0; n < kMaxOrders && (n == 0 || chance_.Happens(505'000)); ++n) {
        const auto commodity = static_cast<uint32_t>(ordered_commodities.Pick(chance_));
        ordered_fen += AddOrder(static_cast<uint32_t>(i), commodity, county, is_short);
      }
      const int64_t limit_percent = is_short ? chance_.Between(30, 90) : chance_.Between(120, 300);
      input_.book.institutions.push_back(
          {.limit_fen = ordered_fen * limit_percent / 100, .quota_gap_ppm = chance_.Between(0, 1'000'000)});
    }
  }

  Weights DemandWeights() const {
    std::vector<int64_t> weights;
    for (const GeneratedCommodity& commodity : commodities_) {
      weights.push_back(commodity.popularity / 1'000 * commodity.demand_share_ppm / 1'000);
    }
    return Weights(weights);
  }

  // Adds an order and returns its value at the reference price.
  int64_t AddOrder(uint32_t institution, uint32_t commodity_at, uint32_t county, bool is_short) {
    const GeneratedCommodity& commodity = commodities_[commodity_at];
    const int64_t value_fen = std::min(chance_.LogNormal(kOrderMedianFen, kOrderSigmaPpm), kMaxOrderFen);
    RoundOrder order = {.institution = institution, .commodity = commodity_at, .county = county};
    if (commodity.is_counted) {
      order.quantity_base = std::max<int64_t>(1, kHeadOrderFactor * value_fen / ValueFen(commodity, 1));
      order.limit_base = 1;
    } else {
      // A canteen orders what the trade packs: whole cases, sacks or jin.
      order.quantity_base =
          std::max<int64_t>(1, value_fen / ValueFen(commodity, commodity.unit_base)) * commodity.unit_base;
      order.limit_base = chance_.Happens(200'000) ? 500 : 1'000;
    }
    order.limit_price_fen =
        std::max<int64_t>(1, ValueFen(commodity, order.limit_base) * chance_.Between(950, 1'350) / 1'000);
    order.deliver_by_day = kToday + static_cast<int32_t>(chance_.Between(2, 30));
    order.is_partial_allowed = is_short || !chance_.Happens(50'000);
    input_.ids.orders.Add(absl::StrFormat("O%08d", input_.book.orders.size() + 1));
    input_.book.orders.push_back(order);
    return ValueFen(commodity, order.quantity_base);
  }

  const InstanceShape shape_;
  Chance chance_;
  const std::vector<base::County> counties_;
  const std::vector<GeneratedCommodity> commodities_;
  const Weights supply_counties_;
  const Weights demand_counties_;
  const Weights listed_commodities_;
  int64_t village_count_ = 0;
  round_files::RoundInput input_;
};

std::vector<base::County> CountiesOf(std::string_view region) {
  const auto table = base::CountyTable::Parse(directory::CountiesCsv());
  if (!table.ok()) std::abort();  // shipped with the program
  std::vector<base::County> counties;
  for (const base::County& county : table->counties()) {
    if (base::IsInside(county.code, region)) counties.push_back(county);
  }
  return counties;
}

}  // namespace

InstanceShape ShapeOfScale(int64_t scale_ppm, uint64_t seed) {
  const auto scaled = [&](int64_t count) { return std::max<int64_t>(1, count * scale_ppm / 1'000'000); };
  return {.listings = scaled(300'000), .institutions = scaled(700'000), .suppliers = scaled(20'000), .seed = seed};
}

absl::StatusOr<round_files::RoundInput> Generate(const InstanceShape& shape) {
  base::FieldErrors errors;
  const auto require = [&](int64_t count, int64_t most, std::string_view what) {
    errors.Require(count >= 1 && count <= most, what, base::StrCat("must be 1 to ", most));
  };
  require(shape.listings, kMaxGeneratedRows, "listings");
  require(shape.institutions, kMaxGeneratedRows, "institutions");
  require(shape.suppliers, kMaxGeneratedRows, "suppliers");
  require(shape.commodities, kMaxGeneratedCommodities, "commodities");
  std::vector<base::County> counties = CountiesOf(shape.region);
  errors.Require(!counties.empty(), "region", "has no county");
  if (!errors.empty()) return errors.ToStatus();
  return Generator(shape, std::move(counties)).Run();
}

}  // namespace zhuxiao::offline
