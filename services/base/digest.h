// SHA-256, the one digest of the product: request records, tokens at rest, page tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zhuxiao::base {

inline constexpr size_t kSha256Bytes = 32;

// The 32 bytes of SHA-256 (FIPS 180-4) over `text`. Thread-safe.
std::string Sha256(std::string_view text);

}  // namespace zhuxiao::base
