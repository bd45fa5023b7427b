// Imports of files: what is sent for which rows, what comes of bad ones, and what an import done again does.
#include "clients/cli/import.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/unit/cli_fixture.h"

namespace zhuxiao::cli {
namespace {

using listing::v1::CreateListingRequest;
using testing::HasSubstr;
using testing::Not;

using ImportTest = RunTest;

TEST_F(ImportTest, ImportsGoodRowsAndWritesTheBadOnesDown) {
  server_.listings.create.answer = [](const CreateListingRequest& request, auto&) {
    base::FieldErrors errors;
    errors.Require(request.listing().origin_code() != "999999", "listing.origin_code", "its county does not exist");
    return errors.empty() ? absl::OkStatus() : errors.ToStatus();
  };
  const std::string path =
      Write("listings.csv",
            std::string(kListingsHeader) +
                "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,compliance-promise;poverty-product\r\n"
                "坏价,egg,140321,斤,1jin,many,cheap,2020-03-01,2020-03-10,\r\n"
                "远方,egg,999999,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n"
                "短,egg\r\n"
                "小米,millet,140321,斤,1jin,50,5,2020-03-01,2020-03-10,\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial) << err_.str();
  ASSERT_EQ(server_.listings.create.requests.size(), 3);
  EXPECT_EQ(server_.listings.create.requests[0].listing().certificates_size(), 2);
  EXPECT_EQ(server_.listings.create.requests[2].listing().commodity_code(), "millet");
  EXPECT_THAT(out_.str(), HasSubstr("5 rows: 2 taken, now or in an import before, 3 rejected"));

  const std::string rejected = Read(path + ".rejected.csv");
  EXPECT_THAT(rejected, HasSubstr("\"rejected_line\",\"rejected_column\",\"rejected_reason\""));
  EXPECT_THAT(rejected, HasSubstr("\"3\",\"units; price\",\"units must be a whole number; price must be yuan"));
  EXPECT_THAT(rejected, HasSubstr("\"4\",\"origin\",\"origin its county does not exist\""));
  EXPECT_THAT(rejected, HasSubstr("\"5\",\"\",\"has 2 cells where the header has 10\""));
  EXPECT_THAT(rejected, Not(HasSubstr("小米")));
}

TEST_F(ImportTest, AColumnWhoseNameBeginsAnothersIsNotTakenForIt) {
  server_.listings.create.answer = [](const auto&, auto&) {
    base::FieldErrors errors;
    errors.Add("listing.sale_unit", "is required");
    errors.Add("listing.sale_unit_base", "is required");
    errors.Add("listing.certificates[1]", "stands twice");
    errors.Add("listing.unknown", "is odd");
    return errors.ToStatus();
  };
  const std::string path = Write(
      "columns.csv", std::string(kListingsHeader) + "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial) << err_.str();
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("\"sale-unit; unit-size; certificate; listing.unknown\""));
}

TEST_F(ImportTest, TheSameFileImportedAgainAsksForTheSameThings) {
  const std::string path = Write("again.csv", std::string(kListingsHeader) +
                                                  "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n"
                                                  "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n");
  ASSERT_EQ(Run({"listing", "import", path}), kExitOk) << err_.str();
  ASSERT_EQ(Run({"listing", "import", path}), kExitOk);
  const auto& requests = server_.listings.create.requests;
  ASSERT_EQ(requests.size(), 4);
  EXPECT_NE(requests[0].request_id(), requests[1].request_id()) << "two equal rows are two listings";
  EXPECT_EQ(requests[0].request_id(), requests[2].request_id());
  EXPECT_EQ(requests[1].request_id(), requests[3].request_id());
  EXPECT_TRUE(base::IsValidId(requests[0].request_id()));
}

TEST_F(ImportTest, AMendedFileImportedWholeListsNothingTwice) {
  const std::string good = "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n";
  const std::string bad = "小米,millet,140321,斤,1jin,many,5,2020-03-01,2020-03-10,\r\n";
  const std::string mended = "小米,millet,140321,斤,1jin,50,5,2020-03-01,2020-03-10,\r\n";
  const std::string path = Write("whole.csv", kListingsHeader + bad + good);
  ASSERT_EQ(Run({"listing", "import", path}), kExitPartial);
  Write("whole.csv", kListingsHeader + mended + good + good);
  ASSERT_EQ(Run({"listing", "import", path}), kExitOk) << err_.str();
  const auto& requests = server_.listings.create.requests;
  ASSERT_EQ(requests.size(), 4);
  EXPECT_EQ(requests[2].request_id(), requests[0].request_id()) << "the good row asks for the same thing";
  EXPECT_EQ(
      std::set<std::string>({requests[0].request_id(), requests[1].request_id(), requests[3].request_id()}).size(), 3);
}

TEST_F(ImportTest, ARowThatMovedInItsFileAsksForTheSameThing) {
  const std::string eggs = "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n";
  const std::string millet = "小米,millet,140321,斤,1jin,50,5,2020-03-01,2020-03-10,\r\n";
  const std::string path = Write("moved.csv", kListingsHeader + eggs);
  ASSERT_EQ(Run({"listing", "import", path}), kExitOk) << err_.str();
  Write("moved.csv", kListingsHeader + millet + eggs);
  ASSERT_EQ(Run({"listing", "import", path}), kExitOk) << err_.str();
  const auto& requests = server_.listings.create.requests;
  ASSERT_EQ(requests.size(), 3);
  EXPECT_EQ(requests[2].request_id(), requests[0].request_id());
}

TEST_F(ImportTest, ARowRefusedBeforeIsListedOnceTheReasonIsGone) {
  // As the server does: what it answered to an id stands, and a check leaves nothing behind.
  std::map<std::string, absl::Status> answers;
  absl::Status now = absl::FailedPreconditionError("the supplier is not active");
  server_.listings.create.answer = [&](const CreateListingRequest& request, auto&) {
    return request.validate_only() ? now : answers.emplace(request.request_id(), now).first->second;
  };
  const std::string path = Write(
      "refused.csv", std::string(kListingsHeader) + "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial);
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial);
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("the supplier is not active"));
  now = absl::OkStatus();
  EXPECT_EQ(Run({"listing", "import", path}), kExitOk) << err_.str();
  EXPECT_EQ(Run({"listing", "import", path}), kExitOk) << err_.str();
  const auto listed = std::count_if(answers.begin(), answers.end(), [](const auto& kept) { return kept.second.ok(); });
  EXPECT_EQ(listed, 1) << "once";
}

TEST_F(ImportTest, AMendedFileOfRejectedRowsCanBeImported) {
  const std::string path =
      Write("mend.csv", std::string(kListingsHeader) + "鸡蛋,egg,140321,斤,1jin,100,cheap,2020-03-01,2020-03-10,\r\n");
  ASSERT_EQ(Run({"listing", "import", path}), kExitPartial);
  std::string rejected = Read(path + ".rejected.csv");
  rejected.replace(rejected.find("\"cheap\""), 7, "3.40");
  ASSERT_EQ(Run({"listing", "import", Write("mended.csv", rejected)}), kExitOk) << err_.str();
  EXPECT_EQ(server_.listings.create.requests.size(), 1);
}

TEST_F(ImportTest, AnImportStopsWhereTheServerIsGoneAndSaysSo) {
  server_.listings.create.answer = [](const auto&, auto&) { return absl::UnauthenticatedError("no such token"); };
  const std::string path = Write("stop.csv", std::string(kListingsHeader) +
                                                 "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n"
                                                 "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitDenied);
  EXPECT_EQ(server_.listings.create.requests.size(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("run the same command again"));
}

TEST_F(ImportTest, AHeaderThatDoesNotFitIsRefusedWhole) {
  const std::string path = Write("bad.csv", "title,colour,title\n鸡蛋,red,x\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitUsage);
  for (const char* mistake : {"colour: is no column", "title: stands twice", "commodity: is missing"}) {
    EXPECT_THAT(err_.str(), HasSubstr(mistake));
  }
  EXPECT_EQ(Run({"listing", "import", directory_ + "/missing.csv"}), kExitUsage);
}

TEST_F(ImportTest, ImportsSalesAndRefundsThroughTheStream) {
  server_.rewards.take = [](const reward::v1::SaleEntry& entry, int64_t index, auto& response) {
    if (entry.has_refund()) return response.set_pending_count(response.pending_count() + 1);
    if (entry.sale().platform_order_no() != "N1500") return response.set_taken_count(response.taken_count() + 1);
    response.set_rejected_count(response.rejected_count() + 1);
    auto* rejected = response.add_rejected();
    rejected->set_index(index);
    rejected->set_reason("INVALID_FIELDS");
    rejected->set_message("sale.origin_code: must be a county, township or village code of a known county");
    auto* violation = rejected->add_violations();
    violation->set_field("sale.origin_code");
    violation->set_description("must be a county, township or village code of a known county");
  };
  std::string text = "order_no,claimant,commodity,origin,amount,order_time,refund_no,refund_time\n";
  for (int i = 1; i <= 1600; ++i) {
    text += "N" + std::to_string(i) + ",91140100MA0A00001X,egg,141032,100.00,2020-06-01,,\n";
  }
  text += "N7,,,,5.00,,R7,2021-01-05\nN8,,,,five,,R8,2021-01-05\n";
  const std::string path = Write("sales.csv", text);
  EXPECT_EQ(Run({"sales", "import", path, "--json"}), kExitPartial) << err_.str();
  const auto counts = Json(out_.str());
  EXPECT_EQ(counts.fields().at("taken").number_value(), 1599);
  EXPECT_EQ(counts.fields().at("waiting").number_value(), 1);
  EXPECT_EQ(counts.fields().at("rejected").number_value(), 2);
  for (const auto& batch : server_.rewards.batches) EXPECT_LE(batch.entries_size(), 500);
  const std::string rejected = Read(path + ".rejected.csv");
  EXPECT_THAT(rejected,
              HasSubstr("\"1501\",\"origin\",\"origin must be a county, township or village code of a known county\""));
  EXPECT_THAT(rejected, HasSubstr("\"1603\",\"amount\""));
  EXPECT_EQ(Run({"sales", "import", path, "--lang", "zh"}), kExitPartial);
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("\"1501\",\"origin\",\"origin 必须是已知县的县、乡或村代码\""));
}

TEST_F(ImportTest, ASaleThatIsRefusedIsToldInTheLanguageAskedFor) {
  server_.rewards.take = [](const reward::v1::SaleEntry& entry, int64_t index, auto& response) {
    response.set_rejected_count(response.rejected_count() + 1);
    auto* rejected = response.add_rejected();
    rejected->set_index(index);
    rejected->set_reason("REFUND_TOO_LARGE");
    rejected->set_number(entry.refund().refund_no());
    rejected->set_message("refund R7 of 5.00 yuan is larger than the 1.00 yuan left of order N7");
  };
  const std::string chinese = "退款 R7 的 5.00 元超过订单 N7 剩余的 1.00 元";
  const std::string path = Write("refunds.csv", "order_no,amount,refund_no,refund_time\nN7,5.00,R7,2021-01-05\n");
  EXPECT_EQ(Run({"sales", "import", path, "--lang", "zh"}), kExitPartial);
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("\"2\",\"\",\"" + chinese));
  const std::vector<std::string> one = {"sales",    "report", "--order-no",    "N7",         "--refund-no", "R7",
                                        "--amount", "5.00",   "--refund-time", "2021-01-05", "--lang",      "zh"};
  EXPECT_EQ(Run(one), kExitRefused);
  EXPECT_THAT(out_.str(), HasSubstr(chinese));
}

TEST_F(ImportTest, ARowRejectedForTheOrderOfReportsIsReportedOnceMore) {
  std::map<std::string, int> seen;
  server_.rewards.take = [&seen](const reward::v1::SaleEntry& entry, int64_t index, auto& response) {
    const std::string& number = entry.has_waybill() ? entry.waybill().waybill_no() : entry.sale().platform_order_no();
    // Too early the first time; the second never fits.
    if (++seen[number] > 1 ? number != "W2" : !entry.has_waybill()) {
      return response.set_taken_count(response.taken_count() + 1);
    }
    response.set_rejected_count(response.rejected_count() + 1);
    auto* rejected = response.add_rejected();
    rejected->set_index(index);
    rejected->set_number(number);
    rejected->set_reason("INVALID_FIELDS");
    rejected->set_message("try " + std::to_string(seen[number]));
  };
  const std::string path =
      Write("waybills.csv",
            "order_no,claimant,commodity,origin,amount,order_time,waybill_no,waybill_time,parcels\n"
            "N1,,,,,,W1,2020-06-02,1\nN1,,,,,,W2,2020-06-02,1\n"
            "N1,91140100MA0A00001X,egg,141032,100.00,2020-06-01,,,\n");
  EXPECT_EQ(Run({"sales", "import", path, "--json"}), kExitPartial) << err_.str();
  const auto counts = Json(out_.str());
  EXPECT_EQ(counts.fields().at("taken").number_value(), 2);
  EXPECT_EQ(counts.fields().at("rejected").number_value(), 1);
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("\"3\",\"\",\"try 2\""));
  ASSERT_GE(server_.rewards.batches.size(), 1U);
  EXPECT_EQ(server_.rewards.batches[0].entries(0).waybill().parcels(), 1);
}

}  // namespace
}  // namespace zhuxiao::cli
