// The transaction every backend shares: its read set, and reads that show its own writes over the snapshot.
#include <algorithm>
#include <iterator>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/counter.h"
#include "services/store/limits.h"
#include "services/store/store.h"

namespace zhuxiao::store {
namespace {

using base::View;

absl::Status TooLarge(std::string_view what) {
  return base::MakeError(absl::StatusCode::kResourceExhausted, base::ErrorReason::ERROR_REASON_TRANSACTION_TOO_LARGE,
                         what);
}

absl::Status NoCounter(std::string_view key) { return base::DataLoss(base::StrCat("no counter row at ", key)); }

// The first key after `key`.
std::string Successor(std::string_view key) { return std::string(key) + '\0'; }

}  // namespace

Transaction::Transaction(std::shared_ptr<Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}

absl::StatusOr<std::optional<std::string>> Transaction::WithAdds(std::string_view key,
                                                                 std::optional<std::string> value) const {
  const auto found = adds_of_key_.find(key);
  if (found == adds_of_key_.end()) return value;
  CounterFields fields;
  if (!ParseCounter(value.has_value() ? *value : std::string_view(), fields)) return NoCounter(key);
  for (const uint32_t index : found->second) {
    // The bounds are Commit's to judge; what is shown is the sum, which only has to exist.
    AddOperation add = adds_[index];
    add.bounds = {INT64_MIN, INT64_MAX};
    if (ApplyAdd(add, fields) != AddOutcome::kApplied) {
      return base::DataLoss(base::StrCat("counter overflow at ", key));
    }
  }
  return FormatCounter(fields);
}

absl::StatusOr<std::optional<std::string>> Transaction::Effective(std::string_view key) {
  const auto own = writes_.find(key);
  if (own != writes_.end()) return WithAdds(key, own->second);
  absl::StatusOr<std::optional<std::string>> stored = snapshot_->Get(key);
  if (!stored.ok() || adds_of_key_.empty()) return stored;
  return WithAdds(key, *std::move(stored));
}

absl::StatusOr<std::optional<std::string>> Transaction::Get(std::string_view key) {
  read_keys_.emplace(key);
  return Effective(key);
}

absl::StatusOr<std::optional<std::string>> Transaction::Peek(std::string_view key) { return Effective(key); }

absl::StatusOr<std::vector<int64_t>> Transaction::GetCounter(std::string_view key) {
  read_keys_.emplace(key);
  return PeekCounter(key);
}

absl::StatusOr<std::vector<int64_t>> Transaction::PeekCounter(std::string_view key) {
  absl::StatusOr<std::optional<std::string>> value = Effective(key);
  if (!value.ok()) return value.status();
  CounterFields fields;
  if (!ParseCounter(value->has_value() ? **value : std::string_view(), fields)) return NoCounter(key);
  return std::vector<int64_t>(fields.begin(), fields.end());
}

absl::Status Transaction::MergeOwn(std::vector<KeyValue> rows, std::string_view from, std::string_view to,
                                   std::vector<KeyValue>& merged) const {
  if (writes_.empty() && adds_.empty()) {
    std::move(rows.begin(), rows.end(), std::back_inserter(merged));
    return absl::OkStatus();
  }
  const auto is_before_end = [to](std::string_view key) { return to.empty() || key < to; };
  auto row = rows.begin();
  auto write = writes_.lower_bound(from);
  auto add = adds_of_key_.lower_bound(from);
  while (true) {
    const std::string* next = row != rows.end() ? &row->key : nullptr;
    if (write != writes_.end() && is_before_end(write->first) && (!next || write->first < *next)) next = &write->first;
    if (add != adds_of_key_.end() && is_before_end(add->first) && (!next || add->first < *next)) next = &add->first;
    if (!next) return absl::OkStatus();

    std::string key = *next;
    std::optional<std::string> value;
    if (row != rows.end() && row->key == key) value = std::move((row++)->value);
    if (write != writes_.end() && write->first == key) value = (write++)->second;
    if (add != adds_of_key_.end() && add->first == key) {
      ++add;
      absl::StatusOr<std::optional<std::string>> sum = WithAdds(key, std::move(value));
      if (!sum.ok()) return sum.status();
      value = *std::move(sum);
    }
    if (value.has_value()) merged.push_back({std::move(key), *std::move(value)});
  }
}

absl::StatusOr<std::vector<KeyValue>> Transaction::Scan(std::string_view begin, std::string_view end, size_t limit) {
  if (absl::Status status = CheckReadLimit(limit); !status.ok()) return status;
  // Deleted rows of our own may leave a page of the snapshot short, hence the loop.
  std::vector<KeyValue> merged;
  std::string from(begin);
  while (merged.size() < limit) {
    absl::StatusOr<std::vector<KeyValue>> rows = snapshot_->Scan(from, end, limit);
    if (!rows.ok()) return rows.status();
    const bool is_last_page = rows->size() < limit;
    std::string to = is_last_page ? std::string(end) : Successor(rows->back().key);
    if (absl::Status status = MergeOwn(*std::move(rows), from, to, merged); !status.ok()) return status;
    if (is_last_page) break;
    from = std::move(to);
  }
  const bool is_cut = merged.size() >= limit;
  if (is_cut) merged.resize(limit);
  read_ranges_.push_back({std::string(begin), is_cut ? Successor(merged.back().key) : std::string(end)});
  return merged;
}

void Transaction::DropAdds(std::string_view key) {
  const auto found = adds_of_key_.find(key);
  if (found == adds_of_key_.end()) return;
  std::erase_if(adds_, [key](const AddOperation& add) { return add.key == key; });
  adds_of_key_.clear();
  for (uint32_t i = 0; i < adds_.size(); ++i) adds_of_key_[adds_[i].key].push_back(i);
}

void Transaction::Put(std::string_view key, std::string value) {
  DropAdds(key);
  writes_.insert_or_assign(std::string(key), std::move(value));
}

void Transaction::Delete(std::string_view key) {
  DropAdds(key);
  writes_.insert_or_assign(std::string(key), std::nullopt);
}

absl::Status Transaction::Add(std::string_view key, size_t field, int64_t delta, Bounds bounds) {
  if (field >= kMaxCounterFields) {
    return absl::InvalidArgumentError(View(base::StrCat("no counter row has a field ", field)));
  }
  AddOperation add{std::string(key), field, delta, bounds};
  if (distrusted_.contains(View(key))) {
    read_keys_.emplace(key);
    absl::StatusOr<std::optional<std::string>> value = Effective(key);
    if (!value.ok()) return value.status();
    CounterFields fields;
    if (!ParseCounter(value->has_value() ? **value : std::string_view(), fields)) return NoCounter(key);
    switch (ApplyAdd(add, fields)) {
      case AddOutcome::kApplied:
        break;
      case AddOutcome::kOutOfBounds:
        return absl::OutOfRangeError(View(base::StrCat("a bound of the counter at ", key, " would break")));
      case AddOutcome::kOverflow:
        return base::DataLoss(base::StrCat("counter overflow at ", key));
    }
  }
  adds_of_key_[add.key].push_back(static_cast<uint32_t>(adds_.size()));
  adds_.push_back(std::move(add));
  return absl::OkStatus();
}

void Transaction::Append(std::string payload) { events_.push_back(std::move(payload)); }

void Transaction::Distrust(std::string_view key) { distrusted_.emplace(key); }

void Transaction::ClearWrites() {
  writes_.clear();
  adds_.clear();
  adds_of_key_.clear();
  events_.clear();
}

size_t Transaction::ByteCount() const {
  size_t bytes = 0;
  for (const auto& [key, value] : writes_) bytes += key.size() + (value ? value->size() : 0);
  for (const AddOperation& add : adds_) bytes += add.key.size() + sizeof(CounterFields);
  for (const std::string& event : events_) bytes += event.size();
  return bytes;
}

absl::Status Transaction::CheckLimits() const {
  if (writes_.size() + adds_.size() + events_.size() > kMaxWrites) return TooLarge("too many writes in one commit");
  for (const auto& [key, value] : writes_) {
    if (key.size() > kMaxKeyBytes) return TooLarge("a key is too long");
    if (value && value->size() > kMaxValueBytes) return TooLarge("a value is too long");
  }
  for (const AddOperation& add : adds_) {
    if (add.key.size() > kMaxKeyBytes) return TooLarge("a key is too long");
  }
  for (const std::string& event : events_) {
    if (event.size() > kMaxValueBytes) return TooLarge("an event is too long");
  }
  if (ByteCount() > kMaxTransactionBytes) return TooLarge("too many bytes in one commit");
  return absl::OkStatus();
}

}  // namespace zhuxiao::store
