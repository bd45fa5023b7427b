// Clearing rounds over the wire: a round from opening to contracts while others buy, its files checked from outside,
// the books checked after it, and a restart in between.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "clients/offline/check_files.h"
#include "services/round/watching.h"
#include "tests/e2e/installation_fixture.h"
#include "tests/fault/export_books.h"
#include "tests/support/eventually.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::Auditor;
using testing::InstitutionOf;
using ::testing::IsEmpty;
using testing::Officer;
using testing::Operator;
using testing::SupplierOf;

class RoundTest : public testing::InstallationFixture {
 protected:
  void SetUp() override {
    InstallationFixture::SetUp();
    SetUpMarket();
  }

  std::string PlaceAwaiting(const std::string& buyer, int64_t jin) {
    order::v1::PlaceOrderRequest request = EggOrder(jin);
    request.mutable_order()->set_awaits_round(true);
    *request.mutable_order()->mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(48));
    auto placed = As(InstitutionOf(buyer)).Call<order::v1::PlaceOrderResponse>(request);
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? placed->order().order_id() : "";
  }

  std::string Open(const base::Caller& caller, const std::string& region, bool is_automatic) {
    matching::v1::OpenRoundRequest request;
    request.set_region_code(region);
    request.set_is_automatic(is_automatic);
    auto opened = As(caller).Call<matching::v1::OpenRoundResponse>(request);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? opened->round().round_id() : "";
  }

  template <typename Request, typename Response>
  absl::Status Step(const std::string& id, const base::Caller& caller) {
    Request request;
    request.set_round_id(id);
    return As(caller).Call<Response>(request).status();
  }
  absl::Status Close(const std::string& id, const base::Caller& caller) {
    return Step<matching::v1::CloseRoundRequest, matching::v1::CloseRoundResponse>(id, caller);
  }
  absl::Status Clear(const std::string& id, const base::Caller& caller) {
    return Step<matching::v1::ClearRoundRequest, matching::v1::ClearRoundResponse>(id, caller);
  }
  absl::Status Settle(const std::string& id, const base::Caller& caller) {
    return Step<matching::v1::SettleRoundRequest, matching::v1::SettleRoundResponse>(id, caller);
  }

  // Watches the round until no work goes on; the round as seen last.
  matching::v1::Round Watch(const std::string& id) {
    matching::v1::WatchRoundRequest request;
    request.set_round_id(id);
    request.set_until_rest(true);
    matching::v1::Round round;
    const absl::Status watched = As(Auditor()).ReadAll<matching::v1::WatchRoundResponse>(
        request, [&round](matching::v1::WatchRoundResponse& response) {
          round = response.round();
          return absl::OkStatus();
        });
    EXPECT_TRUE(watched.ok()) << watched;
    return round;
  }

  std::vector<matching::v1::RoundLine> Lines(const std::string& id, const base::Caller& caller) {
    matching::v1::ListRoundLinesRequest request;
    request.set_round_id(id);
    auto lines = As(caller).Call<matching::v1::ListRoundLinesResponse>(request);
    EXPECT_TRUE(lines.ok()) << lines.status();
    if (!lines.ok()) return {};
    return {lines->lines().begin(), lines->lines().end()};
  }

  absl::StatusOr<matching::v1::ExplainRoundResponse> Explain(const std::string& id, const std::string& listing,
                                                             const std::string& order, const base::Caller& caller) {
    matching::v1::ExplainRoundRequest request;
    request.set_round_id(id);
    request.set_listing_id(listing);
    request.set_order_id(order);
    return As(caller).Call<matching::v1::ExplainRoundResponse>(request);
  }

  // Refused to those who hold no round there, and to wrong wishes.
  matching::v1::PreviewRoundResponse Preview(const base::Caller& officer) {
    matching::v1::PreviewRoundRequest request;
    request.set_region_code("14");
    const auto reason_for = [&](const base::Caller& caller) {
      return base::ReasonOf(As(caller).Call<matching::v1::PreviewRoundResponse>(request).status());
    };
    EXPECT_EQ(reason_for(SupplierOf(kFarm)), ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED);
    EXPECT_EQ(reason_for(Officer("11")), ErrorReason::ERROR_REASON_NOT_FOUND);
    request.set_max_lines(1'001);
    EXPECT_EQ(reason_for(officer), ErrorReason::ERROR_REASON_INVALID_FIELDS);
    request.set_max_lines(2);
    auto preview = As(officer).Call<matching::v1::PreviewRoundResponse>(request);
    EXPECT_TRUE(preview.ok()) << preview.status();
    return preview.ok() ? *preview : matching::v1::PreviewRoundResponse();
  }

  absl::Status Export(const std::string& id, const std::string& dir, const base::Caller& caller) {
    std::filesystem::create_directories(dir);
    matching::v1::ExportRoundRequest request;
    request.set_round_id(id);
    return As(caller).ReadAll<matching::v1::ExportRoundResponse>(
        request, [&](matching::v1::ExportRoundResponse& response) {
          std::ofstream(dir + "/" + response.file(), std::ios::binary | std::ios::app) << response.content();
          return absl::OkStatus();
        });
  }

  void ExpectBooksHold() {
    const testing::Books books = testing::ExportBooks(As(Auditor()));
    EXPECT_THAT(testing::VerifyFindings(books), IsEmpty());
    EXPECT_THAT(testing::BrokenSums(books), IsEmpty());
  }
};

TEST_F(RoundTest, FromOpeningToContractsWhileOthersBuy) {
  const std::string listing = List(kFarm, Eggs(100));
  const std::string school = PlaceAwaiting(kSchool, 50);
  const std::string hospital = PlaceAwaiting(kHospital, 70);
  const base::Caller officer = Officer("14");
  const matching::v1::PreviewRoundResponse preview = Preview(officer);
  const std::string id = Open(officer, "14", false);
  ASSERT_TRUE(Close(id, officer).ok());
  EXPECT_EQ(Watch(id).state(), matching::v1::ROUND_STATE_CLOSED);
  EXPECT_EQ(base::ReasonOf(Settle(id, officer)), ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED);
  EXPECT_EQ(base::ReasonOf(Clear(id, Officer("11"))), ErrorReason::ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(base::ReasonOf(Clear(id, SupplierOf(kFarm))), ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED);
  ASSERT_TRUE(Clear(id, officer).ok());
  const matching::v1::Round cleared = Watch(id);
  ASSERT_EQ(cleared.state(), matching::v1::ROUND_STATE_CLEARED);
  EXPECT_GT(cleared.welfare_fen(), 0);
  EXPECT_GE(cleared.bound_fen(), cleared.welfare_fen());
  EXPECT_EQ(preview.round().welfare_fen(), cleared.welfare_fen());
  EXPECT_EQ(preview.round().result_digest(), cleared.result_digest());
  EXPECT_EQ(preview.round().round_id(), "");
  EXPECT_EQ(preview.lines_size(), 2);
  EXPECT_GE(preview.lines(0).match_reason().welfare_fen(), preview.lines(1).match_reason().welfare_fen());
  EXPECT_EQ(preview.orders_served(), 2);
  EXPECT_EQ(preview.listings_served(), 1);
  EXPECT_EQ(preview.villages_served(), 1);

  // The files pass the independent check, which finds the same digest.
  const std::string dir = directory_.path() + "/files";
  ASSERT_TRUE(Export(id, dir, Auditor()).ok());
  EXPECT_EQ(base::ReasonOf(Export(id, dir + "2", InstitutionOf(kSchool))), ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED);
  const auto check = offline::CheckFiles(dir, dir, 2);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->fault_count, 0);
  EXPECT_EQ(check->recomputed.digest, cleared.result_digest());
  EXPECT_EQ(check->recomputed.welfare_fen, cleared.welfare_fen());

  auto direct = As(InstitutionOf(kSchool)).Call<order::v1::PlaceOrderResponse>(EggOrder(30));
  ASSERT_TRUE(direct.ok()) << direct.status();
  ASSERT_TRUE(Settle(id, officer).ok());
  const matching::v1::Round settled = Watch(id);
  EXPECT_EQ(settled.state(), matching::v1::ROUND_STATE_SETTLED);
  EXPECT_EQ(settled.contract_amount().amount_fen(), 70 * 340);
  EXPECT_EQ(settled.shrunk_line_count() + settled.dropped_line_count(), 1);
  EXPECT_EQ(BalancesOf(listing).available(), 0);
  EXPECT_EQ(BalancesOf(listing).held(), 100);
  EXPECT_EQ(Lines(id, Auditor()).size(), 2u);
  EXPECT_EQ(Lines(id, InstitutionOf(kSchool)).size(), 1u);
  ExpectBooksHold();

  auto why = Explain(id, listing, "", SupplierOf(kFarm));
  ASSERT_TRUE(why.ok()) << why.status();
  EXPECT_EQ(why->reason(), matching::v1::ROUND_REASON_SHRUNK_AT_SETTLING);
  EXPECT_EQ(why->cleared(), 100);
  EXPECT_EQ(why->settled(), 70);
  EXPECT_GT(why->second_price_microfen(), 0) << "wanted by more than there is";
  EXPECT_EQ(why->served_by_size(), 2);
  EXPECT_EQ(base::ReasonOf(Explain(id, "", school, InstitutionOf(kHospital)).status()),
            ErrorReason::ERROR_REASON_NOT_FOUND);
  int shrunk = 0;
  for (const auto& [order, buyer] : {std::pair(school, kSchool), std::pair(hospital, kHospital)}) {
    auto what = Explain(id, "", order, InstitutionOf(buyer));
    ASSERT_TRUE(what.ok()) << what.status();
    const bool is_shrunk = what->reason() == matching::v1::ROUND_REASON_SHRUNK_AT_SETTLING;
    shrunk += is_shrunk ? 1 : 0;
    EXPECT_EQ(what->cleared() - what->settled(), is_shrunk ? 30 * 500 : 0);
  }
  EXPECT_EQ(shrunk, 1) << "of two orders one lost what was bought meanwhile";
}

TEST_F(RoundTest, AnAutomaticRoundGoesOnAfterARestart) {
  const std::string listing = List(kFarm, Eggs(100));
  PlaceAwaiting(kSchool, 50);
  const std::string id = Open(Operator(), "", true);
  Restart();
  const matching::v1::Round round = Watch(id);
  EXPECT_EQ(round.state(), matching::v1::ROUND_STATE_SETTLED);
  EXPECT_EQ(round.line_count(), 1);
  EXPECT_EQ(BalancesOf(listing).held(), 50);
  ExpectBooksHold();
}

TEST_F(RoundTest, IdleWatchesKeepNobodyFromAnExplanation) {
  const std::string listing = List(kFarm, Eggs(100));
  const std::string id = Open(Operator(), "", false);
  ASSERT_TRUE(Close(id, Operator()).ok());
  ASSERT_EQ(Watch(id).state(), matching::v1::ROUND_STATE_CLOSED);
  ASSERT_TRUE(Clear(id, Operator()).ok());
  ASSERT_EQ(Watch(id).state(), matching::v1::ROUND_STATE_CLEARED);
  // More than all exports and explanations together may be.
  constexpr int kWatches = 40;
  std::atomic<int> started = 0;
  std::vector<std::thread> watches;
  for (int i = 0; i < kWatches; ++i) {
    const std::string buyer = testing::Uscc("12", 100 + i / round::kMaxWatchesOfCaller);
    watches.emplace_back([client = As(InstitutionOf(buyer)), &id, &started] {
      matching::v1::WatchRoundRequest request;
      request.set_round_id(id);
      bool is_first = true;
      const absl::Status watched =
          client.ReadAll<matching::v1::WatchRoundResponse>(request, [&](matching::v1::WatchRoundResponse&) {
            if (std::exchange(is_first, false)) ++started;
            return absl::OkStatus();
          });
      EXPECT_TRUE(watched.ok()) << watched;
    });
  }
  EXPECT_TRUE(testing::Eventually([&] { return started == kWatches; }));
  EXPECT_TRUE(Explain(id, listing, "", SupplierOf(kFarm)).ok());
  EXPECT_TRUE(Export(id, directory_.path() + "/exported-beside", Auditor()).ok());
  matching::v1::CancelRoundRequest cancel;
  cancel.set_round_id(id);
  EXPECT_TRUE(As(Operator()).Call<matching::v1::CancelRoundResponse>(cancel).ok());
  for (std::thread& watch : watches) watch.join();
}

TEST_F(RoundTest, AnExplanationSaysWhatWouldHaveChangedIt) {
  List(kFarm, Eggs(100));
  order::v1::PlaceOrderRequest request = EggOrder(10);
  request.mutable_order()->set_awaits_round(true);
  request.mutable_order()->mutable_limit_price()->set_amount_fen(300);
  *request.mutable_order()->mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(48));
  auto placed = As(InstitutionOf(kSchool)).Call<order::v1::PlaceOrderResponse>(request);
  ASSERT_TRUE(placed.ok()) << placed.status();
  const std::string id = Open(Operator(), "", true);
  EXPECT_EQ(Watch(id).state(), matching::v1::ROUND_STATE_SETTLED);
  auto why = Explain(id, "", placed->order().order_id(), InstitutionOf(kSchool));
  ASSERT_TRUE(why.ok()) << why.status();
  EXPECT_EQ(why->reason(), matching::v1::ROUND_REASON_PRICE_ABOVE_LIMIT);
  EXPECT_EQ(why->change(), "limit_price at least 3.40 yuan");
  ASSERT_EQ(why->counts_size(), 1);
  EXPECT_EQ(why->counts(0).count(), 1);
}

}  // namespace
}  // namespace zhuxiao
