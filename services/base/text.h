// Checks on text from outside.
#pragma once

#include <cstddef>
#include <string_view>

namespace zhuxiao::base {

// True where `text` is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF) without control
// characters (U+0000-001F, U+007F-009F).
bool IsCleanText(std::string_view text);

// The number of code points of well-formed UTF-8.
size_t CodePointCount(std::string_view text);

// Names, addresses and remarks: long enough for the longest registered company name, short enough for a row.
inline constexpr size_t kMaxNameCodePoints = 120;
inline constexpr size_t kMaxRemarkCodePoints = 500;

}  // namespace zhuxiao::base
