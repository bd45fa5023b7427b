// Key composition. A key is a table name and parts, joined by '/'; parts never contain '/' or bytes below 0x20,
// so that keys of one prefix are exactly the rows of that prefix, in the order of their parts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/base/strings.h"

namespace zhuxiao::store {

// Key("listing", id) is "listing/<id>". Parts must be valid ids (base::IsValidId) or numbers from OrderedNumber.
template <typename... Parts>
std::string Key(std::string_view table, const Parts&... parts) {
  std::string key(table);
  (base::StrAppend(&key, "/", parts), ...);
  return key;
}

// The first key after every key that begins with `prefix`: the end of a Scan over it.
std::string PrefixEnd(std::string_view prefix);

// 16 hexadecimal digits that sort as the number does. Requires number >= 0.
std::string OrderedNumber(int64_t number);
// The number, or -1 where `text` is not of that form.
int64_t ParseOrderedNumber(std::string_view text);

// OrderedNumber of the milliseconds since 1970.
std::string OrderedTime(absl::Time time);

}  // namespace zhuxiao::store
