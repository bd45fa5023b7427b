// The log that several replicas share: what makes a group of commits durable and puts the groups of all replicas into
// one order. Each replica keeps a copy of the rows that is some prefix of the log, decides on its transactions against
// that copy, and appends the outcome after exactly the record the copy ends with: where another replica was quicker,
// it reads what it missed and decides again. So reads, ranges and bounds are validated against the very state that the
// group changes, by the same code as in an embedded store (see decisions/2026-11-22-redis-as-a-shared-log.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/content_sum.h"

namespace zhuxiao::store {

// A place in the log: after `version` records, whose digest is `hash`. The hash of a record covers the one before it,
// so two logs that agree on a place agree on everything up to it. The first hash covers the store's random id.
struct LogPlace {
  uint64_t version = 0;
  std::string hash;  // 32 bytes

  bool operator==(const LogPlace&) const = default;

  // The place after a record of `body`.
  LogPlace After(std::string_view body) const;
};

// What a copy shows: the rows and events that the log up to `place` has led to, and their sum.
struct CopyState {
  LogPlace place;
  // None in copies of before sums were kept.
  std::optional<ContentSum> sum;

  bool operator==(const CopyState&) const = default;

  // "VERSION HEX SUM" as a copy keeps it, and back; DATA_LOSS where `row` is not of that form.
  std::string ToRow() const;
  static absl::StatusOr<CopyState> FromRow(std::string_view row);
};

struct LogRecord {
  LogPlace place;  // after it
  std::string body;
};

// What a group changes, as views of text owned elsewhere. On the wire it is MessagePack, which Redis's functions read:
// [author, [key, value, …], [key, …], [sequence, payload, …], sum], each length in 32 bits.
struct LogBody {
  std::string_view author;  // differs between any two appends, so that the hash says whose a record is
  std::vector<std::string_view> puts;
  std::vector<std::string_view> deletes;
  std::vector<std::string_view> events;
  // Of all rows and events after the record; none in records of before sums were kept, which are shorter by it.
  std::optional<ContentSum> sum;

  std::string Encode() const;
  // Views into `text`. DATA_LOSS where it is not of that form.
  static absl::StatusOr<LogBody> Decode(std::string_view text);
};

enum class AppendOutcome {
  kAppended,   // durable, and nothing stands between it and the place it was to follow
  kOvertaken,  // the log does not end at that place; whether the record stands further up, ReadAfter tells
  kUnknown     // not reached or not answered in time: the record may stand in the log, now or later
};

struct AppendResult {
  AppendOutcome outcome = AppendOutcome::kUnknown;
  absl::Status status;  // of kUnknown: why
};

// Thread-compatible: Append and ReadAfter belong to one thread; Watch and Unwatch to one too, maybe another.
class SharedLog {
 public:
  // Followers that lag no further than this catch up record by record, others make their copy anew.
  static constexpr size_t kMaxLogBytes = 128 << 20;

  virtual ~SharedLog() = default;

  // Appends `record`, whose place is place.After(record.body), durably after `place`. Sending the same record again is
  // one append.
  virtual AppendResult Append(const LogPlace& place, const LogRecord& record) = 0;

  // Some of the durable records after `place`, in order; empty where it is the end. DATA_LOSS where the log does not
  // contain `place`: it was rolled back, or replaced. NOT_FOUND where it has forgotten what follows `place`.
  // UNAVAILABLE where it cannot be reached.
  virtual absl::StatusOr<std::vector<LogRecord>> ReadAfter(const LogPlace& place) = 0;

  // From now on calls `look` on another thread soon after another replica has appended, and several times a second
  // anyway, so that a store that was rolled back is noticed within a second without any traffic.
  virtual void Watch(std::function<void()> look) = 0;
  // Returns when no call is running and none will come.
  virtual void Unwatch() = 0;
};

}  // namespace zhuxiao::store
