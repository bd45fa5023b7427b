// Which Redis a store is on, as an operator writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhuxiao::store {

struct RedisAddress {
  std::string host;
  int port = 0;
  std::string ToString() const { return host + ":" + std::to_string(port); }
};

// One server, which is always the primary (level "single"), or the sentinels that know the primary of a group of
// servers (level "quorum").
struct RedisTarget {
  std::vector<RedisAddress> addresses;
  std::string primary_name;  // what the sentinels call the group; empty at level single
  int database = 0;

  bool is_quorum() const { return !primary_name.empty(); }

  // Of "redis://HOST[:PORT][/DB]" or "redis+sentinel://HOST[:PORT],…/NAME[/DB]". INVALID_ARGUMENT says what is wrong.
  static absl::StatusOr<RedisTarget> Parse(std::string_view url);
};

}  // namespace zhuxiao::store
