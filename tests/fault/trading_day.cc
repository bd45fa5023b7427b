#include "tests/fault/trading_day.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/strings.h"
#include "tests/fault/export_books.h"
#include "tests/fault/trader.h"

namespace zhuxiao::testing {
namespace {

using base::StrCat;

constexpr int kTraders = 16;
// Answers sent again after each strike: the newest, which it threatened most, and some of all.
constexpr size_t kNewestRepeats = 100;
constexpr size_t kRandomRepeats = 100;
constexpr int kRepeatThreads = 8;
constexpr size_t kMostComplaints = 20;
// Never reached; the hospital's is, so that QUOTA_EXCEEDED is among the answers.
constexpr int64_t kSchoolLimitFen = 1'000'000'000'000;
constexpr int64_t kHospitalLimitFen = 100'000'000;

// The number of lines.
int64_t ExpectNone(const char* what, std::vector<std::string> lines) {
  const size_t count = lines.size();
  if (count > kMostComplaints) lines.resize(kMostComplaints);
  EXPECT_EQ(count, 0) << what << ":\n" << absl::StrJoin(lines, "\n");
  return static_cast<int64_t>(count);
}

std::vector<std::string> LinesOf(const Tally& tally) {
  std::vector<std::string> lines;
  for (const auto& [line, count] : tally.counts()) lines.push_back(StrCat(count, " x ", line));
  return lines;
}

}  // namespace

TradingDay::TradingDay(ServerProcess& server, uint64_t seed)
    : server_(server), seed_(seed), random_(seed), floor_(server) {
  std::printf("ZHUXIAO_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  std::fflush(stdout);  // a test that hangs must tell its seed too
}

void TradingDay::Open() {
  SetUpMarket();
  SetLimit(kSchool, kSchoolLimitFen);
  SetLimit(kHospital, kHospitalLimitFen);
  for (const std::string& farm : {kFarm, kOtherFarm}) floor_.tokens[farm] = TokenOf(SupplierOf(farm));
  for (const std::string& canteen : {kSchool, kHospital}) floor_.tokens[canteen] = TokenOf(InstitutionOf(canteen));
  floor_.tokens[kPlatform] = TokenOf(PlatformOf(kPlatform));
  EarnReward();
}

void TradingDay::EarnReward() {
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
  ASSERT_EQ(Trader(floor_, kTraders, seed_).Report(report).taken_count(), 1);
  floor_.reports.Put(report);

  reward::v1::SubmitClaimRequest submit;
  submit.set_policy_id("online");
  const auto claim = As(SupplierOf(kFarm)).Call<reward::v1::SubmitClaimResponse>(submit);
  ASSERT_TRUE(claim.ok()) << claim.status();
  const std::string id = claim->claim().claim_id();
  Pass<reward::v1::ReviewClaimRequest, reward::v1::ReviewClaimResponse>("reviewer", id);
  Pass<reward::v1::RecheckClaimRequest, reward::v1::RecheckClaimResponse>("rechecker", id);
  reward::v1::PublishClaimsRequest publish;
  publish.set_policy_id("online");
  const auto published = As(Officer("14", "approver")).Call<reward::v1::PublishClaimsResponse>(publish);
  ASSERT_TRUE(published.ok()) << published.status();
  Pass<reward::v1::ApproveClaimRequest, reward::v1::ApproveClaimResponse>("approver", id);
  reward::v1::PayClaimRequest pay;
  pay.set_claim_id(id);
  const auto paid = As(Officer("14", "payer")).Call<reward::v1::PayClaimResponse>(pay);
  ASSERT_TRUE(paid.ok()) << paid.status();
}

void TradingDay::PublishPolicy() {
  reward::v1::ProposePolicyRequest propose;
  propose.set_toml(base::StrCat(
      "[policy]\nid = \"online\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"online sales\"\ntitle_en = "
      "\"online sales\"\nsource = \"test\"\n[period]\nclock = \"order\"\nfirst_day = ",
      year() - 1, "-01-01\nlast_day = ", year() - 1,
      "-12-31\n[scope]\nprogrammes = [\"national-poor-counties\"]\n[threshold]\namount_fen = 1_000_000\namount_is = "
      "\"at_least\"\n[grant]\nkind = \"rate\"\nrate_basis_points = 500\ncap_fen = 100_000_000\n[claims]\n"
      "objection_days = 0\n"));
  const auto proposed = As(Officer("14", "drafter")).Call<reward::v1::ProposePolicyResponse>(propose);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  reward::v1::ReviewPolicyRequest review;
  review.set_policy_id("online");
  review.set_version(1);
  review.set_is_approved(true);
  const auto reviewed = As(Officer("14", "checker")).Call<reward::v1::ReviewPolicyResponse>(review);
  ASSERT_TRUE(reviewed.ok()) << reviewed.status();
  reward::v1::PublishPolicyRequest publish;
  publish.set_policy_id("online");
  publish.set_version(1);
  const auto published = As(Officer("14", "checker")).Call<reward::v1::PublishPolicyResponse>(publish);
  ASSERT_TRUE(published.ok()) << published.status();
}

template <typename Request, typename Response>
void TradingDay::Pass(const std::string& officer, const std::string& claim_id) {
  Request request;
  request.set_claim_id(claim_id);
  request.set_is_approved(true);
  const auto passed = As(Officer("14", officer)).Call<Response>(request);
  ASSERT_TRUE(passed.ok()) << officer << ": " << passed.status();
}

void TradingDay::RepeatSome() {
  std::set<size_t> indexes;
  const size_t size = floor_.answers.size();
  for (size_t i = size - std::min(size, kNewestRepeats); i < size; ++i) indexes.insert(i);
  for (size_t i = 0; size > 0 && i < kRandomRepeats; ++i) indexes.insert(random_() % size);
  Repeat({indexes.begin(), indexes.end()});
}

void TradingDay::Repeat(const std::vector<size_t>& indexes) {
  std::vector<std::thread> threads;
  for (int t = 0; t < kRepeatThreads; ++t) {
    threads.emplace_back([this, &indexes, t] {
      const Wire wire(port());
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

std::vector<std::string> TradingDay::EffectsNotOnce(const Books& books) {
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

std::vector<std::string> TradingDay::ReportAgain() {
  std::vector<std::string> broken;
  Trader again(floor_, kTraders, seed_);
  while (const auto report = floor_.reports.Draw(random_, kKeepNever)) {
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

std::vector<std::string> TradingDay::SalesNotOnce(const Books& books) {
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

void TradingDay::TradeThrough(int strikes, const Strike& strike, absl::Duration pause, absl::Time until) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kTraders; ++i) {
    threads.emplace_back([this, i] { Trader(floor_, i, seed_ + i).Run(); });
  }
  bool is_serving = true;
  for (int number = 0; number < strikes && is_serving && absl::Now() < until; ++number) {
    absl::SleepFor(pause * (static_cast<double>(random_() % 1'000) / 1'000));
    is_serving = strike(number);
    ++strike_count_;
    if (is_serving) RepeatSome();
  }
  floor_.is_closing = true;
  for (std::thread& thread : threads) {
    is_serving ? thread.join() : thread.detach();
  }
  if (!is_serving) std::abort();
  floor_.is_closing = false;
}

Books TradingDay::ExpectSoundBooks() {
  std::vector<size_t> all(floor_.answers.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  Repeat(all);
  const Books books = ExportBooks(As(Auditor()));
  lost_count_ = ExpectNone("answers that changed", LinesOf(changed_)) +
                ExpectNone("answers without their effect", EffectsNotOnce(books)) +
                ExpectNone("reports that did not count once", ReportAgain()) +
                ExpectNone("sales not as reported", SalesNotOnce(books));
  broken_count_ = ExpectNone("sums that do not hold", BrokenSums(books)) +
                  ExpectNone("findings of verify", VerifyFindings(books)) +
                  ExpectNone("balances that nothing explains", floor_.history.Unexplained(books));
  ExpectNone("answers no client should get", LinesOf(floor_.surprises));
  PrintTotals(books);
  return books;
}

void TradingDay::PrintTotals(const Books& books) {
  std::printf(
      "%d faults, %zu answers acknowledged, %lld lost, %lld sums broken, %lld attempts unanswered, %zu events, "
      "%zu looks at balances\n",
      strike_count_, floor_.answers.size(), static_cast<long long>(lost_count_), static_cast<long long>(broken_count_),
      static_cast<long long>(floor_.unknown_count), books.events.size(), floor_.history.read_count());
}

}  // namespace zhuxiao::testing
