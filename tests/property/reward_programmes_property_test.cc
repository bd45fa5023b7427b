// Whole programmes in the service against slow and obvious models, over random worlds: pools, places, thresholds,
// windows, conditions on applicants, sales with refunds and waybills in any order, repeated and split in any way; and
// waived fees. What is published equals the model to the fen, and its record computes again to the same. A failure
// prints the seed of its world; run again with ZHUXIAO_TEST_SEED set to the run's seed. ZHUXIAO_TEST_WORLDS sets how
// many worlds; 10,000 is the long setting.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "services/ledger/posting.h"
#include "services/reward/record_export.h"
#include "services/reward/waivers.h"
#include "services/store/keys.h"
#include "tests/property/reward_world.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

constexpr int kDefaultWorlds = 150;
using Entries = std::vector<v1::SaleEntry>;
using Outcome = std::vector<std::string>;  // "claimant,counted,refunded,net,reward" of the admitted, by claimant

int WorldCount() {
  const char* text = std::getenv("ZHUXIAO_TEST_WORLDS");
  return text == nullptr ? kDefaultWorlds : std::atoi(text);
}

// The codes of the model's firms ("F1") and platforms ("pa"), in the same order.
std::string FirmCode(const std::string& name) { return testing::Uscc("91", name.back() - '0'); }
std::string PlatformCode(const std::string& name) { return testing::Uscc("92", name == "pa" ? 1 : 2); }

std::string ThresholdText(const engine::Policy& policy) {
  std::string text = "[threshold]\n";
  const auto bound = [](const engine::Threshold& least) { return least.is_inclusive ? "at_least" : "more_than"; };
  if (policy.least_amount) {
    base::StrAppend(&text, "amount_fen = ", policy.least_amount->value, "\namount_is = \"", bound(*policy.least_amount),
                    "\"\n");
  }
  if (policy.least_units) {
    base::StrAppend(&text, "count = ", policy.least_units->value, "\ncount_is = \"", bound(*policy.least_units),
                    "\"\ncount_unit = \"", policy.threshold_unit == engine::Unit::kOrder ? "order" : "parcel", "\"\n");
  }
  return text;
}

std::string GrantText(const engine::Grant& grant) {
  std::string text = "[grant]\n";
  if (grant.kind == engine::GrantKind::kRate) {
    base::StrAppend(&text, "kind = \"rate\"\nrate_basis_points = ", grant.rate_basis_points, "\n");
  } else if (grant.kind == engine::GrantKind::kPerUnit) {
    base::StrAppend(&text, "kind = \"per_unit\"\nunit = \"", grant.unit == engine::Unit::kOrder ? "order" : "parcel",
                    "\"\nunit_fen = ", grant.unit_fen, "\nfree_units = ", grant.free_units,
                    "\nactual_cost_limit = ", grant.is_actual_cost_limit ? "true" : "false", "\n");
  } else {
    static constexpr const char* kRules[] = {"all", "none", "split"};
    base::StrAppend(&text, "kind = \"tiers\"\ntie_rule = \"", kRules[static_cast<int>(grant.tie_rule)], "\"\n");
    for (const engine::Tier& tier : grant.tiers) {
      base::StrAppend(&text, "[[grant.tiers]]\nfrom_fen = ", tier.from_fen, "\nreward_fen = ", tier.reward_fen, "\n");
      if (tier.below_fen) base::StrAppend(&text, "below_fen = ", *tier.below_fen, "\n");
      if (tier.top) base::StrAppend(&text, "top = ", *tier.top, "\n");
    }
  }
  if (grant.cap_fen) base::StrAppend(&text, "cap_fen = ", *grant.cap_fen, "\n");
  return text;
}

std::string TextOf(const engine::Policy& policy) {
  static constexpr const char* kClocks[] = {"order", "payment", "waybill", "acceptance"};
  static constexpr const char* kModes[] = {"pro_rata", "first_come", "ranked"};
  std::string text = base::StrCat(
      "[policy]\nid = \"programme\"\nversion = 1\njurisdiction = \"00\"\ntitle_zh = \"p\"\ntitle_en = \"p\"\n"
      "source = \"p\"\n[period]\nclock = \"",
      kClocks[static_cast<int>(policy.period.clock)], "\"\nfirst_day = 2020-01-01\nlast_day = 2020-12-31\nwindow = \"",
      policy.period.window == engine::Window::kWhole ? "whole" : "quarter", "\"\n[scope]\n");
  if (!policy.scope.programmes.empty()) base::StrAppend(&text, "programmes = [\"poor\"]\n");
  if (!policy.scope.platforms.empty()) base::StrAppend(&text, "platforms = [\"", PlatformCode("pa"), "\"]\n");
  if (!policy.scope.commodities.empty()) base::StrAppend(&text, "commodities = [\"egg\"]\n");
  if (!policy.scope.origins.empty()) base::StrAppend(&text, "origins = [\"14\"]\n");
  if (policy.scope.is_outside_own_county) base::StrAppend(&text, "outside_own_county = true\n");
  base::StrAppend(&text, ThresholdText(policy), GrantText(policy.grant));
  if (policy.pool) {
    base::StrAppend(&text, "[pool]\namount_fen = ", policy.pool->amount_fen, "\nmode = \"",
                    kModes[static_cast<int>(policy.pool->mode)],
                    "\"\nrolls_over = ", policy.pool->rolls_over ? "true" : "false", "\n");
  }
  base::StrAppend(&text, "[applicant]\nis_shipper = ", policy.applicant.is_shipper ? "true" : "false", "\n");
  if (!policy.applicant.documents.empty()) base::StrAppend(&text, "documents = [\"licence\"]\n");
  if (policy.applicant.registered_before) base::StrAppend(&text, "registered_before = 2020-01-01\n");
  return text;
}

// A world of the offline model as the service can hold it: one line an order, no empty amounts, known places and goods.
World MakeServiceWorld(std::mt19937_64& rng) {
  World drawn = MakeWorld(rng);
  World world{.policy = drawn.policy, .lists = drawn.lists};
  if (world.policy.grant.kind == engine::GrantKind::kWaiver) world.policy.grant.kind = engine::GrantKind::kRate;
  if (world.policy.grant.kind == engine::GrantKind::kRate) world.policy.threshold_unit = engine::Unit::kOrder;
  if (world.policy.period.window == engine::Window::kWhole && world.policy.pool) world.policy.pool->rolls_over = false;
  world.policy.applicant.is_shipper = Draw(rng, 0, 2) == 0;
  if (Draw(rng, 0, 1) == 1) world.policy.applicant.documents = {"licence"};
  if (Draw(rng, 0, 2) == 0) world.policy.applicant.registered_before = *base::ParseDay("2020-01-01");
  std::set<std::string> orders;
  std::map<int, int> places;
  for (size_t i = 0; i < drawn.rows.size(); ++i) {
    WorldRow row = drawn.rows[i];
    row.line_no = "1";
    if (!row.is_refund) {
      if (!orders.insert(base::StrCat(row.platform, "/", row.order_no)).second) continue;
      row.amount_fen = std::max<int64_t>(row.amount_fen, 1);
      if (row.origin.empty()) row.origin = "110101";
      if (row.commodity != "egg") row.commodity = "apple";
      row.is_sent_by_another = Draw(rng, 0, 4) == 0;
      places[static_cast<int>(i)] = static_cast<int>(world.rows.size());
    } else if (row.amount_fen == 0 || (row.sale >= 0 && !places.contains(row.sale))) {
      continue;
    } else if (row.sale >= 0) {
      row.sale = places[row.sale];
    }
    world.rows.push_back(std::move(row));
  }
  return world;
}

google::protobuf::Timestamp Stamp(int64_t second) {
  google::protobuf::Timestamp time;
  time.set_seconds(second);
  return time;
}

// The world's rows as the platforms report them. Some sales tell how they were sent, of others waybills do.
std::map<std::string, Entries> EntriesOf(const World& world, std::mt19937_64& rng) {
  std::map<std::string, Entries> entries;  // by platform
  for (const WorldRow& row : world.rows) {
    Entries& reported = entries[PlatformCode(row.platform)];
    v1::SaleEntry entry;
    if (row.is_refund) {
      const std::string order = row.sale < 0 ? "nowhere" : world.rows[static_cast<size_t>(row.sale)].order_no;
      reported.push_back(Refund(row.order_no, order, row.amount_fen));
      continue;
    }
    v1::OnlineSale& sale = *entry.mutable_sale();
    sale.set_platform_order_no(row.order_no);
    sale.set_claimant_uscc(FirmCode(row.claimant));
    sale.set_commodity_code(row.commodity);
    sale.set_origin_code(row.origin);
    sale.set_destination_code(row.destination);
    sale.mutable_amount()->set_amount_fen(row.amount_fen);
    *sale.mutable_order_time() = Stamp(*row.seconds[0]);
    if (row.seconds[1]) *sale.mutable_payment_time() = Stamp(*row.seconds[1]);
    if (row.seconds[3]) *sale.mutable_accept_time() = Stamp(*row.seconds[3]);
    const std::string shipper = row.is_sent_by_another ? FirmCode("F9") : sale.claimant_uscc();
    if (row.seconds[2] && row.parcels > 0 && Draw(rng, 0, 1) == 1) {
      for (int64_t parcel = 0; parcel < row.parcels; ++parcel) {
        v1::SaleEntry told;
        v1::SaleWaybill& waybill = *told.mutable_waybill();
        waybill.set_waybill_no(base::StrCat("W", parcel));
        waybill.set_platform_order_no(row.order_no);
        waybill.set_parcels(1);
        waybill.mutable_parcel_fee()->set_amount_fen(parcel == 0 ? row.parcel_fee_fen : 0);
        *waybill.mutable_waybill_time() = Stamp(*row.seconds[2] + parcel * 86'400);
        waybill.set_shipper_uscc(parcel == 0 ? shipper : "");
        reported.push_back(std::move(told));
      }
    } else {
      sale.set_parcels(row.parcels);
      sale.mutable_parcel_fee()->set_amount_fen(row.parcel_fee_fen);
      if (row.seconds[2]) *sale.mutable_waybill_time() = Stamp(*row.seconds[2]);
      sale.set_shipper_uscc(shipper);
    }
    reported.push_back(std::move(entry));
  }
  return entries;
}

// What each applicant shows, by firm.
using Shown = std::map<std::string, v1::SubmitClaimRequest>;

Shown DrawShown(std::mt19937_64& rng) {
  Shown shown;
  for (const char* firm : {"F1", "F2", "F3", "F4", "F5"}) {
    v1::SubmitClaimRequest& request = shown[firm];
    request.set_policy_id("programme");
    if (Draw(rng, 0, 2) > 0) {
      request.add_documents()->set_name("licence");
      request.mutable_documents(0)->set_digest(std::string(64, '0'));
    }
    if (Draw(rng, 0, 2) > 0) request.set_registered_on(Draw(rng, 0, 1) == 1 ? "2019-12-31" : "2020-01-01");
  }
  return shown;
}

// The rule in its plainest words.
bool MeetsConditions(const engine::Policy& policy, const v1::SubmitClaimRequest& shown) {
  if (!policy.applicant.documents.empty() && shown.documents().empty()) return false;
  return !policy.applicant.registered_before || shown.registered_on() == "2019-12-31";
}

// The model's world: without the firms that do not meet the conditions, which share nothing.
World AdmittedOf(const World& world, const Shown& shown) {
  World admitted{.policy = world.policy, .lists = world.lists};
  std::map<int, int> places;
  for (size_t i = 0; i < world.rows.size(); ++i) {
    WorldRow row = world.rows[i];
    const std::string& claimant = row.sale < 0 ? row.claimant : world.rows[static_cast<size_t>(row.sale)].claimant;
    if (row.is_refund && row.sale < 0) continue;
    if (!MeetsConditions(world.policy, shown.at(claimant))) continue;
    if (row.is_refund) row.sale = places.at(row.sale);
    places[static_cast<int>(i)] = static_cast<int>(admitted.rows.size());
    admitted.rows.push_back(std::move(row));
  }
  return admitted;
}

// One store with the firms, the lists and the policy of a world.
class Service : public RewardFixture {
 public:
  explicit Service(const World& world) {
    clock_.Set(At("2022-01-15T02:00:00Z"));
    for (const char* name : {"F1", "F2", "F3", "F4", "F5"}) AddFirm(FirmCode(name), "140321");
    Designate("poor", "141032", "2020-02-15");
    Designate("poor", "140321105201", "2019-01-01", "2020-06-30");
    text_ = TextOf(world.policy);
  }

  void TestBody() override {}

  void PublishPolicy() {
    const absl::Status published = PublishText(text_);
    ASSERT_TRUE(published.ok()) << published << text_;
  }

  // Reports in batches of random sizes, the platforms in turn.
  void Feed(const std::map<std::string, Entries>& entries, std::mt19937_64& rng) {
    for (const auto& [platform, reported] : entries) {
      for (size_t begin = 0; begin < reported.size();) {
        const size_t end = std::min<size_t>(reported.size(), begin + static_cast<size_t>(Draw(rng, 1, 9)));
        v1::ReportSalesRequest batch;
        for (size_t i = begin; i < end; ++i) *batch.add_entries() = reported[i];
        const ledger::Intent intent{.caller = testing::PlatformOf(platform),
                                    .action = "ReportSales",
                                    .now = clock_.Now(),
                                    .first_id = base::NewId(clock_.Now(), random_)};
        v1::ReportSalesResponse tally;
        const absl::Status status = store::RunTransaction(
            store_, [&](store::Transaction& transaction) { return TakeBatch(transaction, intent, batch, 0, tally); });
        ASSERT_TRUE(status.ok()) << status;
        ASSERT_EQ(tally.rejected_count(), 0) << tally.rejected(0).message();
        begin = end;
      }
    }
  }

  // Files the claims of all who sold anything, takes them to their publication, and returns what it says.
  Outcome Publish(const World& world, const Shown& shown) {
    std::set<std::string> sellers;
    for (const WorldRow& row : world.rows) {
      if (!row.is_refund) sellers.insert(row.claimant);
    }
    int64_t waiting = 0;
    for (const std::string& name : sellers) {
      const auto filed = Do(testing::SupplierOf(FirmCode(name)), SubmitClaim, shown.at(name));
      EXPECT_TRUE(filed.ok()) << filed.status();
      const std::string id = filed->claim().claim_id();
      const bool is_admitted = MeetsConditions(world.policy, shown.at(name));
      EXPECT_EQ(Judge<v1::ReviewClaimRequest>(ReviewClaim, id, "reviewer").ok(), is_admitted);
      if (!is_admitted) continue;
      EXPECT_TRUE(Judge<v1::RecheckClaimRequest>(RecheckClaim, id, "rechecker").ok());
      ++waiting;
    }
    Outcome outcome;
    if (waiting == 0) return outcome;
    v1::PublishClaimsRequest request;
    request.set_policy_id("programme");
    const auto published = Do(testing::Officer("", "approver"), PublishClaims, request);
    EXPECT_TRUE(published.ok()) << published.status();
    for (const v1::Claim& claim : published->claims()) {
      const v1::Statement& statement = claim.statement();
      outcome.push_back(base::StrCat("F", static_cast<int>(claim.claimant_uscc()[16] - '0'), ",",
                                     statement.gross().amount_fen(), ",", statement.refunded().amount_fen(), ",",
                                     statement.net().amount_fen(), ",", statement.reward().amount_fen()));
    }
    // The export computes the record by the offline engine and compares it with every claim that shares.
    v1::ExportClaimRecordRequest record;
    record.set_claim_id(published->claims(0).claim_id());
    const auto exported = SeeFile(ExportClaimRecord, testing::Auditor(), &Key(), record);
    EXPECT_TRUE(exported.ok()) << exported.status();
    return outcome;
  }

 private:
  static const record::SigningKey& Key() {
    static const ScratchDirectory directory;
    static const record::SigningKey key = *record::SigningKey::Create(directory.path() + "/key.pem");
    return key;
  }

  template <typename Request, typename Function>
  absl::Status Judge(const Function& function, const std::string& id, const std::string& officer) {
    Request request;
    request.set_claim_id(id);
    request.set_is_approved(true);
    return Do(testing::Officer("", officer), function, request).status();
  }

  std::string text_;
};

TEST(RewardProgrammes, WhatIsPublishedEqualsTheModelHoweverTheFeedComes) {
  const uint64_t run_seed = TestSeed();
  std::mt19937_64 seeds(run_seed);
  for (int i = 0; i < WorldCount(); ++i) {
    const uint64_t seed = seeds();
    SCOPED_TRACE(base::StrCat("run seed ", run_seed, ", world ", i, ", seed ", seed));
    std::mt19937_64 rng(seed);
    const World world = MakeServiceWorld(rng);
    const Shown shown = DrawShown(rng);
    std::map<std::string, Entries> entries = EntriesOf(world, rng);
    const World admitted = AdmittedOf(world, shown);
    const Outcome expected = RewardWorldModel(admitted).Compute().statement;

    Service in_order(world);
    in_order.PublishPolicy();
    in_order.Feed(entries, rng);
    const Outcome outcome = in_order.Publish(world, shown);
    ASSERT_EQ(outcome, expected) << TextOf(world.policy);

    // Shuffled, in part repeated, split in another way, and the policy published afterwards.
    for (auto& [platform, reported] : entries) {
      const size_t once = reported.size();
      for (size_t k = 0; k < once; ++k) {
        if (Draw(rng, 0, 2) == 0) reported.push_back(reported[k]);
      }
      std::shuffle(reported.begin(), reported.end(), rng);
    }
    Service shuffled(world);
    shuffled.Feed(entries, rng);
    shuffled.PublishPolicy();
    ASSERT_EQ(shuffled.Publish(world, shown), expected) << TextOf(world.policy);
    if (::testing::Test::HasFailure()) return;
  }
}

// Waived fees: each number once, only what the policy covers, and the books sum by firm and by kind.
class WaiverWorld : public RewardFixture {
 public:
  WaiverWorld() {
    clock_.Set(At("2022-01-15T02:00:00Z"));
    AddFirm(firm_, "141032");
    AddFirm(other_firm_, "140321");
    Designate("poor", "141032", "2020-01-01", "2021-06-30");
    EXPECT_TRUE(
        PublishText("[policy]\nid = \"fees\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"f\"\n"
                    "title_en = \"f\"\nsource = \"f\"\n[period]\nclock = \"order\"\nfirst_day = 2021-01-01\n"
                    "last_day = 2021-12-31\n[scope]\nprogrammes = [\"poor\"]\n"
                    "commodities = [\"platform-use\", \"training\", \"franchise\"]\n[grant]\nkind = \"waiver\"\n")
            .ok());
  }

  void TestBody() override {}

  v1::FeeWaiver DrawWaiver(std::mt19937_64& rng) const {
    static constexpr const char* kTimes[] = {"2020-12-31T15:59:59Z", "2020-12-31T16:00:00Z", "2021-06-30T15:59:59Z",
                                             "2021-06-30T16:00:00Z", "2021-12-31T16:00:00Z"};
    v1::FeeWaiver waiver;
    waiver.set_waiver_no(base::StrCat("w", Draw(rng, 1, 8)));
    waiver.set_claimant_uscc(Draw(rng, 0, 3) == 0 ? other_firm_ : firm_);
    waiver.set_policy_id("fees");
    waiver.set_kind(static_cast<v1::FeeKind>(Draw(rng, 1, 5)));
    waiver.mutable_amount()->set_amount_fen(Draw(rng, 1, 500));
    *waiver.mutable_due_time() = base::ToProto(At(kTimes[Draw(rng, 0, 4)]));
    return waiver;
  }

  bool Record(const v1::FeeWaiver& waiver) {
    v1::RecordWaiverRequest request;
    *request.mutable_waiver() = waiver;
    return Do(testing::PlatformOf(platform_), RecordWaiver, request).ok();
  }

  // In the words of the policy: a fee of three kinds, of a firm of Yonghe while that was on the list, due in 2021.
  bool IsCovered(const v1::FeeWaiver& waiver) const {
    const bool is_kind = waiver.kind() == v1::FEE_KIND_PLATFORM_USE || waiver.kind() == v1::FEE_KIND_TRAINING ||
                         waiver.kind() == v1::FEE_KIND_FRANCHISE;
    const absl::Time due = base::FromProto(waiver.due_time());
    return is_kind && waiver.claimant_uscc() == firm_ && due >= At("2020-12-31T16:00:00Z") &&
           due < At("2021-06-30T16:00:00Z");
  }

  int64_t Balance(const std::string& account) {
    return See([&](store::Reader& reader) {
      return store::DecodeCounter(reader.Get(store::Key(ledger::kAccountTable, account))->value_or(""))->front();
    });
  }

  int64_t WaivedFor(const std::string& firm) { return Balance(ledger::ClaimantWaived(firm)); }
  const std::string& firm() const { return firm_; }
  const std::string& other_firm() const { return other_firm_; }
};

TEST(RewardProgrammes, WaivedFeesAreBookedAsTheModelHasThem) {
  const uint64_t run_seed = TestSeed();
  std::mt19937_64 seeds(run_seed);
  for (int i = 0; i < WorldCount(); ++i) {
    const uint64_t seed = seeds();
    SCOPED_TRACE(base::StrCat("run seed ", run_seed, ", world ", i, ", seed ", seed));
    std::mt19937_64 rng(seed);
    WaiverWorld world;
    std::set<std::string> numbers;
    std::map<v1::FeeKind, int64_t> by_kind;
    int64_t sum_fen = 0;
    for (int64_t k = Draw(rng, 0, 15); k > 0; --k) {
      const v1::FeeWaiver waiver = world.DrawWaiver(rng);
      const bool is_taken = world.IsCovered(waiver) && !numbers.contains(waiver.waiver_no());
      ASSERT_EQ(world.Record(waiver), is_taken) << waiver.DebugString();
      if (!is_taken) continue;
      numbers.insert(waiver.waiver_no());
      by_kind[waiver.kind()] += waiver.amount().amount_fen();
      sum_fen += waiver.amount().amount_fen();
    }
    ASSERT_EQ(world.WaivedFor(world.firm()), sum_fen);
    ASSERT_EQ(world.WaivedFor(world.other_firm()), 0);
    for (const auto& [kind, kind_fen] : by_kind) {
      ASSERT_EQ(world.Balance(ledger::WaivedFees(CodeOf(kind))), -kind_fen);
    }
  }
}

}  // namespace
}  // namespace zhuxiao::reward
