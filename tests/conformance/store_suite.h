// The conformance suite of the store's contract (services/store/store.h): named checks that every backend passes.
// A check is a plain function that returns what went wrong, so that tests of the tests can run it on a store with a
// seeded bug and see that it notices.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/strings.h"
#include "services/store/run_transaction.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// A check of a fresh, empty store. Returns "" where the store keeps the contract, else one line a violation.
struct StoreCheck {
  std::string name;
  std::function<std::string(Store&)> run;
};

// All checks of the contract.
std::vector<StoreCheck> StoreChecks();

// The check called `name`; stops the process where there is none.
StoreCheck FindStoreCheck(std::string_view name);

// The parts StoreChecks is made of.
std::vector<StoreCheck> IsolationChecks();
std::vector<StoreCheck> OwnWriteChecks();
std::vector<StoreCheck> CounterChecks();
std::vector<StoreCheck> FeedChecks();
std::vector<StoreCheck> RetryChecks();
std::vector<StoreCheck> RequestChecks();
std::vector<StoreCheck> LeaseChecks();
std::vector<StoreCheck> ConcurrencyChecks();

// What a check found.
class Findings {
 public:
  void Require(bool holds, std::string_view expectation) {
    if (!holds) base::StrAppend(&text_, "violated: ", expectation, "\n");
  }
  void RequireOk(const absl::Status& status, std::string_view what) {
    if (!status.ok()) base::StrAppend(&text_, what, " failed: ", status.ToString(), "\n");
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Commits and waits for the answer.
CommitResult CommitNow(Store& store, Transaction transaction);

// A transaction over the newest state.
inline Transaction Begin(Store& store) { return Transaction(store.Latest()); }

// Commits one Put.
CommitResult PutNow(Store& store, std::string_view key, std::string value);

// The committed value, or "(none)" where there is none, or the error's text.
std::string ValueOf(Reader& reader, std::string_view key);
std::string ValueOf(Store& store, std::string_view key);

// Field 0 of the committed counter row; stops the process where it is none.
int64_t CounterOf(Store& store, std::string_view key, size_t field = 0);

// "a=1 b=2" of a scan, or the error's text.
std::string RowsOf(Reader& reader, std::string_view begin, std::string_view end, size_t limit);

}  // namespace zhuxiao::store
