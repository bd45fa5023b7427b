#include "services/store/copy_store.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/temporary_directory.h"
#include "services/store/database.h"
#include "services/store/feed_log.h"
#include "services/store/limits.h"
#include "services/store/page.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::store {
namespace {

// Of one transaction of the copy: well within the store's limits, so that others get their turn.
constexpr size_t kChunkRows = 2'000;
constexpr size_t kChunkBytes = 4 << 20;

// Marks a copy that is not finished. No table of the product is called so.
constexpr std::string_view kUnfinishedKey = "store_copy_unfinished";

// What a secondary instance shows: it stands still by itself and knows no snapshots.
class SecondaryView final : public Snapshot {
 public:
  SecondaryView(std::unique_ptr<base::TemporaryDirectory> logs, std::shared_ptr<Database> database, Position position)
      : logs_(std::move(logs)), database_(std::move(database)), position_(position) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    std::string value;
    const rocksdb::Status status = database_->db().Get({}, database_->rows(), ToSlice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return FromRocksDb(status, "reading a row");
    return std::optional<std::string>(std::move(value));
  }

  absl::StatusOr<std::vector<KeyValue>> Scan(std::string_view begin, std::string_view end, size_t limit) override {
    if (absl::Status status = CheckReadLimit(limit); !status.ok()) return status;
    const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator({}, database_->rows()));
    std::vector<KeyValue> rows;
    for (it->Seek(ToSlice(begin)); it->Valid() && rows.size() < limit; it->Next()) {
      if (!end.empty() && FromSlice(it->key()) >= end) break;
      rows.push_back({it->key().ToString(), it->value().ToString()});
    }
    if (!it->status().ok()) return FromRocksDb(it->status(), "scanning rows");
    return rows;
  }

  Position position() const override { return position_; }

 private:
  const std::unique_ptr<base::TemporaryDirectory> logs_;
  const std::shared_ptr<Database> database_;
  const Position position_;
};

absl::Status VisitFeed(const StillStore& from, const std::function<absl::Status(const FeedEntry&)>& visit) {
  const Position end = from.rows->position();
  Position at;
  while (at.sequence < end.sequence) {
    absl::StatusOr<std::vector<FeedEntry>> entries = from.read_feed(at, kChunkRows);
    if (!entries.ok()) return entries.status();
    if (entries->empty()) return base::DataLoss(base::StrCat("the feed ends at ", at.sequence));
    for (const FeedEntry& entry : *entries) {
      if (entry.position > end) break;
      at = entry.position;
      if (absl::Status status = visit(entry); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

// A digest of any number of texts, as a chain, so that no more than one text is in memory.
class Chain {
 public:
  void Add(std::string_view first, std::string_view second) {
    hash_ = base::Sha256(base::StrCat(hash_, first.size(), " ", second.size(), " ", first, second));
  }
  std::string ToHex() const { return absl::BytesToHexString(base::View(hash_)); }

 private:
  std::string hash_;
};

// Gathers writes into transactions of a bounded size.
class Writer {
 public:
  explicit Writer(Store& to) : to_(to) {}

  absl::Status Put(const KeyValue& row) {
    rows_.push_back(row);
    return Note(row.key.size() + row.value.size());
  }
  absl::Status Append(const FeedEntry& entry) {
    events_.push_back(entry.payload);
    return Note(entry.payload.size());
  }

  absl::Status Flush() {
    const absl::Status status = RunTransaction(to_, [this](Transaction& transaction) {
      for (const KeyValue& row : rows_) transaction.Put(row.key, row.value);
      for (const std::string& event : events_) transaction.Append(event);
      return absl::OkStatus();
    });
    rows_.clear();
    events_.clear();
    bytes_ = 0;
    return status;
  }

 private:
  absl::Status Note(size_t bytes) {
    bytes_ += bytes;
    const bool is_full = bytes_ >= kChunkBytes || rows_.size() + events_.size() >= kChunkRows;
    return is_full ? Flush() : absl::OkStatus();
  }

  Store& to_;
  std::vector<KeyValue> rows_;
  std::vector<std::string> events_;
  size_t bytes_ = 0;
};

absl::Status Refuse(std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                         message);
}

absl::Status Begin(Store& to) {
  return RunTransaction(to, [&to](Transaction& transaction) -> absl::Status {
    absl::StatusOr<std::vector<KeyValue>> rows = transaction.Scan("", "", 1);
    if (!rows.ok()) return rows.status();
    if (!rows->empty() || to.FeedEnd().sequence > 0) return Refuse("the store to copy into is not empty");
    transaction.Put(kUnfinishedKey, "");
    return absl::OkStatus();
  });
}

}  // namespace

StillStore Still(Store& store) {
  return {store.Latest(), [&store](Position after, size_t limit) { return store.ReadFeed(after, limit); }};
}

absl::StatusOr<StillStore> OpenStill(const std::string& directory) {
  auto logs = std::make_unique<base::TemporaryDirectory>();
  absl::StatusOr<std::shared_ptr<Database>> database = Database::OpenSecondary(directory, logs->path());
  if (!database.ok()) return database.status();
  absl::StatusOr<std::unique_ptr<FeedLog>> feed = FeedLog::Open(*database);
  if (!feed.ok()) return feed.status();
  const std::shared_ptr<FeedLog> log = *std::move(feed);
  return StillStore{std::make_shared<SecondaryView>(std::move(logs), *std::move(database), log->End()),
                    [log](Position after, size_t limit) { return log->Read(after, limit); }};
}

absl::StatusOr<StoreDigest> DigestOf(const StillStore& from) {
  StoreDigest digest;
  Chain chain;
  absl::Status status = WalkAll(*from.rows, "", [&](const KeyValue& row) {
    ++digest.row_count;
    chain.Add(row.key, row.value);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  status = VisitFeed(from, [&](const FeedEntry& entry) {
    ++digest.event_count;
    chain.Add(base::StrCat(entry.position.sequence), entry.payload);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  digest.sha256 = chain.ToHex();
  return digest;
}

absl::StatusOr<StoreDigest> CopyStore(const StillStore& from, Store& to) {
  absl::StatusOr<StoreDigest> expected = DigestOf(from);
  if (!expected.ok()) return expected;
  if (absl::Status status = Begin(to); !status.ok()) return status;
  Writer writer(to);
  absl::Status status = WalkAll(*from.rows, "", [&writer](const KeyValue& row) { return writer.Put(row); });
  if (!status.ok()) return status;
  status = VisitFeed(from, [&writer](const FeedEntry& entry) { return writer.Append(entry); });
  if (!status.ok()) return status;
  if (status = writer.Flush(); !status.ok()) return status;
  status = RunTransaction(to, [](Transaction& transaction) {
    transaction.Delete(kUnfinishedKey);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  absl::StatusOr<StoreDigest> copied = DigestOf(Still(to));
  if (!copied.ok()) return copied;
  if (*copied != *expected) return base::DataLoss("the copy's digest differs from the original's");
  return copied;
}

absl::Status CheckWhole(Store& store) {
  absl::StatusOr<std::optional<std::string>> mark = store.Latest()->Get(kUnfinishedKey);
  if (!mark.ok()) return mark.status();
  if (!mark->has_value()) return absl::OkStatus();
  return Refuse("the store is what an unfinished copy left; empty it and copy again");
}

}  // namespace zhuxiao::store
