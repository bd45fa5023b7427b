// Runs domain functions as the server would, over a store in memory and a clock of the test: transaction, retries,
// commit, event. What the api layer adds (request ids, text checks) is not here.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/ledger/operation.h"
#include "services/store/memory_store.h"
#include "services/store/run_transaction.h"
#include "tests/support/callers.h"
#include "tests/support/fake_clock.h"

namespace zhuxiao::testing {

class OperationFixture : public ::testing::Test {
 protected:
  // Runs `function(operation, request)` as `caller` to its commit; nothing is written where it answers an error.
  template <typename Function, typename Req>
  auto Do(const base::Caller& caller, const Function& function, const Req& request) {
    using Answer = std::invoke_result_t<Function, ledger::Operation&, const Req&>;
    const ledger::Intent intent{
        .caller = caller, .action = action_, .now = clock_.Now(), .first_id = base::NewId(clock_.Now(), random_)};
    std::optional<Answer> answer;
    const absl::Status committed = store::RunTransaction(store_, [&](store::Transaction& transaction) {
      ledger::Operation operation(transaction, intent);
      answer.emplace(function(operation, request));
      if (!answer->ok()) return StatusOf(*answer);
      operation.Close();
      return absl::OkStatus();
    });
    if (answer->ok() && !committed.ok()) return Answer(committed);
    return *std::move(answer);
  }

  // Runs a read over the newest state.
  template <typename Function, typename... Args>
  auto See(const Function& function, const Args&... args) {
    const auto snapshot = store_.Latest();
    return function(static_cast<store::Reader&>(*snapshot), args...);
  }

  // The newest event of the feed; an empty one where there is none.
  audit::v1::Event LastEvent() {
    audit::v1::Event event;
    const store::Position end = store_.FeedEnd();
    if (end.sequence == 0) return event;
    const auto entries = store_.ReadFeed({end.epoch, end.sequence - 1}, 1);
    if (!entries.ok() || entries->empty() || !event.ParseFromString(entries->front().payload)) {
      ADD_FAILURE() << "the newest event is not to be read";
    }
    return event;
  }

  store::MemoryStore store_;
  FakeClock clock_;
  base::SystemRandom random_;
  std::string action_ = "Test";  // what events say happened

 private:
  static absl::Status StatusOf(const absl::Status& status) { return status; }
  template <typename T>
  static absl::Status StatusOf(const absl::StatusOr<T>& answer) {
    return answer.status();
  }
};

// Matches a Status, or StatusOr, that carries this reason.
MATCHER_P(HasReason, reason, base::StrCat("has reason ", common::v1::ErrorReason_Name(reason))) {
  absl::Status status;
  if constexpr (std::is_convertible_v<decltype(arg), absl::Status>) {
    status = arg;
  } else {
    status = arg.status();
  }
  *result_listener << status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  return base::ReasonOf(status) == reason;
}

// The field paths an INVALID_FIELDS error names, in its order; empty for any other status.
inline std::vector<std::string> BadFieldsOf(const absl::Status& status) {
  base::FieldErrors errors;
  errors.Absorb(status);
  std::vector<std::string> fields;
  for (const auto& [field, description] : errors.violations()) fields.push_back(field);
  return fields;
}

}  // namespace zhuxiao::testing
