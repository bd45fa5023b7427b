// The book's upkeep and its checks at the door, the policy, and distances.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "services/base/errors.h"
#include "services/base/geo.h"
#include "services/matching/match.h"
#include "tests/property/matching_market.h"

namespace zhuxiao::matching {
namespace {

using ::testing::HasSubstr;

BookListing Eggs(const std::string& id) {
  return {.listing_id = id,
          .supplier_id = "93140321MA0HONGRI1",
          .origin_code = "140321105203",
          .commodity = "eggs",
          .sale_unit_base = 500,
          .value_base = 500,
          .weight_base = 500,
          .unit_price_fen = 450,
          .price_fen = 450,
          .price_base = 500,
          .listed_units = 10'000,
          .available_units = 10'000,
          .ready_day = kToday,
          .last_sale_day = kToday + 15,
          .linkage_ppm = 800'000,
          .stall_level = 2,
          .programmes = {"national-832"}};
}

const BookCommodity kEggs{.code = "eggs",
                          .reference_price_fen = 900,
                          .reference_base = 1'000,
                          .transport_microfen_per_km_base = 60,
                          .min_life_days = 3};

TEST(BookTest, KeepsWhatItIsGiven) {
  Book book(RealCounties());
  ASSERT_TRUE(book.SetCommodity(kEggs).ok());
  ASSERT_TRUE(book.Upsert(Eggs("a")).ok());
  EXPECT_EQ(book.Find("a"), Eggs("a"));
  EXPECT_EQ(book.Find("b"), std::nullopt);
  EXPECT_EQ(book.size(), 1u);

  BookListing changed = Eggs("a");
  changed.origin_code = "141032203206";
  changed.unit_price_fen = changed.price_fen = 400;
  ASSERT_TRUE(book.Upsert(changed).ok());
  EXPECT_EQ(book.Find("a"), changed);
  EXPECT_EQ(book.size(), 1u);
  EXPECT_GT(book.FindVersioned("a")->revision, 1u);

  EXPECT_TRUE(book.Remove("a"));
  EXPECT_FALSE(book.Remove("a"));
  EXPECT_EQ(book.Find("a"), std::nullopt);
  EXPECT_EQ(book.size(), 0u);
}

TEST(BookTest, MovesAListingBetweenCommodities) {
  Book book(RealCounties());
  BookCommodity apples = kEggs;
  apples.code = "apples";
  ASSERT_TRUE(book.SetCommodity(kEggs).ok());
  ASSERT_TRUE(book.SetCommodity(apples).ok());
  ASSERT_TRUE(book.Upsert(Eggs("a")).ok());
  BookListing moved = Eggs("a");
  moved.commodity = "apples";
  ASSERT_TRUE(book.Upsert(moved).ok());
  std::vector<std::string> seen;
  book.ForEach([&](const BookListing& listing) { seen.push_back(listing.commodity + "/" + listing.listing_id); });
  EXPECT_THAT(seen, ::testing::ElementsAre("apples/a"));
}

TEST(BookTest, BoundsAvailableUnits) {
  Book book(RealCounties());
  ASSERT_TRUE(book.SetCommodity(kEggs).ok());
  ASSERT_TRUE(book.Upsert(Eggs("a")).ok());
  EXPECT_TRUE(book.AddAvailable("a", -10'000).ok());
  EXPECT_EQ(book.AddAvailable("a", -1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(book.AddAvailable("a", 10'000).ok());
  EXPECT_EQ(book.AddAvailable("a", 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(book.AddAvailable("a", std::numeric_limits<int64_t>::max()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(book.AddAvailable("b", 1).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(book.Find("a")->available_units, 10'000);
}

TEST(BookTest, NamesEveryBadField) {
  Book book(RealCounties());
  const absl::Status status = book.Upsert({.linkage_ppm = 2'000'000, .scope = {"abc"}, .programmes = {"b", "a"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const char* field :
       {"listing_id", "supplier_id", "origin_code", "commodity", "sale_unit_base", "value_base", "weight_base",
        "unit_price_fen", "price_fen", "price_base", "listed_units", "linkage_ppm", "scope", "programmes"}) {
    EXPECT_THAT(status.ToString(), HasSubstr(field));
  }
  EXPECT_EQ(book.size(), 0u);
}

TEST(BookTest, RefusesWhatCouldOverflow) {
  Book book(RealCounties());
  ASSERT_TRUE(book.SetCommodity(kEggs).ok());
  BookListing huge = Eggs("a");
  huge.listed_units = huge.available_units = base::kMaxQuantityBase;
  EXPECT_EQ(book.Upsert(huge).code(), absl::StatusCode::kInvalidArgument);
  huge = Eggs("a");
  huge.unit_price_fen = base::kMaxAmountFen;
  EXPECT_EQ(book.Upsert(huge).code(), absl::StatusCode::kInvalidArgument);
  huge = Eggs("a");
  huge.value_base = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(book.Upsert(huge).code(), absl::StatusCode::kInvalidArgument);

  // A reference price that would make a listing too valuable changes nothing.
  ASSERT_TRUE(book.Upsert(Eggs("a")).ok());
  BookCommodity dear = kEggs;
  dear.reference_price_fen = base::kMaxAmountFen;
  EXPECT_EQ(book.SetCommodity(dear).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book.FindCommodity("eggs"), kEggs);
}

TEST(BookTest, MatchesBesideAWriter) {
  Book book(RealCounties());
  ASSERT_TRUE(book.SetCommodity(kEggs).ok());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(book.Upsert(Eggs("L" + std::to_string(i))).ok());
  const MatchPolicy policy = DefaultMatchPolicy();
  const MatchOrder order{.order_id = "o",
                         .institution_id = "i",
                         .commodity = "eggs",
                         .quantity_base = 40'000,
                         .limit_price_fen = 1'000,
                         .limit_base = 1'000,
                         .destination_code = "140105",
                         .today = kToday,
                         .deliver_from_day = kToday,
                         .deliver_by_day = kToday + 5};
  std::atomic<bool> is_done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!is_done) {
        const auto result = Match(book, policy, order);
        ASSERT_TRUE(result.ok());
        // 49 listings stay untouched, so the order can always be filled.
        EXPECT_EQ(result->unfilled_base, 0);
        (void)book.Find("L7");
      }
    });
  }
  for (int i = 0; i < 3'000; ++i) {
    EXPECT_TRUE(book.AddAvailable("L7", -10).ok());
    EXPECT_TRUE(book.AddAvailable("L7", 10).ok());
    EXPECT_TRUE(book.Remove("L7"));
    EXPECT_TRUE(book.Upsert(Eggs("L7")).ok());
  }
  is_done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(DistanceTest, AgreesWithTheExactFormula) {
  const DistanceTable table(RealCounties());
  const auto& counties = RealCounties().counties();
  for (size_t to = 0; to < counties.size(); to += 97) {
    const DistanceRow row = table.RowTo(to);
    for (size_t from = 0; from < counties.size(); ++from) {
      ASSERT_EQ(row.km[from], base::RoadKm(counties[from].centroid, counties[to].centroid)) << from << " to " << to;
      ASSERT_LE(row.group_km[from / kCountyGroupSize], row.km[from]);
    }
  }
}

TEST(PolicyTest, TheDefaultIsValidAndUrgencyIsATable) {
  const MatchPolicy policy = DefaultMatchPolicy();
  EXPECT_TRUE(Validate(policy).ok());
  EXPECT_EQ(UrgencyPpm(policy, 0), 1'000'000);
  EXPECT_EQ(UrgencyPpm(policy, 2), 1'000'000);
  EXPECT_EQ(UrgencyPpm(policy, 3), 800'000);
  EXPECT_EQ(UrgencyPpm(policy, 61), 300'000);
  EXPECT_EQ(UrgencyPpm(policy, 10'000), 300'000);
  EXPECT_EQ(StallPpm(policy, 0), 0);
  EXPECT_EQ(StallPpm(policy, 99), 300'000);
}

TEST(PolicyTest, NamesEveryBadField) {
  const MatchPolicy policy{.urgency = {{5, 1}, {5, 1}},
                           .stall_ppm = {-1},
                           .linkage_weight_ppm = -1,
                           .gap_weight_ppm = kMaxWeightPpm + 1,
                           .tranche_ppm = 1'000'001,
                           .tranche_bonus_ppm = -1};
  const std::string text = Validate(policy).ToString();
  for (const char* field : {"version", "urgency", "stall_ppm", "linkage_weight_ppm", "gap_weight_ppm", "tranche_ppm",
                            "tranche_bonus_ppm"}) {
    EXPECT_THAT(text, HasSubstr(field));
  }
}

}  // namespace
}  // namespace zhuxiao::matching
