// What is wrong with a field, and why something is refused, said to people in their language. Servers and checks say it
// in English, for programs and for logs; faults.tsv has it in Chinese.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/catalogue.h"

namespace zhuxiao::cli {

// `fault` in `language`; as it is where faults.tsv does not know it. Thread-safe.
std::string SayFault(Language language, std::string_view fault);

// `text` with the names of enum values in it as the catalogue says them. Thread-safe.
std::string SayNames(Language language, std::string_view text);

struct FaultPattern {
  std::vector<std::string_view> pieces;  // the text between the braces, one more than there are braces
  std::string_view chinese;
  size_t own_size = 0;  // bytes of all pieces
};

// All patterns in the order of the file: what a test checks.
const std::vector<FaultPattern>& FaultPatterns();

}  // namespace zhuxiao::cli
