// What is added up: 64 bits of a digest of the kind, the key with its length, and the value.
#include "services/store/content_sum.h"

#include <string>

#include "services/base/digest.h"

namespace zhuxiao::store {
namespace {

constexpr char kRow = 'r';
constexpr char kEvent = 'e';

uint64_t TermOf(char kind, std::string_view key, std::string_view value) {
  thread_local std::string text;
  text.assign(1, kind);
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  const auto size = static_cast<uint32_t>(key.size());
  for (int shift = 0; shift < 32; shift += 8) text.push_back(static_cast<char>(size >> shift));
  text.append(key).append(value);
  const std::string digest = base::Sha256(text);
  uint64_t term = 0;
  for (size_t i = 0; i < sizeof(term); ++i) term = term << 8 | static_cast<unsigned char>(digest[i]);
  return term;
}

}  // namespace

void ContentSum::AddRow(std::string_view key, std::string_view value) { value_ += TermOf(kRow, key, value); }

void ContentSum::RemoveRow(std::string_view key, std::string_view value) { value_ -= TermOf(kRow, key, value); }

void ContentSum::AddEvent(std::string_view row_key, std::string_view payload) {
  value_ += TermOf(kEvent, row_key, payload);
}

}  // namespace zhuxiao::store
