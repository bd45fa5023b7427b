// Whole commands against a server that does what each test says: what is sent, what is shown, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "clients/cli/play_cast.h"
#include "services/base/uscc.h"
#include "services/reward/record/signing_key.h"
#include "tests/unit/cli_fixture.h"

namespace zhuxiao::cli {
namespace {

using listing::v1::CreateListingRequest;
using listing::v1::ListListingsRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(RunTest, SendsWhatWasTyped) {
  ASSERT_EQ(Run(kCreate), kExitOk) << err_.str();
  const CreateListingRequest& request = server_.listings.create.requests.at(0);
  EXPECT_EQ(request.listing().commodity_code(), "egg");
  EXPECT_EQ(request.listing().sale_unit_base(), 500);
  EXPECT_EQ(request.listing().listed_units(), 10'000);
  EXPECT_EQ(request.listing().unit_price().amount_fen(), 340);
  EXPECT_EQ(request.listing().certificates(0), directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE);
  EXPECT_FALSE(request.request_id().empty());
  EXPECT_EQ(server_.listings.authorization, "Bearer secret");
}

TEST_F(RunTest, UsesTheRequestIdGiven) {
  std::vector<std::string> arguments = kCreate;
  arguments.insert(arguments.end(), {"--request-id", "again-1"});
  ASSERT_EQ(Run(arguments), kExitOk);
  EXPECT_EQ(server_.listings.create.requests.at(0).request_id(), "again-1");
}

TEST_F(RunTest, TheMaskOfAnUpdateNamesWhatWasGiven) {
  ASSERT_EQ(Run({"listing", "update", "L1", "--price", "3.30", "--units", "9000", "--etag", "e1"}), kExitOk);
  const auto& request = server_.listings.update.requests.at(0);
  EXPECT_EQ(request.listing().listing_id(), "L1");
  EXPECT_EQ(request.listing().etag(), "e1");
  EXPECT_THAT(request.update_mask().paths(), testing::UnorderedElementsAre("unit_price", "listed_units"));
}

TEST_F(RunTest, EveryBadArgumentIsToldAtOnceAndNothingIsSent) {
  EXPECT_EQ(Run({"listing", "create", "--price", "free", "--units", "many", "--colour", "red", "--deadline", "0"}),
            kExitUsage);
  for (const char* name : {"--price", "--units", "--colour", "--deadline", "--commodity", "--last-sale"}) {
    EXPECT_THAT(err_.str(), HasSubstr(name));
  }
  EXPECT_TRUE(server_.listings.create.requests.empty());
}

TEST_F(RunTest, WithoutACommandShowsHelp) {
  EXPECT_EQ(Run({}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("listing"));
  EXPECT_EQ(Run({"listing"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("spoiled"));
  EXPECT_EQ(Run({"--help"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("Exit codes"));
}

TEST_F(RunTest, SpeaksTheLanguageOfTheLocaleOrTheOneAskedFor) {
  variables_["LANG"] = "zh_CN.UTF-8";
  EXPECT_EQ(Run({"--help"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("挂牌"));
  EXPECT_EQ(Run({"--help", "--lang", "en"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("listings"));
  EXPECT_EQ(Run({"listing", "list", "--lang", "fr"}), kExitUsage);
}

void AddListing(listing::v1::ListListingsResponse& response, const std::string& id) {
  auto* listing = response.add_listings();
  listing->set_listing_id(id);
  listing->set_commodity_code("egg");
  listing->set_title("梁家脑鸡蛋");
  listing->set_state(listing::v1::LISTING_STATE_OPEN);
  listing->mutable_unit_price()->set_amount_fen(340);
  listing->mutable_balances()->set_available(7);
  listing->mutable_stall()->set_level(listing::v1::STALL_LEVEL_VILLAGE);
}

TEST_F(RunTest, ListsAsATableAndFollowsPages) {
  server_.listings.list.answer = [](const ListListingsRequest& request, auto& response) {
    AddListing(response, request.page_token().empty() ? "L1" : "L2");
    if (request.page_token().empty()) response.set_next_page_token("T");
    return absl::OkStatus();
  };
  ASSERT_EQ(Run({"listing", "list", "--stalled", "--page-size", "1", "--lang", "zh"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("梁家脑鸡蛋"));
  EXPECT_THAT(out_.str(), HasSubstr("3.40"));
  EXPECT_THAT(out_.str(), HasSubstr("在售"));
  EXPECT_THAT(out_.str(), HasSubstr("村"));
  EXPECT_THAT(out_.str(), HasSubstr("--page-token T"));
  EXPECT_TRUE(server_.listings.list.requests[0].stalled_only());
  EXPECT_EQ(server_.listings.list.requests[0].page_size(), 1);

  ASSERT_EQ(Run({"listing", "list", "--all"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("L1"));
  EXPECT_THAT(out_.str(), HasSubstr("L2"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("--page-token")));
}

TEST_F(RunTest, PrintsJsonForPrograms) {
  server_.listings.list.answer = [](const auto&, auto& response) {
    AddListing(response, "L1");
    return absl::OkStatus();
  };
  ASSERT_EQ(Run({"listing", "list", "--json"}), kExitOk);
  const auto parsed = Json(out_.str());
  const auto& listing = parsed.fields().at("listings").list_value().values(0).struct_value().fields();
  EXPECT_EQ(listing.at("unitPrice").struct_value().fields().at("amountFen").string_value(), "340");
  EXPECT_EQ(listing.at("state").string_value(), "LISTING_STATE_OPEN");
}

TEST_F(RunTest, ShowsQuantitiesInTheUnitOfTheCommodity) {
  server_.orders.place.answer = [](const order::v1::PlaceOrderRequest& request, auto& response) {
    *response.mutable_order() = request.order();
    response.mutable_unfilled()->set_quantity_base(request.order().quantity_base() / 2);
    response.mutable_unfilled()->set_reason(order::v1::REFUSAL_REASON_SOLD_OUT);
    return absl::OkStatus();
  };
  const auto place = [this](const char* commodity, const char* quantity, const char* per) {
    return Run({"order", "place", "--commodity", commodity, "--quantity", quantity, "--limit-price", "3.40", "--per",
                per, "--destination", "140321", "--deliver-by", "2020-03-05"});
  };
  ASSERT_EQ(place("egg", "5000jin", "1jin"), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("2500 kg"));
  EXPECT_THAT(out_.str(), HasSubstr("1250 kg"));
  EXPECT_THAT(out_.str(), HasSubstr("sold out"));
  ASSERT_EQ(place("cattle", "20head", "1kg"), kExitOk);
  EXPECT_EQ(server_.orders.place.requests.at(1).order().limit_base(), 1000);
  EXPECT_THAT(out_.str(), HasSubstr("20\n"));
  EXPECT_THAT(out_.str(), HasSubstr("1 kg"));
}

TEST_F(RunTest, ErrorsAreToldWithReasonAndFields) {
  server_.listings.create.answer = [](const auto&, auto&) {
    base::FieldErrors errors;
    errors.Add("listing.title", "is required");
    errors.Add("listing.origin_code", "its county does not exist");
    return errors.ToStatus();
  };
  EXPECT_EQ(Run(kCreate), kExitInvalidArgument);
  EXPECT_THAT(err_.str(),
              HasSubstr("\n  listing.title: is required\n  listing.origin_code: its county does not exist"));
  std::vector<std::string> arguments = kCreate;
  arguments.push_back("--json");
  EXPECT_EQ(Run(arguments), kExitInvalidArgument);
  const auto error = Json(out_.str()).fields().at("error").struct_value();
  EXPECT_EQ(error.fields().at("code").number_value(), 3);
  EXPECT_EQ(error.fields().at("details").list_value().values_size(), 2);
}

TEST_F(RunTest, ExitCodesTellWhatHappened) {
  const std::map<absl::StatusCode, int> wanted = {{absl::StatusCode::kInvalidArgument, 3},
                                                  {absl::StatusCode::kNotFound, 4},
                                                  {absl::StatusCode::kFailedPrecondition, 5},
                                                  {absl::StatusCode::kAlreadyExists, 5},
                                                  {absl::StatusCode::kAborted, 6},
                                                  {absl::StatusCode::kUnavailable, 7},
                                                  {absl::StatusCode::kDeadlineExceeded, 7},
                                                  {absl::StatusCode::kUnauthenticated, 8},
                                                  {absl::StatusCode::kPermissionDenied, 8},
                                                  {absl::StatusCode::kInternal, 1},
                                                  {absl::StatusCode::kDataLoss, 1}};
  for (const auto& [code, exit_code] : wanted) {
    server_.listings.create.answer = [code = code](const auto&, auto&) { return absl::Status(code, "so it is"); };
    EXPECT_EQ(Run(kCreate), exit_code) << absl::StatusCodeToString(code);
    EXPECT_THAT(err_.str(), HasSubstr("so it is"));
  }
}

TEST_F(RunTest, AnUnknownOutcomeNamesTheRequestIdToRepeat) {
  server_.listings.create.answer = [](const auto&, auto&) { return absl::UnavailableError("lost"); };
  EXPECT_EQ(Run(kCreate), kExitUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("--request-id " + server_.listings.create.requests.at(0).request_id()));
}

TEST_F(RunTest, CompletionScriptsKnowTheCommands) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    ASSERT_EQ(Run({"completion", shell}), kExitOk) << shell;
    EXPECT_THAT(out_.str(), HasSubstr("spoiled"));
    EXPECT_THAT(out_.str(), HasSubstr("standing-until"));
    EXPECT_THAT(out_.str(), HasSubstr("request-id"));
  }
  EXPECT_EQ(Run({"completion", "csh"}), kExitUsage);
}

TEST_F(RunTest, PrintsThePrincipalsOfThePlayWithValidCodes) {
  ASSERT_EQ(Run({"play", "--print-principals"}), kExitOk);
  std::istringstream lines(out_.str());
  std::set<std::string> names;
  for (std::string name, role, uscc, region; lines >> name >> role >> uscc >> region;) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(uscc == "-" || base::IsValidUscc(uscc)) << name << " " << uscc;
    EXPECT_EQ(region != "-", role == "officer") << name;
  }
  EXPECT_EQ(names.size(), Cast().size());
}

TEST_F(RunTest, ThePlayNamesEveryTokenItLacks) {
  const std::string path = Write("tokens", "# made by hand\nauditor=zx_1\n\nprovince-1=zx_2\n");
  EXPECT_EQ(Run({"play", "--tokens", path}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("hospital: has no token"));
  EXPECT_THAT(err_.str(), HasSubstr("province-2: has no token"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("auditor: has no token")));
  EXPECT_EQ(Run({"play"}), kExitUsage);
}

constexpr char kShanxiPolicy[] = R"(
[policy]
id = "p"
version = 1
jurisdiction = "14"
title_zh = "政策"
title_en = "policy"
source = "text"
[period]
clock = "order"
first_day = 2020-01-01
last_day = 2020-12-31
[scope]
programmes = ["national-poor-counties"]
[threshold]
amount_fen = 1_000
amount_is = "at_least"
[grant]
kind = "rate"
rate_basis_points = 500
)";

constexpr char kSales[] =
    "platform,order_no,line_no,kind,claimant_uscc,origin_region,destination_region,commodity,amount_fen,parcels,"
    "waybill_no,parcel_fee_fen,order_time,payment_time,waybill_time,accept_time,refund_of\n"
    "jd,1,1,sale,91140100MA0A00001X,141032,,,1000,,,,2020-05-01T00:00:00Z,,,,\n";

TEST_F(RunTest, ComputesRewardsFromFilesByTheShippedListsWithoutAServer) {
  const std::string policy = Write("policy.toml", kShanxiPolicy);
  const std::string out = directory_ + "/rewards";
  ASSERT_EQ(Run({"reward", "compute", "--policy", policy, "--sales", Write("s.csv", kSales), "--out", out}), kExitOk)
      << err_.str();
  EXPECT_EQ(Read(out + "/statement.csv"),
            "claimant,counted_fen,refunded_fen,net_fen,reward_fen,reason\n91140100MA0A00001X,1000,0,1000,50,rate\n");
  EXPECT_EQ(Read(out + "/lines.csv"), "line,state,reason\njd/1/1,counted,in_scope\n");
  EXPECT_THAT(out_.str(), HasSubstr("1 claimants, rewards of 0.50 yuan"));
}

TEST_F(RunTest, RecordsAComputationAndReplaysItAnywhere) {
  const auto key = reward::record::SigningKey::Create(directory_ + "/key.pem");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string record = directory_ + "/record";
  const std::string policy =
      Write("policy.toml", std::string(kShanxiPolicy) + "[applicant]\ndocuments = [\"licence\"]\n");
  std::vector<std::string> compute = {
      "reward", "compute", "--policy", policy, "--sales", Write("s.csv", kSales), "--out", directory_ + "/recorded"};
  ASSERT_EQ(Run(compute), kExitOk);
  EXPECT_THAT(err_.str(), HasSubstr("without --applicants they were not looked at"));
  const std::string applicants = Write("a.csv", "claimant_uscc,registered_on,documents\n91140100MA0A00001X,,licence\n");
  compute.insert(compute.end(), {"--applicants", applicants, "--record", record});
  EXPECT_EQ(Run(compute), kExitUsage) << "a record needs a key";
  compute.insert(compute.end(), {"--record-key", directory_ + "/key.pem"});
  ASSERT_EQ(Run(compute), kExitOk) << err_.str();

  EXPECT_EQ(Run({"reward", "replay", record}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("not compared with a known one"));
  const std::string public_key = Write("key.pub", key->public_key().Pem());
  ASSERT_EQ(Run({"--json", "reward", "replay", record, "--public-key", public_key}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"rewardFen\":\"50\""));
  EXPECT_THAT(out_.str(), HasSubstr("\"isKnownKey\":true"));

  std::string bytes = Read(record);
  bytes.replace(bytes.find(",1000,"), 6, ",9000,");
  EXPECT_EQ(Run({"reward", "replay", Write("tampered", bytes), "--public-key", public_key}), kExitRefused);
  EXPECT_THAT(err_.str(), HasSubstr("sales.csv is not what was signed"));
  const auto other = reward::record::SigningKey::Create(directory_ + "/other.pem");
  EXPECT_EQ(Run({"reward", "replay", record, "--public-key", Write("other.pub", other->public_key().Pem())}),
            kExitRefused);
  EXPECT_THAT(err_.str(), HasSubstr("not by " + other->public_key().Id()));
  EXPECT_EQ(Run({"reward", "replay", directory_ + "/nothing"}), kExitUsage);
}

TEST_F(RunTest, RefusesRewardFilesWithMistakesAndNamesTheirLines) {
  const std::string policy = Write("policy.toml", kShanxiPolicy);
  const std::string out = directory_ + "/refused";
  const std::string sales = Write("bad.csv", std::string(kSales) + "jd,2,1,sale,A,141032,,,-1,,,,yesterday,,,,\n");
  EXPECT_EQ(Run({"reward", "compute", "--policy", policy, "--sales", sales, "--out", out}), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("bad.csv:3: amount_fen: must not be negative"));
  EXPECT_THAT(err_.str(), HasSubstr("bad.csv:3: order_time: must be a time"));
  EXPECT_FALSE(std::filesystem::exists(out + "/statement.csv"));
  const std::string bad_policy = Write("bad.toml", std::string(kShanxiPolicy) + "rate_basis_point = 9\n");
  EXPECT_EQ(Run({"reward", "explain", "--policy", bad_policy}), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("bad.toml:21: grant.rate_basis_point: is not known here"));
  EXPECT_EQ(Run({"reward", "compute", "--policy", policy, "--sales", directory_ + "/none.csv", "--out", out}),
            kExitUsage);
  EXPECT_EQ(Run({"reward", "compute", "--policy", policy}), kExitUsage);
}

}  // namespace
}  // namespace zhuxiao::cli
