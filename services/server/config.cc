#include "services/server/config.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/redis_target.h"

namespace zhuxiao::server {
namespace {

constexpr std::string_view kRocksDbPrefix = "rocksdb:";
constexpr std::string_view kRedisPrefix = "redis";  // redis:// and redis+sentinel://
constexpr int kMaxPort = 65'535;

}  // namespace

bool IsShared(const ServeConfig& config) { return config.store.starts_with(kRedisPrefix); }

std::string DataDirectory(const ServeConfig& config) {
  if (IsShared(config)) return config.data;
  return config.store.starts_with(kRocksDbPrefix) ? config.store.substr(kRocksDbPrefix.size()) : "";
}

std::string RecordKeyFile(const ServeConfig& config) {
  if (!config.record_key.empty()) return config.record_key;
  const std::string directory = DataDirectory(config);
  return directory.empty() ? "" : directory + "/" + kRecordKeyName;
}

absl::StatusOr<std::string> ReadPassword(const std::string& file) {
  if (file.empty()) return std::string();
  std::ifstream in(file);
  std::string password;
  std::getline(in, password);
  if (!in || password.empty()) return absl::InvalidArgumentError(base::StrCat(file, ": holds no password"));
  return password;
}

absl::Status Check(const ServeConfig& config) {
  base::FieldErrors errors;
  if (IsShared(config)) {
    const absl::Status target = store::RedisTarget::Parse(config.store).status();
    errors.Require(target.ok(), "--store", base::StrCat(target.message()));
  } else {
    errors.Require(
        config.store == "memory" || !DataDirectory(config).empty(), "--store",
        "must be rocksdb:DIRECTORY, redis://HOST:PORT[/DB], redis+sentinel://HOST:PORT,…/NAME[/DB] or memory");
    errors.Require(config.data.empty(), "--data", "is for a store on Redis; rocksdb: names its directory");
    errors.Require(config.store_password_file.empty(), "--store-password-file", "is for a store on Redis");
  }
  errors.Require(!config.tokens.empty() || !DataDirectory(config).empty(), "--tokens",
                 "is required where the store has no directory");
  errors.Require(config.server.port >= 0 && config.server.port <= kMaxPort, "--port", "must be 0 to 65535");
  for (const std::string& service : config.services) {
    const bool is_known = service == "all" || std::find(std::begin(kServiceNames), std::end(kServiceNames), service) !=
                                                  std::end(kServiceNames);
    errors.Require(is_known, "--services", base::StrCat("knows no service ", service));
  }
  errors.Require(
      !config.server.use_tls || (!config.server.tls.certificate_file.empty() && !config.server.tls.key_file.empty()),
      "--tls-certificate", "and --tls-key are given together");
  return errors.ToStatus();
}

bool Wants(const ServeConfig& config, const std::string& service) {
  return std::any_of(config.services.begin(), config.services.end(),
                     [&](const std::string& wanted) { return wanted == "all" || wanted == service; });
}

}  // namespace zhuxiao::server
