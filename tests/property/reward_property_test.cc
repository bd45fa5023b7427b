// Properties of statements and claims over random worlds of sales and refunds. A failure prints the seed of its world;
// run again with ZHUXIAO_TEST_SEED set to the run's seed.
#include <algorithm>
#include <random>
#include <vector>

#include "services/ledger/posting.h"
#include "services/reward/totals.h"
#include "services/store/keys.h"
#include "tests/property/reward_model.h"
#include "tests/support/seed.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

constexpr int kWorlds = 150;
using Entries = std::vector<v1::SaleEntry>;

int64_t Draw(std::mt19937_64& rng, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(rng() % static_cast<uint64_t>(high - low + 1));
}

// One store with its own firms, policies and lists, and the model beside it.
class World : public RewardFixture {
 public:
  explicit World(uint64_t seed) {
    std::mt19937_64 rng(seed);
    clock_.Set(At("2022-01-15T02:00:00Z"));
    for (const std::string& firm : Firms()) AddFirm(firm, "140321");
    AddList("a", kPoorCounty, "2014-01-01", "");
    AddList("b", "141032203206", "2021-02-01", "2021-10-31");
    AddList("b", kDesignatedVillage, "2014-01-01", "2020-12-31");
    AddList("c", "140321", "2021-06-01", "");
    for (const int year : {2020, 2021}) {
      PolicyText policy{.id = base::StrCat("online-", year),
                        .year = year,
                        .threshold_fen = Draw(rng, 0, 3'000),
                        .rate_basis_points = Draw(rng, 0, 500),
                        .cap_fen = Draw(rng, 0, 150),
                        .programmes = {}};
      for (const char* programme : {"a", "b", "c"}) {
        if (Draw(rng, 0, 2) > 0) policy.programmes.push_back(programme);
      }
      if (policy.programmes.empty()) policy.programmes.push_back("a");
      policies_.push_back(policy);
    }
    // Some policies stand before the first sale, others come when there are sales already.
    are_late_ = Draw(rng, 0, 1) == 1;
    if (!are_late_) PublishAll();
  }

  void TestBody() override {}

  std::vector<std::string> Firms() const { return {firm_, other_firm_}; }
  const std::vector<PolicyText>& policies() const { return policies_; }
  RewardModel& model() { return model_; }

  // Reports the entries in batches of random sizes, to the store and to the model.
  RewardModel::Counts Feed(const Entries& entries, std::mt19937_64& rng) {
    RewardModel::Counts counts;
    for (size_t begin = 0; begin < entries.size();) {
      const size_t end = std::min<size_t>(entries.size(), begin + Draw(rng, 1, 6));
      const auto tally = Report(Entries(entries.begin() + begin, entries.begin() + end));
      counts.taken += tally.taken_count();
      counts.duplicate += tally.duplicate_count();
      counts.pending += tally.pending_count();
      counts.rejected += tally.rejected_count();
      begin = end;
      if (are_late_ && end > entries.size() / 2) PublishAll();
    }
    PublishAll();
    for (const v1::SaleEntry& entry : entries) model_.Take(entry);
    return counts;
  }

  // Publishes the policies that are not.
  void PublishAll() {
    if (!are_published_) {
      for (const PolicyText& policy : policies_) EXPECT_TRUE(Publish(policy).ok());
    }
    are_published_ = true;
  }

  v1::GetStatementResponse Statement(const std::string& firm, int year) {
    v1::GetStatementRequest request = StatementRequest(firm);
    request.set_policy_id(base::StrCat("online-", year));
    auto page = See(GetStatement, testing::Auditor(), request, store::PageRequest{.size = 10'000});
    EXPECT_TRUE(page.ok()) << page.status();
    return page->response;
  }

  // The running totals are what going over all sales gives.
  void ExpectTotalsRecomputed(const std::string& firm, int year) {
    const auto policy = See(PublishedPolicy, base::StrCat("online-", year), 0);
    ASSERT_TRUE(policy.ok()) << policy.status();
    const auto totals = See(TotalsOf, firm, *policy);
    const auto recomputed = See(RecomputedTotals, firm, policy->rule);
    ASSERT_TRUE(totals.ok() && recomputed.ok());
    ASSERT_EQ(totals->counted_count, recomputed->counted_count);
    ASSERT_EQ(totals->excluded_count, recomputed->excluded_count);
    for (size_t i = 0; i < totals->windows.size(); ++i) {
      ASSERT_EQ(totals->windows[i].counted_fen, recomputed->windows[i].counted_fen);
      ASSERT_EQ(totals->windows[i].refunded_fen, recomputed->windows[i].refunded_fen);
      ASSERT_EQ(totals->windows[i].units, recomputed->windows[i].units);
      ASSERT_EQ(totals->windows[i].unit_value_fen, recomputed->windows[i].unit_value_fen);
    }
  }

  // Files a claim for 2021 and takes it to its payment; returns it.
  v1::Claim PayClaimOf(const std::string& firm) {
    PublishAll();
    v1::SubmitClaimRequest submit;
    submit.set_policy_id("online-2021");
    const auto submitted = Do(testing::SupplierOf(firm), SubmitClaim, submit);
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    const std::string id = submitted->claim().claim_id();
    EXPECT_TRUE(Pass<v1::ReviewClaimRequest>(ReviewClaim, id, "first").ok());
    EXPECT_TRUE(Pass<v1::RecheckClaimRequest>(RecheckClaim, id, "second").ok());
    v1::PublishClaimsRequest publish;
    publish.set_policy_id("online-2021");
    EXPECT_TRUE(Do(testing::Officer("14", "third"), PublishClaims, publish).ok());
    clock_.Advance(absl::Hours(24 * 7));
    EXPECT_TRUE(Pass<v1::ApproveClaimRequest>(ApproveClaim, id, "third").ok());
    v1::PayClaimRequest pay;
    pay.set_claim_id(id);
    return Do(testing::Officer("14", "fourth"), PayClaim, pay)->claim();
  }

  v1::Claim ClaimNow(const std::string& claim_id) {
    v1::GetClaimRequest request;
    request.set_claim_id(claim_id);
    return See(GetClaim, testing::Auditor(), request)->claim();
  }

  int64_t Balance(const std::string& account) {
    return See([&](store::Reader& reader) {
      return store::DecodeCounter(reader.Get(store::Key(ledger::kAccountTable, account))->value_or(""))->front();
    });
  }

  Entries DrawEntries(std::mt19937_64& rng, bool is_order_free) const;

 private:
  template <typename Request, typename Function>
  absl::Status Pass(const Function& function, const std::string& id, const std::string& officer) {
    Request request;
    request.set_claim_id(id);
    request.set_is_approved(true);
    return Do(testing::Officer("14", officer), function, request).status();
  }

  void AddList(const std::string& programme, const std::string& region, const std::string& from,
               const std::string& to) {
    Designate(programme, region, from, to);
    directory::v1::Designation designation;
    designation.set_programme(programme);
    designation.set_region_code(region);
    designation.set_valid_from(from);
    designation.set_valid_to(to);
    model_.Designate(designation);
  }

  RewardModel model_;
  std::vector<PolicyText> policies_;
  bool are_late_ = false;
  bool are_published_ = false;
};

absl::Time DrawTime(std::mt19937_64& rng) {
  // Half of the orders fall within a day of a year's end or of a list's first or last day.
  static constexpr const char* kEdges[] = {"2020-12-31T16:00:00Z", "2021-01-31T16:00:00Z", "2021-05-31T16:00:00Z",
                                           "2021-10-31T16:00:00Z", "2021-12-31T16:00:00Z"};
  if (Draw(rng, 0, 1) == 0) return At(kEdges[Draw(rng, 0, 4)]) + absl::Seconds(Draw(rng, -2, 1));
  return At("2020-01-01T00:00:00Z") + absl::Seconds(Draw(rng, 0, 730 * 86'400));
}

// Sales, refunds in parts, refunds of unknown sales and repetitions. Where the outcome need not be free of the order of
// arrival there are also refunds that do not all fit and numbers with other content.
Entries World::DrawEntries(std::mt19937_64& rng, bool is_order_free) const {
  static constexpr const char* kOrigins[] = {kPoorCounty,   "141032203206", kDesignatedVillage,
                                             kPlainVillage, "140431",       "141032203207"};
  Entries entries;
  const int64_t sale_count = Draw(rng, 1, 25);
  for (int64_t i = 0; i < sale_count; ++i) {
    const int64_t amount_fen = Draw(rng, 1, 400);
    const std::string number = base::StrCat("s", i);
    entries.push_back(Sale(Firms()[Draw(rng, 0, 1)], number, amount_fen, DrawTime(rng), kOrigins[Draw(rng, 0, 5)]));
    int64_t left_fen = amount_fen;
    for (int64_t k = Draw(rng, 0, 4); k > 0 && left_fen > 0; --k) {
      const int64_t most_fen = is_order_free ? left_fen : amount_fen;
      const int64_t refund_fen = Draw(rng, 0, 2) == 0 ? most_fen : Draw(rng, 1, most_fen);
      entries.push_back(Refund(base::StrCat(number, "-", k), number, refund_fen));
      left_fen -= refund_fen;
    }
    if (Draw(rng, 0, 9) == 0) entries.push_back(Refund(number + "-huge", number, amount_fen + 1));
    if (!is_order_free && Draw(rng, 0, 4) == 0) entries.push_back(Sale(firm_, number, amount_fen + 1));
  }
  entries.push_back(Refund("orphan", "never-sold", 5));
  const size_t once_count = entries.size();
  for (size_t i = 0; i < once_count; ++i) {
    if (Draw(rng, 0, 3) == 0) entries.push_back(entries[i]);
  }
  std::shuffle(entries.begin(), entries.end(), rng);
  return entries;
}

RewardModel::Result ResultOf(const v1::Statement& statement) {
  return {.gross_fen = statement.gross().amount_fen(),
          .refunded_fen = statement.refunded().amount_fen(),
          .reward_fen = statement.reward().amount_fen(),
          .counted_count = statement.counted_count(),
          .excluded_count = statement.excluded_count()};
}

YearlyRule RuleOf(const PolicyText& policy) {
  return {policy.year, policy.threshold_fen, policy.rate_basis_points, policy.cap_fen, policy.programmes};
}

// Every statement equals the model's, and its lines sum to it.
void ExpectAgreement(World& world) {
  for (const std::string& firm : world.Firms()) {
    for (const PolicyText& policy : world.policies()) {
      world.ExpectTotalsRecomputed(firm, policy.year);
      const v1::GetStatementResponse response = world.Statement(firm, policy.year);
      const v1::Statement& statement = response.statement();
      ASSERT_EQ(ResultOf(statement), world.model().StatementOf(firm, RuleOf(policy)))
          << statement.DebugString() << policy.Toml();
      int64_t net_fen = 0;
      int64_t counted_count = 0;
      for (const v1::StatementLine& line : response.lines()) {
        net_fen += line.counted().amount_fen();
        counted_count += line.reason() == "in_scope";
      }
      ASSERT_EQ(net_fen, statement.net().amount_fen());
      ASSERT_EQ(counted_count, statement.counted_count());
      ASSERT_EQ(response.lines_size(), statement.counted_count() + statement.excluded_count());
    }
  }
}

// Runs `check` on kWorlds seeds that follow the run's seed.
template <typename Check>
void ForEachWorld(const Check& check) {
  const uint64_t run_seed = TestSeed();
  for (int i = 0; i < kWorlds; ++i) {
    SCOPED_TRACE(base::StrCat("world ", i, " of ZHUXIAO_TEST_SEED=", run_seed));
    check(run_seed + i);
    if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
  }
}

TEST(RewardPropertyTest, StatementsAndOutcomesEqualTheModel) {
  ForEachWorld([](uint64_t seed) {
    std::mt19937_64 rng(seed);
    World world(seed);
    const RewardModel::Counts counts = world.Feed(world.DrawEntries(rng, false), rng);
    ASSERT_EQ(counts, world.model().counts());
    ExpectAgreement(world);
  });
}

TEST(RewardPropertyTest, OrderRepetitionAndBatchesChangeNothing) {
  ForEachWorld([](uint64_t seed) {
    std::mt19937_64 rng(seed);
    World one(seed);
    World other(seed);
    Entries entries = one.DrawEntries(rng, true);
    one.Feed(entries, rng);
    std::shuffle(entries.begin(), entries.end(), rng);
    other.Feed(entries, rng);
    std::shuffle(entries.begin(), entries.end(), rng);
    other.Feed(entries, rng);
    ExpectAgreement(one);
    for (const std::string& firm : one.Firms()) {
      for (const int year : {2020, 2021}) {
        // Publication times aside, since both worlds stand at the same instant, everything is equal.
        ASSERT_EQ(one.Statement(firm, year).SerializeAsString(), other.Statement(firm, year).SerializeAsString());
      }
    }
  });
}

TEST(RewardPropertyTest, APaidClaimOwesWhatWasPaidAndIsNotEarned) {
  ForEachWorld([](uint64_t seed) {
    std::mt19937_64 rng(seed);
    World world(seed);
    const Entries entries = world.DrawEntries(rng, true);
    const auto middle = entries.begin() + Draw(rng, 0, static_cast<int64_t>(entries.size()));
    world.Feed(Entries(entries.begin(), middle), rng);
    const std::string firm = world.Firms().front();
    const YearlyRule policy = RuleOf(world.policies().back());
    const int64_t paid_fen = world.model().StatementOf(firm, policy).reward_fen;
    const v1::Claim paid = world.PayClaimOf(firm);
    ASSERT_EQ(paid.paid().amount_fen(), paid_fen);

    world.Feed(Entries(middle, entries.end()), rng);
    const int64_t earned_fen = world.model().StatementOf(firm, policy).reward_fen;
    const int64_t due_fen = std::max<int64_t>(0, paid_fen - earned_fen);
    const v1::Claim claim = world.ClaimNow(paid.claim_id());
    ASSERT_EQ(claim.earned().amount_fen(), earned_fen);
    ASSERT_EQ(claim.claw_back_due().amount_fen(), due_fen);
    ASSERT_EQ(claim.state(), due_fen > 0 ? v1::CLAIM_STATE_CLAW_BACK_OPEN : v1::CLAIM_STATE_PAID);
    ASSERT_EQ(world.Balance(ledger::ClaimantReward(firm)), paid_fen);
    ASSERT_EQ(world.Balance(ledger::RewardFund("14")), -paid_fen);
    ASSERT_EQ(world.Balance(ledger::ClaimantDue(firm)), -due_fen);
    ASSERT_EQ(world.Balance(ledger::RewardFundDue("14")), due_fen);
  });
}

}  // namespace
}  // namespace zhuxiao::reward
