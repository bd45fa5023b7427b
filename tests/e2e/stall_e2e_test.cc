// Stall cases over the wire: a report, upkeep that follows it, a stream that tells of it, and a server that stops under
// it.
#include <atomic>
#include <future>

#include "tests/e2e/installation_fixture.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao {
namespace {

using stall::v1::WatchStallCasesRequest;
using stall::v1::WatchStallCasesResponse;
using testing::Auditor;
using testing::InstitutionOf;
using testing::Officer;
using testing::SupplierOf;

constexpr absl::Duration kPatience = absl::Seconds(30);

class StallE2eTest : public testing::InstallationFixture {
 protected:
  void SetUp() override {
    InstallationFixture::SetUp();
    SetUpMarket();
  }

  std::string Report(const std::string& listing_id) {
    stall::v1::ReportStallCaseRequest request;
    request.mutable_stall_case()->set_listing_id(listing_id);
    request.mutable_stall()->set_cause("路断");
    const auto reported = As(SupplierOf(kFarm)).Call<stall::v1::ReportStallCaseResponse>(request);
    EXPECT_TRUE(reported.ok()) << reported.status();
    return reported.ok() ? reported->stall_case().case_id() : "";
  }

  absl::StatusOr<stall::v1::StallCase> Read(const base::Caller& caller, const std::string& case_id) {
    stall::v1::GetStallCaseRequest request;
    request.set_case_id(case_id);
    auto read = As(caller).Call<stall::v1::GetStallCaseResponse>(request);
    if (!read.ok()) return read.status();
    return read->stall_case();
  }

  // Reads the stream of `caller` until a message `is_last`; answers how it ended.
  std::future<absl::Status> Watch(const base::Caller& caller,
                                  std::function<bool(const stall::v1::StallCase&)> is_last) {
    const std::string token = TokenOf(caller);
    return std::async(std::launch::async, [this, token, is_last = std::move(is_last)] {
      return ClientWith(token).ReadAll<WatchStallCasesResponse>(
          WatchStallCasesRequest(), [&](WatchStallCasesResponse& response) {
            return is_last(response.stall_case()) ? absl::AlreadyExistsError("seen") : absl::OkStatus();
          });
    });
  }
};

TEST_F(StallE2eTest, WhoWatchesHearsOfACaseAndOfItsSteps) {
  const std::string goods = List(kFarm, Eggs(1'000));
  std::atomic<int> reported = 0;
  auto heard = Watch(Officer("140321"), [&](const stall::v1::StallCase& shown) {
    reported += shown.state() == stall::v1::STALL_CASE_STATE_REPORTED;
    return shown.state() == stall::v1::STALL_CASE_STATE_VERIFIED && shown.listing().listing_id() == goods;
  });
  // The stream hears of what comes after it: wait until the server has it.
  std::string case_id;
  for (int i = 0; i < 200 && reported == 0; ++i) {
    const std::string other = List(kFarm, Eggs(1));
    Report(other);
    absl::SleepFor(absl::Milliseconds(50));
  }
  ASSERT_GT(reported, 0);
  case_id = Report(goods);
  stall::v1::VerifyStallCaseRequest verify;
  verify.set_case_id(case_id);
  ASSERT_TRUE(As(Officer("140321")).Call<stall::v1::VerifyStallCaseResponse>(verify).ok());
  ASSERT_EQ(heard.wait_for(absl::ToChronoSeconds(kPatience)), std::future_status::ready);
  EXPECT_TRUE(absl::IsAlreadyExists(heard.get()));
}

TEST_F(StallE2eTest, AServerThatStopsLetsGoOfWhoWatches) {
  auto watched = Watch(Auditor(), [](const stall::v1::StallCase&) { return false; });
  absl::SleepFor(absl::Milliseconds(300));
  const absl::Time before = absl::Now();
  Restart();
  EXPECT_LT(absl::Now() - before, kPatience);
  ASSERT_EQ(watched.wait_for(absl::ToChronoSeconds(kPatience)), std::future_status::ready);
  EXPECT_TRUE(absl::IsUnavailable(watched.get()));
}

TEST_F(StallE2eTest, UpkeepReviewsWhatIsReportedAndBuyersSeeWhatIsSent) {
  // 1,000 units of 3.40 yuan for ten days: the rules make it the township's at once.
  const std::string case_id = Report(List(kFarm, Eggs(1'000)));
  for (int i = 0; i < 100; ++i) {
    if (Read(Auditor(), case_id)->raises_size() > 0) break;
    absl::SleepFor(absl::Milliseconds(100));
  }
  const auto raised = Read(Auditor(), case_id);
  ASSERT_TRUE(raised.ok()) << raised.status();
  EXPECT_EQ(raised->listing().stall().level(), listing::v1::STALL_LEVEL_TOWNSHIP);
  ASSERT_EQ(raised->raises_size(), 1);
  EXPECT_EQ(Read(InstitutionOf(kSchool), case_id).status().code(), absl::StatusCode::kNotFound);
  stall::v1::VerifyStallCaseRequest verify;
  verify.set_case_id(case_id);
  const client::Client officer = As(Officer("140321"));
  ASSERT_TRUE(officer.Call<stall::v1::VerifyStallCaseResponse>(verify).ok());
  stall::v1::DispatchStallCaseRequest dispatch;
  dispatch.set_case_id(case_id);
  dispatch.add_channels(directory::v1::CHANNEL_SCHOOL);
  const auto sent = officer.Call<stall::v1::DispatchStallCaseResponse>(dispatch);
  ASSERT_TRUE(sent.ok()) << sent.status();
  Restart();
  EXPECT_TRUE(Read(InstitutionOf(kSchool), case_id).ok());
}

TEST_F(StallE2eTest, CheckingOnlyChangesNothing) {
  const std::string case_id = Report(List(kFarm, Eggs(1'000)));
  stall::v1::CloseStallCaseRequest close;
  close.set_case_id(case_id);
  close.set_validate_only(true);
  const auto shown = As(Officer("140321")).Call<stall::v1::CloseStallCaseResponse>(close);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_TRUE(shown->stall_case().has_closing());
  EXPECT_FALSE(Read(Auditor(), case_id)->has_closing());
}

}  // namespace
}  // namespace zhuxiao
