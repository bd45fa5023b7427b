// Properties of the match against the slow and obvious model. A failure prints the seed of its instance; run again
// with ZHUXIAO_TEST_SEED set to the run's seed.
#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/geo.h"
#include "services/matching/check_match.h"
#include "services/matching/distance.h"
#include "services/matching/match.h"
#include "tests/property/matching_market.h"
#include "tests/property/matching_model.h"

namespace zhuxiao::matching {
namespace {

constexpr int kInstances = 4'000;

struct Instance {
  MatchPolicy policy;
  BookCommodity commodity;
  std::vector<BookListing> listings;
  MatchOrder order;
};

Instance DrawInstance(uint64_t seed, int max_listings) {
  Rng rng(seed);
  Instance instance{.policy = SmallPolicy(rng), .commodity = SmallCommodity(rng, "eggs")};
  const int64_t count = Draw(rng, 0, max_listings);
  for (int i = 0; i < count; ++i) instance.listings.push_back(SmallListing(rng, "eggs", i));
  instance.order = SmallOrder(rng, "eggs");
  return instance;
}

void FillBook(Book& book, const Instance& instance) {
  ASSERT_TRUE(book.SetCommodity(instance.commodity).ok());
  for (const auto& listing : instance.listings) {
    const absl::Status status = book.Upsert(listing);
    ASSERT_TRUE(status.ok()) << status;
  }
}

MatchResult MatchOf(const Instance& instance) {
  Book book(RealCounties());
  FillBook(book, instance);
  auto result = Match(book, instance.policy, instance.order);
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return {};
  const absl::Status check = CheckMatch(book, instance.policy, instance.order, *result);
  EXPECT_TRUE(check.ok()) << check;
  return *std::move(result);
}

int64_t WorthOf(const MatchResult& result) {
  int64_t worth = result.welfare_fen;
  for (const MatchProposal& proposal : result.proposals) worth -= proposal.reason.reserve_fen;
  return worth;
}

std::vector<ModelListing> ServingOf(const Instance& instance) {
  return Serving(RealCounties(), instance.commodity, instance.listings, instance.policy, instance.order);
}

// Runs `body` with the seeds of this run, each named in any failure.
template <typename Body>
void ForSeeds(int count, Body body) {
  const uint64_t first = TestSeed();
  for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("ZHUXIAO_TEST_SEED=", first, ", instance ", i));
    body(first + static_cast<uint64_t>(i));
  }
}

TEST(MatchProperty, IsFeasibleAndNearTheBestOfAllAllocations) {
  int64_t instances = 0;
  int64_t exact = 0;
  double got = 0;
  double best_possible = 0;
  ForSeeds(kInstances, [&](uint64_t seed) {
    const Instance instance = DrawInstance(seed, 4);
    const MatchResult result = MatchOf(instance);
    const auto best = BestWorthFen(ServingOf(instance), instance.order);
    const int64_t worth = WorthOf(result);
    if (!best) {
      EXPECT_THAT(result.proposals, ::testing::IsEmpty());
      return;
    }
    EXPECT_LE(worth, *best);
    // What match.h promises of small books: a thousandth of the welfare, which is no less than the worth.
    EXPECT_GE(worth, *best - std::max(*best, result.welfare_fen) / 1'000 - 1);
    if (*best == 0) return;
    ++instances;
    exact += worth == *best;
    got += static_cast<double>(worth);
    best_possible += static_cast<double>(*best);
  });
  std::printf("instances %ld, optimal %ld, share of the best worth %.6f\n", instances, exact, got / best_possible);
}

TEST(MatchProperty, EqualSaleUnitsWithoutLotsAreOptimal) {
  ForSeeds(kInstances, [&](uint64_t seed) {
    Instance instance = DrawInstance(seed, 4);
    for (BookListing& listing : instance.listings) {
      listing.sale_unit_base = listing.price_base = 500;
      listing.min_lot_units = 1;
    }
    instance.order.remaining_limit_fen.reset();
    instance.order.max_contracts = kMaxContracts;
    instance.order.allow_partial = true;
    const auto best = BestWorthFen(ServingOf(instance), instance.order);
    EXPECT_EQ(WorthOf(MatchOf(instance)), *best);
  });
}

TEST(MatchProperty, InsertionOrderAndStrangersChangeNothing) {
  ForSeeds(kInstances / 4, [&](uint64_t seed) {
    Instance instance = DrawInstance(seed, 12);
    const Allocation before = ToAllocation(MatchOf(instance));
    Rng rng(seed + 1);
    std::shuffle(instance.listings.begin(), instance.listings.end(), rng);
    EXPECT_EQ(ToAllocation(MatchOf(instance)), before);

    // Strangers: listings the order cannot use, of every kind of "cannot".
    for (int i = 0; i < 6; ++i) {
      BookListing stranger = SmallListing(rng, "eggs", 100 + i);
      stranger.sale_unit_base = stranger.price_base = 500;
      if (i % 3 == 0) stranger.price_fen = 1'000'000;
      if (i % 3 == 1) stranger.last_sale_day = stranger.ready_day = kToday;
      if (i % 3 == 2) stranger.available_units = 0;
      instance.listings.push_back(stranger);
    }
    EXPECT_EQ(ToAllocation(MatchOf(instance)), before);
  });
}

TEST(MatchProperty, UpdatesLeaveTheBookAsIfBuiltAnew) {
  ForSeeds(kInstances / 8, [&](uint64_t seed) {
    Instance instance = DrawInstance(seed, 12);
    Rng rng(seed + 2);
    Book book(RealCounties());
    FillBook(book, instance);
    // Matching in between makes the index, so that updates have to keep it right.
    ASSERT_TRUE(Match(book, instance.policy, instance.order).ok());
    for (int i = 0; i < 20; ++i) {
      const int number = static_cast<int>(Draw(rng, 0, 15));
      const std::string id = absl::StrFormat("L%03d", number);
      auto it = std::find_if(instance.listings.begin(), instance.listings.end(),
                             [&](const BookListing& listing) { return listing.listing_id == id; });
      if (Chance(rng, 40)) {
        const BookListing fresh = SmallListing(rng, "eggs", number);
        ASSERT_TRUE(book.Upsert(fresh).ok());
        it == instance.listings.end() ? instance.listings.push_back(fresh) : void(*it = fresh);
      } else if (it != instance.listings.end() && Chance(rng, 30)) {
        ASSERT_TRUE(book.Remove(id));
        instance.listings.erase(it);
      } else if (it != instance.listings.end() && Chance(rng, 40)) {
        it->price = SmallListing(rng, "eggs", number).price;
        ASSERT_TRUE(book.SetPrice(id, it->price).ok());
      } else if (it != instance.listings.end()) {
        const int64_t units = Draw(rng, 0, it->listed_units);
        ASSERT_TRUE(book.AddAvailable(id, units - it->available_units).ok());
        it->available_units = units;
      }
    }
    const auto result = Match(book, instance.policy, instance.order);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(ToAllocation(*result), ToAllocation(MatchOf(instance)));
    ASSERT_EQ(book.size(), instance.listings.size());
    for (const auto& listing : instance.listings) EXPECT_EQ(book.Find(listing.listing_id), listing);
  });
}

TEST(MatchProperty, NoUnitGoesBelowItsReserve) {
  int64_t refused = 0;
  ForSeeds(kInstances / 4, [&](uint64_t seed) {
    Instance instance = DrawInstance(seed, 8);
    instance.policy.reserve_ppm = 1'000'000;
    instance.order.allow_partial = true;
    const MatchResult result = MatchOf(instance);
    const std::vector<ModelListing> serving = ServingOf(instance);
    for (const MatchProposal& proposal : result.proposals) {
      const auto it = std::find_if(serving.begin(), serving.end(), [&](const ModelListing& model) {
        return model.listing.listing_id == proposal.listing_id;
      });
      ASSERT_NE(it, serving.end());
      ASSERT_LE(proposal.units, it->max_units);
      EXPECT_EQ(proposal.reason.reserve_fen, it->WelfareFen(proposal.units) - it->WorthFen(proposal.units));
    }
    refused += result.refusal.count(RefusalReason::kReserved);
    // Without a share of the prices, or once they are old, they ask for nothing and explain nothing.
    for (BookListing& listing : instance.listings) listing.price.day = kToday - instance.policy.reserve_days - 1;
    const MatchResult aged = MatchOf(instance);
    EXPECT_EQ(aged.refusal.count(RefusalReason::kReserved), 0);
    instance.policy.reserve_ppm = 0;
    EXPECT_EQ(ToAllocation(MatchOf(instance)), ToAllocation(aged));
  });
  EXPECT_GT(refused, 0);
}

TEST(MatchProperty, ALimitPriceBuysNoPriority) {
  ForSeeds(kInstances / 4, [&](uint64_t seed) {
    Instance instance = DrawInstance(seed, 8);
    // Where every ask is below the limit, raising it changes nothing at all.
    instance.order.limit_price_fen = 2'000;
    const MatchResult modest = MatchOf(instance);
    instance.order.limit_price_fen = 1'000'000'000;
    const MatchResult inflated = MatchOf(instance);
    EXPECT_EQ(ToAllocation(inflated), ToAllocation(modest));
    EXPECT_EQ(inflated.welfare_fen, modest.welfare_fen);
  });
}

TEST(MatchProperty, AHigherLimitNeverReranksWhatWasAllowed) {
  ForSeeds(kInstances / 4, [&](uint64_t seed) {
    Instance instance = DrawInstance(seed, 8);
    const auto welfare_of = [&] {
      std::map<std::string, int64_t> welfare;
      for (const auto& s : ServingOf(instance)) welfare[s.listing.listing_id] = s.plain_fen;
      for (const auto& proposal : MatchOf(instance).proposals) {
        EXPECT_EQ(welfare.at(proposal.listing_id), proposal.reason.unit.PlainFen());
      }
      return welfare;
    };
    const auto low = welfare_of();
    instance.order.limit_price_fen *= 2;
    const auto high = welfare_of();
    for (const auto& [id, welfare] : low) EXPECT_EQ(high.at(id), welfare);
  });
}

// A book that has been asked about tomorrow keeps no index of today, so a match of today looks at everything.
void ExpectSameWithoutIndex(const NationalMarket& market, const std::vector<BookListing>& listings,
                            const MatchPolicy& policy, const MatchOrder& order, const MatchResult& expected) {
  Book book(RealCounties());
  for (const auto& commodity : market.commodities()) ASSERT_TRUE(book.SetCommodity(commodity).ok());
  for (const auto& listing : listings) ASSERT_TRUE(book.Upsert(listing).ok());
  MatchOrder tomorrow = order;
  tomorrow.today = order.deliver_from_day + 1;
  ASSERT_TRUE(Match(book, policy, tomorrow).ok());
  const auto slow = Match(book, policy, order);
  ASSERT_TRUE(slow.ok());
  const absl::Status check = CheckMatch(book, policy, order, *slow);
  EXPECT_TRUE(check.ok()) << check;
  EXPECT_EQ(ToAllocation(*slow), ToAllocation(expected));
}

// What a listing is worth is kept with its row, and follows the commodity's rates.
TEST(MatchProperty, ABookWhoseRatesChangedMatchesAsOneThatBeganWithThem) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("ZHUXIAO_TEST_SEED=", seed));
  NationalMarket market(3, seed);
  const MatchPolicy policy = DefaultMatchPolicy();
  Book changed(RealCounties());
  Book fresh(RealCounties());
  for (const BookCommodity& commodity : market.commodities()) {
    BookCommodity cheap = commodity;
    cheap.reference_price_fen = std::max<int64_t>(1, commodity.reference_price_fen / 3);
    cheap.transport_microfen_per_km_base = commodity.transport_microfen_per_km_base * 2;
    ASSERT_TRUE(changed.SetCommodity(cheap).ok());
    ASSERT_TRUE(fresh.SetCommodity(commodity).ok());
  }
  for (int i = 0; i < 4'000; ++i) {
    const BookListing listing = market.NextListing();
    ASSERT_TRUE(changed.Upsert(listing).ok());
    ASSERT_TRUE(fresh.Upsert(listing).ok());
  }
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    // The first half is matched at the old rates too, so that there is an index of them.
    if (i == 100) {
      for (const auto& commodity : market.commodities()) ASSERT_TRUE(changed.SetCommodity(commodity).ok());
    }
    MatchOrder order = market.NextOrder();
    order.quota_gap_ppm = base::kPpm;
    order.explain = false;
    const auto from_changed = Match(changed, policy, order);
    ASSERT_TRUE(from_changed.ok());
    if (i < 100) continue;
    const auto from_fresh = Match(fresh, policy, order);
    ASSERT_TRUE(from_fresh.ok());
    EXPECT_EQ(ToAllocation(*from_changed), ToAllocation(*from_fresh));
  }
}

TEST(MatchProperty, LargeBooksGiveWhatAFullScanGives) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("ZHUXIAO_TEST_SEED=", seed));
  NationalMarket market(6, seed);
  Book book(RealCounties());
  for (const auto& commodity : market.commodities()) ASSERT_TRUE(book.SetCommodity(commodity).ok());
  std::vector<BookListing> listings;
  for (int i = 0; i < 20'000; ++i) {
    listings.push_back(market.NextListing());
    // Prices up to the whole worth of the goods, so that for many orders they bar the best listings.
    BookListing& listing = listings.back();
    const auto value = UnitValueFen(*book.FindCommodity(listing.commodity), listing.value_base);
    if (i % 2 == 0) listing.price = {*value * (i % 13) / 12, *value * (i % 11) / 12, kToday};
    ASSERT_TRUE(book.Upsert(listing).ok());
  }
  const MatchPolicy policy = DefaultMatchPolicy();
  int in_order = 0;
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    MatchOrder order = market.NextOrder();
    order.explain = false;
    const auto fast = Match(book, policy, order);
    ASSERT_TRUE(fast.ok());
    const absl::Status check = CheckMatch(book, policy, order, *fast);
    EXPECT_TRUE(check.ok()) << check;
    const auto serving = Serving(RealCounties(), *book.FindCommodity(order.commodity), listings, policy, order);
    if (const auto expected = TakeInOrder(serving, order); expected) {
      EXPECT_EQ(ToAllocation(*fast), *expected);
      ++in_order;
    }
    if (i % 100 == 0) ExpectSameWithoutIndex(market, listings, policy, order, *fast);
  }
  EXPECT_GT(in_order, 100);
}

// Of the order's commodity, in the groups of counties an explanation looks at.
std::vector<BookListing> ExplainedOf(const std::vector<BookListing>& listings, const MatchOrder& order) {
  const std::vector<base::County>& counties = RealCounties().counties();
  const base::GeoPoint destination = RealCounties().Find(order.destination_code)->centroid;
  std::map<size_t, int64_t> km;  // by group
  for (size_t i = 0; i < counties.size(); ++i) {
    const int64_t here = base::RoadKm(counties[i].centroid, destination);
    const auto [group, is_new] = km.emplace(i / kCountyGroupSize, here);
    if (!is_new) group->second = std::min(group->second, here);
  }
  std::map<std::pair<int64_t, size_t>, std::vector<BookListing>> by_distance;
  for (const BookListing& listing : listings) {
    if (listing.commodity != order.commodity) continue;
    const size_t group = *RealCounties().IndexOf(listing.origin_code) / kCountyGroupSize;
    by_distance[{km.at(group), group}].push_back(listing);
  }
  std::vector<BookListing> nearby;
  for (const auto& [group, here] : by_distance) {
    if (nearby.size() >= kMostExplained) break;
    nearby.insert(nearby.end(), here.begin(), here.end());
  }
  return nearby;
}

// In a market larger than an explanation looks at, it says of the nearest counties what it would say if they were all
// there is.
TEST(MatchProperty, ARefusalInALargeMarketIsThatOfTheNearestCounties) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("ZHUXIAO_TEST_SEED=", seed));
  NationalMarket market(2, seed);
  const MatchPolicy policy = DefaultMatchPolicy();
  std::vector<BookListing> listings(12'000);
  for (BookListing& listing : listings) listing = market.NextListing();
  const auto make_book = [&](Book& book, const std::vector<BookListing>& of) {
    for (const auto& commodity : market.commodities()) ASSERT_TRUE(book.SetCommodity(commodity).ok());
    for (const BookListing& listing : of) ASSERT_TRUE(book.Upsert(listing).ok());
  };
  Book whole(RealCounties());
  make_book(whole, listings);
  int limited = 0;
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    MatchOrder order = market.NextOrder();
    order.limit_price_fen = order.limit_price_fen * (i % 3) / 10 + 1;
    const auto refused = Match(whole, policy, order);
    ASSERT_TRUE(refused.ok());
    if (!refused->proposals.empty()) continue;
    Book nearby(RealCounties());
    std::vector<BookListing> seen = ExplainedOf(listings, order);
    std::reverse(seen.begin(), seen.end());
    make_book(nearby, seen);
    const auto expected = Match(nearby, policy, order);
    ASSERT_TRUE(expected.ok());
    const RefusalSummary& said = refused->refusal;
    EXPECT_EQ(said.counts, expected->refusal.counts);
    EXPECT_EQ(said.binding, expected->refusal.binding);
    ASSERT_EQ(said.nearest.has_value(), expected->refusal.nearest.has_value());
    if (said.nearest) {
      EXPECT_EQ(said.nearest->listing_id, expected->refusal.nearest->listing_id);
      EXPECT_EQ(said.nearest->needed, expected->refusal.nearest->needed);
    }
    const int64_t of_commodity = std::count_if(listings.begin(), listings.end(), [&](const BookListing& listing) {
      return listing.commodity == order.commodity;
    });
    EXPECT_EQ(said.is_nearby_only, static_cast<int64_t>(seen.size()) < of_commodity);
    EXPECT_FALSE(expected->refusal.is_nearby_only);
    limited += said.is_nearby_only ? 1 : 0;
  }
  EXPECT_GT(limited, 20);
}

}  // namespace
}  // namespace zhuxiao::matching
