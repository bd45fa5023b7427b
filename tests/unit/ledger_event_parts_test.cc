// Followers of the feed read of an event what they use, and nothing else of it.
#include <gtest/gtest.h>

#include "services/ledger/event_parts.h"

namespace zhuxiao::ledger {
namespace {

using audit::v1::Event;

Event SomeEvent() {
  Event event;
  event.mutable_time()->set_seconds(1'700'000'000);
  event.set_action("PlaceOrder");
  for (int i = 1; i <= 2; ++i) {
    audit::v1::StockMove& move = *event.add_stock_moves();
    move.set_listing_id("listing-" + std::to_string(i));
    move.mutable_delta()->set_available(-i);
  }
  event.mutable_order()->set_order_id("order");
  event.add_contracts()->set_contract_id("contract");
  return event;
}

TEST(EventParts, KeepsWhatIsAskedFor) {
  EventParts parts({Event::kTimeFieldNumber, Event::kStockMovesFieldNumber, Event::kForwardFieldNumber});
  Event wanted = SomeEvent();
  wanted.clear_action();
  wanted.clear_order();
  wanted.clear_contracts();
  Event event;
  event.set_action("of the event before");
  ASSERT_TRUE(parts.Parse(SomeEvent().SerializeAsString(), event));
  EXPECT_EQ(event.SerializeAsString(), wanted.SerializeAsString());
  ASSERT_TRUE(parts.Parse("", event));
  EXPECT_EQ(event.ByteSizeLong(), 0);
}

TEST(EventParts, RefusesWhatIsNoEvent) {
  EventParts parts({Event::kStockMovesFieldNumber});
  const std::string payload = SomeEvent().SerializeAsString();
  Event event;
  EXPECT_FALSE(parts.Parse(std::string_view(payload).substr(0, payload.size() - 1), event)) << "cut";
  EXPECT_FALSE(parts.Parse(payload + '\0', event)) << "a field of number 0";
  EXPECT_FALSE(parts.Parse("\x2a\x02\x08\xff", event)) << "a wanted field that cannot be read";
}

}  // namespace
}  // namespace zhuxiao::ledger
