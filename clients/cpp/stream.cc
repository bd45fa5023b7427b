#include "clients/cpp/stream.h"

namespace zhuxiao::client {

using google::protobuf::Message;

Stream::Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, grpc::ClientContext& context)
    : context_(context),
      call_(grpc::TemplatedGenericStub<Message, Message>(channel).PrepareCall(&context, path, &queue_)) {
  call_->StartCall(this);
  Wait();
}

Stream::~Stream() {
  if (!is_finished_) {
    context_.TryCancel();
    Finish().ok();
  }
  queue_.Shutdown();
  while (Wait()) {
  }
}

bool Stream::Wait() {
  void* tag = nullptr;
  bool is_done = false;
  return queue_.Next(&tag, &is_done) && is_done;
}

bool Stream::Write(const Message& message) {
  call_->Write(message, this);
  return Wait();
}

bool Stream::WritesDone() {
  call_->WritesDone(this);
  return Wait();
}

bool Stream::Read(Message& message) {
  call_->Read(&message, this);
  return Wait();
}

grpc::Status Stream::Finish() {
  is_finished_ = true;
  grpc::Status status;
  call_->Finish(&status, this);
  Wait();
  return status;
}

}  // namespace zhuxiao::client
