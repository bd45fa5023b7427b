#include "services/store/redis_settings.h"

#include <string>

#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::store {
namespace {

struct Setting {
  const char* name;
  const char* value;
  const char* why;
};

constexpr Setting kSettings[] = {
    {"appendonly", "yes", "without the append-only file a restart loses all since the last snapshot"},
    {"appendfsync", "always", "otherwise a commit is acknowledged before it is on disk"},
    {"no-appendfsync-on-rewrite", "no", "otherwise nothing is synced while the file is rewritten"},
    {"aof-load-truncated", "no", "otherwise a cut file loads silently without its end"},
    {"maxmemory-policy", "noeviction", "otherwise rows are dropped when memory runs out"},
};

// Functions came with 7.0.
constexpr int kLeastVersion = 7;
constexpr std::string_view kVersionField = "redis_version:";

absl::StatusOr<std::string> VersionOf(RedisLink& link) {
  auto info = link.Call({"INFO", "server"});
  if (!info.ok()) return info.status();
  const std::string_view text = TextOf(**info);
  const size_t at = text.find(kVersionField);
  if (at == std::string_view::npos) return std::string("unknown");
  const std::string_view version = text.substr(at + kVersionField.size());
  return std::string(version.substr(0, version.find('\r')));
}

}  // namespace

absl::Status CheckRedisSettings(RedisLink& link) {
  std::string wrong;
  absl::StatusOr<std::string> version = VersionOf(link);
  if (!version.ok()) return version.status();
  int major = 0;
  if (!absl::SimpleAtoi(version->substr(0, version->find('.')), &major) || major < kLeastVersion) {
    base::StrAppend(&wrong, "\n  version is ", *version, ": install 7.0 or newer");
  }
  for (const Setting& setting : kSettings) {
    auto reply = link.Call({"CONFIG", "GET", setting.name});
    if (!reply.ok()) return reply.status();
    const bool is_known = (*reply)->type == REDIS_REPLY_ARRAY && (*reply)->elements == 2;
    const std::string value(is_known ? TextOf(*(*reply)->element[1]) : "unknown");
    if (value == setting.value) continue;
    base::StrAppend(&wrong, "\n  ", setting.name, " is ", value, ": set it to ", setting.value, " (", setting.why, ")");
  }
  if (wrong.empty()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                         base::StrCat("the Redis at ", link.address().ToString(), " would lose commits:", wrong));
}

}  // namespace zhuxiao::store
