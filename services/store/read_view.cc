// Reads of one state: rows from the cache where it may be asked, else from the database.
#include "services/store/read_view.h"

#include <algorithm>
#include <utility>

#include "services/store/limits.h"

namespace zhuxiao::store {
namespace {

// Room made at once for a scan: a page of the usual size and a row more.
constexpr size_t kUsualScanRows = 24;

}  // namespace

ReadView::ReadView(std::shared_ptr<Database> database, uint64_t version, Position position)
    : database_(std::move(database)), snapshot_(database_->db().GetSnapshot()), version_(version), position_(position) {
  database_->live().Add(version_);
}

ReadView::~ReadView() {
  database_->live().Remove(version_);
  database_->db().ReleaseSnapshot(snapshot_);
}

absl::StatusOr<std::optional<std::string>> ReadView::Get(std::string_view key) {
  if (std::optional<std::string> cached = database_->cache().Find(key, version_)) return cached;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->db().Get(options, database_->rows(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocksDb(status, "reading a row");
  database_->cache().Offer(key, FromSlice(value), version_);
  return std::optional<std::string>(value.ToString());
}

absl::StatusOr<std::vector<KeyValue>> ReadView::Scan(std::string_view begin, std::string_view end, size_t limit) {
  if (absl::Status status = CheckReadLimit(limit); !status.ok()) return status;
  const rocksdb::Slice upper = ToSlice(end);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator(options, database_->rows()));
  std::vector<KeyValue> rows;
  rows.reserve(std::min(limit, kUsualScanRows));
  for (it->Seek(ToSlice(begin)); it->Valid() && rows.size() < limit; it->Next()) {
    rows.push_back({it->key().ToString(), it->value().ToString()});
  }
  if (!it->status().ok()) return FromRocksDb(it->status(), "scanning rows");
  return rows;
}

}  // namespace zhuxiao::store
