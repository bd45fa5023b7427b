// What every unary call passes: identity, access rule, limits, parsing, answer, metrics.
#include <thread>

#include "gmock/gmock.h"
#include "tests/e2e/rpc_fixture.h"

namespace zhuxiao::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PipelineTest : public RpcTest {
 protected:
  // A service with the method Say for suppliers.
  void StartForSuppliers() {
    description_.AddFor(base::Role::ROLE_SUPPLIER, "Say");
    auto service = description_.MakeService();
    service->Unary<EchoRequest, EchoResponse>(
        "Say", [this](const Call& call, const EchoRequest& request, const Done<EchoResponse>& done) {
          last_call_ = call;
          AnswerAtOnce(call, request, done);
        });
    StartServer(std::move(service));
  }

  // A public method that takes a google.rpc.BadRequest, which has text in messages in a list.
  void StartNested() {
    description_.AddPublic("Nest", ".google.rpc.BadRequest");
    auto service = description_.MakeService();
    service->Unary<google::rpc::BadRequest, EchoResponse>(
        "Nest",
        [](const Call&, const google::rpc::BadRequest&, const Done<EchoResponse>& done) { done(EchoResponse()); });
    StartServer(std::move(service));
  }

  Call last_call_;
};

TEST_F(PipelineTest, ACallWithATokenReachesTheHandlerAsItsCaller) {
  StartForSuppliers();
  const absl::Time before = absl::Now();
  const grpc::Status status = Say("Say", "supplier");
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(last_call_.caller.role, base::Role::ROLE_SUPPLIER);
  EXPECT_EQ(last_call_.caller.organisation, testing::Uscc("93", 1));
  EXPECT_EQ(last_call_.method, "zhuxiao.test.v1.TestService.Say");
  EXPECT_THAT(last_call_.peer, HasSubstr("127.0.0.1"));
  EXPECT_GT(last_call_.deadline, before);
  EXPECT_LT(last_call_.deadline, absl::InfiniteFuture());
}

TEST_F(PipelineTest, WithoutATokenTheCallIsUnauthenticated) {
  StartForSuppliers();
  const grpc::Status status = Say("Say");
  EXPECT_EQ(status.error_code(), grpc::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "TOKEN_INVALID");
}

TEST_F(PipelineTest, AnUnknownTokenIsUnauthenticated) {
  StartForSuppliers();
  const grpc::Status status = Say("Say", "stolen");
  EXPECT_EQ(status.error_code(), grpc::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "TOKEN_INVALID");
}

TEST_F(PipelineTest, TwoTokensOrAnotherSchemeAreNone) {
  StartForSuppliers();
  EXPECT_EQ(CallBytes(TestPath("Say"), "", nullptr, "supplier", {{"authorization", "Bearer supplier"}}).error_code(),
            grpc::UNAUTHENTICATED);
  EXPECT_EQ(CallBytes(TestPath("Say"), "", nullptr, "", {{"authorization", "Basic supplier"}}).error_code(),
            grpc::UNAUTHENTICATED);
}

TEST_F(PipelineTest, AnotherRoleIsDenied) {
  StartForSuppliers();
  const grpc::Status status = Say("Say", "auditor");
  EXPECT_EQ(status.error_code(), grpc::PERMISSION_DENIED);
  EXPECT_EQ(ReasonOf(status), "ROLE_NOT_ALLOWED");
}

TEST_F(PipelineTest, APublicMethodAdmitsAnyoneAndKnowsWhoIsKnown) {
  description_.AddPublic("Open");
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>("Open",
                                            [](const Call& call, const EchoRequest&, const Done<EchoResponse>& done) {
                                              EchoResponse response;
                                              response.set_payload(common::v1::Role_Name(call.caller.role));
                                              done(std::move(response));
                                            });
  StartServer(std::move(service));
  const auto role_with = [&](const std::string& token) {
    std::string bytes;
    EXPECT_TRUE(CallBytes(TestPath("Open"), "", &bytes, token).ok());
    EchoResponse response;
    response.ParseFromString(bytes);
    return response.payload();
  };
  EXPECT_EQ(role_with(""), "ROLE_UNSPECIFIED");
  EXPECT_EQ(role_with("stolen"), "ROLE_UNSPECIFIED");
  EXPECT_EQ(role_with("auditor"), "ROLE_AUDITOR");
}

TEST_F(PipelineTest, EchoReturnsThePayload) {
  StartServer(nullptr);
  EchoRequest request;
  request.set_payload("助销 ✓");
  std::string bytes;
  ASSERT_TRUE(CallBytes("/zhuxiao.diagnostics.v1.DiagnosticsService/Echo", request.SerializeAsString(), &bytes).ok());
  EchoResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  EXPECT_EQ(response.payload(), "助销 ✓");
}

TEST_F(PipelineTest, GetVersionTellsTheVersion) {
  StartServer(nullptr);
  std::string bytes;
  ASSERT_TRUE(CallBytes("/zhuxiao.diagnostics.v1.DiagnosticsService/GetVersion", "", &bytes).ok());
  EXPECT_THAT(bytes, HasSubstr("1.2.3"));
}

TEST_F(PipelineTest, ALargeRequestPassesAndALargerOneIsRefused) {
  StartServer(nullptr);
  EchoRequest request;
  request.set_payload(std::string((1 << 20) - 16, 'x'));
  const std::string path = "/zhuxiao.diagnostics.v1.DiagnosticsService/Echo";
  EXPECT_TRUE(CallBytes(path, request.SerializeAsString(), nullptr).ok());
  for (const int times : {2, 3}) {
    request.set_payload(std::string(static_cast<size_t>(times) << 20, 'x'));
    const grpc::Status status = CallBytes(path, request.SerializeAsString(), nullptr);
    EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
    EXPECT_EQ(status.error_message(), "the request takes " + std::to_string(request.ByteSizeLong()) +
                                          " bytes, more than the 1048576 that are taken");
  }
  EXPECT_TRUE(Echo().ok());
}

TEST_F(PipelineTest, WhatIsFarTooLargeIsNotTakenInAtAll) {
  ServerOptions options;
  options.max_message_bytes = 1 << 10;
  StartServer(nullptr, options);
  EchoRequest request;
  request.set_payload(std::string(kMostOfLargest << 10, 'x'));
  const std::string path = "/zhuxiao.diagnostics.v1.DiagnosticsService/Echo";
  EXPECT_EQ(CallBytes(path, request.SerializeAsString(), nullptr).error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Echo().ok());
}

TEST_F(PipelineTest, TooMuchMetadataIsRefused) {
  StartServer(nullptr);
  const grpc::Status status = CallBytes("/zhuxiao.diagnostics.v1.DiagnosticsService/Echo", "", nullptr, "",
                                        {{"x-long", std::string(16 << 10, 'x')}});
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED) << status.error_message();
  channel_ = NewChannel();  // gRPC may close the connection that sent it
  EXPECT_TRUE(Echo().ok());
}

TEST_F(PipelineTest, TextThatIsNotUtf8IsNamedWhereverItStands) {
  StartNested();
  google::rpc::BadRequest request;
  for (const char* description : {"good",
                                  "b\xFF"
                                  "d",
                                  "also good", "\xC3"}) {
    auto* violation = request.add_field_violations();
    violation->set_field("f");
    violation->set_description(description);
  }
  request.mutable_field_violations(2)->set_field("\xED\xA0\x80");  // a surrogate
  const grpc::Status status = CallBytes(TestPath("Nest"), request.SerializePartialAsString(), nullptr);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
  EXPECT_THAT(FieldsOf(status), ElementsAre("field_violations[1].description", "field_violations[2].field",
                                            "field_violations[3].description"));
}

TEST_F(PipelineTest, BytesThatAreNoMessageAreInvalid) {
  StartNested();
  const grpc::Status status = CallBytes(TestPath("Nest"), "\x0A\x7F not a message", nullptr);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
  EXPECT_THAT(status.error_message(), HasSubstr("google.rpc.BadRequest"));
}

TEST_F(PipelineTest, AnUnknownMethodIsUnimplemented) {
  StartServer(nullptr);
  EXPECT_EQ(Say("Nothing").error_code(), grpc::UNIMPLEMENTED);
}

TEST_F(PipelineTest, ErrorsTravelWithTheirDetails) {
  description_.AddPublic("Refuse");
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>("Refuse",
                                            [](const Call&, const EchoRequest&, const Done<EchoResponse>& done) {
                                              done(base::Refuse(base::ErrorReason::ERROR_REASON_QUOTA_EXCEEDED,
                                                                "institution", "over the limit", {{"left_fen", "7"}}));
                                            });
  StartServer(std::move(service));
  const grpc::Status status = Say("Refuse");
  EXPECT_EQ(status.error_code(), grpc::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "over the limit");
  EXPECT_EQ(ReasonOf(status), "QUOTA_EXCEEDED");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("left_fen"), "7");
  EXPECT_EQ(DetailOf<google::rpc::PreconditionFailure>(status).violations(0).subject(), "institution");
}

TEST_F(PipelineTest, AThousandBadFieldsStillReachTheClient) {
  description_.AddPublic("Refuse");
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>(
      "Refuse", [](const Call&, const EchoRequest&, const Done<EchoResponse>& done) {
        base::FieldErrors errors;
        for (int i = 0; i < 1000; ++i) errors.Add("sales[" + std::to_string(i) + "].amount", "is not positive");
        done(errors.ToStatus());
      });
  StartServer(std::move(service));
  const grpc::Status status = Say("Refuse");
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
  EXPECT_GT(FieldsOf(status).size(), 10u);
  EXPECT_EQ(FieldsOf(status).front(), "sales[0].amount");
}

TEST_F(PipelineTest, BytesHandlersSeeTheRequestAsSentAndAnswerWithBytes) {
  description_.AddPublic("Raw");
  auto service = description_.MakeService();
  service->UnaryBytes<EchoRequest>(
      "Raw", [](const Call&, const EchoRequest& request, std::string raw, const Done<std::string>& done) {
        EXPECT_EQ(request.payload(), "twice");
        done(std::move(raw));
      });
  StartServer(std::move(service));
  // The field twice, and one that is unknown: valid, and no serializer would write it so.
  const std::string request = std::string("\x0A\x04once\x0A\x05twice\x78\x01", 15);
  std::string response;
  ASSERT_TRUE(CallBytes(TestPath("Raw"), request, &response).ok());
  EXPECT_EQ(response, request);
}

TEST_F(PipelineTest, AHandlerThatForgetsItsCallAnswersInternal) {
  description_.AddPublic("Forget");
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>("Forget", [](const Call&, const EchoRequest&, Done<EchoResponse>) {});
  StartServer(std::move(service));
  const grpc::Status status = Say("Forget");
  EXPECT_EQ(status.error_code(), grpc::INTERNAL);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
}

TEST_F(PipelineTest, AHandlerMayAnswerFromAnyThreadAndOnceOnly) {
  description_.AddPublic("Later");
  auto service = description_.MakeService();
  std::vector<std::thread> workers;
  service->Unary<EchoRequest, EchoResponse>(
      "Later", [&](const Call& call, const EchoRequest& request, const Done<EchoResponse>& done) {
        workers.emplace_back([&call, &request, done] {
          AnswerAtOnce(call, request, done);
          done(absl::InternalError("a second answer"));
        });
      });
  StartServer(std::move(service));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Say("Later").ok());
  server_->Drain();
  for (auto& worker : workers) worker.join();
}

TEST_F(PipelineTest, TheClientsDeadlineEndsItsWait) {
  description_.AddPublic("Never");
  auto service = description_.MakeService();
  std::vector<Done<EchoResponse>> kept;
  absl::Mutex mutex;
  service->Unary<EchoRequest, EchoResponse>("Never",
                                            [&](const Call&, const EchoRequest&, const Done<EchoResponse>& done) {
                                              absl::MutexLock lock(&mutex);
                                              kept.push_back(done);
                                            });
  StartServer(std::move(service));
  EXPECT_EQ(CallBytes(TestPath("Never"), "", nullptr, "", {}, absl::Milliseconds(100)).error_code(),
            grpc::DEADLINE_EXCEEDED);
  absl::MutexLock lock(&mutex);
  for (auto& done : kept) done(EchoResponse());
  kept.clear();
}

TEST_F(PipelineTest, CallsBeyondTheCapGetRetryInfo) {
  description_.AddPublic("Hold");
  auto service = description_.MakeService();
  HeldCall held;
  held.Serve(*service, "Hold");
  ServerOptions options;
  options.max_calls_in_flight = 1;
  options.retry_after = absl::Milliseconds(1500);
  StartServer(std::move(service), options);
  grpc::Status first;
  std::thread waiting([&] { first = Say("Hold"); });
  held.WaitUntilHeld();
  const grpc::Status status = Echo();
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  held.Release();
  waiting.join();
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(Echo().ok());
}

TEST_F(PipelineTest, MetricsCountWhatHappened) {
  StartForSuppliers();
  Say("Say", "supplier");
  Say("Say", "supplier");
  Say("Say");
  const std::string text = metrics_.Text();
  const std::string labels = R"({grpc_type="unary",grpc_service="zhuxiao.test.v1.TestService",grpc_method="Say")";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total" + labels + "} 3"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total" + labels + R"(,grpc_code="OK"} 2)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total" + labels + R"(,grpc_code="Unauthenticated"} 1)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total" + labels + "} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total" + labels + "} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count" + labels + "} 3"));
}

}  // namespace
}  // namespace zhuxiao::rpc
