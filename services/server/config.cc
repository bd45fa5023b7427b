#include "services/server/config.h"

#include <algorithm>
#include <iterator>

#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::server {
namespace {

constexpr std::string_view kRocksDbPrefix = "rocksdb:";
constexpr int kMaxPort = 65'535;

}  // namespace

std::string DataDirectory(const ServeConfig& config) {
  return config.store.starts_with(kRocksDbPrefix) ? config.store.substr(kRocksDbPrefix.size()) : "";
}

absl::Status Check(const ServeConfig& config) {
  base::FieldErrors errors;
  errors.Require(config.store == "memory" || !DataDirectory(config).empty(), "--store",
                 "must be rocksdb:DIRECTORY or memory");
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
