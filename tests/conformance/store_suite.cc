// What the parts of the conformance suite share.
#include "tests/conformance/store_suite.h"

#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace zhuxiao::store {

std::vector<StoreCheck> StoreChecks() {
  std::vector<StoreCheck> all;
  for (const auto& part : {IsolationChecks, OwnWriteChecks, CounterChecks, FeedChecks, RetryChecks, RequestChecks,
                           LeaseChecks, ConcurrencyChecks}) {
    std::vector<StoreCheck> checks = part();
    std::move(checks.begin(), checks.end(), std::back_inserter(all));
  }
  return all;
}

StoreCheck FindStoreCheck(std::string_view name) {
  for (StoreCheck& check : StoreChecks()) {
    if (check.name == name) return check;
  }
  std::cerr << "no store check is called " << name << std::endl;
  std::abort();
}

CommitResult CommitNow(Store& store, Transaction transaction) {
  struct Outcome {
    std::mutex mutex;
    std::condition_variable is_over;
    std::optional<CommitResult> result;
  };
  const auto outcome = std::make_shared<Outcome>();
  store.Commit(std::move(transaction), [outcome](CommitResult result) {
    const std::lock_guard lock(outcome->mutex);
    outcome->result = std::move(result);
    outcome->is_over.notify_one();
  });
  std::unique_lock lock(outcome->mutex);
  outcome->is_over.wait(lock, [&outcome] { return outcome->result.has_value(); });
  return *outcome->result;
}

CommitResult PutNow(Store& store, std::string_view key, std::string value) {
  Transaction transaction = Begin(store);
  transaction.Put(key, std::move(value));
  return CommitNow(store, std::move(transaction));
}

std::string ValueOf(Reader& reader, std::string_view key) {
  absl::StatusOr<std::optional<std::string>> value = reader.Get(key);
  if (!value.ok()) return value.status().ToString();
  return value->value_or("(none)");
}

std::string ValueOf(Store& store, std::string_view key) { return ValueOf(*store.Latest(), key); }

int64_t CounterOf(Store& store, std::string_view key, size_t field) {
  absl::StatusOr<std::optional<std::string>> value = store.Latest()->Get(key);
  return DecodeCounter(value.value().value_or("")).value()[field];
}

std::string RowsOf(Reader& reader, std::string_view begin, std::string_view end, size_t limit) {
  absl::StatusOr<std::vector<KeyValue>> rows = reader.Scan(begin, end, limit);
  if (!rows.ok()) return rows.status().ToString();
  std::string text;
  for (const KeyValue& row : *rows) base::StrAppend(&text, text.empty() ? "" : " ", row.key, "=", row.value);
  return text;
}

}  // namespace zhuxiao::store
