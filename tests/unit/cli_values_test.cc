// Values as people type them, fields set from them, columns of wide text, and the words of both languages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "clients/cli/command.h"
#include "clients/cli/csv.h"
#include "clients/cli/fields.h"
#include "clients/cli/render.h"
#include "clients/cli/table.h"
#include "clients/cli/values.h"
#include "clients/cli/width.h"
#include "services/base/clock.h"
#include "zhuxiao/order/v1/order.pb.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::cli {
namespace {

using testing::ElementsAre;

int64_t BaseOf(std::string_view text) {
  const auto quantity = ParseQuantity(text);
  return quantity.ok() ? quantity->base : -1;
}

TEST(ParseQuantity, TakesEveryUnit) {
  EXPECT_EQ(BaseOf("10000jin"), 5'000'000);
  EXPECT_EQ(BaseOf("10000斤"), 5'000'000);
  EXPECT_EQ(BaseOf("500kg"), 500'000);
  EXPECT_EQ(BaseOf("2.5公斤"), 2'500);
  EXPECT_EQ(BaseOf("2t"), 2'000'000);
  EXPECT_EQ(BaseOf("0.5jin"), 250);
  EXPECT_EQ(BaseOf("7g"), 7);
  EXPECT_EQ(BaseOf("60head"), 60);
  EXPECT_EQ(BaseOf("30枚"), 30);
  EXPECT_EQ(BaseOf("10000000t"), 10'000'000'000'000);
}

TEST(ParseQuantity, RefusesWhatIsNotWholeOrHasNoUnit) {
  for (const char* text : {"", "10000", "jin", "0.5head", "0.0001kg", "-5kg", "1e3kg", "5 kg", ".5kg", "5.kg",
                           "1.2.3kg", "10000001t", "99999999999999999999kg", "5lb", "0.0000001t"}) {
    EXPECT_FALSE(ParseQuantity(text).ok()) << text;
  }
  EXPECT_FALSE(ParseWeight("60head").ok());
}

TEST(ParseQuantity, TellsWeightsFromPieces) {
  EXPECT_TRUE(ParseQuantity("3斤")->is_weight);
  EXPECT_FALSE(ParseQuantity("3头")->is_weight);
}

TEST(ParseRate, TakesPercentAndParts) {
  EXPECT_EQ(ParseRate("5%", 10'000).value_or(-1), 500);
  EXPECT_EQ(ParseRate("2.25%", 10'000).value_or(-1), 225);
  EXPECT_EQ(ParseRate("500", 10'000).value_or(-1), 500);
  EXPECT_EQ(ParseRate("0.0001%", 1'000'000).value_or(-1), 1);
  EXPECT_FALSE(ParseRate("0.001%", 10'000).ok());
  EXPECT_FALSE(ParseRate("%", 10'000).ok());
}

TEST(FormatRate, IsTheInverse) {
  for (const int64_t parts : {0, 1, 10, 225, 300, 500, 9'999, 10'000}) {
    EXPECT_EQ(ParseRate(FormatRate(parts, 10'000), 10'000).value_or(-1), parts) << FormatRate(parts, 10'000);
  }
  EXPECT_EQ(FormatRate(30'500, 1'000'000), "3.05%");
}

TEST(ParseTime, ADayIsOneOfShanghai) {
  EXPECT_EQ(*ParseTime("2021-01-01", false), absl::FromUnixSeconds(1609430400));
  EXPECT_EQ(*ParseTime("2021-01-01", true), absl::FromUnixSeconds(1609430400 + 86'399));
  EXPECT_EQ(*ParseTime("2020-12-31T16:00:00Z", true), absl::FromUnixSeconds(1609430400));
  EXPECT_FALSE(ParseTime("2021-02-29", false).ok());
  EXPECT_FALSE(ParseTime("tomorrow", false).ok());
}

TEST(FormatGrams, ShowsKilograms) {
  EXPECT_EQ(FormatGrams(5'000'000), "5000 kg");
  EXPECT_EQ(FormatGrams(12'500), "12.5 kg");
  EXPECT_EQ(FormatGrams(7), "0.007 kg");
}

TEST(DisplayWidth, CountsWideCharactersTwiceAndMarksNever) {
  EXPECT_EQ(DisplayWidth("eggs"), 4);
  EXPECT_EQ(DisplayWidth("鸡蛋"), 4);
  EXPECT_EQ(DisplayWidth("ｅ"), 2);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);
  EXPECT_EQ(DisplayWidth("𠮷"), 2);
}

TEST(Printable, TakesTheTeethOutOfControlCharacters) {
  EXPECT_EQ(Printable("a\x1b[31mb"), "a\xEF\xBF\xBD[31mb");
  EXPECT_EQ(Printable("\xff"), "\xEF\xBF\xBD");
  EXPECT_EQ(Printable("鸡蛋 3.40"), "鸡蛋 3.40");
}

TEST(Table, AlignsWideText) {
  Table table({{"品类"}, {"amount", true}});
  table.AddRow({"鸡蛋", "3.40"});
  table.AddRow({"beef", "12345.00"});
  EXPECT_EQ(table.Draw(),
            "品类    amount\n"
            "----  --------\n"
            "鸡蛋      3.40\n"
            "beef  12345.00\n");
}

TEST(SetField, FollowsNamesAndTypes) {
  order::v1::PlaceOrderRequest request;
  ASSERT_TRUE(SetField(request, "order.quantity_base", "10jin").ok());
  ASSERT_TRUE(SetField(request, "order.limit_price", "3.40").ok());
  ASSERT_TRUE(SetField(request, "order.deliver_by_time", "2021-01-01").ok());
  ASSERT_TRUE(SetField(request, "order.required_certificates", "quarantine-a").ok());
  ASSERT_TRUE(SetField(request, "order.required_certificates", "承诺达标合格证").ok());
  ASSERT_TRUE(SetField(request, "order.allow_partial", "true").ok());
  EXPECT_EQ(request.order().quantity_base(), 5'000);
  EXPECT_EQ(request.order().limit_price().amount_fen(), 340);
  EXPECT_EQ(request.order().deliver_by_time().seconds(), 1609430400 + 86'399) << "until the end of the day";
  EXPECT_THAT(request.order().required_certificates(), ElementsAre(1, 3));
  EXPECT_TRUE(request.order().allow_partial());
}

TEST(SetField, NestedMessagesAreTypedAsPairs) {
  order::v1::ShipContractRequest request;
  const absl::Status status = SetField(
      request, "certificates", "kind=quarantine-b,number=B-1,issue=2020-03-01,valid-until=2020-03-01,quantity=20head");
  ASSERT_TRUE(status.ok()) << status;
  const auto& certificate = request.certificates(0);
  EXPECT_EQ(certificate.kind(), directory::v1::CERTIFICATE_KIND_QUARANTINE_B);
  EXPECT_EQ(certificate.quantity_base(), 20);
  EXPECT_EQ(certificate.valid_until().seconds() - certificate.issue_time().seconds(), 86'399);

  const absl::Status wrong = SetField(request, "certificates", "kind=nonsense,colour=red,quantity=1");
  EXPECT_TRUE(absl::StrContains(wrong.message(), "kind must be one of")) << wrong;
  EXPECT_TRUE(absl::StrContains(wrong.message(), "colour=red")) << wrong;
  EXPECT_TRUE(absl::StrContains(wrong.message(), "quantity must end in a unit")) << wrong;
}

TEST(SetField, RefusesWhatDoesNotFit) {
  order::v1::PlaceOrderRequest request;
  EXPECT_FALSE(SetField(request, "order.limit_price", "3.405").ok());
  EXPECT_FALSE(SetField(request, "order.address", "a\x01").ok());
  EXPECT_FALSE(SetField(request, "order.required_certificates", "unspecified").ok());
  quota::v1::GetQuotaRequest quota;
  EXPECT_FALSE(SetField(quota, "year", "4294967297").ok()) << "beyond int32";
}

TEST(Catalogue, HasEveryKeyOnceInBothLanguages) {
  std::set<std::string_view> keys;
  for (const CatalogueEntry& entry : CatalogueEntries()) {
    EXPECT_TRUE(keys.insert(entry.key).second) << entry.key << " stands twice";
    EXPECT_FALSE(entry.chinese.empty()) << entry.key;
    EXPECT_FALSE(entry.english.empty()) << entry.key;
    EXPECT_EQ(entry.english.find('\t'), std::string_view::npos) << entry.key;
    for (const char* place : {"{0}", "{1}", "{2}", "{3}", "{4}"}) {
      EXPECT_EQ(entry.chinese.find(place) == std::string_view::npos,
                entry.english.find(place) == std::string_view::npos)
          << entry.key << " " << place;
    }
  }
}

bool IsKnown(const std::string& key) { return Say(Language::kEnglish, key) != key; }

// Every file of the product whose words people may see.
std::vector<const google::protobuf::FileDescriptor*> ProtoFiles() {
  std::set<const google::protobuf::FileDescriptor*> files;
  const std::function<void(const google::protobuf::FileDescriptor*)> add = [&](const auto* file) {
    if (!absl::StartsWith(file->package(), "zhuxiao.") || !files.insert(file).second) return;
    for (int i = 0; i < file->dependency_count(); ++i) add(file->dependency(i));
  };
  for (const VerbSpec& verb : Verbs()) add(MethodOf(verb).file());
  add(audit::v1::Event::descriptor()->file());
  return {files.begin(), files.end()};
}

TEST(Catalogue, NamesEveryEnumValueAndFieldOfTheProtos) {
  int value_count = 0;
  for (const auto* file : ProtoFiles()) {
    for (int i = 0; i < file->enum_type_count(); ++i) {
      for (int j = 0; j < file->enum_type(i)->value_count(); ++j, ++value_count) {
        EXPECT_TRUE(IsKnown(file->enum_type(i)->value(j)->name())) << file->enum_type(i)->value(j)->full_name();
      }
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* message = file->message_type(i);
      if (message == common::v1::AccessRule::descriptor()) continue;
      for (int j = 0; j < message->field_count(); ++j) {
        const std::string& name = message->field(j)->name();
        const bool is_plumbing = name == "request_id" || name == "update_mask";
        EXPECT_TRUE(is_plumbing || IsKnown("field." + name)) << message->field(j)->full_name();
      }
    }
  }
  EXPECT_GT(value_count, 150);
}

TEST(Commands, AreNamedInTheCatalogue) {
  for (const Command& command : Commands()) {
    const std::string path = command.group.empty() ? command.name : command.group + "." + command.name;
    EXPECT_TRUE(IsKnown("verb." + path)) << path;
    EXPECT_TRUE(command.group.empty() || IsKnown("group." + command.group)) << command.group;
    std::set<std::string> names;
    for (const CommandOption& option : command.options) {
      EXPECT_TRUE(IsKnown(option.label)) << path << " --" << option.name << " " << option.label;
      EXPECT_TRUE(names.insert(option.name).second) << path << " --" << option.name << " stands twice";
    }
  }
}

TEST(Commands, ReachEveryUnaryMethod) {
  // Commands with code of their own; and the batch, which is for programs: people import files, which are streamed.
  std::set<std::string> called = {"zhuxiao.diagnostics.v1.DiagnosticsService.GetVersion",
                                  "zhuxiao.report.v1.ReportService.GetDailyReport",
                                  "zhuxiao.document.v1.DocumentService.GetDocument",
                                  "zhuxiao.reward.v1.RewardService.ProposePolicy",
                                  "zhuxiao.reward.v1.RewardService.GetPolicy",
                                  "zhuxiao.reward.v1.RewardService.ReportSalesBatch"};
  for (const VerbSpec& verb : Verbs()) called.insert(MethodOf(verb).full_name());
  for (const auto* file : ProtoFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        const auto* method = file->service(i)->method(j);
        if (method->client_streaming() || method->server_streaming()) continue;
        EXPECT_TRUE(called.contains(method->full_name())) << method->full_name() << " has no verb";
      }
    }
  }
}

TEST(Verbs, NameFieldsThatExist) {
  for (const VerbSpec& verb : Verbs()) {
    for (const OptionSpec& option : verb.options) {
      EXPECT_NE(FindField(*MethodOf(verb).input_type(), option.path), nullptr) << verb.method << " " << option.path;
    }
  }
}

TEST(Columns, NameFieldsThatExist) {
  for (const auto* file : ProtoFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      for (const std::string& path : ColumnsOf(*file->message_type(i))) {
        EXPECT_NE(FindField(*file->message_type(i), path), nullptr)
            << file->message_type(i)->full_name() << " " << path;
      }
    }
  }
}

TEST(ParseCsv, TakesQuotesLineBreaksAndAByteOrderMark) {
  const auto records = ParseCsv(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\r\n 2 ,\n");
  ASSERT_EQ(records.size(), 3);
  EXPECT_THAT(records[0].cells, ElementsAre("a", "b"));
  EXPECT_THAT(records[1].cells, ElementsAre("1", "x, \"y\"\r\nz"));
  EXPECT_THAT(records[2].cells, ElementsAre("2", ""));
  EXPECT_EQ(records[1].line, 2);
  EXPECT_EQ(records[2].line, 5) << "after a record of two lines and a blank one";
}

TEST(ParseCsv, ABadRecordDoesNotSpoilTheNext) {
  const auto records = ParseCsv("a\n\"x\"y\nz\n\"open");
  ASSERT_EQ(records.size(), 4);
  EXPECT_FALSE(records[1].error.empty());
  EXPECT_TRUE(records[2].error.empty());
  EXPECT_THAT(records[2].cells, ElementsAre("z"));
  EXPECT_EQ(records[2].line, 3);
  EXPECT_FALSE(records[3].error.empty());
}

TEST(ParseCsv, ABrokenRecordTakesItsFirstLineOnly) {
  const auto records = ParseCsv("a,b\r\n1,\"open\r\n2,\"x\"y\r\n3,z\r\n\"never\r\n\"4\",w\r\n");
  ASSERT_EQ(records.size(), 6);
  EXPECT_EQ(records[1].text, "1,\"open");
  EXPECT_EQ(records[2].text, "2,\"x\"y");
  EXPECT_THAT(records[3].cells, ElementsAre("3", "z"));
  EXPECT_TRUE(records[3].text.empty());
  EXPECT_EQ(records[4].text, "\"never");
  EXPECT_THAT(records[5].cells, ElementsAre("4", "w"));
  for (size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i].line, static_cast<int64_t>(i) + 1);
}

TEST(ParseCsv, LinesMayEndInCarriageReturns) {
  const auto records = ParseCsv("a,b\r1,2\r3,4\r");
  ASSERT_EQ(records.size(), 3);
  EXPECT_THAT(records[2].cells, ElementsAre("3", "4"));
  EXPECT_EQ(records[2].line, 3);
}

TEST(FormatCsvLine, IsReadBackAsItWas) {
  const std::vector<std::string> cells = {"plain", "a,b", "say \"hi\"", "two\nlines", " 蛋 ", ""};
  const auto records = ParseCsv(FormatCsvLine(cells));
  ASSERT_EQ(records.size(), 1);
  EXPECT_EQ(records[0].cells, cells);
}

}  // namespace
}  // namespace zhuxiao::cli
