// The bounds that keep a match from looking at most of the shelf: never below the exact worth of a row that can serve,
// and not far above the best one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "services/base/geo.h"
#include "services/matching/greatest.h"
#include "services/matching/group_bounds.h"
#include "tests/support/seed.h"

namespace zhuxiao::matching {
namespace {

constexpr size_t kCounties = 21 * kCountyGroupSize;
constexpr size_t kRowsOfGroup = 30;
constexpr base::Day kFirstDay = 10'000;
constexpr int32_t kMinLifeDays = 2;
constexpr int kWorlds = 50;

// A shelf of random rows and the roads to one order.
class World {
 public:
  // Where roads and goods are alike, all counties of a group are equally far and all goods of one value and weight.
  World(std::mt19937_64& rng, bool is_alike) : rng_(rng), bounds(kCounties), km(kCounties + GroupRoom(kCounties)) {
    bounds.SetValue(1);
    std::vector<uint32_t> slots(GroupCount(kCounties) * kRowsOfGroup);
    std::iota(slots.begin(), slots.end(), 0);
    for (size_t group = 0; group < GroupCount(kCounties); ++group) {
      groups.emplace_back();
      const auto road = static_cast<uint16_t>(Between(10, 5'500));
      for (size_t i = 0; i < kCountyGroupSize; ++i) {
        km[group * kCountyGroupSize + i] = static_cast<uint16_t>(road + (is_alike ? 0 : Between(0, 400)));
      }
      const auto first = km.begin() + static_cast<std::ptrdiff_t>(group * kCountyGroupSize);
      km[kCounties + group] = *std::min_element(first, first + kCountyGroupSize);
      for (size_t i = 0; i < kRowsOfGroup; ++i) AddRow(group, slots[group * kRowsOfGroup + i], is_alike);
    }
    row_terms = {.gap_share = Real(0, 0.2F), .transport_per_km = Real(0, 0.0003F), .km = km.data()};
    const float highest_price = Real(0.7F, 2.2F);
    group_terms = {.highest_price = highest_price,
                   .most_lot_base = Real(0.5F, 12),
                   .most_lot_fen = Real(0.5F, 20),
                   .gap = row_terms.gap_share * (is_alike ? 1 : 1.1F),
                   .transport_per_km = row_terms.transport_per_km * (is_alike ? 1 : 0.9F),
                   .too_far_km = Between(1, 12) * base::kKmPerDay,
                   .km = km.data() + kCounties};
  }

  void SetPerFen(bool is_per_fen) { row_terms.is_per_fen = group_terms.is_per_fen = is_per_fen; }

  // What is asked of rows from there; as a ranking asks it.
  RowDemand DemandFrom(int32_t road_km) const {
    const int32_t days = road_km / base::kKmPerDay + 1;
    return {.highest_price = group_terms.highest_price,
            .most_lot_base = group_terms.most_lot_base,
            .most_lot_fen = group_terms.most_lot_fen,
            .ready_by_day = kFirstDay + group_terms.too_far_km / base::kKmPerDay - days,
            .sold_on_day = kFirstDay + days + kMinLifeDays,
            .kept_days = days + kMinLifeDays};
  }

  // The worth of a row, or -1 where it cannot serve.
  double WorthOf(const ShelfRow& row) const {
    const RowDemand demand = DemandFrom(km[row.county]);
    if (km[row.county] >= group_terms.too_far_km) return -1;
    if (!row.is_sellable() || row.price > demand.highest_price || row.lot_base > demand.most_lot_base ||
        row.lot_fen() > demand.most_lot_fen || row.ready_day > demand.ready_by_day ||
        row.last_sale_day < demand.sold_on_day || row.kept_days() < demand.kept_days) {
      return -1;
    }
    const double worth = row.score.per_unit + std::floor(static_cast<double>(row_terms.gap_share) * row.score.value) -
                         std::floor(static_cast<double>(row_terms.transport_per_km) * km[row.county] * row.weight);
    return worth / row.unit_base / (row_terms.is_per_fen ? row.unit_price : 1);
  }

  double BestOf(size_t group) const {
    double best = -1;
    for (const ShelfRow& row : groups[group]) best = std::max(best, WorthOf(row));
    return best;
  }

 private:
  float Real(float least, float most) { return std::uniform_real_distribution<float>(least, most)(rng_); }
  int32_t Between(int32_t least, int32_t most) { return std::uniform_int_distribution<int32_t>(least, most)(rng_); }

  void AddRow(size_t group, uint32_t slot, bool is_alike) {
    const auto unit_base = static_cast<float>(500 * Between(1, 5));
    const float unit_score = std::floor(unit_base * Real(-0.3F, 1.2F));
    const float value = std::floor(unit_base * (is_alike ? 1 : Real(0.9F, 1.1F)));
    ShelfRow row{.score = {(unit_score + 1) / unit_base * (1 + kBoundSlack), unit_score, value},
                 .price = Real(0.6F, 2),
                 .weight = std::floor(unit_base * (is_alike ? 1 : Real(0.9F, 1.1F))),
                 .unit_base = unit_base,
                 .lot_base = static_cast<float>(Between(1, 10)),
                 .ready_day = kFirstDay + Between(-3, 5),
                 .slot = slot,
                 .county = static_cast<uint32_t>(group * kCountyGroupSize) +
                           static_cast<uint32_t>(Between(0, kCountyGroupSize - 1))};
    row.unit_price = row.price;
    row.last_sale_day = row.ready_day + Between(0, 14);
    if (Between(0, 9) == 0) row.score = {};
    groups[group].Insert(row);
    if (!row.is_sellable()) return;
    const int32_t life = std::min(row.last_sale_day - kFirstDay, row.kept_days()) - kMinLifeDays;
    const auto steps = std::count_if(kLifeSteps.begin(), kLifeSteps.end(), [&](int32_t step) { return step <= life; });
    bounds.Cover(group, row, static_cast<size_t>(steps));
  }

  std::mt19937_64& rng_;

 public:
  std::vector<ShelfGroup> groups;
  GroupBounds bounds;
  std::vector<uint16_t> km;  // by county, then by group
  RowTerms row_terms;
  GroupTerms group_terms;
};

class MatchingBoundsTest : public ::testing::TestWithParam<bool> {
 protected:
  std::mt19937_64 rng_{TestSeed()};
};

TEST_P(MatchingBoundsTest, NoRowIsWorthMoreThanTheBoundOfItsGroup) {
  for (int i = 0; i < kWorlds; ++i) {
    World world(rng_, i % 2 == 0);
    world.SetPerFen(GetParam());
    std::vector<float> bounds(world.bounds.size());
    world.bounds.BoundAll(world.group_terms, bounds.data());
    for (size_t group = 0; group < world.groups.size(); ++group) {
      const double best = world.BestOf(group);
      if (best >= 0) {
        ASSERT_GE(bounds[group], best) << "world " << i << ", group " << group;
      }
    }
    for (size_t group = world.groups.size(); group < bounds.size(); ++group) ASSERT_EQ(bounds[group], -1);
  }
}

// Without prices, lots and days to keep rows out, a group's bound is its best row's worth and what whole fen
// may add; by worth a fen it is that of
// a line between two points of a convex function.
TEST_P(MatchingBoundsTest, WhereRoadsAndGoodsAreAlikeTheBoundOfAGroupIsItsBestRow) {
  const double most_above = GetParam() ? 0.06 : 0.007;
  for (int i = 0; i < kWorlds; ++i) {
    World world(rng_, true);
    world.SetPerFen(GetParam());
    world.group_terms.highest_price = world.group_terms.most_lot_base = world.group_terms.most_lot_fen = 1e6F;
    world.group_terms.too_far_km = 100 * base::kKmPerDay;
    // Beyond kLeastPlus bounds of worth a fen are looser.
    world.row_terms.transport_per_km = world.group_terms.transport_per_km = 0.00008F;
    std::vector<float> bounds(world.bounds.size());
    world.bounds.BoundAll(world.group_terms, bounds.data());
    for (size_t group = 0; group < world.groups.size(); ++group) {
      const int32_t days = world.km[kCounties + group] / base::kKmPerDay + 1;
      // Between the steps of life a row that is too old still counts.
      if (std::find(kLifeSteps.begin(), kLifeSteps.end(), days) == kLifeSteps.end()) continue;
      ASSERT_LE(bounds[group], std::max(0.0, world.BestOf(group)) + most_above) << "world " << i << ", group " << group;
    }
  }
}

TEST_P(MatchingBoundsTest, ARowsBoundIsItsWorthRoundedUp) {
  for (int i = 0; i < kWorlds; ++i) {
    World world(rng_, i % 2 == 0);
    world.SetPerFen(GetParam());
    for (const ShelfGroup& group : world.groups) {
      for (size_t at = 0; at < group.size(); ++at) {
        // Groups so far away are never opened.
        if (world.km[group[at].county] >= world.group_terms.too_far_km) continue;
        const double worth = world.WorthOf(group[at]);
        std::array<float, RowBlock::kSize> bounds{};
        BoundRows(group.blocks()[at / RowBlock::kSize], world.DemandFrom(world.km[group[at].county]), world.row_terms,
                  bounds.data());
        const float bound = bounds[at % RowBlock::kSize];
        // Where a gap or a road is next to a whole fen, one more may be counted.
        const double fen = 1.01 / group[at].unit_base / (GetParam() ? group[at].unit_price : 1);
        // At the edge of what it lost in rounding a row may be let in that cannot serve.
        if (worth >= 0) {
          ASSERT_GE(bound, worth);
          ASSERT_LE(bound, worth + fen);
        } else {
          ASSERT_LE(bound, fen);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ByBaseAndByFen, MatchingBoundsTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "ByFen" : "ByBase"; });

TEST(MatchingGreatestTest, FindsTheFirstOfTheGreatestThroughChanges) {
  std::mt19937_64 rng{TestSeed()};
  for (const size_t count : {1, 7, 64, 65, 180, 1'000}) {
    std::vector<float> model(count);
    Greatest greatest(count);
    for (size_t i = 0; i < count; ++i) greatest.data()[i] = model[i] = static_cast<float>(rng() % 50);
    greatest.Build();
    for (int change = 0; change < 300; ++change) {
      const auto most = std::max_element(model.begin(), model.end());
      ASSERT_EQ(greatest.value(), *most);
      ASSERT_EQ(greatest.place(), static_cast<size_t>(most - model.begin()));
      // The greatest one goes, or any other changes.
      const size_t at = change % 2 == 0 ? greatest.place() : rng() % count;
      model[at] = change % 2 == 0 ? -1 : static_cast<float>(rng() % 50);
      greatest.Set(at, model[at]);
    }
  }
}

}  // namespace
}  // namespace zhuxiao::matching
