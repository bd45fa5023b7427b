// Unified social credit codes (统一社会信用代码), GB 32100-2015.
#pragma once

#include <string_view>

namespace zhuxiao::base {

// True where `code` has 18 characters of 0-9A-HJ-NPQRTUWXY and its last is the check character of the others:
// (31 - sum of value_i * 3^(i-1) mod 31) mod 31 over the first 17.
bool IsValidUscc(std::string_view code);

// The check character of a 17-character body, or '\0' where the body has another length or a character outside
// the alphabet.
char UsccCheckCharacter(std::string_view body);

}  // namespace zhuxiao::base
