// Cuts the machine of a Redis primary off the network, with clients beside it that go on writing, and joins it again:
// what was acknowledged and what is lost, side by side in one run, of Redis as it comes, of Redis that wants a replica
// (min-replicas-to-write), and of our store on a third Redis beside them. ZHUXIAO_PARTITION_SECONDS sets how long
// (5 by default).
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/strings.h"
#include "tests/e2e/market_client.h"
#include "tests/fault/export_books.h"
#include "tests/fault/redis_cluster.h"
#include "tests/fault/server_process.h"
#include "tests/fault/wire.h"
#include "tests/support/eventually.h"
#include "tests/support/tcp_proxy.h"

namespace zhuxiao {
namespace {

using base::StrCat;
using testing::Answer;
using testing::Eventually;
using testing::RedisCluster;

// The machine that is cut off, and one that is not.
constexpr int kCut = 0;
constexpr int kFree = 1;
constexpr absl::Duration kQuietTime = absl::Seconds(1);

absl::Duration PartitionTime() {
  const char* const text = std::getenv("ZHUXIAO_PARTITION_SECONDS");
  return absl::Seconds(text == nullptr ? 5 : std::atoi(text));
}

// Writes keys to plain Redis like a client on the machine that is cut off: to the primary it knows, as long as that one
// takes writes.
class PlainWriter {
 public:
  explicit PlainWriter(RedisCluster& cluster) : cluster_(cluster) {}
  ~PlainWriter() { redisFree(context_); }

  void Run(const std::atomic<bool>& is_over) {
    for (int number = 0; !is_over; ++number) {
      if (Set(number)) {
        acknowledged_.push_back(number);
      } else {
        Connect(cluster_.Primary(kCut));
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  // How many of the keys acknowledged the primary of now does not have.
  int64_t CountLost() {
    Connect(cluster_.Primary(kFree));
    int64_t lost = 0;
    for (const int number : acknowledged_) {
      auto* reply = static_cast<redisReply*>(redisCommand(context_, "EXISTS key-%d", number));
      lost += reply == nullptr || reply->integer != 1;
      freeReplyObject(reply);
    }
    return lost;
  }

  int64_t acknowledged_count() const { return static_cast<int64_t>(acknowledged_.size()); }

 private:
  bool Set(int number) {
    if (context_ == nullptr || context_->err != 0) return false;
    auto* reply = static_cast<redisReply*>(redisCommand(context_, "SET key-%d there", number));
    const bool is_set = reply != nullptr && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return is_set;
  }

  void Connect(int machine) {
    redisFree(context_);
    context_ = nullptr;
    if (machine < 0) return;
    const testing::RedisProcess& server = cluster_.server(machine);
    context_ = redisConnectWithTimeout(server.site().control_address.c_str(), server.port(), {1, 0});
  }

  RedisCluster& cluster_;
  redisContext* context_ = nullptr;
  std::vector<int> acknowledged_;
};

class PartitionTest : public ::testing::Test, public testing::MarketClient {
 public:
  int port() const override { return far_line_.port(); }
  std::string token_file() const override { return directories_[0].path() + "/tokens"; }

 protected:
  void SetUp() override {
    if (network_ == nullptr) GTEST_SKIP() << "takes root and network namespaces";
  }

  testing::Request EggRequest(const std::string& request_id, const std::string& token) {
    order::v1::PlaceOrderRequest order = EggOrder(1);
    order.set_request_id(request_id);
    return {"order.v1.OrderService/PlaceOrder", token, request_id, order.SerializeAsString()};
  }

  // Sends orders one after another, each until it is answered or `is_over`.
  void Order(const testing::TcpProxy& line, const std::string& name, const std::string& token,
             const std::atomic<bool>& is_over) {
    const testing::Wire wire(line.port());
    for (int i = 0; !is_over; ++i) {
      const testing::Request request = EggRequest(StrCat(name, "-", i), token);
      Answer answer = wire.Send(request);
      while (answer.MustRepeat() && !is_over) answer = wire.Send(request);
      if (answer.MustRepeat()) return;
      const std::lock_guard lock(mutex_);
      answers_.emplace_back(request, answer);
      answered_while_cut_ += is_cut_ && &line == &far_line_;
    }
  }

  // Answers that either server does not give again, or that had no effect or two.
  int64_t CountLost() {
    int64_t lost = 0;
    for (const testing::TcpProxy* line : {&near_line_, &far_line_}) {
      const testing::Wire wire(line->port());
      for (const auto& [request, answer] : answers_) {
        Answer again = wire.Send(request);
        while (again.MustRepeat()) again = wire.Send(request);
        lost += again != answer;
      }
    }
    const testing::Books books = testing::ExportBooks(As(testing::Auditor()));
    std::map<std::string, int> placed;
    for (const auto& event : books.events) ++placed[event.event().request_id()];
    for (const auto& [request, answer] : answers_) lost += placed[request.request_id] != (answer.ok() ? 1 : 0);
    EXPECT_EQ(absl::StrJoin(testing::BrokenSums(books), "\n"), "");
    EXPECT_EQ(absl::StrJoin(testing::VerifyFindings(books), "\n"), "");
    return lost;
  }

  std::unique_ptr<testing::TestNetwork> network_ = testing::TestNetwork::Make(RedisCluster::kMachines);
  ScratchDirectory directories_[2];
  testing::TcpProxy near_line_{"10.78.0.2"};
  testing::TcpProxy far_line_{"10.78.1.2"};
  std::atomic<bool> is_cut_ = false;
  std::mutex mutex_;
  std::vector<std::pair<testing::Request, Answer>> answers_;  // guarded by mutex_
  int64_t answered_while_cut_ = 0;                            // guarded by mutex_; by the server that was not
};

TEST_F(PartitionTest, LosesNothingWherePlainRedisDoes) {
  const absl::Duration partition = PartitionTime();
  RedisCluster plain(*network_);
  RedisCluster guarded(*network_);
  RedisCluster ours(*network_);
  ASSERT_TRUE(plain.Start({{"appendonly", "no"}}));
  // With 20 s, the lag is Redis' own of 10 s.
  const std::string lag = std::to_string(std::max<int64_t>(1, absl::ToInt64Seconds(partition / 2)));
  ASSERT_TRUE(guarded.Start({{"min-replicas-to-write", "1"}, {"min-replicas-max-lag", lag}}));
  ASSERT_TRUE(ours.Start({}));
  std::filesystem::create_symlink(token_file(), directories_[1].path() + "/tokens");
  testing::ServerProcess near(directories_[0].path(), ours.Url(), network_->site(kCut));
  testing::ServerProcess far(directories_[1].path(), ours.Url(), network_->site(kFree));
  ASSERT_TRUE(near.Start() && far.Start());
  near_line_.LeadTo(near.port());
  far_line_.LeadTo(far.port());
  SetUpMarket();
  List(kFarm, Eggs(1'000'000));
  const std::string token = TokenOf(testing::InstitutionOf(kSchool));

  std::atomic<bool> is_over = false;
  PlainWriter plain_writer(plain);
  PlainWriter guarded_writer(guarded);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { plain_writer.Run(is_over); });
  threads.emplace_back([&] { guarded_writer.Run(is_over); });
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { Order(near_line_, StrCat("near", i), token, is_over); });
    threads.emplace_back([&, i] { Order(far_line_, StrCat("far", i), token, is_over); });
  }
  absl::SleepFor(kQuietTime);
  network_->Disconnect(kCut);
  is_cut_ = true;
  absl::SleepFor(partition);
  for (RedisCluster* cluster : {&plain, &guarded, &ours}) {
    EXPECT_TRUE(Eventually([&] { return cluster->Primary(kFree) > kCut; })) << "the others elect another primary";
  }
  const auto has_answered = [this] {
    const std::lock_guard lock(mutex_);
    return answered_while_cut_ > 0;
  };
  EXPECT_TRUE(Eventually(has_answered)) << "the server that can reach a quorum goes on";
  is_cut_ = false;
  network_->Connect(kCut);
  for (RedisCluster* cluster : {&plain, &guarded, &ours}) {
    EXPECT_TRUE(Eventually([&] { return cluster->IsFollowing(kCut); })) << "the old one follows it";
  }
  absl::SleepFor(kQuietTime);
  is_over = true;
  for (std::thread& thread : threads) thread.join();

  const int64_t plain_lost = plain_writer.CountLost();
  const int64_t guarded_lost = guarded_writer.CountLost();
  const int64_t lost = CountLost();
  const auto print = [](const char* name, int64_t acknowledged, int64_t lost_count) {
    std::printf("%-45s %12lld %8lld %5.1f %%\n", name, static_cast<long long>(acknowledged),
                static_cast<long long>(lost_count),
                100.0 * static_cast<double>(lost_count) / static_cast<double>(std::max<int64_t>(1, acknowledged)));
  };
  std::printf("primary cut off for %s\n%-45s %12s %8s\n", absl::FormatDuration(partition).c_str(), "", "acknowledged",
              "lost");
  print("Redis as it comes", plain_writer.acknowledged_count(), plain_lost);
  print("Redis with min-replicas-to-write 1", guarded_writer.acknowledged_count(), guarded_lost);
  print("Zhuxiao on Redis at level quorum", static_cast<int64_t>(answers_.size()), lost);
  EXPECT_GT(plain_lost, 0) << "the partition did no harm, so it shows nothing";
  EXPECT_EQ(lost, 0);
}

}  // namespace
}  // namespace zhuxiao
