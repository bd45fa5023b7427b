// Filling a copy: the rows are read while others change them, and then what the log says happened meanwhile, and long
// before, is applied over them; what it says is final values, so doing it twice does no harm.
#include "services/store/redis_copy.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/feed_log.h"

namespace zhuxiao::store {
namespace {

// The place of a copy that is being filled. One found like this was cut short and is made anew.
constexpr std::string_view kFilling = "filling";
constexpr size_t kBatchBytes = 4 << 20;
// Fillings begun again because the log forgot its beginning before the end was reached.
constexpr int kMaxFillings = 5;

absl::Status Damaged(std::string_view what) {
  return base::DataLoss(base::StrCat("the shared store is damaged: ", what,
                                     ". Restore it; a replica's data directory holds a copy of all (zhuxiaod store "
                                     "copy)"));
}

class Filler {
 public:
  explicit Filler(Database& database) : database_(database) {}

  // Marks the copy and removes all rows. Events stay: they never change, and followers go on reading them.
  absl::Status Begin() {
    const std::string beyond_all(kMaxKeyBytes + 1, '\xff');
    if (absl::Status status = Finish(kFilling); !status.ok()) return status;
    return FromRocksDb(database_.db().DeleteRange({}, database_.rows(), rocksdb::Slice(), ToSlice(beyond_all)),
                       "emptying a copy");
  }

  absl::Status PutRow(std::string_view key, std::string_view value) {
    return Note(batch_.Put(database_.rows(), ToSlice(key), ToSlice(value)));
  }

  absl::Status PutEvent(std::string_view sequence, std::string_view payload) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(base::View(sequence), &number)) return Damaged("the feed has an event of no number");
    return Note(batch_.Put(database_.system(), FeedLog::RowKey(number), ToSlice(payload)));
  }

  absl::Status Apply(const LogBody& body) {
    absl::Status status;
    for (size_t i = 0; status.ok() && i < body.puts.size(); i += 2) status = PutRow(body.puts[i], body.puts[i + 1]);
    for (size_t i = 0; status.ok() && i < body.deletes.size(); ++i) {
      status = Note(batch_.Delete(database_.rows(), ToSlice(body.deletes[i])));
    }
    for (size_t i = 0; status.ok() && i < body.events.size(); i += 2) {
      status = PutEvent(body.events[i], body.events[i + 1]);
    }
    return status;
  }

  absl::Status Write() {
    absl::Status status = FromRocksDb(database_.db().Write({}, &batch_), "filling a copy");
    batch_.Clear();
    return status;
  }

  absl::Status Finish(std::string_view place) {
    batch_.Put(database_.system(), ToSlice(Database::kPlaceKey), ToSlice(place));
    return Write();
  }

 private:
  absl::Status Note(const rocksdb::Status& status) {
    if (!status.ok()) return FromRocksDb(status, "filling a copy");
    return batch_.GetDataSize() < kBatchBytes ? absl::OkStatus() : Write();
  }

  Database& database_;
  rocksdb::WriteBatch batch_;
};

absl::StatusOr<ContentSum> SumOf(Database& database) {
  ContentSum sum;
  const std::unique_ptr<rocksdb::Iterator> rows(database.db().NewIterator({}, database.rows()));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) sum.AddRow(FromSlice(rows->key()), FromSlice(rows->value()));
  if (!rows->status().ok()) return FromRocksDb(rows->status(), "summing rows");
  const std::unique_ptr<rocksdb::Iterator> events(database.db().NewIterator({}, database.system()));
  for (events->SeekToFirst(); events->Valid(); events->Next()) {
    const std::string_view key = FromSlice(events->key());
    if (FeedLog::IsEvent(key)) sum.AddEvent(key, FromSlice(events->value()));
  }
  if (!events->status().ok()) return FromRocksDb(events->status(), "summing events");
  return sum;
}

// Applies the log after state.place until it was at its end once, and brings `state` there.
absl::Status Replay(RedisLog& log, Filler& filler, CopyState& state) {
  while (true) {
    absl::StatusOr<std::vector<LogRecord>> records = log.ReadAfter(state.place);
    if (!records.ok()) return records.status();
    if (records->empty()) return absl::OkStatus();
    for (const LogRecord& record : *records) {
      absl::StatusOr<LogBody> body = LogBody::Decode(record.body);
      if (!body.ok()) return body.status();
      if (absl::Status status = filler.Apply(*body); !status.ok()) return status;
      state = {record.place, body->sum};
    }
  }
}

// Applies all that the log still has, to its end. NOT_FOUND where it does not reach back to `begin` any more.
absl::StatusOr<CopyState> ReplayAll(RedisLog& log, Filler& filler, const LogPlace& begin) {
  CopyState state;
  absl::Status status = absl::NotFoundError("not tried yet");
  while (absl::IsNotFound(status)) {
    absl::StatusOr<std::optional<LogRecord>> oldest = log.Oldest();
    if (!oldest.ok()) return oldest.status();
    // No log is no history: nothing was ever appended.
    if (!*oldest && begin.version == 0) return CopyState{begin, ContentSum()};
    if (!*oldest) return Damaged("its log is gone");
    const LogRecord& first = **oldest;
    if (first.place.version > begin.version)
      return absl::NotFoundError("the log has forgotten where the filling began");
    if (first.place.version <= state.place.version) return Damaged("its log has a hole");
    absl::StatusOr<LogBody> body = LogBody::Decode(first.body);
    if (!body.ok()) return Damaged(base::StrCat(body.status().message()));
    state = {first.place, body->sum};
    status = Replay(log, filler, state);
  }
  if (!status.ok()) return status;
  return state;
}

absl::StatusOr<CopyState> Fill(RedisLog& log, Database& database) {
  Filler filler(database);
  if (absl::Status status = filler.Begin(); !status.ok()) return status;
  absl::StatusOr<LogPlace> begin = log.End();
  if (!begin.ok()) return begin.status();
  absl::Status status =
      log.Visit(RedisLog::Part::kRows, [&](auto key, auto value) { return filler.PutRow(key, value); });
  if (!status.ok()) return status;
  status = log.Visit(RedisLog::Part::kFeed, [&](auto key, auto value) { return filler.PutEvent(key, value); });
  if (!status.ok()) return status;
  absl::StatusOr<CopyState> state = ReplayAll(log, filler, *begin);
  if (!state.ok()) return state;
  if (status = filler.Write(); !status.ok()) return status;
  absl::StatusOr<ContentSum> sum = SumOf(database);
  if (!sum.ok()) return sum.status();
  if (state->sum && *state->sum != *sum) return Damaged("its rows are not what its log has led to");
  state->sum = *sum;
  if (status = filler.Finish(state->ToRow()); !status.ok()) return status;
  return state;
}

// The state of a copy, which the log contains; NOT_FOUND where the copy must be made anew.
absl::StatusOr<CopyState> CheckState(RedisLog& log, Database& database, std::string_view row) {
  if (row == kFilling) return absl::NotFoundError("the copy was not finished");
  absl::StatusOr<CopyState> state = CopyState::FromRow(row);
  if (!state.ok()) return state;
  if (absl::Status status = log.ReadAfter(state->place).status(); !status.ok()) return status;
  if (state->sum) return state;
  absl::StatusOr<ContentSum> sum = SumOf(database);
  if (!sum.ok()) return sum.status();
  state->sum = *sum;
  return state;
}

absl::StatusOr<RedisCopy> MakeAnew(RedisLog& log, const RocksDbStoreOptions& options) {
  absl::Status status = FromRocksDb(rocksdb::DestroyDB(options.directory, rocksdb::Options()), "removing an old copy");
  if (!status.ok()) return status;
  absl::StatusOr<std::shared_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  absl::StatusOr<CopyState> state = FillRedisCopy(log, **database);
  if (!state.ok()) return state.status();
  return RedisCopy{*std::move(database), *std::move(state)};
}

}  // namespace

absl::StatusOr<CopyState> FillRedisCopy(RedisLog& log, Database& copy) {
  absl::StatusOr<CopyState> state;
  for (int i = 0; i < kMaxFillings; ++i) {
    state = Fill(log, copy);
    if (!absl::IsNotFound(state.status())) return state;
  }
  return state;
}

absl::StatusOr<RedisCopy> OpenRedisCopy(RedisLog& log, const RocksDbStoreOptions& options) {
  absl::StatusOr<std::shared_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  absl::StatusOr<std::string> row = (*database)->Place();
  if (!row.ok()) return row.status();
  if (row->empty() && !(*database)->is_new()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                           base::StrCat(options.directory, " holds an embedded store, not a copy of a shared one"));
  }
  absl::StatusOr<CopyState> state = absl::NotFoundError("no copy yet");
  if (!row->empty()) state = CheckState(log, **database, *row);
  if (state.ok()) return RedisCopy{*std::move(database), *std::move(state)};
  if (!absl::IsNotFound(state.status())) return state.status();
  database->reset();
  return MakeAnew(log, options);
}

}  // namespace zhuxiao::store
