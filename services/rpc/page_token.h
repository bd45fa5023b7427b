// Page tokens: where a listing goes on, bound to the query it belongs to. Not a secret and not a permission: whoever
// decodes one still checks that the key lies in its own range.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhuxiao::rpc {

// Page sizes of every listing: a screen of a table where none is asked for; the largest page stays far inside the 4 MB
// that clients take, at 2 KB a row.
inline constexpr int32_t kDefaultPageSize = 50;
inline constexpr int32_t kMaxPageSize = 200;

// A token in base64url that says: the page ended at `last_key` of `query`, which is any text that two requests share
// if and only if they are the same query.
std::string EncodePageToken(std::string_view query, std::string_view last_key);

// The key inside `token`. INVALID_ARGUMENT (PAGE_TOKEN_INVALID, BadRequest on page_token) where the token is damaged
// or was made for another query.
absl::StatusOr<std::string> DecodePageToken(std::string_view query, std::string_view token);

}  // namespace zhuxiao::rpc
