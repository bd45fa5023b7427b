// Words of the command line that cannot mean what was meant: tokens, units, bytes; and how long a command waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "clients/cli/catalogue.h"
#include "clients/cli/render.h"
#include "tests/unit/cli_fixture.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RunTest, ATokenThatCannotBeOneIsRefusedAndNeverShown) {
  const std::string tokens = Write("tokens", "auditor=zx_first\nprovince=zx_second\n");
  EXPECT_EQ(Run({"--token-file", tokens, "listing", "list"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--token-file: holds characters no token has"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("zx_")));
  for (const char* token : {"zx_a\rb", "zx_鸡蛋", "zx_a b", "zx_\x7F"}) {
    EXPECT_EQ(Run({"listing", "list", "--token", token}), kExitUsage) << token;
    EXPECT_THAT(err_.str(), HasSubstr("--token: holds characters no token has"));
    EXPECT_THAT(err_.str(), Not(HasSubstr("zx_")));
  }
  variables_["ZHUXIAO_TOKEN"] = "zx_a\nzx_b";
  EXPECT_EQ(Run({"listing", "list", "--lang", "zh"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("ZHUXIAO_TOKEN: 含有令牌中不会有的字符"));
  EXPECT_TRUE(server_.listings.list.requests.empty());
}

TEST_F(RunTest, WordsThatAreNotUtf8AreNamedByTheirOption) {
  EXPECT_EQ(Run({"listing", "list", "--commodity", "\xBC\xA6", "--token=zx_\xFF"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--commodity: is not UTF-8"));
  EXPECT_THAT(err_.str(), HasSubstr("--token: is not UTF-8"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("zx_")));
  EXPECT_EQ(Run({"\xFF"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("word 1: is not UTF-8"));
}

TEST_F(RunTest, AQuantityMustBeOfTheKindItsCommodityIsCountedIn) {
  const auto place = [this](const char* commodity, const char* quantity, const char* per) {
    return Run({"order", "place", "--commodity", commodity, "--quantity", quantity, "--limit-price", "3.40", "--per",
                per, "--destination", "140321", "--deliver-by", "2020-03-05"});
  };
  EXPECT_EQ(place("egg", "1500枚", "1个"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--quantity: is a number of pieces, but egg is measured by weight"));
  EXPECT_THAT(err_.str(), HasSubstr("--per: is a number of pieces, but egg is measured by weight"));
  EXPECT_EQ(place("cattle", "2t", "1head"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--quantity: is a weight, but cattle is counted in pieces"));
  EXPECT_THAT(err_.str(), HasSubstr("--per: must be a weight, for cattle is settled by weight"));
  EXPECT_TRUE(server_.orders.place.requests.empty());
  EXPECT_EQ(place("egg", "1500g", "1jin"), kExitOk);
  EXPECT_EQ(place("cattle", "2head", "1kg"), kExitOk);

  std::vector<std::string> eggs = kCreate;
  *(std::find(eggs.begin(), eggs.end(), "--unit-size") + 1) = "1head";
  EXPECT_EQ(Run(eggs), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--unit-size: is a number of pieces, but egg is measured by weight"));
  EXPECT_TRUE(server_.listings.create.requests.empty());
}

TEST_F(RunTest, SoMustAQuantityInsideAnOption) {
  const auto ship = [this](const char* contract, const char* quantity) {
    return Run({"contract", "ship", contract, "--units", "1", "--certificate",
                std::string("kind=compliance-promise,number=JC-1,quantity=") + quantity});
  };
  EXPECT_EQ(ship("egg-1", "1500枚"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--certificate: quantity is a number of pieces, but egg is measured by weight"));
  EXPECT_EQ(ship("cattle-1", "2t"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--certificate: quantity is a weight, but cattle is counted in pieces"));
  EXPECT_TRUE(server_.orders.ship.requests.empty());
  EXPECT_EQ(ship("egg-1", "500jin"), kExitOk) << err_.str();
  EXPECT_EQ(ship("cattle-1", "2head"), kExitOk) << err_.str();
  EXPECT_EQ(ship("other-1", "2head"), kExitOk) << "what is not known is left to the server";

  EXPECT_EQ(Run({"organisation", "register", "91140100MA0A00001X", "--capacity", "commodity=egg,yearly=5head"}),
            kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--capacity: yearly is a number of pieces, but egg is measured by weight"));
  EXPECT_EQ(Run({"contract", "ship", "egg-1", "--lang", "zh", "--certificate", "quantity=3head"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("quantity 是件数，而 egg 按重量计"));
}

TEST_F(RunTest, WhatIsOnlyCheckedIsNotSaidToBeStored) {
  std::vector<std::string> arguments = kCreate;
  ASSERT_EQ(Run(arguments), kExitOk);
  EXPECT_THAT(out_.str(), Not(HasSubstr("only checked")));
  arguments.push_back("--validate-only");
  ASSERT_EQ(Run(arguments), kExitOk);
  EXPECT_TRUE(server_.listings.create.requests.back().validate_only());
  EXPECT_THAT(out_.str(), HasSubstr("only checked, nothing is stored"));
  arguments.push_back("--json");
  ASSERT_EQ(Run(arguments), kExitOk);
  EXPECT_EQ(out_.str().front(), '{') << "a document and nothing before it";
}

TEST_F(RunTest, AnEmptyValueMayFollowTheEqualsSign) {
  ASSERT_EQ(Run({"listing", "update", "L1", "--remark=", "--etag", "e1"}), kExitOk) << err_.str();
  const auto& request = server_.listings.update.requests.at(0);
  EXPECT_EQ(request.listing().remark(), "");
  EXPECT_THAT(request.update_mask().paths(), ::testing::ElementsAre("remark"));
}

TEST_F(RunTest, AStreamWaitsNoLongerThanTheDeadlineAskedFor) {
  std::promise<void> released;
  std::shared_future<void> release = released.get_future().share();
  server_.rewards.take = [release](const auto&, int64_t, auto&) { release.wait(); };
  EXPECT_EQ(Run({"--deadline", "1", "sales", "report", "--order-no", "N1", "--claimant", "91140100MA0A00001X",
                 "--commodity", "egg", "--origin", "141032", "--amount", "100", "--order-time", "2020-06-01"}),
            kExitUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("the server sent nothing for 1s"));
  released.set_value();
}

Renderer MakeRenderer(Language language) {
  return Renderer(language, [](const std::string&) { return directory::v1::Commodity(); });
}

TEST(Render, ADailyReportShowsTheFiguresOfEachRow) {
  report::v1::GetDailyReportResponse report;
  auto* row = report.add_rows();
  row->set_key("140321");
  for (const auto figure : {report::v1::REPORT_FIGURE_MATCHED, report::v1::REPORT_FIGURE_SOLD}) {
    auto* cell = row->add_cells();
    cell->set_figure(figure);
    cell->set_count(figure == report::v1::REPORT_FIGURE_MATCHED ? 31 : 17);
    cell->mutable_amount()->set_amount_fen(12'345);
  }
  report.add_rows()->set_key("140322");
  const std::string shown = MakeRenderer(Language::kEnglish).Response(report);
  EXPECT_THAT(shown, ::testing::ContainsRegex("140321 .* 31 .*123.45\n *140321 .* 17 .*123.45\n *140322\n"));
}

TEST(Render, WhatIsUnknownIsNotShownAsNothingAndChannelsByName) {
  report::v1::SumQuotaProgressResponse sums;
  auto* row = sums.add_rows();
  row->set_key("CHANNEL_SCHOOL");
  row->mutable_figures()->mutable_settled()->set_amount_fen(100);
  const std::string shown = MakeRenderer(Language::kEnglish).Response(sums);
  EXPECT_THAT(shown, HasSubstr("school"));
  EXPECT_THAT(shown, Not(HasSubstr("CHANNEL_")));
  EXPECT_THAT(shown, HasSubstr("unknown"));
  EXPECT_THAT(shown, Not(HasSubstr("0%")));
  row->mutable_figures()->set_settled_basis_points(0);
  EXPECT_THAT(MakeRenderer(Language::kChinese).Response(sums), ::testing::AllOf(HasSubstr("0%"), HasSubstr("学校")));
}

}  // namespace
}  // namespace zhuxiao::cli
