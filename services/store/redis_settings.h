// The settings of a Redis server without which an acknowledged commit could be lost, checked before it is used.
#pragma once

#include "absl/status/status.h"
#include "services/store/redis_link.h"

namespace zhuxiao::store {

// OK, or FAILED_PRECONDITION naming every setting that is wrong and what to set; UNAVAILABLE where the server does not
// answer.
absl::Status CheckRedisSettings(RedisLink& link);

}  // namespace zhuxiao::store
