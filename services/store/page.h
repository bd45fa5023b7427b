// Pages over a prefix: a bounded walk that resumes after the last row it looked at.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// Where a page begins and how long it is.
struct PageRequest {
  int size = 0;       // rows wanted, 1 or more
  std::string after;  // key of the last row looked at by the page before; empty at the start
};

// What a list function answers: a page, and the key to go on after, empty at the end.
template <typename Response>
struct Page {
  Response response;
  std::string last_key;
};

// Rows looked at for one page: a filter that matches little answers with a short page and a token rather than with
// a long wait.
inline constexpr size_t kMaxRowsLookedAt = 2'000;

// Visits the rows of `prefix` in key order until `visit` has said true (the row is on the page) page.size times, the
// rows end, or kMaxRowsLookedAt were looked at. Returns the key to go on after, empty where the rows ended.
// INVALID_ARGUMENT where page.after is not a key of the prefix.
absl::StatusOr<std::string> WalkPage(Reader& reader, std::string_view prefix, const PageRequest& page,
                                     const std::function<absl::StatusOr<bool>(const KeyValue&)>& visit);

// Visits every row of `prefix` in key order, in chunks, until `visit` answers an error.
absl::Status WalkAll(Reader& reader, std::string_view prefix,
                     const std::function<absl::Status(const KeyValue&)>& visit);

}  // namespace zhuxiao::store
