// What `zhuxiao verify` finds in the books of a store inside the test's process: the same check, fed without a server.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "clients/cli/verify.h"
#include "services/forward/forward.h"
#include "services/ledger/posting.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/order/shipping.h"
#include "services/partner/partner.h"
#include "services/quota/bindings.h"
#include "services/quota/declarations.h"
#include "services/quota/quota.h"
#include "services/stall/stall.h"
#include "services/store/keys.h"
#include "services/store/page.h"
#include "services/store/store.h"

namespace zhuxiao::testing {

// Changes a row of the books before it is checked.
using AlterRow = std::function<void(audit::v1::ExportBooksResponse&)>;

// Passes rows to the check as `alter` leaves them.
class AlteringCheck {
 public:
  explicit AlteringCheck(const AlterRow& alter) : alter_(alter) {}

  void AddRow(audit::v1::ExportBooksResponse row) {
    if (alter_) alter_(row);
    check_.AddRow(row);
  }
  void AddEvent(const audit::v1::ReadFeedResponse& event) { check_.AddEvent(event); }
  std::vector<cli::Finding> Finish() { return check_.Finish(); }

 private:
  const AlterRow& alter_;
  cli::BookCheck check_;
};

// Passes each row of one kind to the check by way of `mutable_row`.
template <typename Row>
auto RowTaker(AlteringCheck& check, Row* (audit::v1::ExportBooksResponse::*mutable_row)()) {
  return [&check, mutable_row](const Row& row) {
    audit::v1::ExportBooksResponse response;
    *(response.*mutable_row)() = row;
    check.AddRow(response);
    return absl::OkStatus();
  };
}

// Passes every row `reader` shows to the check. Without online sales and claims, which no trade makes.
inline void AddRows(store::Reader& reader, store::Position position, AlteringCheck& check) {
  using Response = audit::v1::ExportBooksResponse;
  Response place;
  place.mutable_position()->set_epoch(position.epoch);
  place.mutable_position()->set_sequence(position.sequence);
  check.AddRow(place);
  EXPECT_TRUE(listing::ForEach(reader, RowTaker(check, &Response::mutable_listing)).ok());
  EXPECT_TRUE(order::ForEachOrder(reader, RowTaker(check, &Response::mutable_order)).ok());
  EXPECT_TRUE(order::ForEachContract(reader, RowTaker(check, &Response::mutable_contract)).ok());
  EXPECT_TRUE(quota::ForEach(reader, RowTaker(check, &Response::mutable_quota)).ok());
  EXPECT_TRUE(quota::ForEachBinding(reader, RowTaker(check, &Response::mutable_binding)).ok());
  EXPECT_TRUE(quota::ForEachDeclaration(reader, RowTaker(check, &Response::mutable_declaration)).ok());
  EXPECT_TRUE(partner::ForEachHold(reader, RowTaker(check, &Response::mutable_hold)).ok());
  EXPECT_TRUE(partner::ForEachPlatformSale(reader, RowTaker(check, &Response::mutable_platform_sale)).ok());
  EXPECT_TRUE(stall::ForEachCase(reader, RowTaker(check, &Response::mutable_stall_case)).ok());
  EXPECT_TRUE(order::ForEachShipment(reader, RowTaker(check, &Response::mutable_shipment)).ok());
  EXPECT_TRUE(forward::ForEachForward(reader, RowTaker(check, &Response::mutable_forward)).ok());
  const std::string accounts = store::Key(ledger::kAccountTable, "");
  EXPECT_TRUE(store::WalkAll(reader, accounts, [&](const store::KeyValue& row) -> absl::Status {
                auto fields = store::DecodeCounter(row.value);
                if (!fields.ok()) return fields.status();
                Response response;
                response.mutable_account()->set_name(row.key.substr(accounts.size()));
                response.mutable_account()->set_balance_fen(fields->front());
                check.AddRow(response);
                return absl::OkStatus();
              }).ok());
}

// Passes the events after `after` up to `end`.
inline void AddEvents(store::Store& store, store::Position after, store::Position end, AlteringCheck& check) {
  while (after < end) {
    auto entries = store.ReadFeed(after, 500);
    if (!entries.ok() || entries->empty()) break;
    for (const store::FeedEntry& entry : *entries) {
      audit::v1::ReadFeedResponse event;
      event.mutable_position()->set_epoch(entry.position.epoch);
      event.mutable_position()->set_sequence(entry.position.sequence);
      EXPECT_TRUE(event.mutable_event()->ParseFromString(entry.payload));
      check.AddEvent(event);
      after = entry.position;
    }
  }
}

// What the check found since it was last asked, a line each; empty where the books hold.
inline std::string FindingsOf(AlteringCheck& check) {
  std::string text;
  for (const cli::Finding& finding : check.Finish()) {
    text += std::string(cli::NameOf(finding.rule)) + " " + finding.id + ": " + finding.what + "\n";
  }
  return text;
}

// Everything broken, a line each; empty where the books hold. With `alter`, of the books as it leaves them.
inline std::string BrokenRules(store::Store& store, const AlterRow& alter = {}) {
  AlteringCheck check(alter);
  const auto snapshot = store.Latest();
  AddRows(*snapshot, snapshot->position(), check);
  AddEvents(store, {}, snapshot->position(), check);
  return FindingsOf(check);
}

}  // namespace zhuxiao::testing
