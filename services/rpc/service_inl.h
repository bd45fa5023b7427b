// The typed half of service.h. Included by it alone.
#pragma once

namespace zhuxiao::rpc {

// Parses into `request` and notes its request_id, or ends the call with the error.
template <typename Req>
bool ParseOrEnd(OpenCall& call, const grpc::ByteBuffer& bytes, Req& request, BadText bad_text = BadText::kRefused) {
  call.method().metrics->Received();
  absl::Status status = call.CheckSize(bytes.Length());
  if (status.ok()) status = ParseMessage(bytes, request, bad_text);
  if (!status.ok()) {
    call.End(status);
    return false;
  }
  if constexpr (requires { std::string_view(request.request_id()); }) call.set_request_id(request.request_id());
  return true;
}

// A unary call with its parsed request. Handlers hold it through `done`; the last one to go ends the call.
template <typename Req>
struct Exchange {
  explicit Exchange(std::shared_ptr<UnaryCall> unary) : call(std::move(unary)) {}
  ~Exchange() { call->EndDropped(); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // False where the request is bad; the call has ended then.
  bool Parse(const grpc::ByteBuffer& bytes, BadText bad_text) { return ParseOrEnd(*call, bytes, request, bad_text); }

  const std::shared_ptr<UnaryCall> call;
  Req request;
};

// One client stream: reads a message, hands it over, waits for the word to read the next.
template <typename Req, typename Res>
class ClientStreamLoop : public std::enable_shared_from_this<ClientStreamLoop<Req, Res>> {
 public:
  ClientStreamLoop(std::shared_ptr<ClientStreamCall> call, std::unique_ptr<StreamReader<Req, Res>> reader,
                   BadText bad_text)
      : call_(std::move(call)), reader_(std::move(reader)), bad_text_(bad_text) {}
  ~ClientStreamLoop() { call_->EndDropped(); }

  void ReadNext() {
    call_->Read([self = this->shared_from_this()](const grpc::ByteBuffer* bytes) {
      bytes == nullptr ? self->TakeEnd() : self->Take(*bytes);
    });
  }

 private:
  void Take(const grpc::ByteBuffer& bytes) {
    message_.Clear();
    if (!ParseOrEnd(*call_, bytes, message_, bad_text_)) return;
    reader_->OnMessage(message_, [self = this->shared_from_this()](absl::Status status) {
      status.ok() ? self->ReadNext() : self->call_->End(status);
    });
  }

  void TakeEnd() {
    reader_->OnEnd([self = this->shared_from_this()](absl::StatusOr<Res> response) {
      if (!response.ok()) return self->call_->End(response.status());
      self->call_->Answer(AnswerOf(*response, self->call_->call().caller.role));
    });
  }

  const std::shared_ptr<ClientStreamCall> call_;
  const std::unique_ptr<StreamReader<Req, Res>> reader_;
  const BadText bad_text_;
  Req message_;
};

template <typename Req, typename Res>
void Service::Unary(std::string_view method, std::function<void(const Call&, const Req&, Done<Res>)> handler,
                    BadText bad_text) {
  Register(method, Req::descriptor(), Res::descriptor(),
           UnaryStart([handler = std::move(handler), bad_text](std::shared_ptr<UnaryCall> call,
                                                               const grpc::ByteBuffer& bytes) {
             auto exchange = std::make_shared<Exchange<Req>>(std::move(call));
             if (!exchange->Parse(bytes, bad_text)) return;
             handler(exchange->call->call(), exchange->request, [exchange](absl::StatusOr<Res> response) {
               if (!response.ok()) return exchange->call->End(response.status());
               exchange->call->Answer(AnswerOf(*response, exchange->call->call().caller.role));
             });
           }));
}

template <typename Req, typename Res>
void Service::UnaryInPlace(std::string_view method,
                           std::function<absl::Status(const Call&, const Req&, Res& response)> handler,
                           BadText bad_text) {
  Register(method, Req::descriptor(), Res::descriptor(),
           UnaryStart([handler = std::move(handler), bad_text](std::shared_ptr<UnaryCall> call,
                                                               const grpc::ByteBuffer& bytes) {
             Reused<Req> request;
             if (!ParseOrEnd(*call, bytes, *request, bad_text)) return;
             Reused<Res> response;
             if (absl::Status status = handler(call->call(), *request, *response); !status.ok()) {
               return call->End(status);
             }
             grpc::ByteBuffer answer = AnswerOf(*response, call->call().caller.role);
             request.GiveBack(bytes.Length());
             response.GiveBack(answer.Length());
             call->Answer(answer);
           }));
}

template <typename Req>
void Service::UnaryBytes(
    std::string_view method,
    std::function<void(const Call&, const Req&, std::string raw_request, Done<std::string>)> handler,
    BadText bad_text) {
  Register(method, Req::descriptor(), nullptr,
           UnaryStart([handler = std::move(handler), bad_text](std::shared_ptr<UnaryCall> call,
                                                               const grpc::ByteBuffer& bytes) {
             auto exchange = std::make_shared<Exchange<Req>>(std::move(call));
             if (!exchange->Parse(bytes, bad_text)) return;
             handler(exchange->call->call(), exchange->request, ToString(bytes),
                     [exchange](absl::StatusOr<std::string> response) {
                       if (!response.ok()) return exchange->call->End(response.status());
                       auto answer = AnswerOf(*response, *exchange->call->method().descriptor->output_type(),
                                              exchange->call->call().caller.role);
                       answer.ok() ? exchange->call->Answer(*std::move(answer)) : exchange->call->End(answer.status());
                     });
           }));
}

template <typename Req, typename Res>
void Service::ServerStream(
    std::string_view method,
    std::function<void(const Call&, const Req&, std::shared_ptr<StreamWriter<Res>> writer)> handler, BadText bad_text) {
  // The request lives beside the writer, as long as the handler keeps it.
  struct Pair {
    explicit Pair(std::shared_ptr<ServerStreamCall> call) : writer(std::move(call)) {}
    Req request;
    StreamWriter<Res> writer;
  };
  Register(method, Req::descriptor(), Res::descriptor(),
           ServerStreamStart([handler = std::move(handler), bad_text](std::shared_ptr<ServerStreamCall> call,
                                                                      const grpc::ByteBuffer& bytes) {
             auto pair = std::make_shared<Pair>(call);
             if (!ParseOrEnd(*call, bytes, pair->request, bad_text)) return;
             handler(call->call(), pair->request, std::shared_ptr<StreamWriter<Res>>(pair, &pair->writer));
           }));
}

template <typename Req, typename Res>
void Service::ClientStream(std::string_view method,
                           std::function<std::unique_ptr<StreamReader<Req, Res>>(const Call&)> handler,
                           BadText bad_text) {
  Register(method, Req::descriptor(), Res::descriptor(),
           ClientStreamStart([handler = std::move(handler), bad_text](std::shared_ptr<ClientStreamCall> call) {
             auto reader = handler(call->call());
             std::make_shared<ClientStreamLoop<Req, Res>>(std::move(call), std::move(reader), bad_text)->ReadNext();
           }));
}

}  // namespace zhuxiao::rpc
