#include "services/api/handler.h"

#include <memory>

#include "services/api/check.h"
#include "services/base/strings.h"
#include "services/rpc/page_token.h"
#include "services/store/request_log.h"

namespace zhuxiao::api {
namespace {

// The method's own name, of "zhuxiao.order.v1.OrderService.PlaceOrder".
std::string ShortName(const std::string& method) { return method.substr(method.rfind('.') + 1); }

// Runs the body over a transaction that is never committed: for its answer, or for its complaints.
absl::StatusOr<std::string> DryRun(Environment& environment, const ledger::Intent& intent,
                                   const std::function<absl::StatusOr<std::string>(ledger::Operation&)>& body) {
  store::Transaction transaction(environment.store.Latest());
  ledger::Operation operation(transaction, intent);
  return body(operation);
}

}  // namespace

ledger::Intent MakeIntent(Environment& environment, const base::Caller& caller, std::string action,
                          std::string request_id) {
  ledger::Intent intent;
  intent.caller = caller;
  intent.action = std::move(action);
  intent.request_id = std::move(request_id);
  intent.now = environment.clock.Now();
  intent.first_id = base::NewId(intent.now, environment.random);
  return intent;
}

absl::Status BothErrors(const absl::Status& first, const absl::Status& second) {
  base::FieldErrors errors;
  errors.Absorb(first);
  const size_t own = errors.violations().size();
  errors.Absorb(second);
  return own == 0 || errors.violations().size() == own ? first : errors.ToStatus();
}

absl::Status WithRequestChecks(const google::protobuf::Message& request, const absl::Status& domain) {
  base::FieldErrors errors;
  CheckRequest(request, errors);
  if (errors.empty()) return domain;
  errors.Absorb(domain);
  return errors.ToStatus();
}

void RunWrite(Environment& environment, WriteCall call,
              std::function<absl::StatusOr<std::string>(ledger::Operation&)> body, rpc::Done<std::string> done) {
  auto intent = std::make_shared<const ledger::Intent>(
      MakeIntent(environment, call.caller, ShortName(call.method), call.request_id));

  base::FieldErrors errors;
  errors.Require(base::IsValidId(call.request_id), "request_id",
                 "is required: 1 to 64 characters of A-Z a-z 0-9 . _ -");
  CheckRequest(*call.request, errors);
  if (!errors.empty()) {
    errors.Absorb(DryRun(environment, *intent, body).status());
    return done(errors.ToStatus());
  }
  if (call.validate_only) return done(DryRun(environment, *intent, body));

  store::Request request{
      .tenant = call.caller.organisation.empty() ? call.caller.token_id : call.caller.organisation,
      .request_id = call.request_id,
      .method = std::move(call.method),
      .content = std::move(call.raw_request),
      .now = intent->now,
  };
  // `done` goes into the body too, since it keeps the request alive that the body reads.
  store::RunOnce(
      environment.store, std::move(request),
      [intent, body = std::move(body), done](store::Transaction& transaction) -> absl::StatusOr<std::string> {
        ledger::Operation operation(transaction, *intent);
        auto response = body(operation);
        if (response.ok()) operation.Close();
        return response;
      },
      done);
}

absl::StatusOr<store::PageRequest> ParsePage(int page_size, const std::string& page_token,
                                             const google::protobuf::Message& query) {
  base::FieldErrors errors;
  errors.Require(page_size >= 0, "page_size", "must not be negative");
  store::PageRequest page;
  page.size = page_size == 0 ? rpc::kDefaultPageSize : std::min(page_size, rpc::kMaxPageSize);
  if (!page_token.empty()) {
    auto after = rpc::DecodePageToken(query.GetDescriptor()->full_name() + query.SerializeAsString(), page_token);
    if (!after.ok()) return errors.empty() ? after.status() : BothErrors(errors.ToStatus(), after.status());
    page.after = *std::move(after);
  }
  if (!errors.empty()) return errors.ToStatus();
  return page;
}

std::string NextPageToken(const google::protobuf::Message& query, const std::string& last) {
  if (last.empty()) return "";
  return rpc::EncodePageToken(query.GetDescriptor()->full_name() + query.SerializeAsString(), last);
}

}  // namespace zhuxiao::api
