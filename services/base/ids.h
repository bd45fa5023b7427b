// Identifiers of things the server makes, and the randomness they need.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace zhuxiao::base {

// A source of random bits. Implementations are thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

// Cryptographically strong bits from OpenSSL.
class SystemRandom final : public Random {
 public:
  uint64_t Next() override;
};

// A ULID: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 random bits, so ids sort by the
// time they were made. Source: github.com/ulid/spec.
std::string NewId(absl::Time now, Random& random);

// The ULID that follows `id`: its random part plus one, which keeps the order. Carries into the time part at the end.
std::string FollowingId(std::string id);

// True for 1 to 64 characters of A-Z a-z 0-9 . _ -: what may stand in a request_id or any id from outside.
bool IsValidId(std::string_view id);

// The longest id accepted from outside. A UUID has 36 characters; a platform's order number rarely over 40.
inline constexpr size_t kMaxIdLength = 64;

}  // namespace zhuxiao::base
