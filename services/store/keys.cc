// Numbers in keys, and the ends of key ranges.
#include "services/store/keys.h"

#include <algorithm>

namespace zhuxiao::store {

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

std::string OrderedNumber(int64_t number) {
  std::string text(16, '0');
  auto rest = static_cast<uint64_t>(number);
  for (size_t i = text.size(); rest != 0; rest >>= 4) text[--i] = "0123456789abcdef"[rest & 15];
  return text;
}

int64_t ParseOrderedNumber(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != 16 || text.front() > '7' || !std::all_of(text.begin(), text.end(), is_digit)) return -1;
  int64_t number = 0;
  for (const char c : text) number = number * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  return number;
}

std::string OrderedTime(absl::Time time) { return OrderedNumber(absl::ToUnixMillis(time)); }

}  // namespace zhuxiao::store
