// Streams in both directions: order, back-pressure, cancellation, errors in the middle, drain.
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "tests/e2e/rpc_fixture.h"
#include "tests/support/eventually.h"

namespace zhuxiao::rpc {
namespace {

using ::testing::HasSubstr;
using Writer = std::shared_ptr<StreamWriter<EchoResponse>>;

EchoResponse Numbered(int number) {
  EchoResponse response;
  response.set_payload(std::to_string(number));
  return response;
}

// Writes `left` messages, each when the one before is through, and finishes.
void WriteRest(const Writer& writer, int next, int count) {
  if (next == count) return writer->Finish(absl::OkStatus());
  writer->Write(Numbered(next), [writer, next, count](bool ok) {
    if (ok) WriteRest(writer, next + 1, count);
  });
}

class StreamTest : public RpcTest {
 protected:
  void StartMany(std::function<void(const Call&, const EchoRequest&, Writer)> handler, ServerOptions options = {}) {
    description_.AddPublic("Many").set_server_streaming(true);
    auto service = description_.MakeService();
    service->ServerStream<EchoRequest, EchoResponse>("Many", std::move(handler));
    StartServer(std::move(service), std::move(options));
  }

  std::unique_ptr<grpc::ClientReader<EchoResponse>> ReadMany(grpc::ClientContext& context) {
    const grpc::internal::RpcMethod method("/zhuxiao.test.v1.TestService/Many",
                                           grpc::internal::RpcMethod::SERVER_STREAMING);
    return std::unique_ptr<grpc::ClientReader<EchoResponse>>(
        grpc::internal::ClientReaderFactory<EchoResponse>::Create(channel_.get(), method, &context, EchoRequest()));
  }

  // Reads to the end and expects 0, 1, 2 … in order.
  int CountInOrder(grpc::ClientReader<EchoResponse>& reader) {
    EchoResponse response;
    int count = 0;
    while (reader.Read(&response)) EXPECT_EQ(response.payload(), std::to_string(count++));
    return count;
  }
};

TEST_F(StreamTest, EventDrivenWritesArriveInOrder) {
  StartMany([](const Call&, const EchoRequest&, Writer writer) { WriteRest(writer, 0, 2000); });
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EXPECT_EQ(CountInOrder(*reader), 2000);
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(StreamTest, AWorkerMayWaitForEachWrite) {
  std::thread worker;
  StartMany([&](const Call&, const EchoRequest&, Writer writer) {
    worker = std::thread([writer] {
      for (int i = 0; i < 2000; ++i) EXPECT_TRUE(writer->WriteAndWait(Numbered(i)));
      writer->Finish(absl::OkStatus());
    });
  });
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EXPECT_EQ(CountInOrder(*reader), 2000);
  EXPECT_TRUE(reader->Finish().ok());
  worker.join();
}

TEST_F(StreamTest, ASlowClientHoldsTheWriterBack) {
  std::atomic<int> written = 0;
  std::thread worker;
  StartMany([&](const Call&, const EchoRequest&, Writer writer) {
    worker = std::thread([&written, writer] {
      EchoResponse large;
      large.set_payload(std::string(64 << 10, 'x'));
      while (writer->WriteAndWait(large)) ++written;
    });
  });
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  // The writer has stopped once it writes nothing for a while; without back-pressure it never would.
  for (int before = -1; before != written;) {
    before = written;
    absl::SleepFor(absl::Milliseconds(200));
  }
  EXPECT_LT(written, 1000);
  context.TryCancel();
  worker.join();
  EXPECT_EQ(reader->Finish().error_code(), grpc::CANCELLED);
}

TEST_F(StreamTest, ACancelledCallIsNoticedWithoutAWrite) {
  absl::Notification noticed;
  Writer kept;
  StartMany([&](const Call&, const EchoRequest&, Writer writer) {
    kept = writer;
    writer->WhenCancelled([&noticed] { noticed.Notify(); });
    writer->Write(Numbered(0), [](bool) {});
  });
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context.TryCancel();
  noticed.WaitForNotification();
  EXPECT_TRUE(kept->IsOver());
  bool was_written = true;
  kept->Write(Numbered(1), [&](bool ok) { was_written = ok; });
  EXPECT_FALSE(was_written);
  bool is_told_at_once = false;
  kept->WhenCancelled([&] { is_told_at_once = true; });
  EXPECT_TRUE(is_told_at_once);
  kept.reset();
  server_->Drain();
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(grpc_method="Many",grpc_code="Canceled"} 1)"));
}

// The handler of a watch keeps every writer and writes only when something happens, which may be never.
TEST_F(StreamTest, AClientThatWentAwayFreesItsPlaceThoughTheHandlerKeepsTheWriter) {
  absl::Mutex mutex;
  std::vector<Writer> kept;
  ServerOptions options;
  options.max_calls_in_flight = 4;
  StartMany(
      [&](const Call&, const EchoRequest&, const Writer& writer) {
        writer->Write(Numbered(0), [](bool) {});
        absl::MutexLock lock(&mutex);
        kept.push_back(writer);
      },
      options);
  {
    std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
    std::vector<std::unique_ptr<grpc::ClientReader<EchoResponse>>> readers;
    for (int i = 0; i < 4; ++i) {
      contexts.push_back(std::make_unique<grpc::ClientContext>());
      readers.push_back(ReadMany(*contexts.back()));
      EchoResponse response;
      ASSERT_TRUE(readers.back()->Read(&response));
    }
    EXPECT_EQ(Echo().error_code(), grpc::RESOURCE_EXHAUSTED);
    for (const auto& context : contexts) context->TryCancel();
    for (const auto& reader : readers) EXPECT_EQ(reader->Finish().error_code(), grpc::CANCELLED);
  }
  EXPECT_TRUE(testing::Eventually([this] { return server_->open_call_count() == 0; }));
  EXPECT_TRUE(Echo().ok());
  absl::MutexLock lock(&mutex);
  for (const Writer& writer : kept) EXPECT_TRUE(writer->IsOver());
}

TEST_F(StreamTest, AnErrorAfterMessagesReachesTheClient) {
  StartMany([](const Call&, const EchoRequest&, Writer writer) {
    writer->Write(Numbered(0), [writer](bool) { writer->Finish(base::DataLoss("a row is gone")); });
  });
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EXPECT_EQ(CountInOrder(*reader), 1);
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::DATA_LOSS);
  EXPECT_EQ(ReasonOf(status), "DATA_CORRUPT");
}

TEST_F(StreamTest, AnEndDuringAWriteFollowsTheMessage) {
  StartMany([](const Call&, const EchoRequest&, Writer writer) {
    writer->Write(Numbered(0), [](bool) {});
    writer->Finish(absl::OkStatus());
  });
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext context;
    auto reader = ReadMany(context);
    EXPECT_EQ(CountInOrder(*reader), 1);
    EXPECT_TRUE(reader->Finish().ok());
  }
}

TEST_F(StreamTest, AForgottenWriterAnswersInternal) {
  StartMany([](const Call&, const EchoRequest&, Writer) {});
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EXPECT_EQ(CountInOrder(*reader), 0);
  EXPECT_EQ(reader->Finish().error_code(), grpc::INTERNAL);
}

TEST_F(StreamTest, ADrainEndsAStreamWhoseClientDoesNotRead) {
  std::thread worker;
  ServerOptions options;
  options.drain_deadline = absl::Milliseconds(200);
  StartMany(
      [&](const Call&, const EchoRequest&, Writer writer) {
        worker = std::thread([writer] {
          EchoResponse large;
          large.set_payload(std::string(64 << 10, 'x'));
          while (writer->WriteAndWait(large)) {
          }
        });
      },
      options);
  grpc::ClientContext context;
  auto reader = ReadMany(context);
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  server_->Drain();
  worker.join();
  EXPECT_EQ(server_->open_call_count(), 0);
  context.TryCancel();
  EXPECT_FALSE(reader->Finish().ok());
}

// Joins the payloads. Answers from a thread of its own, so that the next message waits for it.
class Joiner final : public StreamReader<EchoRequest, EchoResponse> {
 public:
  explicit Joiner(std::atomic<int>& at_work) : at_work_(at_work) {}
  void OnMessage(const EchoRequest& message, std::function<void(absl::Status)> next) override {
    EXPECT_EQ(at_work_.fetch_add(1), 0) << "two messages at once";
    if (message.payload() == "forget") {
      at_work_ = 0;
      return;
    }
    std::thread([this, &message, next = std::move(next)]() mutable {
      text_ += message.payload();
      at_work_ = 0;
      const bool is_bad = message.payload() == "bad";
      std::exchange(next, nullptr)(is_bad ? base::NotFound("sale", "bad") : absl::OkStatus());
    }).detach();
  }

  void OnEnd(std::function<void(absl::StatusOr<EchoResponse>)> done) override {
    EchoResponse response;
    response.set_payload(text_);
    done(std::move(response));
  }

 private:
  std::atomic<int>& at_work_;
  std::string text_;
};

class ClientStreamTest : public RpcTest {
 protected:
  void SetUp() override {
    description_.AddPublic("Join").set_client_streaming(true);
    auto service = description_.MakeService();
    service->ClientStream<EchoRequest, EchoResponse>(
        "Join", [this](const Call&) { return std::make_unique<Joiner>(at_work_); });
    ServerOptions options;
    options.drain_deadline = absl::Milliseconds(200);
    StartServer(std::move(service), options);
    const grpc::internal::RpcMethod method("/zhuxiao.test.v1.TestService/Join",
                                           grpc::internal::RpcMethod::CLIENT_STREAMING);
    writer_.reset(
        grpc::internal::ClientWriterFactory<grpc::ByteBuffer>::Create(channel_.get(), method, &context_, &response_));
  }

  bool Send(const std::string& payload) {
    EchoRequest request;
    request.set_payload(payload);
    return writer_->Write(SerializeMessage(request));
  }

  std::atomic<int> at_work_ = 0;
  grpc::ClientContext context_;
  EchoResponse response_;
  std::unique_ptr<grpc::ClientWriter<grpc::ByteBuffer>> writer_;
};

TEST_F(ClientStreamTest, MessagesAreTakenOneByOneAndAnsweredOnce) {
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    expected += std::to_string(i) + ",";
    ASSERT_TRUE(Send(std::to_string(i) + ","));
  }
  writer_->WritesDone();
  EXPECT_TRUE(writer_->Finish().ok());
  EXPECT_EQ(response_.payload(), expected);
}

TEST_F(ClientStreamTest, AnEmptyStreamIsAnswered) {
  writer_->WritesDone();
  EXPECT_TRUE(writer_->Finish().ok());
  EXPECT_EQ(response_.payload(), "");
}

TEST_F(ClientStreamTest, ABadMessageEndsTheCall) {
  Send("good");
  Send("bad");
  writer_->WritesDone();
  const grpc::Status status = writer_->Finish();
  EXPECT_EQ(status.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "NOT_FOUND");
}

TEST_F(ClientStreamTest, TextThatIsNotUtf8EndsTheCall) {
  writer_->Write(ToByteBuffer("\x0A\x01\xFF"));
  writer_->WritesDone();
  const grpc::Status status = writer_->Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), ::testing::ElementsAre("payload"));
}

TEST_F(ClientStreamTest, AMessageThatIsTooLargeEndsTheCall) {
  Send("a");
  Send(std::string(3 << 20, 'x'));
  writer_->WritesDone();
  const grpc::Status status = writer_->Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
}

TEST_F(ClientStreamTest, AForgottenMessageAnswersInternal) {
  Send("forget");
  EXPECT_EQ(writer_->Finish().error_code(), grpc::INTERNAL);
}

TEST_F(ClientStreamTest, ACancelledStreamLeavesNothingOpen) {
  Send("a");
  context_.TryCancel();
  EXPECT_EQ(writer_->Finish().error_code(), grpc::CANCELLED);
  while (server_->open_call_count() != 0) absl::SleepFor(absl::Milliseconds(1));
}

TEST_F(ClientStreamTest, ADrainEndsAStreamThatSendsNothing) {
  Send("a");
  while (server_->open_call_count() == 0) absl::SleepFor(absl::Milliseconds(1));
  server_->Drain();
  EXPECT_EQ(writer_->Finish().error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(server_->open_call_count(), 0);
}

}  // namespace
}  // namespace zhuxiao::rpc
