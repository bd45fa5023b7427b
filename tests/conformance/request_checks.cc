// Conformance: the retry loop, request records and leases over a backend.
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "services/base/errors.h"
#include "services/store/keys.h"
#include "services/store/lease.h"
#include "services/store/request_log.h"
#include "tests/conformance/store_suite.h"
#include "tests/support/fault_store.h"

namespace zhuxiao::store {
namespace {

using base::ErrorReason;

const absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);

// Bodies commit something of their own in their first run only: later ones are on a thread of the store.
std::string RetriesUntilReadsStand(Store& store) {
  Findings findings;
  int runs = 0;
  const absl::Status status = RunTransaction(store, [&](Transaction& transaction) {
    const std::string seen = ValueOf(transaction, "a");
    if (++runs == 1) PutNow(store, "a", "changed");
    transaction.Put("b", base::StrCat("saw ", seen));
    return absl::OkStatus();
  });
  findings.RequireOk(status, "a body whose reads change");
  findings.Require(runs == 2 && ValueOf(store, "b") == "saw changed", "it runs until its reads stand");
  FaultStore conflicting(store, [](int) { return CommitFault::kConflict; });
  runs = 0;
  const absl::Status conflict = RunTransaction(conflicting,
                                               [&](Transaction& transaction) {
                                                 ++runs;
                                                 transaction.Put("c", "never");
                                                 return absl::OkStatus();
                                               },
                                               {.max_attempts = 4});
  findings.Require(absl::IsAborted(conflict) && base::ReasonOf(conflict) == ErrorReason::ERROR_REASON_CONFLICT,
                   "conflicts beyond the policy are ABORTED / CONFLICT");
  findings.Require(runs == 4 && ValueOf(store, "c") == "(none)", "after as many attempts as allowed, with no effect");
  return findings.text();
}

std::string RefusalsRestOnValidReads(Store& store) {
  Findings findings;
  int runs = 0;
  const absl::Status status = RunTransaction(store, [&](Transaction& transaction) -> absl::Status {
    const std::string seen = ValueOf(transaction, "a");
    if (++runs == 1) PutNow(store, "a", "there");
    transaction.Put("b", "dropped");
    return seen == "(none)" ? absl::NotFoundError("a is missing") : absl::AlreadyExistsError("a is there");
  });
  findings.Require(absl::IsAlreadyExists(status) && runs == 2, "a refusal on an outdated read is tried again");
  findings.Require(ValueOf(store, "b") == "(none)", "a refused body writes nothing");
  return findings.text();
}

std::string BrokenBoundsComeBackToTheBody(Store& store) {
  Findings findings;
  int runs = 0;
  const absl::Status status = RunTransaction(store, [&](Transaction& transaction) -> absl::Status {
    ++runs;
    const absl::Status added = transaction.Add("stock", 0, -1, {0, 100});
    if (absl::IsOutOfRange(added)) return absl::FailedPreconditionError("sold out");
    return added;
  });
  findings.Require(absl::IsFailedPrecondition(status) && runs == 2, "the second run hears of the bound in Add");
  return findings.text();
}

std::string UnknownOutcomesReachTheCaller(Store& store) {
  Findings findings;
  FaultStore faulty(store, [](int) { return CommitFault::kLostAnswer; });
  int runs = 0;
  const absl::Status status = RunTransaction(faulty, [&](Transaction& transaction) {
    ++runs;
    transaction.Put("a", "written");
    return absl::OkStatus();
  });
  findings.Require(absl::IsUnavailable(status) && runs == 1, "an unknown outcome is not run again behind the caller");
  return findings.text();
}

Request MakeRequest(std::string id, std::string content) {
  return {"tenant", std::move(id), "/zhuxiao.test.v1.Test/Do", std::move(content), kNow};
}

absl::StatusOr<std::string> RunOnceNow(Store& store, Request request, RequestBody body) {
  // Shared, because the thread that answers may still be leaving set_value when this one goes on.
  const auto answer = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
  RunOnce(store, std::move(request), std::move(body),
          [answer](absl::StatusOr<std::string> result) { answer->set_value(std::move(result)); });
  return answer->get_future().get();
}

// Counts its effect on the row "effects" and answers with bytes of its own each time.
RequestBody Effect(std::string answer) {
  return [answer](Transaction& transaction) -> absl::StatusOr<std::string> {
    if (absl::Status status = transaction.Add("effects", 0, 1, {}); !status.ok()) return status;
    return answer;
  };
}

std::string SameRequestSameBytes(Store& store) {
  Findings findings;
  const std::string bytes("\0first\xff", 7);
  findings.Require(RunOnceNow(store, MakeRequest("r1", "x"), Effect(bytes)).value_or("") == bytes, "the first answer");
  findings.Require(RunOnceNow(store, MakeRequest("r1", "x"), Effect("second")).value_or("") == bytes,
                   "the same request gets the same bytes");
  findings.Require(CounterOf(store, "effects") == 1, "its effect happens once");
  Request other = MakeRequest("r1", "x");
  other.tenant = "another";
  findings.Require(RunOnceNow(store, other, Effect("theirs")).value_or("") == "theirs", "tenants do not share ids");
  findings.Require(RunOnceNow(store, MakeRequest("r2", "x"), Effect("")).value_or("none").empty(), "an empty response");
  findings.Require(RunOnceNow(store, MakeRequest("r2", "x"), Effect("full")).value_or("none").empty(), "stays empty");
  return findings.text();
}

std::string ReusedRequestIdIsRefused(Store& store) {
  Findings findings;
  RunOnceNow(store, MakeRequest("r1", "x"), Effect("first")).IgnoreError();
  const absl::Status content = RunOnceNow(store, MakeRequest("r1", "y"), Effect("second")).status();
  Request method = MakeRequest("r1", "x");
  method.method += "Else";
  const absl::Status other = RunOnceNow(store, method, Effect("third")).status();
  for (const absl::Status& status : {content, other}) {
    findings.Require(
        absl::IsFailedPrecondition(status) && base::ReasonOf(status) == ErrorReason::ERROR_REASON_REQUEST_ID_REUSED,
        "the same id with other content or method is REQUEST_ID_REUSED");
  }
  findings.Require(CounterOf(store, "effects") == 1, "a refused reuse has no effect");
  findings.Require(RunOnceNow(store, MakeRequest("r1", "x"), Effect("fourth")).value_or("") == "first",
                   "the first content still gets its answer");
  findings.Require(absl::IsInvalidArgument(RunOnceNow(store, MakeRequest("a/b", "x"), Effect("")).status()),
                   "an id that is none is refused");
  return findings.text();
}

RequestBody Refusing(absl::Status status) {
  return [status](Transaction& transaction) -> absl::StatusOr<std::string> {
    transaction.Add("effects", 0, 1, {}).IgnoreError();
    transaction.Append("never told");
    return status;
  };
}

std::string RefusalsAreRecorded(Store& store) {
  Findings findings;
  const std::vector<absl::Status> refusals = {
      base::Refuse(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, "quota/1", "over the limit", {{"left_fen", "7"}}),
      base::NotFound("listing", "l1"), base::AlreadyExists("order", "o1"), absl::OutOfRangeError("beyond")};
  for (size_t i = 0; i < refusals.size(); ++i) {
    const std::string id = base::StrCat("r", i);
    const absl::Status first = RunOnceNow(store, MakeRequest(id, "x"), Refusing(refusals[i])).status();
    const absl::Status again = RunOnceNow(store, MakeRequest(id, "x"), Effect("too late")).status();
    findings.Require(first == refusals[i], "a refusal is the body's own");
    findings.Require(again == refusals[i], "it is repeated with its code, words and details");
  }
  findings.Require(ValueOf(store, "effects") == "(none)" && store.FeedEnd().sequence == 0, "refused bodies do nothing");
  return findings.text();
}

std::string OtherErrorsAreNotRecorded(Store& store) {
  Findings findings;
  const std::vector<absl::Status> errors = {absl::InvalidArgumentError("bad"), absl::UnavailableError("gone"),
                                            absl::AbortedError("etag"),        absl::ResourceExhaustedError("full"),
                                            absl::InternalError("bug"),        absl::PermissionDeniedError("no")};
  for (size_t i = 0; i < errors.size(); ++i) {
    const std::string id = base::StrCat("r", i);
    findings.Require(RunOnceNow(store, MakeRequest(id, "x"), Refusing(errors[i])).status() == errors[i], "an error");
    findings.Require(RunOnceNow(store, MakeRequest(id, "x"), Effect("fine")).value_or("") == "fine",
                     "after an error that is no answer the same id may try again");
  }
  findings.Require(CounterOf(store, "effects") == static_cast<int64_t>(errors.size()), "each took effect once");
  return findings.text();
}

std::string UnknownOutcomesHappenOnce(Store& store) {
  Findings findings;
  static constexpr CommitFault kFaults[] = {CommitFault::kLostAnswer, CommitFault::kLostRequest, CommitFault::kConflict,
                                            CommitFault::kNone};
  for (int i = 0; i < 16; ++i) {
    // Every pair of faults, then none.
    FaultStore faulty(store, [i](int number) {
      return number == 0 ? kFaults[i % 4] : number == 1 ? kFaults[i / 4] : CommitFault::kNone;
    });
    const std::string id = base::StrCat("r", i);
    absl::StatusOr<std::string> answer = absl::UnavailableError("not tried");
    for (int call = 0; call < 3 && absl::IsUnavailable(answer.status()); ++call) {
      answer = RunOnceNow(faulty, MakeRequest(id, "x"), Effect(base::StrCat("answer of call ", call)));
    }
    findings.RequireOk(answer.status(), "a caller who repeats an unknown outcome");
    findings.Require(CounterOf(store, "effects") == i + 1, "the effect happens exactly once");
    findings.Require(RunOnceNow(store, MakeRequest(id, "x"), Effect("late")).value_or("late") == answer.value_or(""),
                     "and the answer stays");
  }
  return findings.text();
}

std::string OldRequestsArePruned(Store& store) {
  Findings findings;
  for (int i = 0; i < 10; ++i) {
    Request request = MakeRequest(base::StrCat("r", i), "x");
    if (i % 2 == 0) request.now = kNow - kRequestRetention - absl::Seconds(1);
    RunOnceNow(store, request, Effect("first")).IgnoreError();
  }
  std::string cursor;
  int calls = 0;
  do {
    absl::StatusOr<std::string> next = PruneRequests(store, kNow, cursor, 3);
    findings.RequireOk(next.status(), "pruning");
    cursor = next.value_or("");
  } while (!cursor.empty() && ++calls < 10);
  findings.Require(calls == 3, "it goes on from the cursor and ends");
  for (int i = 0; i < 10; ++i) {
    const std::string answer = RunOnceNow(store, MakeRequest(base::StrCat("r", i), "x"), Effect("new")).value_or("");
    findings.Require(answer == (i % 2 == 0 ? "new" : "first"), "old records are gone, young ones stay");
  }
  return findings.text();
}

std::string OneHolderAtATime(Store& store) {
  Findings findings;
  const absl::Duration ttl = absl::Seconds(10);
  const absl::StatusOr<Lease> first = AcquireLease(store, "round", "a", kNow, ttl);
  findings.Require(first.ok() && first->fence == 1 && first->expires == kNow + ttl, "the first holder");
  const absl::Status held = AcquireLease(store, "round", "b", kNow + absl::Seconds(9), ttl).status();
  findings.Require(
      absl::IsFailedPrecondition(held) && base::ReasonOf(held) == ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
      "another is refused while it lasts");
  const absl::StatusOr<Lease> renewed = AcquireLease(store, "round", "a", kNow + absl::Seconds(9), ttl);
  findings.Require(renewed.ok() && renewed->fence == 1, "the holder renews and keeps its fence");
  findings.Require(!AcquireLease(store, "round", "b", kNow + absl::Seconds(18), ttl).ok(), "a renewal lasts");
  const absl::StatusOr<Lease> second = AcquireLease(store, "round", "b", kNow + absl::Seconds(19), ttl);
  findings.Require(second.ok() && second->fence == 2, "after it another takes over with a higher fence");
  findings.Require(AcquireLease(store, "other", "c", kNow, ttl).ok(), "leases of other names are separate");
  if (!first.ok() || !second.ok()) return findings.text();
  findings.RequireOk(ReleaseLease(store, *first), "releasing what is lost already");
  findings.Require(!AcquireLease(store, "round", "c", kNow + absl::Seconds(20), ttl).ok(), "takes nothing from others");
  findings.RequireOk(ReleaseLease(store, *second), "releasing");
  const absl::StatusOr<Lease> third = AcquireLease(store, "round", "b", kNow + absl::Seconds(20), ttl);
  findings.Require(third.ok() && third->fence == 3, "a released lease is free at once, under a new fence");
  return findings.text();
}

std::string FencesStopOldHolders(Store& store) {
  Findings findings;
  const Lease old_lease = AcquireLease(store, "round", "a", kNow, absl::Seconds(1)).value();
  const auto write_under = [&store](const Lease& lease) {
    return RunTransaction(store, [&lease](Transaction& transaction) -> absl::Status {
      if (absl::Status status = CheckLease(transaction, lease); !status.ok()) return status;
      transaction.Put("result", lease.holder);
      return absl::OkStatus();
    });
  };
  findings.RequireOk(write_under(old_lease), "writing under a lease held");
  Transaction slow = Begin(store);
  findings.RequireOk(CheckLease(slow, old_lease), "a check in time");
  slow.Put("result", "too late");
  const Lease new_lease = AcquireLease(store, "round", "b", kNow + absl::Seconds(2), absl::Seconds(1)).value();
  findings.Require(absl::IsAborted(CommitNow(store, std::move(slow)).status), "a check outdated at Commit");
  findings.Require(absl::IsAborted(write_under(old_lease)), "a check after the lease was lost");
  findings.RequireOk(write_under(new_lease), "the new holder");
  findings.Require(ValueOf(store, "result") == "b", "only the new holder writes");
  return findings.text();
}

}  // namespace

std::vector<StoreCheck> RetryChecks() {
  return {{"RetriesUntilReadsStand", RetriesUntilReadsStand},
          {"RefusalsRestOnValidReads", RefusalsRestOnValidReads},
          {"BrokenBoundsComeBackToTheBody", BrokenBoundsComeBackToTheBody},
          {"UnknownOutcomesReachTheCaller", UnknownOutcomesReachTheCaller}};
}

std::vector<StoreCheck> RequestChecks() {
  return {{"SameRequestSameBytes", SameRequestSameBytes},
          {"ReusedRequestIdIsRefused", ReusedRequestIdIsRefused},
          {"RefusalsAreRecorded", RefusalsAreRecorded},
          {"OtherErrorsAreNotRecorded", OtherErrorsAreNotRecorded},
          {"UnknownOutcomesHappenOnce", UnknownOutcomesHappenOnce},
          {"OldRequestsArePruned", OldRequestsArePruned}};
}

std::vector<StoreCheck> LeaseChecks() {
  return {{"OneHolderAtATime", OneHolderAtATime}, {"FencesStopOldHolders", FencesStopOldHolders}};
}

}  // namespace zhuxiao::store
