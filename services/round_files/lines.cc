#include "services/round_files/lines.h"

#include <charconv>

#include "services/base/strings.h"

namespace zhuxiao::round_files {
namespace {

constexpr size_t kPieceBytes = 1 << 16;

}  // namespace

Lines::Lines(std::string_view file, std::string_view header, FileSink sink) : file_(file), sink_(sink) {
  base::StrAppend(&piece_, header, "\r\n");
}

Lines::~Lines() { sink_(file_, piece_); }

void Lines::Separate() {
  if (is_line_begun_) piece_ += ',';
  is_line_begun_ = true;
}

void Lines::Text(std::string_view text) {
  Separate();
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    piece_ += text;
    return;
  }
  piece_ += '"';
  for (const char c : text) piece_.append(c == '"' ? 2 : 1, c);
  piece_ += '"';
}

void Lines::Integer(int64_t value) {
  Separate();
  char digits[24];
  piece_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void Lines::Decimal(int64_t value, int64_t parts) {
  Integer(value / parts);
  int64_t rest = value % parts;
  if (rest != 0) piece_ += '.';
  for (; rest != 0; rest = rest * 10 % parts) piece_ += static_cast<char>('0' + rest * 10 / parts);
}

void Lines::Number(double value) {
  Separate();
  char digits[32];
  piece_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void Lines::End() {
  piece_ += "\r\n";
  is_line_begun_ = false;
  if (piece_.size() < kPieceBytes) return;
  sink_(file_, piece_);
  piece_.clear();
}

}  // namespace zhuxiao::round_files
