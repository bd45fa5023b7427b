// What commands that write files or check books print for programs: one JSON object, as their help says.
#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>

#include "absl/strings/ascii.h"
#include "clients/cli/verify.h"
#include "tests/unit/cli_fixture.h"

namespace zhuxiao::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Answers a call of any method with the messages it was given for it, whatever is asked.
class Answers final : public grpc::CallbackGenericService {
 public:
  void Add(const std::string& method, const google::protobuf::Message& message) {
    const grpc::Slice slice(message.SerializeAsString());
    messages_[method].emplace_back(&slice, 1);
  }

 private:
  class Call final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Call(std::vector<grpc::ByteBuffer> messages) : messages_(std::move(messages)) { StartRead(&request_); }
    void OnReadDone(bool) override { Send(); }
    void OnWriteDone(bool) override { Send(); }
    void OnDone() override { delete this; }

   private:
    void Send() {
      if (next_ == messages_.size()) return Finish(grpc::Status::OK);
      StartWrite(&messages_[next_++]);
    }

    std::vector<grpc::ByteBuffer> messages_;
    size_t next_ = 0;
    grpc::ByteBuffer request_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Call(messages_[context->method().substr(context->method().rfind('/') + 1)]);
  }

  std::map<std::string, std::vector<grpc::ByteBuffer>> messages_;
};

class JsonTest : public RunTest {
 protected:
  JsonTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&answers_);
    services_ = builder.BuildAndStart();
    variables_["ZHUXIAO_SERVER"] = "127.0.0.1:" + std::to_string(port);
  }
  ~JsonTest() override { services_->Shutdown(std::chrono::system_clock::now()); }

  // The one object the command prints.
  google::protobuf::Struct Print(std::vector<std::string> arguments, int code = kExitOk) {
    arguments.emplace_back("--json");
    EXPECT_EQ(Run(std::move(arguments)), code) << err_.str();
    EXPECT_THAT(err_.str(), IsEmpty());
    return Json(out_.str());
  }

  Answers answers_;
  std::unique_ptr<grpc::Server> services_;
};

TEST_F(JsonTest, VerifyNamesWhatItCountedAndTheRulesThatBroke) {
  audit::v1::ExportBooksResponse row;
  row.mutable_listing()->set_listing_id("L1");
  row.mutable_listing()->mutable_balances()->set_available(1);
  answers_.Add("ExportBooks", row);
  const auto told = Print({"verify"}, kExitBroken);
  EXPECT_EQ(told.fields().at("position").string_value(), "0/0");
  const auto& counts = told.fields().at("counts").struct_value().fields();
  EXPECT_EQ(counts.at("listing").number_value(), 1);
  const auto& finding = told.fields().at("findings").list_value().values(0).struct_value().fields();
  EXPECT_EQ(finding.at("rule").string_value(), "listing-sum");
  EXPECT_EQ(finding.at("id").string_value(), "L1");
}

TEST_F(JsonTest, TheHelpOfVerifyNamesEveryRule) {
  for (const char* language : {"en", "zh"}) {
    Run({"verify", "--help", "--lang", language});
    // The help breaks long lines.
    std::string help;
    for (const char c : out_.str()) {
      if (!absl::ascii_isspace(static_cast<unsigned char>(c))) help += c;
    }
    for (int rule = 0; rule <= static_cast<int>(Rule::kShipment); ++rule) {
      EXPECT_THAT(help, HasSubstr(std::string(NameOf(static_cast<Rule>(rule))))) << language;
    }
    EXPECT_THAT(help, HasSubstr("\"findings\":[{\"rule\":RULE,\"id\":ID,\"what\":TEXT}]"));
  }
}

TEST_F(JsonTest, AnExportedRoundNamesItsFiles) {
  for (const auto& [file, content] : {std::pair("orders.csv", "a"), {"orders.csv", "b"}, {"report.json", "{}"}}) {
    matching::v1::ExportRoundResponse piece;
    piece.set_file(file);
    piece.set_content(content);
    answers_.Add("ExportRound", piece);
  }
  const auto told = Print({"round", "export", "R1", "--out", directory_ + "/round"});
  EXPECT_EQ(told.fields().at("dir").string_value(), directory_ + "/round");
  std::vector<std::string> files;
  for (const auto& file : told.fields().at("files").list_value().values()) files.push_back(file.string_value());
  EXPECT_THAT(files, ElementsAre("orders.csv", "report.json"));
  EXPECT_EQ(Read(directory_ + "/round/orders.csv"), "ab");
}

TEST_F(JsonTest, AGeneratedRoundIsCounted) {
  const auto told = Print({"clear-gen", "--scale", "0.0001", "--seed", "1", "--out", directory_ + "/made"});
  EXPECT_EQ(told.fields().at("dir").string_value(), directory_ + "/made");
  for (const char* rows : {"listings", "institutions", "orders"}) {
    EXPECT_GT(told.fields().at(rows).number_value(), 0) << rows;
  }
}

TEST_F(JsonTest, AWorkbookIsNamedWithItsSize) {
  report::v1::GetDailyReportResponse report;
  report.set_day("2020-03-01");
  answers_.Add("GetDailyReport", report);
  const std::string path = directory_ + "/report.xlsx";
  const auto told = Print({"report", "daily", "2020-03-01", "--by", "county", "--xlsx", path});
  EXPECT_EQ(told.fields().at("file").string_value(), path);
  EXPECT_EQ(told.fields().at("bytes").number_value(), static_cast<double>(Read(path).size()));
  EXPECT_EQ(Run({"report", "daily", "2020-03-01", "--by", "county", "--xlsx", path}), kExitOk);
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_THAT(err_.str(), HasSubstr(path));
}

}  // namespace
}  // namespace zhuxiao::cli
