// Waybills reported by themselves: before and after their sale, each once, into parcel programmes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/reward/pending.h"
#include "services/reward/sending.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A yuan a parcel, or its fee where that is less; the waybill decides the year.
constexpr char kParcels[] =
    "[policy]\nid = \"shanxi-online\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"包裹\"\ntitle_en = "
    "\"parcels\"\n"
    "source = \"test\"\n[period]\nclock = \"waybill\"\nfirst_day = 2021-01-01\nlast_day = 2021-12-31\n[scope]\n"
    "origins = [\"14\"]\n[threshold]\ncount = 3\ncount_is = \"at_least\"\ncount_unit = \"parcel\"\n"
    "[grant]\nkind = \"per_unit\"\nunit = \"parcel\"\nunit_fen = 100\nactual_cost_limit = true\n"
    "[applicant]\nis_shipper = true\n[[signals]]\nkind = \"duplicate_waybills\"\n";

class RewardWaybillsTest : public RewardFixture {
 protected:
  void SetUp() override {
    RewardFixture::SetUp();
    ASSERT_TRUE(PublishText(kParcels).ok());
  }

  static v1::SaleEntry Waybill(const std::string& number, const std::string& order_no, int64_t parcels, int64_t fee_fen,
                               const std::string& time = "2021-06-03T00:00:00Z", const std::string& shipper = "") {
    v1::SaleEntry entry;
    v1::SaleWaybill& waybill = *entry.mutable_waybill();
    waybill.set_waybill_no(number);
    waybill.set_platform_order_no(order_no);
    waybill.set_parcels(parcels);
    waybill.mutable_parcel_fee()->set_amount_fen(fee_fen);
    *waybill.mutable_waybill_time() = base::ToProto(At(time));
    waybill.set_shipper_uscc(shipper);
    return entry;
  }

  int64_t RewardNow() { return StatementNow(firm_).reward().amount_fen(); }
};

TEST_F(RewardWaybillsTest, ALateWaybillBringsItsParcelsIntoTheProgramme) {
  Report({Sale(firm_, "1", 5'000)});
  EXPECT_EQ(StatementWithLines(firm_).lines(0).reason(), "no_time");
  EXPECT_EQ(Report({Waybill("W1", "1", 2, 150)}).taken_count(), 1);
  EXPECT_EQ(RewardNow(), 0) << "two parcels, where three are asked for";
  EXPECT_EQ(Report({Waybill("W2", "1", 2, 500)}).taken_count(), 1);
  const v1::GetStatementResponse now = StatementWithLines(firm_);
  EXPECT_EQ(now.statement().windows(0).units(), 4);
  EXPECT_EQ(now.statement().reward().amount_fen(), 400) << "four parcels at a yuan, and fees of 6.50";
  EXPECT_EQ(now.lines(0).reason(), "in_scope");
  EXPECT_EQ(now.lines(0).sale().parcels(), 4);
  EXPECT_EQ(now.lines(0).sale().waybills_size(), 2);
}

TEST_F(RewardWaybillsTest, EachCountsOnceAndItsContentStays) {
  Report({Sale(firm_, "1", 5'000), Waybill("W", "1", 3, 300)});
  const auto again = Report({Waybill("W", "1", 3, 300), Waybill("W", "1", 4, 300), Sale(firm_, "1", 5'000)});
  EXPECT_EQ(again.duplicate_count(), 2) << "the waybill, and the sale, which has taken it";
  ASSERT_EQ(again.rejected_size(), 1);
  EXPECT_EQ(again.rejected(0).reason(), "SALE_CHANGED");
  EXPECT_EQ(again.rejected(0).number(), "W");
  EXPECT_EQ(RewardNow(), 300);
}

TEST_F(RewardWaybillsTest, AWaybillBeforeItsSaleWaitsForIt) {
  EXPECT_EQ(Report({Waybill("W", "1", 3, 300)}).pending_count(), 1);
  EXPECT_EQ(Report({Waybill("W", "1", 3, 300)}).duplicate_count(), 1);
  EXPECT_EQ(Report({Refund("r", "1", 1)}).pending_count(), 1);
  const auto waiting = [&] {
    return See(ListPendingWaybills, testing::PlatformOf(platform_), v1::ListPendingWaybillsRequest(),
               store::PageRequest{.size = 10})
        ->response;
  };
  ASSERT_EQ(waiting().waybills_size(), 1);
  EXPECT_EQ(waiting().waybills(0).waybill_no(), "W");
  EXPECT_EQ(Report({Sale(firm_, "1", 5'000)}).taken_count(), 1);
  EXPECT_EQ(waiting().waybills_size(), 0);
  EXPECT_EQ(RewardNow(), 300);
  EXPECT_EQ(StatementNow(firm_).refunded().amount_fen(), 1);
}

TEST_F(RewardWaybillsTest, TheFirstWaybillDecidesTheYearWhateverTheirOrder) {
  Report({Sale(firm_, "1", 5'000), Waybill("late", "1", 3, 300, "2021-12-31T16:00:00Z")});
  EXPECT_EQ(RewardNow(), 0) << "sent in 2022 in Shanghai";
  Report({Waybill("first", "1", 1, 100, "2021-12-31T15:59:59Z")});
  EXPECT_EQ(RewardNow(), 400);
  Report({Sale(firm_, "2", 5'000), Waybill("first", "2", 1, 100, "2021-12-31T15:59:59Z"),
          Waybill("late", "2", 3, 300, "2021-12-31T16:00:00Z")});
  EXPECT_EQ(RewardNow(), 800);
}

TEST_F(RewardWaybillsTest, ASaleThatTellsItsParcelsTakesNoWaybill) {
  v1::SaleEntry told = Sale(firm_, "1", 5'000);
  told.mutable_sale()->set_parcels(3);
  told.mutable_sale()->mutable_parcel_fee()->set_amount_fen(300);
  *told.mutable_sale()->mutable_waybill_time() = base::ToProto(At("2021-06-02T00:00:00Z"));
  Report({told});
  const auto rejected = Report({Waybill("W", "1", 3, 300)});
  ASSERT_EQ(rejected.rejected_size(), 1);
  EXPECT_THAT(rejected.rejected(0).message(), HasSubstr("told of its parcels"));
  EXPECT_EQ(RewardNow(), 300);

  // The same the other way round: the waybill that waited is dropped and told of.
  told.mutable_sale()->set_platform_order_no("2");
  EXPECT_EQ(Report({Waybill("V", "2", 3, 300)}).pending_count(), 1);
  const auto dropped = Report({told});
  EXPECT_EQ(dropped.taken_count(), 1);
  ASSERT_EQ(dropped.rejected_size(), 1);
  EXPECT_EQ(dropped.rejected(0).number(), "V");
  EXPECT_EQ(RewardNow(), 600);
  EXPECT_EQ(Report({Waybill("V", "2", 3, 300)}).rejected_count(), 1) << "reported again, the same answer";
}

TEST_F(RewardWaybillsTest, ParcelsOfAnotherShipperTakeTheSaleOut) {
  Report({Sale(firm_, "1", 5'000), Waybill("W1", "1", 3, 300, "2021-06-03T00:00:00Z", firm_)});
  EXPECT_EQ(RewardNow(), 300);
  Report({Waybill("W2", "1", 1, 100, "2021-06-04T00:00:00Z", other_firm_)});
  EXPECT_EQ(RewardNow(), 0);
  EXPECT_EQ(StatementWithLines(firm_).lines(0).reason(), "not_shipper");
}

TEST_F(RewardWaybillsTest, BadFieldsAndLimitsAreNamed) {
  v1::SaleEntry bad = Waybill("no number", "", 0, -1);
  bad.mutable_waybill()->mutable_waybill_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()) + 86'400);
  bad.mutable_waybill()->set_shipper_uscc("x");
  const auto rejected = Report({bad});
  ASSERT_EQ(rejected.rejected_size(), 1);
  for (const char* field :
       {"waybill_no", "platform_order_no", "parcels", "parcel_fee", "waybill_time", "shipper_uscc"}) {
    EXPECT_THAT(rejected.rejected(0).message(), HasSubstr(base::StrCat("waybill.", field)));
  }
  Report({Sale(firm_, "1", 5'000), Waybill("W1", "1", 100'000, 0)});
  EXPECT_THAT(Report({Waybill("W2", "1", 1, 0)}).rejected(0).message(), HasSubstr("100000 parcels"));
  for (int i = 0; i < kMaxPendingWaybills; ++i) Report({Waybill(base::StrCat("P", i), "2", 1, 0)});
  EXPECT_THAT(Report({Waybill("P", "2", 1, 0)}).rejected(0).message(), HasSubstr("wait for this sale already"));
}

TEST_F(RewardWaybillsTest, OneWaybillOnTwoOrdersIsFlagged) {
  Report({Sale(firm_, "1", 5'000), Sale(other_firm_, "2", 5'000), Waybill("A", "1", 1, 100), Waybill("W", "1", 1, 100),
          Waybill("W", "2", 1, 100)});
  const v1::GetStatementResponse response = StatementWithLines(firm_);
  ASSERT_EQ(response.flags_size(), 1);
  EXPECT_THAT(response.flags(0).evidence(), HasSubstr("waybill W "));
  EXPECT_THAT(response.flags(0).platform_order_nos(), ElementsAre("1"));
}

TEST_F(RewardWaybillsTest, TheLargestBatchFitsOneCommit) {
  std::vector<v1::SaleEntry> sales;
  for (int i = 0; i < kMaxBatchEntries; ++i) {
    const std::string number = base::StrCat("s", i);
    sales.push_back(Sale(firm_, number, 100));
    sales.back().mutable_sale()->set_waybill_no("own");
    std::vector<v1::SaleEntry> waiting;
    for (int k = 0; k < kMaxPendingRefunds; ++k) waiting.push_back(Refund(base::StrCat("r", i, "-", k), number, 1));
    for (int k = 0; k < kMaxPendingWaybills; ++k) waiting.push_back(Waybill(base::StrCat("w", k), number, 1, 1));
    Report(waiting);
  }
  const auto tally = Report(sales);
  EXPECT_EQ(tally.taken_count(), kMaxBatchEntries);
  EXPECT_EQ(tally.rejected_count(), kMaxBatchEntries * kMaxPendingWaybills);
}

TEST(Sending, TheSumOfWaybillsDoesNotDependOnTheirOrder) {
  std::vector<v1::SaleWaybill> waybills(3);
  for (int i = 0; i < 3; ++i) {
    waybills[i].set_waybill_no(base::StrCat(i));
    waybills[i].set_parcels(1 + i);
    waybills[i].mutable_waybill_time()->set_seconds(1'000 - i);
    waybills[i].set_shipper_uscc(i == 0 ? "claimant" : base::StrCat("other", i));
  }
  std::vector<std::string> sums;
  std::vector<int> order = {0, 1, 2};
  do {
    v1::OnlineSale sale;
    sale.set_claimant_uscc("claimant");
    for (const int i : order) EXPECT_EQ(AddWaybill(waybills[i], sale), std::nullopt);
    sums.push_back(sale.SerializeAsString());
    EXPECT_EQ(sale.shipper_uscc(), "other1");
    EXPECT_EQ(sale.waybill_no(), "2");
    EXPECT_EQ(sale.parcels(), 6);
    ClearSending(sale);
    EXPECT_FALSE(TellsSending(sale));
  } while (std::next_permutation(order.begin(), order.end()));
  for (const std::string& sum : sums) EXPECT_EQ(sum, sums.front());
}

}  // namespace
}  // namespace zhuxiao::reward
