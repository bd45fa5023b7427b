// Filling a copy: the rows are read while others change them, and then what the log says happened meanwhile is applied
// over them; what it says is final values, so doing it twice does no harm.
#include "services/store/redis_copy.h"

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

class Filler {
 public:
  explicit Filler(Database& database) : database_(database) {}

  absl::Status PutRow(std::string_view key, std::string_view value) {
    return Note(batch_.Put(database_.rows(), ToSlice(key), ToSlice(value)));
  }

  absl::Status PutEvent(std::string_view sequence, std::string_view payload) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(base::View(sequence), &number)) return base::DataLoss("the feed has an event of no number");
    return Note(batch_.Put(database_.system(), FeedLog::RowKey(number), ToSlice(payload)));
  }

  absl::Status Apply(std::string_view text) {
    absl::StatusOr<LogBody> body = LogBody::Decode(text);
    if (!body.ok()) return body.status();
    absl::Status status;
    for (size_t i = 0; status.ok() && i < body->puts.size(); i += 2) status = PutRow(body->puts[i], body->puts[i + 1]);
    for (size_t i = 0; status.ok() && i < body->deletes.size(); ++i) {
      status = Note(batch_.Delete(database_.rows(), ToSlice(body->deletes[i])));
    }
    for (size_t i = 0; status.ok() && i < body->events.size(); i += 2) {
      status = PutEvent(body->events[i], body->events[i + 1]);
    }
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

  absl::Status Write() {
    absl::Status status = FromRocksDb(database_.db().Write({}, &batch_), "filling a copy");
    batch_.Clear();
    return status;
  }

  Database& database_;
  rocksdb::WriteBatch batch_;
};

// Applies the log from `place` on until it was at its end once.
absl::Status Replay(RedisLog& log, Filler& filler, LogPlace& place) {
  while (true) {
    absl::StatusOr<std::vector<LogRecord>> records = log.ReadAfter(place);
    if (!records.ok()) return records.status();
    if (records->empty()) return absl::OkStatus();
    for (const LogRecord& record : *records) {
      if (absl::Status status = filler.Apply(record.body); !status.ok()) return status;
      place = record.place;
    }
  }
}

absl::Status Fill(RedisLog& log, Database& database) {
  Filler filler(database);
  if (absl::Status status = filler.Finish(kFilling); !status.ok()) return status;
  absl::StatusOr<LogPlace> place = log.End();
  if (!place.ok()) return place.status();
  absl::Status status =
      log.Visit(RedisLog::Part::kRows, [&](auto key, auto value) { return filler.PutRow(key, value); });
  if (!status.ok()) return status;
  status = log.Visit(RedisLog::Part::kFeed, [&](auto key, auto value) { return filler.PutEvent(key, value); });
  if (!status.ok()) return status;
  if (status = Replay(log, filler, *place); !status.ok()) return status;
  return filler.Finish(place->ToRow());
}

// OK where `row` is a place that the log contains; NOT_FOUND where the copy must be made anew.
absl::Status CheckPlace(RedisLog& log, std::string_view row) {
  if (row == kFilling) return absl::NotFoundError("the copy was not finished");
  absl::StatusOr<LogPlace> place = LogPlace::FromRow(row);
  if (!place.ok()) return place.status();
  return log.ReadAfter(*place).status();
}

absl::StatusOr<std::shared_ptr<Database>> MakeAnew(RedisLog& log, const RocksDbStoreOptions& options) {
  absl::Status status;
  for (int i = 0; i < kMaxFillings; ++i) {
    status = FromRocksDb(rocksdb::DestroyDB(options.directory, rocksdb::Options()), "removing an old copy");
    if (!status.ok()) return status;
    absl::StatusOr<std::shared_ptr<Database>> database = Database::Open(options);
    if (!database.ok()) return database;
    status = Fill(log, **database);
    if (status.ok()) return database;
    if (!absl::IsNotFound(status)) return status;
  }
  return status;
}

}  // namespace

absl::StatusOr<RedisCopy> OpenRedisCopy(RedisLog& log, const RocksDbStoreOptions& options) {
  absl::StatusOr<std::shared_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  absl::StatusOr<std::string> row = (*database)->Place();
  if (!row.ok()) return row.status();
  absl::Status status = absl::NotFoundError("no copy yet");
  if (!row->empty()) {
    status = CheckPlace(log, *row);
  } else if (!(*database)->is_new()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                           base::StrCat(options.directory, " holds an embedded store, not a copy of a shared one"));
  }
  if (absl::IsNotFound(status)) {
    database->reset();
    database = MakeAnew(log, options);
    if (!database.ok()) return database.status();
    row = (*database)->Place();
    if (!row.ok()) return row.status();
  } else if (!status.ok()) {
    return status;
  }
  absl::StatusOr<LogPlace> place = LogPlace::FromRow(*row);
  if (!place.ok()) return place.status();
  return RedisCopy{*std::move(database), *std::move(place)};
}

}  // namespace zhuxiao::store
