// Trade over the wire: many buyers of one lot, one quota under many clients, repeated requests, bad input, restarts.
#include <atomic>
#include <future>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "clients/cpp/sales_report.h"
#include "services/server/upgrade.h"
#include "services/store/rocksdb_store.h"
#include "services/store/run_transaction.h"
#include "tests/e2e/installation_fixture.h"
#include "tests/fault/export_books.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::Auditor;
using ::testing::Contains;
using testing::InstitutionOf;
using ::testing::IsSupersetOf;
using testing::Officer;
using testing::PlatformOf;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

std::vector<std::string> BadFieldsOf(const absl::Status& status) {
  base::FieldErrors errors;
  errors.Absorb(status);
  std::vector<std::string> fields;
  for (const auto& [field, description] : errors.violations()) fields.push_back(field);
  return fields;
}

class TradeTest : public testing::InstallationFixture {
 protected:
  void SetUp() override {
    InstallationFixture::SetUp();
    SetUpMarket();
  }
};

struct Tally {
  int placed = 0;
  int refused = 0;
  std::vector<std::string> others;
};

// Sends `count` orders at once from `thread_count` threads and counts the answers.
Tally Storm(const client::Client& client, const order::v1::PlaceOrderRequest& request, int count, int thread_count,
            ErrorReason expected) {
  std::vector<std::future<Tally>> threads;
  for (int t = 0; t < thread_count; ++t) {
    threads.push_back(std::async(std::launch::async, [&, t] {
      Tally tally;
      for (int i = t; i < count; i += thread_count) {
        const auto placed = client.Call<order::v1::PlaceOrderResponse>(request);
        if (placed.ok()) {
          tally.placed += placed->contracts_size();
        } else if (base::ReasonOf(placed.status()) == expected) {
          ++tally.refused;
        } else {
          tally.others.push_back(placed.status().ToString());
        }
      }
      return tally;
    }));
  }
  Tally sum;
  for (auto& thread : threads) {
    Tally tally = thread.get();
    sum.placed += tally.placed;
    sum.refused += tally.refused;
    sum.others.insert(sum.others.end(), tally.others.begin(), tally.others.end());
  }
  return sum;
}

TEST_F(TradeTest, ThreeHundredBuyersOfAHundredUnits) {
  const std::string id = List(kFarm, Eggs(100));
  const Tally tally =
      Storm(As(InstitutionOf(kSchool)), EggOrder(1), 300, 60, ErrorReason::ERROR_REASON_NOTHING_MATCHED);
  EXPECT_EQ(tally.placed, 100);
  EXPECT_EQ(tally.refused, 200);
  EXPECT_THAT(tally.others, ::testing::IsEmpty());
  EXPECT_EQ(BalancesOf(id).available(), 0);
  EXPECT_EQ(BalancesOf(id).held(), 100);
  EXPECT_EQ(BalancesOf(id).listed(), 100);
}

TEST_F(TradeTest, SixtyFourClientsNeverOverspendAQuota) {
  const std::string id = List(kFarm, Eggs(10'000));
  SetLimit(kHospital, 50 * 340 + 339);
  const Tally tally =
      Storm(As(InstitutionOf(kHospital)), EggOrder(1), 128, 64, ErrorReason::ERROR_REASON_QUOTA_EXCEEDED);
  EXPECT_EQ(tally.placed, 50);
  EXPECT_EQ(tally.refused, 78);
  EXPECT_THAT(tally.others, ::testing::IsEmpty());
  EXPECT_EQ(QuotaOf(kHospital)->held().amount_fen(), 50 * 340);
  EXPECT_EQ(BalancesOf(id).held(), 50);
}

TEST_F(TradeTest, ARepeatedRequestGetsTheSameBytesAcrossARestart) {
  const std::string id = List(kFarm, Eggs(100));
  order::v1::PlaceOrderRequest request = EggOrder(10);
  request.set_request_id("intent-1");
  const std::string token = TokenOf(InstitutionOf(kSchool));
  const auto first = ClientWith(token).Call<order::v1::PlaceOrderResponse>(request);
  ASSERT_TRUE(first.ok()) << first.status();
  Restart();
  const auto again = ClientWith(token).Call<order::v1::PlaceOrderResponse>(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(BalancesOf(id).held(), 10);

  request.mutable_order()->set_quantity_base(500);
  const auto other = ClientWith(token).Call<order::v1::PlaceOrderResponse>(request);
  EXPECT_EQ(base::ReasonOf(other.status()), ErrorReason::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(BalancesOf(id).held(), 10);
}

TEST_F(TradeTest, ARefusalStaysARefusalForItsRequest) {
  order::v1::PlaceOrderRequest request = EggOrder(10);
  request.set_request_id("intent-2");
  const client::Client school = As(InstitutionOf(kSchool));
  const absl::Status first = school.Call<order::v1::PlaceOrderResponse>(request).status();
  EXPECT_EQ(base::ReasonOf(first), ErrorReason::ERROR_REASON_NOTHING_MATCHED);
  List(kFarm, Eggs(100));
  EXPECT_EQ(school.Call<order::v1::PlaceOrderResponse>(request).status(), first);
  request.set_request_id("intent-3");
  EXPECT_TRUE(school.Call<order::v1::PlaceOrderResponse>(request).ok());
}

TEST_F(TradeTest, AStandingOrderIsFilledByTheServerItself) {
  order::v1::PlaceOrderRequest request = EggOrder(10);
  *request.mutable_order()->mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(24));
  const client::Client school = As(InstitutionOf(kSchool));
  const auto placed = school.Call<order::v1::PlaceOrderResponse>(request);
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_STANDING);
  List(kFarm, Eggs(100));
  order::v1::GetOrderRequest get;
  get.set_order_id(placed->order().order_id());
  order::v1::OrderState state = order::v1::ORDER_STATE_STANDING;
  for (int i = 0; i < 200 && state == order::v1::ORDER_STATE_STANDING; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    state = school.Call<order::v1::GetOrderResponse>(get)->order().state();
  }
  EXPECT_EQ(state, order::v1::ORDER_STATE_FILLED);
}

TEST_F(TradeTest, BadInputNamesEveryFieldAtOnce) {
  order::v1::PlaceOrderRequest request = EggOrder(0);
  request.set_request_id("spaces are not allowed");
  request.mutable_order()->set_address(std::string("bell\a"));
  request.mutable_order()->add_required_certificates(static_cast<directory::v1::CertificateKind>(99));
  const absl::Status status = As(InstitutionOf(kSchool)).Call<order::v1::PlaceOrderResponse>(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::ReasonOf(status), ErrorReason::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(BadFieldsOf(status),
              IsSupersetOf({"request_id", "order.address", "order.required_certificates[0]", "order.quantity_base"}));
}

TEST_F(TradeTest, TextThatIsNotUtf8HidesNoOtherBadField) {
  const client::Client school = As(InstitutionOf(kSchool));
  order::v1::PlaceOrderRequest request = EggOrder(0);
  request.set_request_id("bad-text");
  request.mutable_order()->set_address(
      "b\xFF"
      "d");
  const absl::Status status = school.Call<order::v1::PlaceOrderResponse>(request).status();
  EXPECT_EQ(base::ReasonOf(status), ErrorReason::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(BadFieldsOf(status), UnorderedElementsAre("order.address", "order.quantity_base"));
  order::v1::PreviewOrderRequest preview;
  *preview.mutable_order() = request.order();
  EXPECT_THAT(BadFieldsOf(school.Call<order::v1::PreviewOrderResponse>(preview).status()),
              UnorderedElementsAre("order.address", "order.quantity_base"));
  listing::v1::ListListingsRequest list;
  list.set_region_prefix("\xE4\xB8");
  list.set_page_size(-1);
  EXPECT_THAT(BadFieldsOf(school.Call<listing::v1::ListListingsResponse>(list).status()),
              IsSupersetOf({"page_size", "region_prefix"}));

  // Where text is all that is bad, nothing of the request has happened, and its id is free.
  request = EggOrder(1);
  request.set_request_id("bad-text");
  request.mutable_order()->set_address(
      "b\xFF"
      "d");
  EXPECT_THAT(BadFieldsOf(school.Call<order::v1::PlaceOrderResponse>(request).status()),
              UnorderedElementsAre("order.address"));
  const auto orders = school.Call<order::v1::ListOrdersResponse>(order::v1::ListOrdersRequest());
  ASSERT_TRUE(orders.ok()) << orders.status();
  EXPECT_EQ(orders->orders_size(), 0);
  List(kFarm, Eggs(10));
  request.mutable_order()->clear_address();
  EXPECT_TRUE(school.Call<order::v1::PlaceOrderResponse>(request).ok());
}

// One entry of a batch keeps no other from being taken.
TEST_F(TradeTest, ASaleWithTextThatIsNotUtf8IsRejectedByItself) {
  reward::v1::ReportSalesRequest batch;
  for (const char* number : {"first", "bad\xFFnumber", "third"}) {
    reward::v1::OnlineSale& sale = *batch.add_entries()->mutable_sale();
    sale.set_platform_order_no(number);
    sale.set_claimant_uscc(kFarm);
    sale.set_commodity_code("egg");
    sale.set_origin_code("140321");
    sale.mutable_amount()->set_amount_fen(100);
    *sale.mutable_order_time() = base::ToProto(absl::Now() - absl::Seconds(1));
  }
  batch.mutable_entries(1)->mutable_sale()->mutable_amount()->set_amount_fen(0);
  const auto expect_one_rejected = [](const reward::v1::ReportSalesResponse& report) {
    ASSERT_EQ(report.rejected_size(), 1);
    EXPECT_EQ(report.rejected(0).index(), 1);
    std::vector<std::string> fields;
    for (const auto& violation : report.rejected(0).violations()) fields.push_back(violation.field());
    EXPECT_THAT(fields, UnorderedElementsAre("sale.platform_order_no", "sale.amount"));
  };
  const client::Client platform = As(PlatformOf(kPlatform));
  client::SalesReport stream(platform);
  for (const reward::v1::SaleEntry& entry : batch.entries()) stream.Add(entry);
  const auto reported = stream.Finish();
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_EQ(reported->taken_count(), 2);
  expect_one_rejected(*reported);

  reward::v1::ReportSalesBatchRequest again;
  *again.mutable_batch() = batch;
  const auto repeated = platform.Call<reward::v1::ReportSalesBatchResponse>(again);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_EQ(repeated->report().duplicate_count(), 2);
  expect_one_rejected(repeated->report());
}

TEST_F(TradeTest, APageTokenOfAnotherQueryIsRefused) {
  for (int i = 0; i < 3; ++i) List(kFarm, Eggs(10));
  const client::Client school = As(InstitutionOf(kSchool));
  listing::v1::ListListingsRequest request;
  request.set_page_size(2);
  auto page = school.Call<listing::v1::ListListingsResponse>(request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_FALSE(page->next_page_token().empty());
  request.set_page_token(page->next_page_token());
  page = school.Call<listing::v1::ListListingsResponse>(request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->listings_size(), 1);
  request.set_commodity_code("egg");
  EXPECT_EQ(base::ReasonOf(school.Call<listing::v1::ListListingsResponse>(request).status()),
            ErrorReason::ERROR_REASON_PAGE_TOKEN_INVALID);
  request.set_page_size(-1);
  request.set_commodity_code("gold");
  EXPECT_THAT(BadFieldsOf(school.Call<listing::v1::ListListingsResponse>(request).status()),
              IsSupersetOf({"page_size", "page_token", "commodity_code"}));
}

TEST_F(TradeTest, ACreditCodeThatIsNoneIsNamedNotSearchedFor) {
  const client::Client auditor = As(Auditor());
  const std::string wrong = kFarm.substr(0, 17) + (kFarm.back() == '0' ? "1" : "0");  // its check character
  order::v1::ListOrdersRequest orders;
  orders.set_institution_uscc(wrong);
  EXPECT_THAT(BadFieldsOf(auditor.Call<order::v1::ListOrdersResponse>(orders).status()),
              UnorderedElementsAre("institution_uscc"));
  order::v1::ListContractsRequest contracts;
  contracts.set_organisation_uscc(wrong);
  EXPECT_THAT(BadFieldsOf(auditor.Call<order::v1::ListContractsResponse>(contracts).status()),
              UnorderedElementsAre("organisation_uscc"));
  document::v1::ListDocumentsRequest documents;
  documents.set_organisation_uscc(wrong);
  EXPECT_THAT(BadFieldsOf(auditor.Call<document::v1::ListDocumentsResponse>(documents).status()),
              UnorderedElementsAre("organisation_uscc"));
}

TEST_F(TradeTest, RolesAreKeptAndOthersThingsLookUnknown) {
  const std::string id = List(kFarm, Eggs(10));
  EXPECT_EQ(As(SupplierOf(kFarm)).Call<order::v1::PlaceOrderResponse>(EggOrder(1)).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ClientWith("").Call<order::v1::PlaceOrderResponse>(EggOrder(1)).status().code(),
            absl::StatusCode::kUnauthenticated);
  listing::v1::GetListingRequest request;
  request.set_listing_id(id);
  const absl::Status others = As(SupplierOf(kOtherFarm)).Call<listing::v1::GetListingResponse>(request).status();
  const std::string unknown(26, '0');
  request.set_listing_id(unknown);
  const absl::Status none = As(SupplierOf(kOtherFarm)).Call<listing::v1::GetListingResponse>(request).status();
  EXPECT_EQ(others.code(), none.code());
  EXPECT_EQ(absl::StrReplaceAll(std::string(others.message()), {{id, unknown}}), none.message());
}

TEST_F(TradeTest, ADryRunStoresNothing) {
  listing::v1::CreateListingRequest request;
  *request.mutable_listing() = Eggs(10);
  request.set_validate_only(true);
  const client::Client farm = As(SupplierOf(kFarm));
  const auto checked = farm.Call<listing::v1::CreateListingResponse>(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->listing().balances().available(), 10);
  EXPECT_EQ(farm.Call<listing::v1::ListListingsResponse>(listing::v1::ListListingsRequest())->listings_size(), 0);
}

TEST_F(TradeTest, TheBooksAreExportedAtOnePosition) {
  const std::string id = List(kFarm, Eggs(10));
  ASSERT_TRUE(As(InstitutionOf(kSchool)).Call<order::v1::PlaceOrderResponse>(EggOrder(3)).ok());
  const client::Client auditor = As(Auditor());
  const testing::Books books = testing::ExportBooks(auditor);
  ASSERT_FALSE(books.rows.empty());
  ASSERT_TRUE(books.rows[0].has_position());
  int contracts = 0;
  for (const auto& row : books.rows) contracts += row.has_contract() ? 1 : 0;
  EXPECT_EQ(contracts, 1);
  uint64_t next = 1;
  int64_t held = 0;
  for (const audit::v1::ReadFeedResponse& entry : books.events) {
    EXPECT_EQ(entry.position().sequence(), next++);
    for (const auto& move : entry.event().stock_moves()) held += move.delta().held();
  }
  EXPECT_EQ(next, books.rows[0].position().sequence() + 1);
  EXPECT_EQ(held, 3);
}

class UpgradeTest : public testing::InstallationFixture {
 protected:
  // Of a server that does not run: the version its rows say they are of.
  int64_t VersionAtRest() {
    const auto store = store::RocksDbStore::Open({.directory = directory_.path()});
    EXPECT_TRUE(store.ok()) << store.status();
    return server::ReadRowsVersion(*(*store)->Latest()).value_or(-1);
  }

  void SetVersionAtRest(const std::string& version) {
    const auto store = store::RocksDbStore::Open({.directory = directory_.path()});
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(store::RunTransaction(**store, [&](store::Transaction& transaction) {
                  transaction.Put("rows_version", version);
                  return absl::OkStatus();
                }).ok());
  }
};

TEST_F(UpgradeTest, RowsAreBroughtUpToDateByTheServer) {
  SetUpMarket();
  installation_.reset();
  SetVersionAtRest("1");
  for (int wait_ms = 50; wait_ms < 60'000; wait_ms *= 2) {
    Start();
    absl::SleepFor(absl::Milliseconds(wait_ms));
    installation_.reset();
    if (VersionAtRest() == server::kRowsVersion) return;
  }
  FAIL() << "the rows stay of the version before";
}

TEST_F(UpgradeTest, AServerRefusesRowsOfANewerVersion) {
  installation_.reset();
  SetVersionAtRest("3");
  server::ServeConfig config;
  config.store = "rocksdb:" + directory_.path();
  config.metrics = "";
  const auto started = server::Installation::Start(config);
  EXPECT_TRUE(absl::IsFailedPrecondition(started.status())) << started.status();
}

}  // namespace
}  // namespace zhuxiao
