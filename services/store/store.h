// The store: serializable read-write transactions over ordered keys, escrow counters and an event feed.
// This header is the contract; every backend passes tests/conformance/store_suite.h.
//
// Isolation. A transaction reads one snapshot plus its own writes. At Commit its reads are validated: where a key
// it got, or a key inside a range it scanned, was changed by another commit since the snapshot, Commit answers
// ABORTED and the caller runs its body again (RunTransaction is the only such loop). Committed transactions
// are therefore serializable in commit order.
//
// Counters. A counter row is a value of up to kMaxCounterFields int64 fields. Add changes one field by a delta
// within bounds; it joins no read set and never conflicts with another Add (escrow: O'Neil, "The Escrow
// Transactional Method", TODS 1986). Bounds are checked at Commit against the value of that moment. One row of
// several fields departs from the paper: it lets all balances of one listing be read, written and cached at once.
//
// Durability. A Commit that answers OK is durable. UNAVAILABLE means the outcome is unknown: the caller runs the
// body again with the same request id and finds its request record if it had gone through.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhuxiao::store {

// Limits of one transaction, the same on every backend. A request beyond them is refused with
// RESOURCE_EXHAUSTED and reason TRANSACTION_TOO_LARGE before anything is written.
inline constexpr size_t kMaxKeyBytes = 512;              // the longest composed key of the product is under 200
inline constexpr size_t kMaxValueBytes = 1 << 20;        // a value never exceeds the largest message accepted
inline constexpr size_t kMaxWrites = 10'000;             // a bounded commit keeps the others' latency bounded
inline constexpr size_t kMaxTransactionBytes = 8 << 20;  // the same, for bytes
inline constexpr size_t kMaxScanRows = 10'000;           // a longer listing takes several pages
inline constexpr size_t kMaxCounterFields = 16;          // the largest row, a quota's, has 9
inline constexpr size_t kMaxFeedBytes = 4 << 20;         // one read of the feed, so that a follower's memory is bounded

struct KeyValue {
  std::string key;
  std::string value;
  bool operator==(const KeyValue&) const = default;
};

// A place in the feed. Events are numbered 1, 2, 3 … without a gap within an epoch, in commit order; a commit stands
// at its last event, and one without events where the commit before it stands. So positions never decrease along
// the commit order, and a follower that has read the feed to a commit's position has seen all that it told. A new
// epoch begins when a store may have lost its newest commits (a failover), never in an embedded store. Sequence 0
// is the place before the first event.
struct Position {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  auto operator<=>(const Position&) const = default;
};

// One event as appended. Events of one commit stand in the order of Append.
struct FeedEntry {
  Position position;
  std::string payload;
};

// Inclusive bounds of a counter field.
struct Bounds {
  int64_t min = 0;
  int64_t max = INT64_MAX;
};

// Reads of one consistent state.
class Reader {
 public:
  virtual ~Reader() = default;

  // The value of `key`, or nullopt where there is none.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) = 0;

  // The rows with begin <= key < end in key order, at most `limit` (1 .. kMaxScanRows; a larger limit is an
  // INVALID_ARGUMENT). An empty `end` means to the last key.
  virtual absl::StatusOr<std::vector<KeyValue>> Scan(std::string_view begin, std::string_view end, size_t limit) = 0;
};

// A consistent read-only state. Thread-safe: any number of threads may read through one snapshot.
// Holding one costs the store memory; drop it within seconds, or minutes for an export.
class Snapshot : public Reader {
 public:
  // The position of the last commit it contains.
  virtual Position position() const = 0;
};

// Counter rows on disk: the fields as little-endian int64, trailing zero fields left out. A missing row is all zero.
// Requires at most kMaxCounterFields fields.
std::string EncodeCounter(const std::vector<int64_t>& fields);
// The fields, padded with zeros to kMaxCounterFields; DATA_LOSS where `value` is no counter row.
absl::StatusOr<std::vector<int64_t>> DecodeCounter(std::string_view value);

// A read-write transaction: reads of a snapshot, and buffered writes. Not thread-safe. Nothing is visible to
// others before Store::Commit. Dropping it undoes it.
class Transaction final : public Reader {
 public:
  explicit Transaction(std::shared_ptr<Snapshot> snapshot);

  // As Reader, with own writes applied; joins the read set.
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  absl::StatusOr<std::vector<KeyValue>> Scan(std::string_view begin, std::string_view end, size_t limit) override;

  // As Get, but the key does not join the read set: a hint that may be stale at Commit. Use it only where a
  // bound of Add enforces the truth.
  absl::StatusOr<std::optional<std::string>> Peek(std::string_view key);

  // The counter row at `key` as fields (Get and DecodeCounter); joins the read set.
  absl::StatusOr<std::vector<int64_t>> GetCounter(std::string_view key);
  // The same by Peek.
  absl::StatusOr<std::vector<int64_t>> PeekCounter(std::string_view key);

  void Put(std::string_view key, std::string value);
  void Delete(std::string_view key);

  // Adds `delta` to `field` (0 .. kMaxCounterFields - 1, else INVALID_ARGUMENT) of the counter row at `key`; the result
  // must lie within `bounds` at Commit. Several Adds are applied and checked one by one in call order.
  // Answers OUT_OF_RANGE at once where the key is distrusted (below) and the result would not hold: then nothing
  // is added, the key has joined the read set and the refusal is as true as any other read. DATA_LOSS where the
  // key is distrusted and the row is no counter. A Put of the same key must come before; a later Put or Delete
  // replaces what was added, bounds and all.
  absl::Status Add(std::string_view key, size_t field, int64_t delta, Bounds bounds);

  // Appends an event to the feed as part of this commit.
  void Append(std::string payload);

  // From now on Add reads `key` and checks its bounds at once. RunTransaction calls it for the keys whose bounds
  // refused an earlier attempt, so that the body can answer with the business reason.
  void Distrust(std::string_view key);

  // Forgets every write and event, keeps the reads: what is left to commit is a pure read, or a record of refusal.
  void ClearWrites();

  // What a backend needs at Commit.
  struct AddOperation {
    std::string key;
    size_t field = 0;
    int64_t delta = 0;
    Bounds bounds;
  };
  struct Range {
    std::string begin;
    std::string end;  // exclusive; empty means to the last key
  };
  const Snapshot& snapshot() const { return *snapshot_; }
  const absl::flat_hash_set<std::string>& read_keys() const { return read_keys_; }
  const std::vector<Range>& read_ranges() const { return read_ranges_; }
  // Final values; nullopt is a deletion.
  const std::map<std::string, std::optional<std::string>, std::less<>>& writes() const { return writes_; }
  // In call order, after every write above has been applied.
  const std::vector<AddOperation>& adds() const { return adds_; }
  const std::vector<std::string>& events() const { return events_; }
  bool is_read_only() const { return writes_.empty() && adds_.empty() && events_.empty(); }

  // OK, or RESOURCE_EXHAUSTED / TRANSACTION_TOO_LARGE where a limit of this header is passed.
  absl::Status CheckLimits() const;
  // Bytes of the keys, values and events to be written: what kMaxTransactionBytes limits.
  size_t ByteCount() const;

 private:
  // The value of `key` with own writes and Adds applied, without joining the read set.
  absl::StatusOr<std::optional<std::string>> Effective(std::string_view key);
  // `value` (of `key`, own writes applied) with own Adds applied.
  absl::StatusOr<std::optional<std::string>> WithAdds(std::string_view key, std::optional<std::string> value) const;
  // The own rows with from <= key < to (empty: no end), merged over `rows` of the snapshot and appended to `merged`.
  absl::Status MergeOwn(std::vector<KeyValue> rows, std::string_view from, std::string_view to,
                        std::vector<KeyValue>& merged) const;
  void DropAdds(std::string_view key);

  std::shared_ptr<Snapshot> snapshot_;
  absl::flat_hash_set<std::string> read_keys_;
  std::vector<Range> read_ranges_;
  std::map<std::string, std::optional<std::string>, std::less<>> writes_;
  std::vector<AddOperation> adds_;
  std::map<std::string, std::vector<uint32_t>, std::less<>> adds_of_key_;  // indices into adds_
  std::vector<std::string> events_;
  absl::flat_hash_set<std::string> distrusted_;
};

// How a commit ended.
struct CommitResult {
  // OK: durable. ABORTED: a read was outdated. OUT_OF_RANGE: a bound broke; `broken_keys` names the counter rows.
  // UNAVAILABLE: outcome unknown. RESOURCE_EXHAUSTED: a limit passed, or the commit queue is full (RetryInfo).
  // DATA_LOSS: an Add met a value that is no counter row, or overflows int64 where its bounds set no limit.
  // A transaction that several of these fit answers the first of: RESOURCE_EXHAUSTED, ABORTED, DATA_LOSS, OUT_OF_RANGE.
  absl::Status status;
  std::vector<std::string> broken_keys;
  // Where OK: the position of this commit.
  Position position;
};

// A store. Thread-safe. The destructor finishes the commits it has accepted.
class Store {
 public:
  virtual ~Store() = default;

  // The newest committed state.
  virtual std::shared_ptr<Snapshot> Latest() = 0;

  // Commits and calls `done` exactly once, on a thread of the store or on the caller's; `done` must not block for long.
  // A read-only transaction is validated too, and answers without I/O.
  virtual void Commit(Transaction transaction, std::function<void(CommitResult)> done) = 0;

  // The events after `after`, in order, without gaps: at most `limit` (1 .. kMaxScanRows) of them and, past the first,
  // at most kMaxFeedBytes. Empty where `after` is the end or beyond it. A snapshot taken afterwards contains them all;
  // the other way about the feed may trail Latest() by the moment it takes to publish, and WaitFeed waits for it.
  virtual absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) = 0;

  // The position of the newest event.
  virtual Position FeedEnd() = 0;

  // Blocks until there is an event after `after` (true) or `deadline` passes (false).
  virtual bool WaitFeed(Position after, absl::Time deadline) = 0;

  // Runs `task` soon on a thread of the store made for transaction bodies, so that a retry never runs on the
  // thread that commits.
  virtual void Schedule(std::function<void()> task) = 0;
};

}  // namespace zhuxiao::store
