// Kills the server again and again under sixteen clients: every answer it gave stays given, and the books stay right.
// On the embedded store, and on Redis, where what is struck is the server, Redis, both, or Redis only falls asleep.
// ZHUXIAO_KILLS sets how often (30 by default), ZHUXIAO_TEST_SEED replays the choices of clients and killer, though not
// the interleaving of processes.
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/strings.h"
#include "tests/e2e/market_client.h"
#include "tests/fault/export_books.h"
#include "tests/fault/server_process.h"
#include "tests/fault/trader.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao {
namespace {

using base::StrCat;
using directory::v1::DirectoryService;
using reward::v1::RewardService;
using testing::Answer;
using testing::Request;

constexpr int kTraders = 16;
constexpr int kDefaultKills = 30;
// Answers sent again after each restart: the newest, which the kill threatened most, and some of all.
constexpr size_t kNewestRepeats = 100;
constexpr size_t kRandomRepeats = 100;
constexpr int kRepeatThreads = 8;
constexpr int kMostComplaints = 20;

int Kills() {
  const char* text = std::getenv("ZHUXIAO_KILLS");
  return text == nullptr ? kDefaultKills : std::atoi(text);
}

class ServerCrashTest : public ::testing::TestWithParam<const char*>, public testing::MarketClient {
 public:
  int port() const override { return server_.port(); }
  std::string token_file() const override { return directory_.path() + "/tokens"; }

 protected:
  void SetUp() override {
    std::printf("ZHUXIAO_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_));
    std::fflush(stdout);  // a test that hangs must tell its seed too
    if (is_on_redis()) ASSERT_TRUE(redis_.Start());
    ASSERT_TRUE(server_.Start());
    SetUpMarket();
    SetLimit(kSchool,
             1'000'000'000'000);  // never reached; the hospital's is, so that QUOTA_EXCEEDED is among the answers
    SetLimit(kHospital, 100'000'000);
    for (const std::string& farm : {kFarm, kOtherFarm}) floor_.tokens[farm] = TokenOf(testing::SupplierOf(farm));
    for (const std::string& canteen : {kSchool, kHospital}) {
      floor_.tokens[canteen] = TokenOf(testing::InstitutionOf(canteen));
    }
    floor_.tokens[kPlatform] = TokenOf(testing::PlatformOf(kPlatform));
    EarnReward();
  }

  // A paid claim on last year's sales, which the traders' refunds eat up.
  void EarnReward() {
    PublishPolicy();
    floor_.refunded_order_no = "last-year";
    reward::v1::ReportSalesRequest report;
    reward::v1::OnlineSale& sale = *report.add_entries()->mutable_sale();
    sale.set_platform_order_no(floor_.refunded_order_no);
    sale.set_claimant_uscc(kFarm);
    sale.set_commodity_code("apple");
    sale.set_origin_code("141032");
    sale.mutable_amount()->set_amount_fen(1'000'000'000);
    *sale.mutable_order_time() = base::ToProto(base::StartOfYear(year()) - absl::Hours(1));
    ASSERT_EQ(testing::Trader(floor_, kTraders, seed_).Report(report).taken_count(), 1);
    floor_.reports.Put(report);

    reward::v1::SubmitClaimRequest submit;
    submit.set_policy_id("online");
    const auto claim = As(testing::SupplierOf(kFarm)).Call(&RewardService::Stub::SubmitClaim, submit);
    ASSERT_TRUE(claim.ok()) << claim.status();
    const std::string id = claim->claim().claim_id();
    Pass<reward::v1::ReviewClaimRequest>("reviewer", &RewardService::Stub::ReviewClaim, id);
    Pass<reward::v1::RecheckClaimRequest>("rechecker", &RewardService::Stub::RecheckClaim, id);
    reward::v1::PublishClaimsRequest publish;
    publish.set_policy_id("online");
    const auto published = As(testing::Officer("14", "approver")).Call(&RewardService::Stub::PublishClaims, publish);
    ASSERT_TRUE(published.ok()) << published.status();
    Pass<reward::v1::ApproveClaimRequest>("approver", &RewardService::Stub::ApproveClaim, id);
    reward::v1::PayClaimRequest pay;
    pay.set_claim_id(id);
    const auto paid = As(testing::Officer("14", "payer")).Call(&RewardService::Stub::PayClaim, pay);
    ASSERT_TRUE(paid.ok()) << paid.status();
  }

  void PublishPolicy() {
    reward::v1::ProposePolicyRequest propose;
    propose.set_toml(base::StrCat(
        "[policy]\nid = \"online\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"online sales\"\ntitle_en = "
        "\"online sales\"\nsource = \"test\"\n[period]\nclock = \"order\"\nfirst_day = ",
        year() - 1, "-01-01\nlast_day = ", year() - 1,
        "-12-31\n[scope]\nprogrammes = [\"national-poor-counties\"]\n[threshold]\namount_fen = 1_000_000\namount_is = "
        "\"at_least\"\n[grant]\nkind = \"rate\"\nrate_basis_points = 500\ncap_fen = 100_000_000\n[claims]\n"
        "objection_days = 0\n"));
    const auto proposed = As(testing::Officer("14", "drafter")).Call(&RewardService::Stub::ProposePolicy, propose);
    ASSERT_TRUE(proposed.ok()) << proposed.status();
    reward::v1::ReviewPolicyRequest review;
    review.set_policy_id("online");
    review.set_version(1);
    review.set_is_approved(true);
    const auto reviewed = As(testing::Officer("14", "checker")).Call(&RewardService::Stub::ReviewPolicy, review);
    ASSERT_TRUE(reviewed.ok()) << reviewed.status();
    reward::v1::PublishPolicyRequest publish;
    publish.set_policy_id("online");
    publish.set_version(1);
    const auto published = As(testing::Officer("14", "checker")).Call(&RewardService::Stub::PublishPolicy, publish);
    ASSERT_TRUE(published.ok()) << published.status();
  }

  // Passes a claim as that officer.
  template <typename Request, typename Method>
  void Pass(const std::string& officer, Method method, const std::string& claim_id) {
    Request request;
    request.set_claim_id(claim_id);
    request.set_is_approved(true);
    const auto passed = As(testing::Officer("14", officer)).Call(method, request);
    ASSERT_TRUE(passed.ok()) << officer << ": " << passed.status();
  }

  // Lets the traders work and the killer kill, until so many kills are done and every request is answered.
  void TradeUnderKills(int kills) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kTraders; ++i) {
      threads.emplace_back([this, i] { testing::Trader(floor_, i, seed_ + i).Run(); });
    }
    bool is_serving = true;
    for (int kill = 0; kill < kills && is_serving; ++kill) {
      absl::SleepFor(absl::Milliseconds(random_choice_() % 1'200));
      is_serving = Strike(kill);
      if (is_serving) RepeatSome();
    }
    floor_.is_closing = true;
    for (std::thread& thread : threads) {
      // Without a server the traders would wait for ever.
      is_serving ? thread.join() : thread.detach();
    }
    if (!is_serving) std::abort();
  }

  bool is_on_redis() const { return std::string(GetParam()) == "Redis"; }

  // True where all runs again.
  bool Strike(int number) {
    const int kind = is_on_redis() ? number % 4 : 0;
    if (kind == 3) {
      redis_.Freeze();
      absl::SleepFor(absl::Milliseconds(random_choice_() % 1'500));
      redis_.Thaw();
      return true;
    }
    if (kind != 1) server_.Kill();
    if (kind != 0) {
      redis_.Kill();
      if (!redis_.Start()) return false;
    }
    return kind == 1 || server_.Start();
  }

  void RepeatSome() {
    std::set<size_t> indexes;
    const size_t size = floor_.answers.size();
    for (size_t i = size - std::min(size, kNewestRepeats); i < size; ++i) indexes.insert(i);
    for (size_t i = 0; size > 0 && i < kRandomRepeats; ++i) indexes.insert(random_choice_() % size);
    Repeat({indexes.begin(), indexes.end()});
  }

  // Sends requests again; each must be answered as it was.
  void Repeat(const std::vector<size_t>& indexes) {
    std::vector<std::thread> threads;
    for (int t = 0; t < kRepeatThreads; ++t) {
      threads.emplace_back([this, &indexes, t] {
        const testing::Wire wire(port());
        for (size_t i = t; i < indexes.size(); i += kRepeatThreads) {
          const auto [request, answer] = floor_.answers.At(indexes[i]);
          Answer again = wire.Send(request);
          while (again.MustRepeat()) again = wire.Send(request);
          if (again == answer) continue;
          changed_.Count(
              StrCat(request.method, " ", request.request_id, ": ", answer.ToString(), "; again: ", again.ToString()));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // Every answer given has exactly the effect it told of: one event for a success, none for a refusal, by request_id.
  std::vector<std::string> EffectsNotOnce(const testing::Books& books) {
    std::map<std::string, int> events;
    for (const auto& event : books.events) ++events[StrCat(event.event().action(), " ", event.event().request_id())];
    std::vector<std::string> broken;
    for (size_t i = 0; i < floor_.answers.size(); ++i) {
      const auto [request, answer] = floor_.answers.At(i);
      const std::string name = StrCat(request.method.substr(request.method.find('/') + 1), " ", request.request_id);
      const int count = events.contains(name) ? events.at(name) : 0;
      if (count != (answer.ok() ? 1 : 0)) {
        broken.push_back(StrCat(name, ": ", answer.ToString(), ", and ", count, " events"));
      }
    }
    return broken;
  }

  // Reports every sale once more, which must change nothing.
  std::vector<std::string> ReportAgain() {
    std::vector<std::string> broken;
    testing::Trader again(floor_, kTraders, seed_);
    while (const auto report = floor_.reports.Draw(random_choice_, testing::kKeepNever)) {
      for (const auto& entry : report->entries()) {
        if (entry.has_sale()) reported_[entry.sale().platform_order_no()].first += entry.sale().amount().amount_fen();
        if (entry.has_refund())
          reported_[entry.refund().platform_order_no()].second += entry.refund().amount().amount_fen();
      }
      const reward::v1::ReportSalesResponse response = again.Report(*report);
      if (response.duplicate_count() != report->entries_size()) broken.push_back(response.ShortDebugString());
    }
    return broken;
  }

  // Every sale reported is in the books once, with the sum of its refunds.
  std::vector<std::string> SalesNotOnce(const testing::Books& books) {
    std::vector<std::string> broken;
    std::map<std::string, std::pair<int64_t, int64_t>> booked;
    for (const auto& row : books.rows) {
      if (!row.has_online_sale()) continue;
      const reward::v1::OnlineSale& sale = row.online_sale();
      booked[sale.platform_order_no()] = {sale.amount().amount_fen(), sale.refunded().amount_fen()};
    }
    for (const auto& [number, amounts] : reported_) {
      if (booked[number] != amounts) broken.push_back(StrCat("sale ", number, " is not in the books as reported"));
    }
    if (booked.size() != reported_.size()) broken.push_back("the books have sales nobody reported");
    return broken;
  }

  static void ExpectNone(const char* what, std::vector<std::string> lines) {
    const size_t count = lines.size();
    if (count > kMostComplaints) lines.resize(kMostComplaints);
    EXPECT_EQ(count, 0) << what << ":\n" << absl::StrJoin(lines, "\n");
  }

  static std::vector<std::string> LinesOf(const testing::Tally& tally) {
    std::vector<std::string> lines;
    for (const auto& [line, count] : tally.counts()) lines.push_back(StrCat(count, " x ", line));
    return lines;
  }

  const uint64_t seed_ = TestSeed();
  std::mt19937_64 random_choice_{seed_};
  ScratchDirectory directory_;
  ScratchDirectory redis_directory_;
  testing::RedisProcess redis_{redis_directory_.path()};
  testing::ServerProcess server_{directory_.path(), is_on_redis() ? redis_.url() : ""};
  testing::TradingFloor floor_{server_};
  testing::Tally changed_;
  std::map<std::string, std::pair<int64_t, int64_t>> reported_;  // amount and refunds in fen, by order number
};

TEST_P(ServerCrashTest, AnswersAndBooksSurviveKills) {
  const int kills = Kills();
  TradeUnderKills(kills);
  // One more death with nobody at work: from here on the books stand still.
  server_.Kill();
  ASSERT_TRUE(server_.Start());
  std::vector<size_t> all(floor_.answers.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  Repeat(all);

  ExpectNone("answers that changed", LinesOf(changed_));
  ExpectNone("answers no trader should get", LinesOf(floor_.surprises));
  ExpectNone("reports that did not count once", ReportAgain());
  const testing::Books books = testing::ExportBooks(As(testing::Auditor()));
  ExpectNone("sales not as reported", SalesNotOnce(books));
  ExpectNone("answers without their effect", EffectsNotOnce(books));
  ExpectNone("sums that do not hold", testing::BrokenSums(books));
  ExpectNone("findings of verify", testing::VerifyFindings(books));

  std::printf("%d kills, %zu answers, %lld attempts without one, %zu events\n", kills, all.size(),
              static_cast<long long>(floor_.unknown_count), books.events.size());
  const std::map<std::string, int64_t> outcomes = floor_.outcomes.counts();
  for (const auto& [name, count] : outcomes) std::printf("%8lld %s\n", static_cast<long long>(count), name.c_str());
  if (kills < kDefaultKills) return;
  EXPECT_GT(floor_.unknown_count, 0) << "no kill met a request";
  for (const char* name : {"PlaceOrder", "SignContract", "RefuseContract", "ShipContract", "AcceptContract",
                           "SettleContract", "CreateListing", "HoldStock", "SellHold", "ReleaseHold", "ReportSales"}) {
    EXPECT_TRUE(outcomes.contains(name)) << name << " never went through";
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, ServerCrashTest, ::testing::Values("Embedded", "Redis"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace zhuxiao
