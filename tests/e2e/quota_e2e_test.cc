// Quotas through a whole server, as a canteen and its officers work: by the command line in both languages, by the
// client, and with what a caller may not be told masked on the way out.
#include "tests/e2e/command_fixture.h"

namespace zhuxiao {
namespace {

using order::v1::Contract;
using testing::Auditor;
using ::testing::HasSubstr;
using testing::InstitutionOf;
using testing::Officer;
using testing::SupplierOf;

class QuotaE2eTest : public testing::CommandFixture {
 protected:
  inline static const base::Caller kReviewer = Officer("1401", "reviewer");
  inline static const base::Caller kConfirmer = Officer("14", "confirmer");

  std::string Year() { return std::to_string(year()); }

  // A rule of the province's capital whose window is open today, whatever day that is.
  void OpenWindow() {
    ASSERT_EQ(Run(kReviewer,
                  {"quota", "propose-rule", "--year", Year(), "--region", "1401", "--kind", "share", "--ratio", "30%",
                   "--opens-on", Day(-1), "--closes-on", Day(1), "--correctable-until", Day(2), "--source", "a test"}),
              cli::kExitOk)
        << err_.str();
    const std::vector<std::string> approve = {"quota", "approve-rule", "--year", Year(),      "--region",
                                              "1401",  "--kind",       "share",  "--version", "1"};
    EXPECT_EQ(Run(kReviewer, approve), cli::kExitRefused) << "four eyes";
    ASSERT_EQ(Run(kConfirmer, approve), cli::kExitOk) << err_.str();
  }

  std::string SettledContract(const std::string& buyer) {
    const std::string goods = List(kFarm, Eggs(1'000));
    const auto placed = As(InstitutionOf(buyer)).Call<order::v1::PlaceOrderResponse>(EggOrder(10));
    EXPECT_TRUE(placed.ok()) << placed.status();
    if (!placed.ok() || placed->contracts().empty()) return "";
    const Contract& contract = placed->contracts(0);
    order::v1::SignContractRequest sign;
    sign.set_contract_id(contract.contract_id());
    EXPECT_TRUE(As(SupplierOf(kFarm)).Call<order::v1::SignContractResponse>(sign).ok());
    order::v1::ShipContractRequest ship;
    ship.set_contract_id(contract.contract_id());
    order::v1::Certificate& certificate = *ship.add_certificates();
    certificate.set_kind(directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE);
    certificate.set_number("C-1");
    *certificate.mutable_issue_time() = base::ToProto(clock_.Now());
    *certificate.mutable_valid_until() = base::ToProto(clock_.Now() + absl::Hours(48));
    certificate.set_quantity_base(5'000);
    const auto shipped = As(SupplierOf(kFarm)).Call<order::v1::ShipContractResponse>(ship);
    EXPECT_TRUE(shipped.ok()) << shipped.status();
    order::v1::AcceptContractRequest accept;
    accept.set_contract_id(contract.contract_id());
    accept.set_accepted_units(10);
    EXPECT_TRUE(As(InstitutionOf(buyer)).Call<order::v1::AcceptContractResponse>(accept).ok());
    order::v1::SettleContractRequest settle;
    settle.set_contract_id(contract.contract_id());
    EXPECT_TRUE(As(InstitutionOf(buyer)).Call<order::v1::SettleContractResponse>(settle).ok());
    return contract.contract_id();
  }
};

TEST_F(QuotaE2eTest, ACanteenDeclaresAndTwoOfficersConfirm) {
  OpenWindow();
  ASSERT_EQ(
      Run(InstitutionOf(kSchool), {"declaration", "save", "--year", Year(), "--kind", "share", "--base", "1000.01"}),
      cli::kExitOk)
      << err_.str();
  const std::vector<std::string> submit = {"declaration", "submit", "--year", Year()};
  std::vector<std::string> check_only = submit;
  check_only.push_back("--validate-only");
  ASSERT_EQ(Run(InstitutionOf(kSchool), check_only, "zh_CN.UTF-8"), cli::kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("已提交"));
  ASSERT_EQ(Run(InstitutionOf(kSchool), {"declaration", "get", "--year", Year()}, "zh_CN.UTF-8"), cli::kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("草稿")) << "checking only changes nothing";
  ASSERT_EQ(Run(InstitutionOf(kSchool), submit), cli::kExitOk) << err_.str();
  ASSERT_EQ(Run(kReviewer, {"declaration", "review", kSchool, "--year", Year(), "--accept"}), cli::kExitOk)
      << err_.str();
  const std::vector<std::string> confirm = {"declaration", "confirm", kSchool, "--year", Year(), "--accept"};
  EXPECT_EQ(Run(kReviewer, confirm), cli::kExitRefused);
  EXPECT_THAT(err_.str(), HasSubstr("FOUR_EYES"));
  ASSERT_EQ(Run(kConfirmer, confirm), cli::kExitOk) << err_.str();
  EXPECT_EQ(QuotaOf(kSchool)->target().amount_fen(), 30'001) << "30 % of 1,000.01 yuan, rounded up to the fen";

  ASSERT_EQ(Run(kConfirmer, {"quota", "progress", "--year", Year(), "--with-listings"}), cli::kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("behind"));
  EXPECT_THAT(out_.str(), HasSubstr("unknown")) << "the hospital has not declared";
  ASSERT_EQ(Run(kConfirmer, {"quota", "sum", "--year", Year(), "--by", "city"}, "zh_CN.UTF-8"), cli::kExitOk)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("300.01"));
}

TEST_F(QuotaE2eTest, RulesAreListedOfAnyYearOrOfOneThereCanBe) {
  quota::v1::ListQuotaRulesRequest request;
  EXPECT_TRUE(As(Auditor()).Call<quota::v1::ListQuotaRulesResponse>(request).ok());
  request.set_year(1999);
  EXPECT_EQ(As(Auditor()).Call<quota::v1::ListQuotaRulesResponse>(request).status().message(),
            "year: must be 2020 to 2099");
}

TEST_F(QuotaE2eTest, AContractIsReBoundByTwoPeople) {
  const std::string contract = SettledContract(kSchool);
  ASSERT_NE(contract, "");
  EXPECT_EQ(QuotaOf(kSchool)->settled().amount_fen(), 3'400);
  ASSERT_EQ(
      Run(InstitutionOf(kSchool), {"binding", "propose", contract, "--to", kHospital, "--cause", "their kitchen"}),
      cli::kExitOk)
      << err_.str();
  ASSERT_EQ(Run(kReviewer, {"binding", "decide", contract, "--accept", "--validate-only"}), cli::kExitOk) << err_.str();
  EXPECT_EQ(QuotaOf(kSchool)->settled().amount_fen(), 3'400);
  ASSERT_EQ(Run(kReviewer, {"binding", "decide", contract, "--accept"}), cli::kExitOk) << err_.str();
  EXPECT_EQ(QuotaOf(kSchool)->settled().amount_fen(), 0);
  EXPECT_EQ(QuotaOf(kHospital)->settled().amount_fen(), 3'400);
  ASSERT_EQ(Run(Auditor(), {"verify"}), cli::kExitOk) << out_.str() << err_.str();
  Restart();
  EXPECT_EQ(QuotaOf(kHospital)->settled().amount_fen(), 3'400);
}

TEST_F(QuotaE2eTest, NamesOfHouseholdsAreMaskedOnTheWayOut) {
  directory::v1::SetLinkageRequest link;
  link.mutable_linkage()->set_supplier_uscc(kFarm);
  link.mutable_linkage()->set_village_code("140321105201");
  for (const char* code : {"H1", "H2", "H3"}) {
    directory::v1::Household& household = *link.mutable_linkage()->add_households();
    household.set_household_code(code);
    household.set_name("王五");
    household.set_share_ppm(333'333);
  }
  const auto set = As(Officer("140321", "county")).Call<directory::v1::SetLinkageResponse>(link);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->linkage().households(0).name(), "王五");
  directory::v1::GetLinkageRequest get;
  get.set_supplier_uscc(kFarm);
  for (const auto& [caller, name] : {std::pair(Officer("140321", "county"), "王五"),
                                     std::pair(SupplierOf(kFarm), "王**"), std::pair(Auditor(), "王**")}) {
    const auto read = As(caller).Call<directory::v1::GetLinkageResponse>(get);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->linkage().households(0).name(), name);
  }

  SettledContract(kSchool);
  report::v1::GetHouseholdStatementRequest ask;
  ask.set_supplier_uscc(kFarm);
  ask.set_first_day(Day(-1));
  ask.set_last_day(Day(1));
  int64_t sum = 0;
  int64_t linked = 0;
  for (const char* code : {"H1", "H2", "H3"}) {
    ask.set_household_code(code);
    const auto statement = As(Officer("140321", "county")).Call<report::v1::GetHouseholdStatementResponse>(ask);
    ASSERT_TRUE(statement.ok()) << statement.status();
    EXPECT_EQ(statement->name(), "王**");
    EXPECT_EQ(statement->total().amount_fen(), 3'400);
    EXPECT_EQ(statement->lines_size(), 1);
    sum += statement->income().amount_fen();
    linked = statement->linked().amount_fen();
  }
  EXPECT_EQ(linked, 3'399);
  EXPECT_EQ(sum, linked) << "to the fen";
}

}  // namespace
}  // namespace zhuxiao
