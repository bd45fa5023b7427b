// What rpc turns into text or bytes for others: log lines, metrics over HTTP, statuses, parsed requests.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "prometheus/gauge.h"
#include "services/base/errors.h"
#include "services/rpc/codec.h"
#include "services/rpc/log.h"
#include "services/rpc/metrics.h"
#include "services/rpc/status.h"
#include "zhuxiao/diagnostics/v1/diagnostics.pb.h"

namespace zhuxiao::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LogTest, JsonStringsAreEscaped) {
  EXPECT_EQ(JsonString("plain 助销"), "\"plain 助销\"");
  EXPECT_EQ(JsonString("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
  EXPECT_EQ(JsonString("\xFF"), "\"\\u00ff\"");
}

TEST(LogTest, ALineIsOneJsonObjectWithoutEmptyFields) {
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "it \"works\"", {{"count", 7}, {"name", "x\ny"}, {"nothing", ""}});
  Log(LogLevel::kDebug, "not logged");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text,
              ::testing::MatchesRegex(
                  "\\{\"time\":\"....-..-..T..:..:......Z\",\"level\":\"info\",\"message\":\"it \\\\\"works\\\\\"\","
                  "\"count\":7,\"name\":\"x\\\\u000ay\"\\}\n"));
}

// What an HTTP GET of /metrics on the port answers.
std::string Get(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  EXPECT_EQ(send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t count; (count = recv(fd, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, count);
  close(fd);
  return answer;
}

TEST(MetricsTest, CallsAndOtherGaugesAreServedOverHttp) {
  Metrics metrics;
  metrics.ForMethod("a.Service", "Do", "unary")->Handled(absl::StatusCode::kNotFound, 3'000'000);
  prometheus::BuildGauge().Name("zhuxiao_rows").Help("Rows.").Register(metrics.registry()).Add({}).Set(42);
  const auto port = metrics.Serve("127.0.0.1:0");
  ASSERT_TRUE(port.ok()) << port.status();
  const std::string text = Get(*port);
  const std::string labels = R"({grpc_type="unary",grpc_service="a.Service",grpc_method="Do")";
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total" + labels + R"(,grpc_code="NotFound"} 1)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket" + labels + R"(,le="0.0025"} 0)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket" + labels + R"(,le="0.005"} 1)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket" + labels + R"(,le="+Inf"} 1)"));
  EXPECT_THAT(text, HasSubstr("zhuxiao_rows 42"));
  EXPECT_EQ(metrics.Serve("127.0.0.1:0").status().code(), absl::StatusCode::kFailedPrecondition);
  Metrics second;
  EXPECT_EQ(second.Serve("127.0.0.1:" + std::to_string(*port)).status().code(), absl::StatusCode::kUnavailable);
}

TEST(StatusTest, ALongMessageIsCutBetweenCharacters) {
  std::string message = "x";
  while (message.size() < 2 * kMaxMessageBytes) message += "销";
  const grpc::Status status = ToGrpcStatus(absl::InternalError(message));
  EXPECT_LE(status.error_message().size(), kMaxMessageBytes + 10);
  EXPECT_THAT(status.error_message(), ::testing::EndsWith("销 [cut]"));
}

TEST(StatusTest, DetailsKeepTheirReasonWhenFieldsAreCut) {
  base::FieldErrors errors;
  for (int i = 0; i < 1000; ++i) errors.Add("field" + std::to_string(i), "is wrong");
  // Many statuses: Abseil orders payloads by the address they happen to get.
  std::vector<absl::Status> statuses;
  for (int i = 0; i < 50; ++i) {
    statuses.push_back(errors.ToStatus());
    const grpc::Status status = ToGrpcStatus(statuses.back());
    EXPECT_LE(status.error_details().size(), kMaxDetailBytes + kMaxMessageBytes + 200);
    EXPECT_THAT(status.error_details(), HasSubstr("INVALID_FIELDS"));
    EXPECT_THAT(status.error_details(), HasSubstr("field0"));
    EXPECT_THAT(status.error_details(), Not(HasSubstr("field999")));
  }
}

TEST(CodecTest, AMessageInManySlicesIsRead) {
  diagnostics::v1::EchoRequest request;
  request.set_payload(std::string(1000, 'p'));
  const std::string bytes = request.SerializeAsString();
  std::vector<grpc::Slice> slices;
  for (size_t i = 0; i < bytes.size(); i += 7) slices.emplace_back(bytes.substr(i, 7));
  const grpc::ByteBuffer buffer(slices.data(), slices.size());
  diagnostics::v1::EchoRequest parsed;
  ASSERT_TRUE(ParseMessage(buffer, parsed).ok());
  EXPECT_EQ(parsed.payload(), request.payload());
  EXPECT_EQ(ToString(buffer), bytes);
}

TEST(CodecTest, OnlySoManyFieldsAreNamed) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "\x0A\x03\x12\x01\xFF";  // a violation with a bad description
  google::rpc::BadRequest parsed;
  const absl::Status status = ParseMessage(ToByteBuffer(bytes), parsed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("field_violations[19].description"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("field_violations[20]")));
}

TEST(CodecTest, BadTextIsMarkedWhereItStandsForWhoNamesItLater) {
  google::rpc::BadRequest parsed;
  const std::string bytes =
      "\x0A\x06\x0A\x01\x66\x12\x01\xFF\x0A\x05\x12\x03\xC3\xE4\xB8\x78\x01";  // an unknown field last
  ASSERT_TRUE(ParseMessage(ToByteBuffer(bytes), parsed, BadText::kMarked).ok());
  ASSERT_EQ(parsed.field_violations_size(), 2);
  EXPECT_EQ(parsed.field_violations(0).field(), "f");
  EXPECT_EQ(parsed.field_violations(0).description(), "\x7F");
  EXPECT_EQ(parsed.field_violations(1).description(), "\x7F\x7F\x7F");
  EXPECT_FALSE(ParseMessage(ToByteBuffer("\x0A\x03\x12\x01\xFF\x0A"), parsed, BadText::kMarked).ok());
}

TEST(CodecTest, Utf8IsJudgedAsProtobufDoes) {
  const std::vector<std::string> good = {
      "", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
  const std::vector<std::string> bad = {"\x80",         "\xC1\xBF",         "\xC2",
                                        "\xE0\x9F\xBF", "\xED\xA0\x80",     "\xF0\x8F\xBF\xBF",
                                        "\xE4\xB8",     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"};
  const auto status_of = [](const std::string& text) {
    diagnostics::v1::EchoRequest parsed;
    return ParseMessage(ToByteBuffer(std::string("\x0A") + static_cast<char>(text.size()) + text), parsed);
  };
  for (const auto& text : good) EXPECT_TRUE(status_of(text).ok());
  for (const auto& text : bad) EXPECT_THAT(std::string(status_of(text).message()), HasSubstr("payload: is not valid"));
}

}  // namespace
}  // namespace zhuxiao::rpc
