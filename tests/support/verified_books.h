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

// Everything broken, a line each; empty where the books hold. Without online sales and claims, which no trade makes.
// With `alter`, of the books as it leaves them.
inline std::string BrokenRules(store::Store& store, const AlterRow& alter = {}) {
  using Response = audit::v1::ExportBooksResponse;
  AlteringCheck check(alter);
  const auto snapshot = store.Latest();
  Response position;
  position.mutable_position()->set_epoch(snapshot->position().epoch);
  position.mutable_position()->set_sequence(snapshot->position().sequence);
  check.AddRow(position);
  EXPECT_TRUE(listing::ForEach(*snapshot, RowTaker(check, &Response::mutable_listing)).ok());
  EXPECT_TRUE(order::ForEachOrder(*snapshot, RowTaker(check, &Response::mutable_order)).ok());
  EXPECT_TRUE(order::ForEachContract(*snapshot, RowTaker(check, &Response::mutable_contract)).ok());
  EXPECT_TRUE(quota::ForEach(*snapshot, RowTaker(check, &Response::mutable_quota)).ok());
  EXPECT_TRUE(quota::ForEachBinding(*snapshot, RowTaker(check, &Response::mutable_binding)).ok());
  EXPECT_TRUE(quota::ForEachDeclaration(*snapshot, RowTaker(check, &Response::mutable_declaration)).ok());
  EXPECT_TRUE(partner::ForEachHold(*snapshot, RowTaker(check, &Response::mutable_hold)).ok());
  EXPECT_TRUE(partner::ForEachPlatformSale(*snapshot, RowTaker(check, &Response::mutable_platform_sale)).ok());
  EXPECT_TRUE(stall::ForEachCase(*snapshot, RowTaker(check, &Response::mutable_stall_case)).ok());
  EXPECT_TRUE(order::ForEachShipment(*snapshot, RowTaker(check, &Response::mutable_shipment)).ok());
  EXPECT_TRUE(forward::ForEachForward(*snapshot, RowTaker(check, &Response::mutable_forward)).ok());
  const std::string accounts = store::Key(ledger::kAccountTable, "");
  EXPECT_TRUE(store::WalkAll(*snapshot, accounts, [&](const store::KeyValue& row) -> absl::Status {
                auto fields = store::DecodeCounter(row.value);
                if (!fields.ok()) return fields.status();
                Response response;
                response.mutable_account()->set_name(row.key.substr(accounts.size()));
                response.mutable_account()->set_balance_fen(fields->front());
                check.AddRow(response);
                return absl::OkStatus();
              }).ok());
  for (store::Position after; after < snapshot->position();) {
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
  std::string text;
  for (const cli::Finding& finding : check.Finish()) {
    text += std::string(cli::NameOf(finding.rule)) + " " + finding.id + ": " + finding.what + "\n";
  }
  return text;
}

}  // namespace zhuxiao::testing
