// Whole commands against a server that does what each test says: what is sent, what is shown, how it ends.
#include "clients/cli/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "clients/cli/import.h"
#include "clients/cli/play_cast.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/base/uscc.h"
#include "services/reward/record/signing_key.h"
#include "tests/unit/client_fake.h"

namespace zhuxiao::cli {
namespace {

using listing::v1::CreateListingRequest;
using listing::v1::ListListingsRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RunTest : public testing::Test {
 protected:
  RunTest() { std::filesystem::create_directories(directory_); }
  ~RunTest() override { std::filesystem::remove_all(directory_); }

  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    const Environment environment{.out = out_,
                                  .err = err_,
                                  .err_is_terminal = false,
                                  .variable = [this](const char* name) { return variables_[name]; },
                                  .clock = clock_,
                                  .random = random_};
    return cli::Run(std::move(arguments), environment);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  client::FakeServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::map<std::string, std::string> variables_ = {
      {"ZHUXIAO_SERVER", server_.target()}, {"ZHUXIAO_TOKEN", "secret"}, {"LANG", "en_GB.UTF-8"}};
  std::ostringstream out_;
  std::ostringstream err_;
  const std::string directory_ = testing::TempDir() + "zhuxiao_cli_" + std::to_string(getpid());
};

const std::vector<std::string> kCreate = {
    "listing",           "create",      "--commodity", "egg",         "--title",     "鸡蛋",       "--origin",
    "140321105201",      "--sale-unit", "斤",          "--unit-size", "1jin",        "--units",    "10000",
    "--price",           "3.40",        "--ready",     "2020-03-01",  "--last-sale", "2020-03-10", "--certificate",
    "compliance-promise"};

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

google::protobuf::Struct Json(const std::string& text) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &parsed).ok()) << text;
  return parsed;
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

constexpr char kListingsHeader[] =
    "title,commodity_code,产地,sale_unit,unit-size,units,Unit Price,ready,last_sale,certificate\r\n";

TEST_F(RunTest, ImportsGoodRowsAndWritesTheBadOnesDown) {
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
  EXPECT_THAT(out_.str(), HasSubstr("5 rows: 2 taken"));

  const std::string rejected = Read(path + ".rejected.csv");
  EXPECT_THAT(rejected, HasSubstr("\"rejected_line\",\"rejected_column\",\"rejected_reason\""));
  EXPECT_THAT(rejected, HasSubstr("\"3\",\"units; price\",\"units must be a whole number; price must be yuan"));
  EXPECT_THAT(rejected, HasSubstr("\"4\",\"origin\",\"origin its county does not exist\""));
  EXPECT_THAT(rejected, HasSubstr("\"5\",\"\",\"has 2 cells where the header has 10\""));
  EXPECT_THAT(rejected, Not(HasSubstr("小米")));
}

TEST_F(RunTest, TheSameFileImportedAgainAsksForTheSameThings) {
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

TEST_F(RunTest, AMendedFileOfRejectedRowsCanBeImported) {
  const std::string path =
      Write("mend.csv", std::string(kListingsHeader) + "鸡蛋,egg,140321,斤,1jin,100,cheap,2020-03-01,2020-03-10,\r\n");
  ASSERT_EQ(Run({"listing", "import", path}), kExitPartial);
  std::string rejected = Read(path + ".rejected.csv");
  rejected.replace(rejected.find("\"cheap\""), 7, "3.40");
  ASSERT_EQ(Run({"listing", "import", Write("mended.csv", rejected)}), kExitOk) << err_.str();
  EXPECT_EQ(server_.listings.create.requests.size(), 1);
}

TEST_F(RunTest, AnImportStopsWhereTheServerIsGoneAndSaysSo) {
  server_.listings.create.answer = [](const auto&, auto&) { return absl::UnauthenticatedError("no such token"); };
  const std::string path = Write("stop.csv", std::string(kListingsHeader) +
                                                 "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n"
                                                 "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitDenied);
  EXPECT_EQ(server_.listings.create.requests.size(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("run the same command again"));
}

TEST_F(RunTest, AHeaderThatDoesNotFitIsRefusedWhole) {
  const std::string path = Write("bad.csv", "title,colour,title\n鸡蛋,red,x\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitUsage);
  for (const char* mistake : {"colour: is no column", "title: stands twice", "commodity: is missing"}) {
    EXPECT_THAT(err_.str(), HasSubstr(mistake));
  }
  EXPECT_EQ(Run({"listing", "import", directory_ + "/missing.csv"}), kExitUsage);
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

TEST_F(RunTest, ImportsSalesAndRefundsThroughTheStream) {
  server_.rewards.take = [](const reward::v1::SaleEntry& entry, int64_t index, auto& response) {
    if (entry.has_refund()) return response.set_pending_count(response.pending_count() + 1);
    if (entry.sale().platform_order_no() != "N1500") return response.set_taken_count(response.taken_count() + 1);
    response.set_rejected_count(response.rejected_count() + 1);
    auto* rejected = response.add_rejected();
    rejected->set_index(index);
    rejected->set_reason("INVALID_FIELDS");
    rejected->set_message("origin_code does not exist");
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
  EXPECT_THAT(rejected, HasSubstr("\"1501\",\"\",\"INVALID_FIELDS: origin_code does not exist\""));
  EXPECT_THAT(rejected, HasSubstr("\"1603\",\"amount\""));
}

TEST_F(RunTest, ARowRejectedForTheOrderOfReportsIsReportedOnceMore) {
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
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("\"3\",\"\",\"INVALID_FIELDS: try 2\""));
  ASSERT_GE(server_.rewards.batches.size(), 1U);
  EXPECT_EQ(server_.rewards.batches[0].entries(0).waybill().parcels(), 1);
}

}  // namespace
}  // namespace zhuxiao::cli
