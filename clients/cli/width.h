// How wide text stands on a terminal, and text made safe to put there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zhuxiao::cli {

// Columns `text` (UTF-8) takes on a terminal: 2 for East Asian wide and fullwidth characters (Unicode UAX #11, from
// ICU), 0 for combining marks, 1 for all others, ambiguous ones included.
size_t DisplayWidth(std::string_view text);

// `text` with blanks appended, or put before it where `is_right`, until it takes `width` columns.
std::string Pad(std::string_view text, size_t width, bool is_right = false);

// `text` with each control character and each byte that is not UTF-8 as U+FFFD, so that nothing a server sends can
// steer the terminal.
std::string Printable(std::string_view text);

// True where every byte of `text` belongs to a character of UTF-8.
bool IsUtf8(std::string_view text);

}  // namespace zhuxiao::cli
