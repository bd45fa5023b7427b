// Signed records of claims: what they rest on stays as it was, whatever is reported later, and computes again to what
// was published.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "services/reward/record/replay.h"
#include "services/reward/record_export.h"
#include "tests/support/scratch_directory.h"
#include "tests/unit/reward_claims_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RewardClaimRecordsTest : public ClaimsFixture {
 protected:
  RewardClaimRecordsTest() : key_(*record::SigningKey::Create(directory_.path() + "/key.pem")) {}

  absl::StatusOr<std::string> Export(const std::string& claim_id, const base::Caller& caller = testing::Auditor()) {
    v1::ExportClaimRecordRequest request;
    request.set_claim_id(claim_id);
    return SeeFile(ExportClaimRecord, caller, &key_, request);
  }

  std::string Exported(const std::string& claim_id, const base::Caller& caller = testing::Auditor()) {
    const auto bytes = Export(claim_id, caller);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    return bytes.value_or("");
  }

  record::Replay Replayed(const std::string& bytes) {
    const std::string path = directory_.path() + "/record";
    std::ofstream(path, std::ios::binary) << bytes;
    const auto replay = record::ReplayRecord(path, key_.public_key(), 1);
    EXPECT_TRUE(replay.ok()) << replay.status();
    EXPECT_THAT(replay->differences, IsEmpty());
    return replay.ok() ? *replay : record::Replay{{{}, {}, key_.public_key()}, {}, 0, {}};
  }

  const ScratchDirectory directory_;
  const record::SigningKey key_;
};

TEST_F(RewardClaimRecordsTest, WhatIsReportedLaterDoesNotChangeTheRecord) {
  Report({Refund("before", "1", 1'000 * kYuan), Sale(firm_, "1", kThresholdFen + 5'000 * kYuan),
          Sale(firm_, "plain", 70'000, At("2021-06-01T00:00:00Z"), kPlainVillage)});
  Report({Refund("known", "1", 2'000 * kYuan), Sale(firm_, "2020", 5, At("2020-06-01T00:00:00Z"))});
  const std::string id = Submit(firm_)->claim().claim_id();
  const std::string filed = Exported(id, testing::SupplierOf(firm_));
  Report({Sale(firm_, "2", 3 * kYuan)});
  TakeToPublication(id);
  const std::string published = Exported(id);
  EXPECT_NE(published, filed) << "publication rests on a sale more";
  EXPECT_THAT(filed, HasSubstr("fact statement_of filing"));
  EXPECT_THAT(published, HasSubstr("fact statement_of publication"));

  // Of what comes now, the record knows nothing.
  Report({Refund("late", "1", 1'000'000 * kYuan), Refund("late2", "2", 1), Sale(firm_, "3", 9'999)});
  EXPECT_EQ(Exported(id), published);
  EXPECT_EQ(StatementNow(firm_).reward().amount_fen(), 0) << "the statement of now knows it all";
  const record::Replay replay = Replayed(published);
  ASSERT_EQ(replay.computed.statement.size(), 1U);
  EXPECT_EQ(replay.computed.statement[0].counted_fen, kThresholdFen + 5'003 * kYuan);
  EXPECT_EQ(replay.computed.statement[0].refunded_fen, 3'000 * kYuan);
  EXPECT_EQ(replay.computed.statement[0].reward_fen, Get(id)->claim().statement().reward().amount_fen());
  EXPECT_EQ(replay.computed.lines.excluded, 1) << "of the plain village; what is not of the period is left out";
  EXPECT_EQ(Replayed(filed).computed.statement[0].counted_fen, kThresholdFen + 5'000 * kYuan);
}

TEST_F(RewardClaimRecordsTest, AListThatChangesLaterDoesNotChangeTheRecord) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  const std::string before = Exported(id);
  Designate("national-poor-counties", "140321");
  Report({Sale(firm_, "2", 5, At("2021-06-01T00:00:00Z"), kPlainVillage)});
  EXPECT_EQ(Exported(id), before);
  Replayed(before);
}

TEST_F(RewardClaimRecordsTest, WaybillsAreThoseTheStatementKnew) {
  ASSERT_TRUE(PublishText("[policy]\nid = \"parcels\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"p\"\n"
                          "title_en = \"p\"\nsource = \"p\"\n[period]\nclock = \"waybill\"\nfirst_day = 2021-01-01\n"
                          "last_day = 2021-12-31\n[scope]\n[grant]\nkind = \"per_unit\"\nunit = \"parcel\"\n"
                          "unit_fen = 100\nactual_cost_limit = true\n[applicant]\nis_shipper = true\n")
                  .ok());
  const auto waybill = [&](const std::string& number, const std::string& shipper) {
    v1::SaleEntry entry;
    entry.mutable_waybill()->set_waybill_no(number);
    entry.mutable_waybill()->set_platform_order_no("1");
    entry.mutable_waybill()->set_parcels(2);
    entry.mutable_waybill()->mutable_parcel_fee()->set_amount_fen(150);
    *entry.mutable_waybill()->mutable_waybill_time() = base::ToProto(At("2021-06-03T00:00:00Z"));
    entry.mutable_waybill()->set_shipper_uscc(shipper);
    return entry;
  };
  Report({Sale(firm_, "1", 500), waybill("W1", firm_)});
  const std::string id = Submit(firm_, "parcels")->claim().claim_id();
  const std::string before = Exported(id);
  Report({waybill("W2", other_firm_)});
  EXPECT_EQ(Exported(id), before);
  EXPECT_EQ(Replayed(before).computed.statement[0].reward_fen, 150);
}

TEST_F(RewardClaimRecordsTest, APoolIsReplayedWithAllWhoShareIt) {
  ASSERT_TRUE(Publish({.id = "pool",
                       .threshold_fen = 0,
                       .more = "[pool]\namount_fen = 101\nmode = \"pro_rata\"\n[claims]\nobjection_days = 0\n"})
                  .ok());
  Report({Sale(firm_, "1", 4'000), Sale(other_firm_, "2", 2'000)});
  std::vector<std::string> ids;
  for (const std::string& firm : {firm_, other_firm_}) {
    ids.push_back(Submit(firm, "pool")->claim().claim_id());
    EXPECT_THAT(Export(ids.back()), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED)) << "provisional";
    ASSERT_TRUE(Review(ids.back(), true).ok());
    ASSERT_TRUE(Recheck(ids.back(), true).ok());
  }
  ASSERT_TRUE(PublishAll(kApprover, "pool").ok());
  const std::string first = Exported(ids[0], kReviewer);
  ASSERT_TRUE(Approve(ids[0], false).ok()) << "turned down later, it shared all the same";
  Report({Refund("r", "1", 3'999)});
  const record::Replay replay = Replayed(Exported(ids[1], kReviewer));
  ASSERT_EQ(replay.computed.statement.size(), 2U);
  EXPECT_EQ(replay.computed.statement[0].reward_fen, 67);
  EXPECT_EQ(replay.computed.statement[1].reward_fen, 34);
  EXPECT_EQ(Exported(ids[0], kReviewer), first);
  EXPECT_THAT(Export(ids[1], testing::SupplierOf(other_firm_)), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED))
      << "it holds the sales of the other firm";
}

TEST_F(RewardClaimRecordsTest, ConditionsThatWereMetAreInTheRecord) {
  ASSERT_TRUE(Publish({.id = "asked",
                       .threshold_fen = 0,
                       .more = "[applicant]\nregistered_before = 2021-01-01\ndocuments = [\"licence\", \"a, b\"]\n"})
                  .ok());
  Report({Sale(firm_, "1", 4'000)});
  v1::SubmitClaimRequest request;
  request.set_policy_id("asked");
  request.set_registered_on("2020-12-31");
  for (const char* name : {"a, b", "licence"}) {
    v1::ClaimDocument& document = *request.add_documents();
    document.set_name(name);
    document.set_digest(std::string(64, 'a'));
  }
  const auto submitted = Do(testing::SupplierOf(firm_), SubmitClaim, request);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const std::string id = submitted->claim().claim_id();
  ASSERT_TRUE(Review(id, true).ok());
  ASSERT_TRUE(Recheck(id, true).ok());
  ASSERT_TRUE(PublishAll(kApprover, "asked").ok());
  const std::string bytes = Exported(id);
  EXPECT_THAT(bytes, HasSubstr(firm_ + ",2020-12-31,\"a, b;licence\"\n"));
  EXPECT_EQ(Replayed(bytes).computed.statement[0].reward_fen, 200);
}

// A tier from 0 on pays who sold nothing too; the record knows the applicant.
TEST_F(RewardClaimRecordsTest, AClaimWithoutSalesHasARecord) {
  ASSERT_TRUE(PublishText("[policy]\nid = \"tiers\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"t\"\n"
                          "title_en = \"t\"\nsource = \"t\"\n[period]\nclock = \"order\"\nfirst_day = 2021-01-01\n"
                          "last_day = 2021-12-31\n[scope]\n[grant]\nkind = \"tiers\"\n[[grant.tiers]]\nfrom_fen = 0\n"
                          "reward_fen = 7\n[applicant]\ndocuments = [\"licence\"]\n")
                  .ok());
  EXPECT_THAT(Export(Submit(other_firm_, "tiers")->claim().claim_id()),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED))
      << "without the licence there is nothing it could rest on";
  v1::SubmitClaimRequest request;
  request.set_policy_id("tiers");
  request.add_documents()->set_name("licence");
  request.mutable_documents(0)->set_digest(std::string(64, 'a'));
  const auto submitted = Do(testing::SupplierOf(firm_), SubmitClaim, request);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const record::Replay replay = Replayed(Exported(submitted->claim().claim_id()));
  ASSERT_EQ(replay.computed.statement.size(), 1U);
  EXPECT_EQ(replay.computed.statement[0].reward_fen, 7);
}

TEST_F(RewardClaimRecordsTest, WhoMayNotSeeTheLinesGetsNoRecord) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  TakeToPublication(id);
  EXPECT_THAT(Export(id, testing::SupplierOf(other_firm_)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Export(id, testing::Officer("37")), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Export("unknown"), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  v1::ExportClaimRecordRequest request;
  request.set_claim_id(id);
  EXPECT_THAT(SeeFile(ExportClaimRecord, testing::Auditor(), static_cast<const record::SigningKey*>(nullptr), request),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(GetRecordKey(&key_)->key_id(), key_.public_key().Id());
  EXPECT_THAT(GetRecordKey(nullptr), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

}  // namespace
}  // namespace zhuxiao::reward
