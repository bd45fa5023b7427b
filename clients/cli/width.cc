// How wide text stands on a terminal.
#include "clients/cli/width.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace zhuxiao::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

size_t WidthOf(UChar32 c) {
  const int8_t type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  const int32_t width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), i, length, c);
    width += c < 0 ? 1 : WidthOf(c);
  }
  return width;
}

std::string Pad(std::string_view text, size_t width, bool is_right) {
  const size_t own = DisplayWidth(text);
  const std::string blanks(own < width ? width - own : 0, ' ');
  return is_right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string Printable(std::string_view text) {
  std::string result;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    const int32_t start = i;
    UChar32 c = 0;
    U8_NEXT(text.data(), i, length, c);
    const bool is_safe = c >= 0 && u_charType(c) != U_CONTROL_CHAR;
    result += is_safe ? text.substr(start, i - start) : kReplacement;
  }
  return result;
}

bool IsUtf8(std::string_view text) {
  const auto length = static_cast<int32_t>(text.size());
  UChar32 c = 0;
  for (int32_t i = 0; i < length && c >= 0;) U8_NEXT(text.data(), i, length, c);
  return c >= 0;
}

}  // namespace zhuxiao::cli
