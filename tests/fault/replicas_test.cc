// Two zhuxiaod on one Redis: they sell one stock, do the upkeep once, are restarted in turn under load, and share the
// services out between them.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/strings.h"
#include "tests/e2e/market_client.h"
#include "tests/fault/export_books.h"
#include "tests/fault/server_process.h"
#include "tests/fault/wire.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "zhuxiao/partner/v1/partner.pb.h"

namespace zhuxiao {
namespace {

using base::StrCat;
using testing::Answer;
using testing::Eventually;

class ReplicasTest : public ::testing::Test, public testing::MarketClient {
 public:
  int port() const override { return spoken_to_->port(); }
  std::string token_file() const override { return first_directory_.path() + "/tokens"; }

 protected:
  void SetUp() override {
    // One file of tokens for both.
    std::filesystem::create_symlink(token_file(), second_directory_.path() + "/tokens");
    ASSERT_TRUE(redis_.Start());
    ASSERT_TRUE(first_.Start() && second_.Start());
    SetUpMarket();
    school_token_ = TokenOf(testing::InstitutionOf(kSchool));
  }

  testing::ServerProcess& Replica(int number) { return number % 2 == 0 ? first_ : second_; }

  int64_t AvailableAt(testing::ServerProcess& replica, const std::string& listing_id) {
    spoken_to_ = &replica;
    listing::v1::GetListingRequest request;
    request.set_listing_id(listing_id);
    auto listing = As(testing::Auditor()).Call<listing::v1::GetListingResponse>(request);
    spoken_to_ = &first_;
    return listing.ok() ? listing->listing().balances().available() : -1;
  }

  testing::Request EggRequest(const std::string& request_id, int64_t jin) {
    order::v1::PlaceOrderRequest order = EggOrder(jin);
    order.set_request_id(request_id);
    return {"order.v1.OrderService/PlaceOrder", school_token_, request_id, order.SerializeAsString()};
  }

  static int64_t UnitsOf(const Answer& answer) {
    order::v1::PlaceOrderResponse response;
    if (!answer.ok() || !response.ParseFromString(answer.bytes)) return 0;
    int64_t units = 0;
    for (const auto& contract : response.contracts()) units += contract.ordered_units();
    return units;
  }

  void ExpectSoundBooks(const testing::Books& books) {
    EXPECT_EQ(absl::StrJoin(testing::BrokenSums(books), "\n"), "");
    EXPECT_EQ(absl::StrJoin(testing::VerifyFindings(books), "\n"), "");
  }

  ScratchDirectory redis_directory_;
  ScratchDirectory first_directory_;
  ScratchDirectory second_directory_;
  testing::RedisProcess redis_{redis_directory_.path()};
  testing::ServerProcess first_{first_directory_.path(), redis_.url()};
  testing::ServerProcess second_{second_directory_.path(), redis_.url()};
  testing::ServerProcess* spoken_to_ = &first_;
  std::string school_token_;
};

TEST_F(ReplicasTest, SellOneStockTogether) {
  constexpr int kThreads = 8;
  constexpr int kOrders = 20;
  constexpr int64_t kStock = 100;
  const std::string listing_id = List(kFarm, Eggs(kStock));
  ASSERT_TRUE(Eventually([&] { return AvailableAt(second_, listing_id) == kStock; }));
  std::atomic<int64_t> sold = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const testing::Wire wire(Replica(t).port());
      for (int i = 0; i < kOrders; ++i) {
        const testing::Request request = EggRequest(StrCat("t", t, "-", i), 1);
        Answer answer = wire.Send(request);
        while (answer.MustRepeat()) answer = wire.Send(request);
        answer.ok() ? sold += UnitsOf(answer) : ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sold, kStock) << "all is sold, by both, and no more";
  const testing::Books books = testing::ExportBooks(As(testing::Auditor()));
  ExpectSoundBooks(books);
  EXPECT_EQ(AvailableAt(first_, listing_id), 0);
  EXPECT_TRUE(Eventually([&] { return AvailableAt(second_, listing_id) == 0; }));
}

TEST_F(ReplicasTest, DoTheUpkeepOnce) {
  constexpr int kHolds = 30;
  const std::string listing_id = List(kFarm, Eggs(1'000));
  const client::Client platform = As(testing::PlatformOf(kPlatform));
  for (int i = 0; i < kHolds; ++i) {
    partner::v1::HoldStockRequest request;
    request.set_listing_id(listing_id);
    request.set_units(2);
    *request.mutable_expire_time() = base::ToProto(clock_.Now() + absl::Seconds(2));
    const auto held = platform.Call<partner::v1::HoldStockResponse>(request);
    ASSERT_TRUE(held.ok()) << held.status();
  }
  EXPECT_TRUE(Eventually([&] { return AvailableAt(first_, listing_id) == 1'000; })) << "expired holds go back";
  // The replica that does the upkeep dies, whichever it is, and the other takes over.
  for (int replica = 0; replica < 2; ++replica) {
    ASSERT_TRUE(Replica(replica).Stop());
    spoken_to_ = &Replica(replica + 1);
    partner::v1::HoldStockRequest request;
    request.set_listing_id(listing_id);
    request.set_units(5);
    *request.mutable_expire_time() = base::ToProto(clock_.Now() + absl::Seconds(2));
    const auto held = As(testing::PlatformOf(kPlatform)).Call<partner::v1::HoldStockResponse>(request);
    ASSERT_TRUE(held.ok()) << held.status();
    testing::ServerProcess& left = *spoken_to_;
    EXPECT_TRUE(Eventually([&] { return AvailableAt(left, listing_id) == 1'000; }));
    ASSERT_TRUE(Replica(replica).Start());
    spoken_to_ = &first_;
  }
  const testing::Books books = testing::ExportBooks(As(testing::Auditor()));
  ExpectSoundBooks(books);
  int expired = 0;
  for (const auto& event : books.events) expired += event.event().action() == "ExpireHold";
  EXPECT_EQ(expired, kHolds + 2) << "each once";
}

TEST_F(ReplicasTest, RestartInTurnUnnoticed) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 3;
  List(kFarm, Eggs(1'000'000));
  std::atomic<bool> is_over = false;
  std::mutex mutex;
  std::map<std::string, Answer> answers;  // guarded by mutex
  std::vector<std::string> refused;       // guarded by mutex
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      int replica = t;
      for (int i = 0; !is_over; ++i) {
        const testing::Request request = EggRequest(StrCat("t", t, "-", i), 1);
        Answer answer;
        do {
          while (Replica(replica).port() == 0) ++replica;
          answer = testing::Wire(Replica(replica).port()).Send(request);
          if (answer.MustRepeat()) ++replica;
        } while (answer.MustRepeat());
        const std::lock_guard lock(mutex);
        if (!answer.ok()) refused.push_back(answer.ToString());
        answers[request.request_id] = answer;
      }
    });
  }
  for (int round = 0; round < 2 * kRounds; ++round) {
    absl::SleepFor(absl::Milliseconds(500));
    EXPECT_TRUE(Replica(round).Stop()) << "a drain ends well";
    absl::SleepFor(absl::Milliseconds(100));
    ASSERT_TRUE(Replica(round).Start());
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(absl::StrJoin(refused, "\n"), "") << "nothing but retryable errors";
  const testing::Books books = testing::ExportBooks(As(testing::Auditor()));
  ExpectSoundBooks(books);
  std::map<std::string, int> placed;
  for (const auto& event : books.events) {
    if (event.event().action() == "PlaceOrder") ++placed[event.event().request_id()];
  }
  EXPECT_EQ(placed.size(), answers.size());
  for (const auto& [request_id, answer] : answers) {
    EXPECT_EQ(placed[request_id], 1) << request_id;
    EXPECT_EQ(UnitsOf(answer), 1) << request_id;
  }
  std::printf("%d restarts of two replicas, %zu orders\n", 2 * kRounds, answers.size());
}

// Two servers that have not one service in common, and one who speaks to both.
class RolesTest : public ::testing::Test, public testing::MarketClient {
 public:
  int port() const override { return spoken_to_->port(); }
  std::string token_file() const override { return desk_directory_.path() + "/tokens"; }

 protected:
  ScratchDirectory redis_directory_;
  ScratchDirectory desk_directory_;
  ScratchDirectory hall_directory_;
  testing::RedisProcess redis_{redis_directory_.path()};
  testing::ServerProcess desk_{desk_directory_.path(), redis_.url(), {}, "directory,quota,listing"};
  testing::ServerProcess hall_{hall_directory_.path(), redis_.url(), {}, "order,matching,report,audit"};
  testing::ServerProcess* spoken_to_ = &desk_;
};

TEST_F(RolesTest, ShareTheServicesOut) {
  constexpr int64_t kStock = 100;
  std::filesystem::create_symlink(token_file(), hall_directory_.path() + "/tokens");
  ASSERT_TRUE(redis_.Start());
  ASSERT_TRUE(desk_.Start() && hall_.Start());
  SetUpMarket();
  const std::string listing_id = List(kFarm, Eggs(kStock));
  const client::Client school = As(testing::InstitutionOf(kSchool));
  EXPECT_TRUE(absl::IsUnimplemented(school.Call<order::v1::PlaceOrderResponse>(EggOrder(1)).status()));
  spoken_to_ = &hall_;
  EXPECT_TRUE(absl::IsUnimplemented(QuotaOf(kSchool).status()));
  int64_t bought = 0;
  // The hall's book follows the desk's listings by the feed.
  EXPECT_TRUE(Eventually([&] {
    const auto placed = As(testing::InstitutionOf(kSchool)).Call<order::v1::PlaceOrderResponse>(EggOrder(7));
    if (placed.ok()) {
      for (const auto& contract : placed->contracts()) bought += contract.ordered_units();
    }
    return bought > 0;
  }));
  spoken_to_ = &desk_;
  EXPECT_TRUE(Eventually([&] { return BalancesOf(listing_id).available() == kStock - bought; }));
  spoken_to_ = &hall_;
  const testing::Books books = testing::ExportBooks(As(testing::Auditor()));
  EXPECT_EQ(absl::StrJoin(testing::BrokenSums(books), "\n"), "");
  EXPECT_EQ(absl::StrJoin(testing::VerifyFindings(books), "\n"), "");
}

}  // namespace
}  // namespace zhuxiao
