// Why goods and orders got what they got in a round, and that what is said to change it does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/round/explain_listing.h"
#include "services/round/explain_order.h"
#include "tests/support/cleared_fixture.h"
#include "tests/support/round_change.h"

namespace zhuxiao {
namespace {

using namespace round::v1;  // NOLINT: the values of its enums
using testing::ExplainedRow;

// Goods of 10 yuan a kilogram at a reference, near the orders; days count from 1970-01-01. Of ten units one carries the
// bonus of the first tranche, of nine none.
class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    book_.counties = {{113.6, 37.8}};
    book_.commodities = {{.reference_price_fen = 1'000, .reference_base = 1'000, .min_life_days = 2}};
    book_.institutions = {{.limit_fen = 1'000'000}};
  }

  // 100 jin at 3 yuan.
  matching::RoundListing& List(int64_t units = 100, int64_t unit_price_fen = 300) {
    return book_.listings.emplace_back(matching::RoundListing{
        .units = units, .unit_base = 500, .unit_price_fen = unit_price_fen, .last_sale_day = 30, .min_lot_units = 1});
  }
  // So many grams at up to 4 yuan a jin, by the tenth day.
  matching::RoundOrder& Order(int64_t quantity_base, int64_t limit_price_fen = 400) {
    return book_.orders.emplace_back(matching::RoundOrder{
        .deliver_by_day = 10, .quantity_base = quantity_base, .limit_price_fen = limit_price_fen, .limit_base = 500});
  }

  // What the round gave the row.
  int64_t Got(const matching::RoundBook& book, const ExplainedRow& row) {
    const auto cleared = testing::ClearInMemory(book, policy_);
    int64_t units = 0;
    for (const auto& contract : cleared->outcome.contracts) {
      if ((row.is_listing ? contract.listing : contract.order) == row.place) units += contract.units;
    }
    return units;
  }

  // The reason is given and the change offered; made on the book, each of its changes gets the row more.
  void Expect(const ExplainedRow& row, RoundReason reason, const std::string& change) {
    const auto cleared = testing::ClearInMemory(book_, policy_);
    ASSERT_NE(cleared, nullptr);
    const ExplainRoundResponse why =
        row.is_listing ? round::ExplainListing(*cleared, row.place) : round::ExplainOrder(*cleared, row.place);
    EXPECT_EQ(why.reason(), reason) << RoundReason_Name(why.reason());
    EXPECT_EQ(why.change(), change);
    for (const std::string& one : testing::ChangesOf(why.change())) {
      matching::RoundBook changed = book_;
      ASSERT_TRUE(testing::MakeChange(one, row, changed)) << one;
      EXPECT_GT(Got(changed, row), Got(book_, row)) << one;
    }
  }
  void ExpectOrder(uint32_t place, RoundReason reason, const std::string& change) {
    Expect({.is_listing = false, .place = place}, reason, change);
  }
  void ExpectListing(uint32_t place, RoundReason reason, const std::string& change) {
    Expect({.is_listing = true, .place = place}, reason, change);
  }

  matching::RoundBook book_;
  const matching::ClearingPolicy policy_ = {.today = 0, .weights = matching::DefaultMatchPolicy()};
};

TEST_F(ExplainTest, AnOrderBelowTheLeastLotNeedsTheLotNotAUnit) {
  matching::RoundListing& rice = List();
  rice.unit_base = 1'000;
  rice.min_lot_units = 10;
  Order(400);
  ExpectOrder(0, ROUND_REASON_LEAST_LOT, "quantity_base at least 10000");
  ExpectListing(0, ROUND_REASON_LEAST_LOT, "");
}

TEST_F(ExplainTest, ALeastLotWithoutAnyCompetitorIsNoBetterUse) {
  List().min_lot_units = 10;
  Order(1'500);
  ExpectOrder(0, ROUND_REASON_LEAST_LOT, "quantity_base at least 5000");
  ExpectListing(0, ROUND_REASON_LEAST_LOT, "min_lot_units at most 3");
}

TEST_F(ExplainTest, ALimitIsRaisedToGoodsThatArriveInTime) {
  List(100, 300).ready_day = 20;
  List(100, 400);
  Order(5'000, 200);
  ExpectOrder(0, ROUND_REASON_PRICE_ABOVE_LIMIT, "limit_price at least 4.00 yuan");
  ExpectListing(0, ROUND_REASON_ARRIVES_TOO_LATE, "");
  ExpectListing(1, ROUND_REASON_PRICE_ABOVE_LIMIT, "unit_price at most 2.00 yuan");
}

TEST_F(ExplainTest, OrdersBarredTwiceAreHelpedByNoOneField) {
  List(100, 400).ready_day = 20;
  Order(5'000, 350);
  Order(5'000, 200).deliver_by_day = 25;
  ExpectOrder(0, ROUND_REASON_ARRIVES_TOO_LATE, "");
  ExpectOrder(1, ROUND_REASON_PRICE_ABOVE_LIMIT, "limit_price at least 4.00 yuan");
  ExpectListing(0, ROUND_REASON_PRICE_ABOVE_LIMIT, "unit_price at most 2.00 yuan");
}

TEST_F(ExplainTest, LaterDeliveryDoesNotHelpGoodsThatSpoilMeanwhile) {
  matching::RoundListing& eggs = List();
  eggs.ready_day = 8;
  eggs.last_sale_day = 10;
  Order(5'000).deliver_by_day = 5;
  ExpectOrder(0, ROUND_REASON_ARRIVES_TOO_LATE, "");
  ExpectListing(0, ROUND_REASON_ARRIVES_TOO_LATE, "ready_time at most 1970-01-05");
}

TEST_F(ExplainTest, GoodsMustLastLonger) {
  List().last_sale_day = 2;
  Order(5'000);
  ExpectOrder(0, ROUND_REASON_TOO_LITTLE_LIFE, "");
  ExpectListing(0, ROUND_REASON_TOO_LITTLE_LIFE, "last_sale_time at least 1970-01-04");
}

TEST_F(ExplainTest, AnOrderThatTakesNoPartNeedsMoneyForAllOfIt) {
  List(100, 100);
  Order(10'000).is_partial_allowed = false;
  book_.institutions[0].limit_fen = 0;
  ExpectOrder(0, ROUND_REASON_SPENDING_LIMIT, "spending limit higher by at least 20.00 yuan");
}

TEST_F(ExplainTest, MoneyLeftDoesNotBuyTheNextListing) {
  List(2, 130);
  List(98, 1'000);
  Order(9'000, 1'200);
  book_.institutions[0].limit_fen = 500;
  ExpectOrder(0, ROUND_REASON_SPENDING_LIMIT, "spending limit higher by at least 7.60 yuan");
}

TEST_F(ExplainTest, GoodsTooFewForAnOrderThatTakesNoPart) {
  List(10, 100);
  Order(10'000).is_partial_allowed = false;
  ExpectOrder(0, ROUND_REASON_NOT_FILLED_WHOLE, "allow_partial, or quantity_base at most 5000");
  ExpectListing(0, ROUND_REASON_NOT_FILLED_WHOLE, "listed_units at least 20");
}

TEST_F(ExplainTest, GoodsOfWhichEverythingAskedForIsSoldSeeNoMoreDemand) {
  List(100);
  Order(5'000);
  ExpectOrder(0, ROUND_REASON_FULL, "");
  ExpectListing(0, ROUND_REASON_NO_MORE_DEMAND, "");
}

TEST_F(ExplainTest, WhatIsLeftOfAnOrderMayBeLessThanAUnit) {
  List(100);
  Order(5'300);
  ExpectOrder(0, ROUND_REASON_WHOLE_UNITS, "quantity_base at least 5500");
}

TEST_F(ExplainTest, GoodsWorthMoreElsewhereAreBetterUsed) {
  book_.counties.push_back({116.4, 39.9});
  book_.commodities[0].transport_microfen_per_km_base = 100;
  List(9);
  Order(4'500);
  Order(4'500).county = 1;
  ExpectOrder(0, ROUND_REASON_FULL, "");
  ExpectOrder(1, ROUND_REASON_BETTER_USE, "");
}

TEST_F(ExplainTest, OrdersServedByOthersAreABetterUse) {
  book_.counties.push_back({116.4, 39.9});
  book_.commodities[0].transport_microfen_per_km_base = 100;
  List(9);
  List(9).county = 1;
  Order(4'500);
  ExpectListing(0, ROUND_REASON_FULL, "");
  ExpectListing(1, ROUND_REASON_BETTER_USE, "");
}

TEST_F(ExplainTest, NothingOfTheCommodityStandsOnTheOtherSide) {
  Order(5'000);
  ExpectOrder(0, ROUND_REASON_NO_COUNTERPART, "");
}

}  // namespace
}  // namespace zhuxiao
