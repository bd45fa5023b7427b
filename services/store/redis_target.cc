#include "services/store/redis_target.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/strings.h"

namespace zhuxiao::store {
namespace {

constexpr int kRedisPort = 6379;
constexpr int kSentinelPort = 26379;
constexpr int kMaxPort = 65'535;

absl::Status Wrong(std::string_view url, std::string_view what) {
  return absl::InvalidArgumentError(
      base::StrCat(url, ": ", what, "; write redis://HOST[:PORT][/DB] or redis+sentinel://HOST[:PORT],…/NAME[/DB]"));
}

// False where `text` names no address.
bool ParseAddress(absl::string_view text, int default_port, RedisAddress& address) {
  const size_t colon = text.rfind(':');
  address.host = std::string(text.substr(0, colon));
  address.port = default_port;
  if (address.host.empty()) return false;
  if (colon == absl::string_view::npos) return true;
  return absl::SimpleAtoi(text.substr(colon + 1), &address.port) && address.port > 0 && address.port <= kMaxPort;
}

}  // namespace

absl::StatusOr<RedisTarget> RedisTarget::Parse(std::string_view url) {
  absl::string_view rest = base::View(url);
  const bool is_sentinel = absl::ConsumePrefix(&rest, "redis+sentinel://");
  if (!is_sentinel && !absl::ConsumePrefix(&rest, "redis://")) return Wrong(url, "no scheme of Redis");
  std::vector<std::string> parts = absl::StrSplit(rest, '/');
  RedisTarget target;
  for (const absl::string_view text : absl::StrSplit(parts[0], ',')) {
    target.addresses.emplace_back();
    if (!ParseAddress(text, is_sentinel ? kSentinelPort : kRedisPort, target.addresses.back())) {
      return Wrong(url, base::StrCat("no address: \"", text, "\""));
    }
  }
  if (!is_sentinel && target.addresses.size() > 1) return Wrong(url, "several servers need sentinels");
  parts.erase(parts.begin());
  if (is_sentinel) {
    if (parts.empty() || parts[0].empty()) return Wrong(url, "sentinels need the primary's name");
    target.primary_name = parts[0];
    parts.erase(parts.begin());
  }
  if (parts.size() > 1) return Wrong(url, "too many parts");
  if (!parts.empty() && !parts[0].empty() && (!absl::SimpleAtoi(parts[0], &target.database) || target.database < 0)) {
    return Wrong(url, "no database number");
  }
  return target;
}

}  // namespace zhuxiao::store
