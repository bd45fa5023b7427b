// One published state of the RocksDB store: a snapshot of the database with the number the caches know it by.
#pragma once

#include <memory>

#include "services/store/database.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// Thread-safe. Keeps the database open.
class ReadView final : public Snapshot {
 public:
  // The state of `database` at this moment; called by the commit thread alone, between its writes.
  ReadView(std::shared_ptr<Database> database, uint64_t version, Position position);
  ~ReadView() override;
  ReadView(const ReadView&) = delete;
  ReadView& operator=(const ReadView&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  absl::StatusOr<std::vector<KeyValue>> Scan(std::string_view begin, std::string_view end, size_t limit) override;
  Position position() const override { return position_; }

  uint64_t version() const { return version_; }
  bool IsOf(const Database& database) const { return database_.get() == &database; }

 private:
  const std::shared_ptr<Database> database_;
  const rocksdb::Snapshot* const snapshot_;
  const uint64_t version_;
  const Position position_;
};

}  // namespace zhuxiao::store
