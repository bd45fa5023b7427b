// Puts domain functions behind the methods of a service: a write runs once to effect by its request_id inside a
// transaction, a read runs over the newest snapshot. This is all a service adapter is made of.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/ledger/operation.h"
#include "services/rpc/service.h"
#include "services/store/page.h"
#include "services/store/store.h"

namespace zhuxiao::api {

// What handlers need of the process. All outlive the services.
struct Environment {
  store::Store& store;
  const base::Clock& clock;
  base::Random& random;
};

// Who reads, and when.
struct ReadContext {
  base::Caller caller;
  absl::Time now;
};

// A domain function that changes something.
template <typename Req, typename Res>
using WriteFunction = std::function<absl::StatusOr<Res>(ledger::Operation&, const Req&)>;

// A domain function that answers from one consistent state.
template <typename Req, typename Res>
using ReadFunction = std::function<absl::StatusOr<Res>(store::Reader&, const ReadContext&, const Req&)>;

// The request without its type: what the handlers below share.
struct WriteCall {
  base::Caller caller;
  std::string method;  // full name
  std::string request_id;
  bool validate_only = false;
  const google::protobuf::Message* request;
  std::string raw_request;
};

// Runs `body`, which answers the serialized response, as the write of `call`:
// - every bad field is named at once, those of request_id and of unclean text together with the domain's;
// - validate_only runs the body and drops its effects;
// - otherwise store::RunOnce. `done` is called exactly once.
void RunWrite(Environment& environment, WriteCall call,
              std::function<absl::StatusOr<std::string>(ledger::Operation&)> body, rpc::Done<std::string> done);

// An operation's constants, taken now.
ledger::Intent MakeIntent(Environment& environment, const base::Caller& caller, std::string action,
                          std::string request_id);

// `first` with the field violations of `second` added, where both name bad fields; else `first`.
absl::Status BothErrors(const absl::Status& first, const absl::Status& second);

// OK, or INVALID_FIELDS naming what CheckRequest found in `request` and what `domain` (the error of the domain
// function, or OK) names.
absl::Status WithRequestChecks(const google::protobuf::Message& request, const absl::Status& domain);

// Registers a write. The proto's request message has request_id.
template <typename Req, typename Res>
void Write(rpc::Service& service, const std::string& method, Environment& environment,
           WriteFunction<Req, Res> function) {
  service.UnaryBytes<Req>(
      method,
      [&environment, function = std::move(function)](const rpc::Call& call, const Req& request, std::string raw,
                                                     rpc::Done<std::string> done) {
        WriteCall write{.caller = call.caller,
                        .method = std::string(call.method),
                        .request_id = request.request_id(),
                        .request = &request,
                        .raw_request = std::move(raw)};
        if constexpr (requires { request.validate_only(); }) write.validate_only = request.validate_only();
        // The request lives as long as a copy of `done`, which the closure below keeps.
        RunWrite(
            environment, std::move(write),
            [&function, &request](ledger::Operation& operation) -> absl::StatusOr<std::string> {
              auto response = function(operation, request);
              if (!response.ok()) return response.status();
              return response->SerializeAsString();
            },
            std::move(done));
      },
      rpc::BadText::kMarked);
}

// Registers a write that is never committed: what it would answer, without any effect.
template <typename Req, typename Res>
void Preview(rpc::Service& service, const std::string& method, Environment& environment,
             WriteFunction<Req, Res> function) {
  service.Unary<Req, Res>(
      method,
      [&environment, method, function = std::move(function)](const rpc::Call& call, const Req& request,
                                                             rpc::Done<Res> done) {
        const ledger::Intent intent = MakeIntent(environment, call.caller, method, "");
        store::Transaction transaction(environment.store.Latest());
        ledger::Operation operation(transaction, intent);
        auto response = function(operation, request);
        const absl::Status checked = WithRequestChecks(request, response.status());
        done(checked.ok() ? std::move(response) : checked);
      },
      rpc::BadText::kMarked);
}

// Registers a read.
template <typename Req, typename Res>
void Read(rpc::Service& service, const std::string& method, Environment& environment, ReadFunction<Req, Res> function) {
  service.Unary<Req, Res>(
      method,
      [&environment, function = std::move(function)](const rpc::Call& call, const Req& request, rpc::Done<Res> done) {
        auto snapshot = environment.store.Latest();
        auto response = function(*snapshot, {call.caller, environment.clock.Now()}, request);
        const absl::Status checked = WithRequestChecks(request, response.status());
        done(checked.ok() ? std::move(response) : checked);
      },
      rpc::BadText::kMarked);
}

// A domain function that answers one page.
template <typename Req, typename Res>
using ListFunction = std::function<absl::StatusOr<store::Page<Res>>(store::Reader&, const ReadContext&, const Req&,
                                                                    const store::PageRequest&)>;

// The page a request asks for: 0 means kDefaultPageSize, a negative size is a bad field, more than kMaxPageSize
// means that. The token must be of `query`, the request with page_size and page_token cleared.
absl::StatusOr<store::PageRequest> ParsePage(int page_size, const std::string& page_token,
                                             const google::protobuf::Message& query);

// The token of the page after key `last`, or empty where `last` is.
std::string NextPageToken(const google::protobuf::Message& query, const std::string& last);

// The query of a request of the usual form: without page_size and page_token.
template <typename Req>
Req QueryOf(const Req& request) {
  Req query = request;
  query.clear_page_size();
  query.clear_page_token();
  return query;
}

// Registers a list: a read with page_size, page_token and next_page_token. A bad page is named together with the
// domain's bad fields.
template <typename Req, typename Res>
void List(rpc::Service& service, const std::string& method, Environment& environment, ListFunction<Req, Res> function) {
  Read<Req, Res>(service, method, environment,
                 [function = std::move(function)](store::Reader& reader, const ReadContext& context,
                                                  const Req& request) -> absl::StatusOr<Res> {
                   const Req query = QueryOf(request);
                   auto page = ParsePage(request.page_size(), request.page_token(), query);
                   auto listed = function(reader, context, request, page.value_or(store::PageRequest{.size = 1}));
                   if (!page.ok()) return BothErrors(page.status(), listed.status());
                   if (!listed.ok()) return listed.status();
                   listed->response.set_next_page_token(NextPageToken(query, listed->last_key));
                   return std::move(listed->response);
                 });
}

// A domain function that fills `response` with one page and answers the key to go on after, empty at the end.
template <typename Req, typename Res>
using ListInPlaceFunction = std::function<absl::StatusOr<std::string>(store::Reader&, const ReadContext&, const Req&,
                                                                      const store::PageRequest&, Res& response)>;

// As List, for what is listed most: the pages of a thread are made in one message, which allocates next to nothing.
template <typename Req, typename Res>
void ListInPlace(rpc::Service& service, const std::string& method, Environment& environment,
                 ListInPlaceFunction<Req, Res> function) {
  service.UnaryInPlace<Req, Res>(
      method,
      [&environment, function = std::move(function)](const rpc::Call& call, const Req& request, Res& response) {
        const Req query = QueryOf(request);
        const auto page = ParsePage(request.page_size(), request.page_token(), query);
        const auto last = function(*environment.store.Latest(), {call.caller, environment.clock.Now()}, request,
                                   page.value_or(store::PageRequest{.size = 1}), response);
        absl::Status checked =
            WithRequestChecks(request, page.ok() ? last.status() : BothErrors(page.status(), last.status()));
        if (checked.ok()) response.set_next_page_token(NextPageToken(query, *last));
        return checked;
      },
      rpc::BadText::kMarked);
}

}  // namespace zhuxiao::api
