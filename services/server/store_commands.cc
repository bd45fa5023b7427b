#include "services/server/store_commands.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "services/base/strings.h"
#include "services/base/temporary_directory.h"
#include "services/server/config.h"
#include "services/store/redis_store.h"
#include "services/store/rocksdb_store.h"

namespace zhuxiao::server {
namespace {

// A store to read from, with what it stands on.
struct Source {
  base::TemporaryDirectory copy;
  std::unique_ptr<store::Store> store;  // nullptr where `still` is of a directory
  store::StillStore still;
};

absl::StatusOr<std::unique_ptr<store::Store>> OpenRedis(const std::string& url, const std::string& directory,
                                                        const StoreCopyConfig& config) {
  absl::StatusOr<std::string> password = ReadPassword(config.store_password_file);
  if (!password.ok()) return password.status();
  return store::OpenRedisStore({.url = url, .password = *std::move(password), .directory = directory});
}

absl::Status OpenSource(const StoreCopyConfig& config, Source& source) {
  const ServeConfig from{.store = config.from};
  if (!IsShared(from)) {
    absl::StatusOr<store::StillStore> still = store::OpenStill(DataDirectory(from));
    if (!still.ok()) return still.status();
    source.still = *std::move(still);
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<store::Store>> opened = OpenRedis(config.from, source.copy.path(), config);
  if (!opened.ok()) return opened.status();
  source.store = *std::move(opened);
  source.still = store::Still(*source.store);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<store::Store>> OpenTarget(const StoreCopyConfig& config, const std::string& copy) {
  const ServeConfig to{.store = config.to};
  if (IsShared(to)) return OpenRedis(config.to, copy, config);
  std::error_code error;
  std::filesystem::create_directories(DataDirectory(to), error);
  if (error) return absl::UnavailableError(base::StrCat(DataDirectory(to), ": ", error.message()));
  return store::RocksDbStore::Open({.directory = DataDirectory(to)});
}

// OK where `url` names a store that outlives the process.
absl::Status CheckUrl(const char* option, const std::string& url) {
  const ServeConfig config{.store = url};
  if (!IsShared(config) && DataDirectory(config).empty()) {
    return absl::InvalidArgumentError(base::StrCat(option, ": must be rocksdb:DIRECTORY or a store on Redis"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<store::StoreDigest> CopyStore(const StoreCopyConfig& config) {
  if (absl::Status status = CheckUrl("--from", config.from); !status.ok()) return status;
  if (absl::Status status = CheckUrl("--to", config.to); !status.ok()) return status;
  Source source;
  if (absl::Status status = OpenSource(config, source); !status.ok()) return status;
  const base::TemporaryDirectory copy;
  absl::StatusOr<std::unique_ptr<store::Store>> to = OpenTarget(config, copy.path());
  if (!to.ok()) return to.status();
  return store::CopyStore(source.still, **to);
}

absl::StatusOr<store::StoreDigest> DigestStore(const StoreCopyConfig& config) {
  if (absl::Status status = CheckUrl("--from", config.from); !status.ok()) return status;
  Source source;
  if (absl::Status status = OpenSource(config, source); !status.ok()) return status;
  return store::DigestOf(source.still);
}

}  // namespace zhuxiao::server
