// Etags: the revision of a stored resource as a decimal number, kept in the resource itself. Clients treat it as
// opaque.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "services/base/strings.h"

namespace zhuxiao::base {

// The etag after `etag`: "1" after none, "2" after "1", and so on.
inline std::string NextEtag(std::string_view etag) {
  int64_t revision = 0;
  if (!absl::SimpleAtoi(View(etag), &revision)) revision = 0;
  return StrCat(revision + 1);
}

}  // namespace zhuxiao::base
