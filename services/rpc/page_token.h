// Page tokens: where a listing goes on, bound to the query it belongs to. Not a secret and not a permission: whoever
// decodes one still checks that the key lies in its own range.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace zhuxiao::rpc {

// A screen of a table. The largest page stays far inside the 4 MB that clients take, at 2 KB a row.
inline constexpr int32_t kDefaultPageSize = 50;
inline constexpr int32_t kMaxPageSize = 200;

// The size to serve for `page_size` of a request (AIP-158): 0 is the default, more than the maximum is the maximum.
// INVALID_ARGUMENT (INVALID_FIELDS on page_size) where it is negative.
absl::StatusOr<int32_t> ResolvePageSize(int32_t page_size);

// What makes two requests the same query: every field but page_token and page_size, serialized in one order. Sorted
// for sure within one build, which is enough for a token: after an upgrade a client starts its listing again.
std::string QueryOf(const google::protobuf::Message& request);

// A token in base64url that says: the page ended at `last_key` of `query`.
std::string EncodePageToken(std::string_view query, std::string_view last_key);

// The key inside `token`. INVALID_ARGUMENT (PAGE_TOKEN_INVALID, BadRequest on page_token) where the token is damaged
// or was made for another query.
absl::StatusOr<std::string> DecodePageToken(std::string_view query, std::string_view token);

}  // namespace zhuxiao::rpc
