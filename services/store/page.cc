#include "services/store/page.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/store/keys.h"

namespace zhuxiao::store {
namespace {

// The least key after `key`.
std::string After(std::string key) {
  key.push_back('\0');
  return key;
}

}  // namespace

absl::StatusOr<std::string> WalkPage(Reader& reader, std::string_view prefix, const PageRequest& page,
                                     const std::function<absl::StatusOr<bool>(const KeyValue&)>& visit) {
  if (!page.after.empty() && !page.after.starts_with(prefix)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, base::ErrorReason::ERROR_REASON_PAGE_TOKEN_INVALID,
                           "page_token: belongs to another list");
  }
  const std::string end = PrefixEnd(prefix);
  std::string begin = page.after.empty() ? std::string(prefix) : After(page.after);
  size_t looked_at = 0;
  int taken = 0;
  while (looked_at < kMaxRowsLookedAt) {
    // One row more than wanted tells whether the rows end with this page.
    const size_t limit = std::min<size_t>(kMaxRowsLookedAt - looked_at, static_cast<size_t>(page.size - taken) + 1);
    auto rows = reader.Scan(begin, end, limit);
    if (!rows.ok()) return rows.status();
    for (size_t i = 0; i < rows->size(); ++i) {
      if (taken == page.size) return (*rows)[i - 1].key;
      auto is_on_page = visit((*rows)[i]);
      if (!is_on_page.ok()) return is_on_page.status();
      if (*is_on_page) ++taken;
    }
    if (rows->size() < limit) return std::string();
    looked_at += rows->size();
    begin = After(rows->back().key);
    if (taken == page.size) {
      auto more = reader.Scan(begin, end, 1);
      if (!more.ok()) return more.status();
      return more->empty() ? std::string() : rows->back().key;
    }
  }
  begin.pop_back();
  return begin;
}

absl::Status WalkAll(Reader& reader, std::string_view prefix,
                     const std::function<absl::Status(const KeyValue&)>& visit) {
  constexpr size_t kChunk = 1'000;
  const std::string end = PrefixEnd(prefix);
  std::string begin(prefix);
  while (true) {
    auto rows = reader.Scan(begin, end, kChunk);
    if (!rows.ok()) return rows.status();
    for (const KeyValue& row : *rows) {
      if (absl::Status status = visit(row); !status.ok()) return status;
    }
    if (rows->size() < kChunk) return absl::OkStatus();
    begin = After(rows->back().key);
  }
}

}  // namespace zhuxiao::store
