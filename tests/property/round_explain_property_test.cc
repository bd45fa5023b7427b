// Random small rounds: whatever change an explanation offers, made on the book, admits an allocation that is worth more
// than any before, so that it trades what could not be traded.
#include <gtest/gtest.h>

#include <map>

#include "services/matching/check_clearing.h"
#include "services/round/explain_listing.h"
#include "services/round/explain_order.h"
#include "tests/property/clearing_model.h"
#include "tests/support/cleared_fixture.h"
#include "tests/support/round_change.h"
#include "tests/support/seed.h"

namespace zhuxiao {
namespace {

constexpr int kExplainedRounds = 1'500;

class ExplainProperty : public ::testing::Test {
 protected:
  // One round; those that the clearing did not solve to the best are passed over, since there a change shows nothing.
  void LookAtRound(std::mt19937_64& random) {
    const matching::RoundBook book = matching::MakeSmallRound(random, {.listings = 3, .institutions = 2, .orders = 4});
    const auto cleared = testing::ClearInMemory(book, policy_);
    ASSERT_NE(cleared, nullptr);
    if (WelfareOf(book, *cleared) != matching::GreatestWelfareFen(book, policy_)) return;
    ++solved_;
    for (uint32_t i = 0; i < book.listings.size(); ++i) {
      LookAt({.is_listing = true, .place = i}, *cleared, round::ExplainListing(*cleared, i));
    }
    for (uint32_t i = 0; i < book.orders.size(); ++i) {
      LookAt({.is_listing = false, .place = i}, *cleared, round::ExplainOrder(*cleared, i));
    }
  }

  // What the round's contracts would be worth by another book. An order that takes no part may ask for more there.
  int64_t WelfareOf(const matching::RoundBook& book, const round::ClearedRound& cleared) {
    return matching::CheckContracts(book, policy_, cleared.outcome.contracts).welfare_fen;
  }

  void LookAt(const testing::ExplainedRow& row, const round::ClearedRound& cleared,
              const round::v1::ExplainRoundResponse& why) {
    SCOPED_TRACE((row.is_listing ? "listing " : "order ") + std::to_string(row.place) + ": " + why.ShortDebugString());
    ++reasons_[why.reason()];
    EXPECT_LE(why.cleared(), why.offered());
    EXPECT_EQ(why.reason() == round::v1::ROUND_REASON_FULL, why.cleared() == why.offered());
    EXPECT_EQ(why.change().find(" 0.00 "), std::string::npos);
    for (const std::string& change : testing::ChangesOf(why.change())) {
      matching::RoundBook changed = cleared.input.book;
      ASSERT_TRUE(testing::MakeChange(change, row, changed));
      ++offered_[change.substr(0, change.find(' '))];
      EXPECT_GT(matching::GreatestWelfareFen(changed, policy_), WelfareOf(changed, cleared)) << change;
    }
  }

  const matching::ClearingPolicy policy_ = matching::SmallRoundPolicy();
  int solved_ = 0;
  std::map<int, int> reasons_;
  std::map<std::string, int> offered_;
};

TEST_F(ExplainProperty, EveryChangeOfferedWouldHaveChangedIt) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("ZHUXIAO_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < kExplainedRounds && !HasFailure(); ++i) LookAtRound(random);
  if (HasFailure()) return;
  EXPECT_GT(solved_, kExplainedRounds * 9 / 10);
  for (const char* field : {"limit_price", "deliver_by_time", "quantity_base", "spending", "allow_partial",
                            "unit_price", "ready_time", "last_sale_time", "min_lot_units", "listed_units"}) {
    EXPECT_GT(offered_[field], 0) << field;
  }
}

}  // namespace
}  // namespace zhuxiao
