// The check from outside of what platforms sell from holds: at the price of the moment the hold was made.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "clients/cli/verify.h"

namespace zhuxiao::cli {
namespace {

using audit::v1::Event;

constexpr size_t kHeld = 1;
constexpr size_t kSold = 3;

// A listing at 3.40, a hold, another price for the listing, and a sale of 2 units from the hold.
std::vector<Event> Sale(int64_t amount_fen) {
  std::vector<Event> events(4);
  listing::v1::Listing& terms = *events[0].mutable_listing();
  terms.set_listing_id("L1");
  terms.mutable_unit_price()->set_amount_fen(340);
  partner::v1::Hold& hold = *events[kHeld].mutable_hold();
  hold.set_hold_id("H1");
  hold.set_listing_id("L1");
  hold.set_units(10);
  hold.mutable_unit_price()->set_amount_fen(340);
  *events[2].mutable_listing() = terms;
  events[2].mutable_listing()->mutable_unit_price()->set_amount_fen(330);
  *events[kSold].mutable_hold() = hold;
  partner::v1::PlatformSale& sale = *events[kSold].mutable_platform_sale();
  sale.set_sale_id("S1");
  sale.set_hold_id("H1");
  sale.set_listing_id("L1");
  sale.set_units(2);
  sale.mutable_amount()->set_amount_fen(amount_fen);
  return events;
}

// Takes the events alone, so that other rules break and are passed over.
bool IsFound(const std::vector<Event>& events) {
  BookCheck check;
  audit::v1::ReadFeedResponse response;
  for (const Event& event : events) {
    response.mutable_position()->set_sequence(response.position().sequence() + 1);
    *response.mutable_event() = event;
    check.AddEvent(response);
  }
  const std::vector<Finding> findings = check.Finish();
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.rule == Rule::kPlatformSale; });
}

TEST(VerifyHolds, ASaleCostsWhatItsHoldWasMadeAt) {
  EXPECT_FALSE(IsFound(Sale(2 * 340)));
  EXPECT_TRUE(IsFound(Sale(2 * 330))) << "the listing's price now";
}

TEST(VerifyHolds, AHoldIsMadeAtTheListingsPriceAndKeepsIt) {
  std::vector<Event> events = Sale(2 * 339);
  events[kSold].mutable_hold()->mutable_unit_price()->set_amount_fen(339);
  EXPECT_TRUE(IsFound(events)) << "it changed";
  events[kHeld].mutable_hold()->mutable_unit_price()->set_amount_fen(339);
  EXPECT_TRUE(IsFound(events)) << "it never was the listing's";
}

TEST(VerifyHolds, OneOfBeforePricesWereKeptSellsAtTheListings) {
  for (const auto& [amount_fen, is_wrong] : {std::pair(2 * 330, false), std::pair(2 * 340, true)}) {
    std::vector<Event> events = Sale(amount_fen);
    for (const size_t i : {kHeld, kSold}) events[i].mutable_hold()->clear_unit_price();
    EXPECT_EQ(IsFound(events), is_wrong) << amount_fen;
  }
}

}  // namespace
}  // namespace zhuxiao::cli
