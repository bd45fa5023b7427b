// `zhuxiaod store …`: whole stores copied and compared, without a server.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/store/copy_store.h"

namespace zhuxiao::server {

struct StoreCopyConfig {
  // "rocksdb:DIR" or a url of store::RedisTarget. `from` may be a directory that a running server has open, an embedded
  // store's or a replica's copy; `to` is empty and nobody else's.
  std::string from;
  std::string to;
  std::string store_password_file;
};

// Copies and compares; answers what was copied.
absl::StatusOr<store::StoreDigest> CopyStore(const StoreCopyConfig& config);

// The digest of config.from.
absl::StatusOr<store::StoreDigest> DigestStore(const StoreCopyConfig& config);

}  // namespace zhuxiao::server
