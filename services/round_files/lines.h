// Writes CSV lines in the one form this product gives files to the public.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace zhuxiao::round_files {

// Takes the next piece of a file: its name with every piece, its text in order.
using FileSink = absl::FunctionRef<void(std::string_view file, std::string_view text)>;

// Gathers the lines of one file into pieces. Lines end in CRLF; cells are quoted only where they must be. Not
// thread-safe.
class Lines {
 public:
  Lines(std::string_view file, std::string_view header, FileSink sink);
  // Gives the last piece to the sink.
  ~Lines();
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // The next cells of the line.
  void Text(std::string_view text);
  void Integer(int64_t value);
  // `value`, at least 0, is in 1 / `parts`, a power of ten; written without trailing zeros.
  void Decimal(int64_t value, int64_t parts);
  // With as few digits as give the same number back.
  void Number(double value);

  void End();

 private:
  void Separate();

  const std::string_view file_;
  const FileSink sink_;
  std::string piece_;
  bool is_line_begun_ = false;
};

}  // namespace zhuxiao::round_files
