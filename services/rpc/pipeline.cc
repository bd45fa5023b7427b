#include "services/rpc/pipeline.h"

#include <grpcpp/server_context.h>

#include "absl/strings/match.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/rpc/open_call.h"

namespace zhuxiao::rpc {
namespace {

constexpr char kAuthorization[] = "authorization";
constexpr std::string_view kBearer = "Bearer ";

// The bearer token of the call, or "". Two such headers are none: proxies differ in which of them counts.
std::string_view BearerToken(grpc::CallbackServerContext& context) {
  const auto [first, last] = context.client_metadata().equal_range(kAuthorization);
  if (first == last || std::next(first) != last) return "";
  const std::string_view value(first->second.data(), first->second.size());
  if (!absl::StartsWithIgnoreCase(base::View(value), base::View(kBearer))) return "";
  return value.substr(kBearer.size());
}

}  // namespace

Pipeline::Pipeline(Authenticator& authenticator, PipelineOptions options)
    : authenticator_(authenticator), options_(options) {}

absl::Status Pipeline::Identify(const Method& method, grpc::CallbackServerContext& context, base::Caller& caller) {
  const std::string_view token = BearerToken(context);
  if (token.empty()) {
    if (method.is_public) return absl::OkStatus();
    return base::MakeError(absl::StatusCode::kUnauthenticated, base::ErrorReason::ERROR_REASON_TOKEN_INVALID,
                           "the method needs a token: send the metadata authorization: Bearer <token>");
  }
  absl::StatusOr<base::Caller> known = authenticator_.Authenticate(token);
  if (known.ok()) caller = *std::move(known);
  if (method.is_public) return absl::OkStatus();
  if (!known.ok()) return known.status();
  if (method.roles & (1u << caller.role)) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kPermissionDenied, base::ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED,
      base::StrCat(common::v1::Role_Name(caller.role), " may not call ", method.descriptor->full_name()));
}

void Pipeline::Add(OpenCall& call) {
  absl::Status abort_status;
  {
    absl::MutexLock lock(&mutex_);
    call.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &call;
    first_ = &call;
    ++open_count_;
    abort_status = abort_status_;
  }
  if (!abort_status.ok()) call.End(abort_status);
}

void Pipeline::Remove(OpenCall& call) {
  absl::MutexLock lock(&mutex_);
  (call.previous_ == nullptr ? first_ : call.previous_->next_) = call.next_;
  if (call.next_ != nullptr) call.next_->previous_ = call.previous_;
  --open_count_;
}

bool Pipeline::WaitUntilIdle(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto is_idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return open_count_ == 0; };
  return mutex_.AwaitWithDeadline(absl::Condition(&is_idle), deadline);
}

std::vector<std::string> Pipeline::AbortAll(const absl::Status& status) {
  std::vector<std::shared_ptr<OpenCall>> calls;
  {
    absl::MutexLock lock(&mutex_);
    abort_status_ = status;
    for (OpenCall* call = first_; call != nullptr; call = call->next_) calls.push_back(call->shared_from_this());
  }
  std::vector<std::string> methods;
  for (const auto& call : calls) {
    if (!call->ended()) methods.emplace_back(call->call().method);
    call->End(status);
  }
  return methods;
}

int64_t Pipeline::open_call_count() const {
  absl::MutexLock lock(&mutex_);
  return open_count_;
}

}  // namespace zhuxiao::rpc
