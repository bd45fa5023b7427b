// Opens RocksDB with options for many small synced writes and point reads, and little memory while empty.
#include "services/store/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <filesystem>

#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/keys.h"

namespace zhuxiao::store {
namespace {

constexpr std::string_view kFormatKey = "format";
constexpr char kSystemFamily[] = "system";

// A flush every few seconds at full speed; allocated block by block, so an empty store pays nothing.
constexpr size_t kWriteBufferBytes = 32 << 20;
constexpr int kWriteBuffers = 3;
// Bounds the log that a restart has to replay: about a second.
constexpr uint64_t kMaxLogBytes = 96 << 20;
// Of the 1,024 a process usually has.
constexpr int kMaxOpenFiles = 400;
// The block cache in few parts, each large enough for the index of a full file (half a MiB and more, and its filter
// besides): in RocksDB's 64 parts of 1 MiB they push one another out, and every look-up reads them again.
constexpr int kCacheShardBits = 2;
// 1 % of keys looked up in vain reach a data block.
constexpr int kBloomBitsPerKey = 10;

// Where the skip list starts to look for a new key's place: near the last one of the same run. A run is all before a
// key's last part, the time or number before that left out too, because keys of a run are made mostly in ascending
// order: "contract_by_party/<uscc>", "contract_due".
class RunOfKey final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "zhuxiao.RunOfKey"; }
  bool InDomain(const rocksdb::Slice& key) const override { return FromSlice(key).find('/') != std::string_view::npos; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    const std::string_view run = FromSlice(key).substr(0, FromSlice(key).rfind('/'));
    const size_t before = run.rfind('/');
    const bool is_timed = before != std::string_view::npos && ParseOrderedNumber(run.substr(before + 1)) >= 0;
    return ToSlice(is_timed ? run.substr(0, before) : run);
  }
};

rocksdb::DBOptions DatabaseOptions(const RocksDbStoreOptions& options) {
  rocksdb::DBOptions result;
  result.create_if_missing = options.create_if_missing;
  result.create_missing_column_families = true;
  result.max_open_files = kMaxOpenFiles;
  result.max_background_jobs = 2;
  result.max_total_wal_size = kMaxLogBytes;
  // Log files are not recycled, although that would save the sync of their size: before RocksDB 9.1 recovery of
  // recycled files could leave a hole (github.com/facebook/rocksdb pull request 12403).
  result.recycle_log_file_num = 0;
  result.track_and_verify_wals_in_manifest = true;
  // One thread writes.
  result.allow_concurrent_memtable_write = false;
  result.enable_write_thread_adaptive_yield = false;
  result.bytes_per_sync = 1 << 20;
  result.stats_dump_period_sec = 0;
  result.stats_persist_period_sec = 0;
  result.info_log_level = rocksdb::WARN_LEVEL;
  result.keep_log_file_num = 4;
  result.max_log_file_size = 1 << 20;
  return result;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const RocksDbStoreOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions result;
  result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  result.write_buffer_size = kWriteBufferBytes;
  result.max_write_buffer_number = kWriteBuffers;
  result.level_compaction_dynamic_level_bytes = true;
  // What a flush writes is soon rewritten by the first compaction.
  result.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  // Request ids are looked up in vain on every call.
  result.memtable_whole_key_filtering = true;
  result.memtable_prefix_bloom_size_ratio = 0.02;
  result.memtable_insert_with_hint_prefix_extractor = std::make_shared<RunOfKey>();
  return result;
}

absl::Status FromOpen(const rocksdb::Status& status, const std::string& directory) {
  const std::string text = status.ToString();
  if (status.IsIOError() && (text.find("LOCK") != std::string::npos || text.find("lock") != std::string::npos)) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                           base::StrCat("the data directory ", directory, " is in use by another process"));
  }
  if (status.IsInvalidArgument() && text.find("does not exist") != std::string::npos) {
    return base::NotFound("data directory", directory);
  }
  return FromRocksDb(status, base::StrCat("opening ", directory));
}

}  // namespace

void LiveVersions::Add(uint64_t version) {
  const std::lock_guard lock(mutex_);
  versions_.insert(version);
}

void LiveVersions::Remove(uint64_t version) {
  const std::lock_guard lock(mutex_);
  versions_.erase(version);
}

uint64_t LiveVersions::OldestOr(uint64_t otherwise) {
  const std::lock_guard lock(mutex_);
  return versions_.empty() ? otherwise : *versions_.begin();
}

absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = base::StrCat(what, ": ", status.ToString());
  if (status.IsCorruption()) return base::DataLoss(message);
  return base::Unavailable(message);
}

absl::StatusOr<std::shared_ptr<Database>> Database::Open(const RocksDbStoreOptions& options) {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes, kCacheShardBits);
  const rocksdb::ColumnFamilyOptions family = FamilyOptions(options, cache);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, family},
                                                                 {kSystemFamily, family}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(DatabaseOptions(options), options.directory, families, &handles, &db);
  if (!status.ok()) return FromOpen(status, options.directory);

  std::shared_ptr<Database> database = Hold(db, handles, options.row_cache_bytes);
  if (absl::Status format = database->CheckFormat(); !format.ok()) return format;
  return database;
}

absl::StatusOr<std::shared_ptr<Database>> Database::OpenSecondary(const std::string& directory,
                                                                  const std::string& log_directory) {
  if (!std::filesystem::exists(directory + "/CURRENT")) return base::NotFound("data directory", directory);
  const RocksDbStoreOptions options{.directory = directory, .create_if_missing = false, .row_cache_bytes = 0};
  const rocksdb::ColumnFamilyOptions family =
      FamilyOptions(options, rocksdb::NewLRUCache(options.block_cache_bytes, kCacheShardBits));
  rocksdb::DBOptions secondary = DatabaseOptions(options);
  // All files are opened at once, so that the writer may remove them meanwhile.
  secondary.max_open_files = -1;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenAsSecondary(
      secondary, directory, log_directory, {{rocksdb::kDefaultColumnFamilyName, family}, {kSystemFamily, family}},
      &handles, &db);
  if (!status.ok()) return FromOpen(status, directory);
  std::shared_ptr<Database> database = Hold(db, handles, 0);
  // What was written while the files were opened.
  if (const rocksdb::Status caught_up = db->TryCatchUpWithPrimary(); !caught_up.ok()) {
    return FromRocksDb(caught_up, base::StrCat("reading ", directory));
  }
  absl::StatusOr<std::optional<int64_t>> format = database->ReadFormat();
  if (!format.ok()) return format.status();
  return database;
}

std::shared_ptr<Database> Database::Hold(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& families,
                                         size_t row_cache_bytes) {
  std::shared_ptr<Database> database(new Database(row_cache_bytes));
  database->db_.reset(db);
  database->rows_ = families[0];
  database->system_ = families[1];
  return database;
}

absl::StatusOr<std::optional<int64_t>> Database::ReadFormat() {
  std::string text;
  const rocksdb::Status read = db_->Get({}, system_, ToSlice(kFormatKey), &text);
  if (read.IsNotFound()) return std::optional<int64_t>();
  if (!read.ok()) return FromRocksDb(read, "reading the format");
  int64_t format = 0;
  if (!absl::SimpleAtoi(text, &format) || format < 1) return base::DataLoss("unreadable format of the data directory");
  if (format <= kFormat) return std::optional<int64_t>(format);
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
      base::StrCat("the data has format ", format, ", written by a newer program; this one reads up to ", kFormat));
}

absl::Status Database::CheckFormat() {
  absl::StatusOr<std::optional<int64_t>> format = ReadFormat();
  if (!format.ok() || format->has_value()) return format.status();
  is_new_ = true;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  return FromRocksDb(db_->Put(synced, system_, ToSlice(kFormatKey), base::StrCat(kFormat)), "writing the format");
}

absl::StatusOr<std::string> Database::Place() {
  std::string place;
  const rocksdb::Status read = db_->Get({}, system_, ToSlice(kPlaceKey), &place);
  if (read.IsNotFound()) return std::string();
  if (!read.ok()) return FromRocksDb(read, "reading the copy's place");
  return place;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* family : {rows_, system_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
}

}  // namespace zhuxiao::store
