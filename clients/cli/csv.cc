// Reads and writes CSV files through libcsv.
#include "clients/cli/csv.h"

#include <csv.h>

#include "absl/strings/ascii.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr char kBroken[] = "has a quote out of place or never closed";

// Owns the parser and gathers cells into records. Fed line by line, it knows where a record began.
class Reader {
 public:
  Reader() { Start(); }
  ~Reader() { csv_free(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // True while a record that began has not ended.
  bool is_open() const { return is_open_; }

  // Takes line `number`. False where the open record is no CSV; Break comes next.
  bool Feed(std::string_view line, int64_t number) {
    if (!is_open_) {
      if (absl::StripAsciiWhitespace(base::View(line)).empty()) return true;
      current_ = {.line = number};
      is_open_ = true;
    }
    return csv_parse(&parser_, line.data(), line.size(), OnCell, OnRecord, this) == line.size();
  }

  // The same for the end of the text.
  bool Finish() {
    if (csv_fini(&parser_, OnCell, OnRecord, this) != 0) return false;
    is_open_ = false;
    return true;
  }

  // Ends the open record, which is no CSV, with the text of its first line; returns the number of that line.
  int64_t Break(const std::vector<std::string_view>& lines) {
    const int64_t line = current_.line;
    const auto text = absl::StripTrailingAsciiWhitespace(base::View(lines[static_cast<size_t>(line - 1)]));
    current_ = {.line = line, .cells = {}, .error = kBroken, .text = std::string(text)};
    OnRecord(0, this);
    csv_free(&parser_);
    Start();
    return line;
  }

  std::vector<CsvRecord> TakeRecords() { return std::move(records_); }

 private:
  static void OnCell(void* text, size_t length, void* self) {
    static_cast<Reader*>(self)->current_.cells.emplace_back(static_cast<const char*>(text), length);
  }

  static void OnRecord(int, void* self) {
    auto* reader = static_cast<Reader*>(self);
    reader->records_.push_back(std::move(reader->current_));
    reader->current_ = {};
    reader->is_open_ = false;
  }

  void Start() {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) std::abort();
  }

  csv_parser parser_;
  CsvRecord current_;
  bool is_open_ = false;
  std::vector<CsvRecord> records_;
};

// The lines of `text` with their breaks: LF, CRLF, or CR alone as old spreadsheets write it.
std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t at = text.find_first_of("\r\n");
    const bool is_pair = at != std::string_view::npos && text.substr(at, 2) == "\r\n";
    const size_t length = at == std::string_view::npos ? text.size() : at + (is_pair ? 2 : 1);
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

}  // namespace

std::vector<CsvRecord> ParseCsv(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  const std::vector<std::string_view> lines = LinesOf(text);
  Reader reader;
  for (size_t next = 0; next < lines.size() || reader.is_open();) {
    const bool is_read =
        next < lines.size() ? reader.Feed(lines[next], static_cast<int64_t>(next) + 1) : reader.Finish();
    next = is_read ? next + 1 : static_cast<size_t>(reader.Break(lines));
  }
  return reader.TakeRecords();
}

std::string FormatCsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    std::string quoted(cell.size() * 2 + 2, '\0');
    quoted.resize(csv_write(quoted.data(), quoted.size(), cell.data(), cell.size()));
    line += line.empty() ? quoted : "," + quoted;
  }
  return line + "\r\n";
}

}  // namespace zhuxiao::cli
