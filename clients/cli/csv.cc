// Reads and writes CSV files through libcsv.
#include "clients/cli/csv.h"

#include <csv.h>

#include "absl/strings/ascii.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Owns the parser and gathers cells into records. Fed line by line, it knows where a record began.
class Reader {
 public:
  Reader() { Start(); }
  ~Reader() { csv_free(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void Feed(std::string_view line, int64_t number) {
    if (!is_open_) {
      if (absl::StripAsciiWhitespace(base::View(line)).empty()) return;
      current_ = {.line = number};
      is_open_ = true;
    }
    if (csv_parse(&parser_, line.data(), line.size(), OnCell, OnRecord, this) != line.size()) Break();
  }

  std::vector<CsvRecord> Finish() {
    if (csv_fini(&parser_, OnCell, OnRecord, this) != 0 && is_open_) Break();
    return std::move(records_);
  }

 private:
  static void OnCell(void* text, size_t length, void* self) {
    static_cast<Reader*>(self)->current_.cells.emplace_back(static_cast<const char*>(text), length);
  }

  static void OnRecord(int, void* self) {
    auto* reader = static_cast<Reader*>(self);
    reader->records_.push_back(std::move(reader->current_));
    reader->is_open_ = false;
  }

  void Start() {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) std::abort();
  }

  void Break() {
    current_.error = csv_strerror(csv_error(&parser_));
    OnRecord(0, this);
    csv_free(&parser_);
    Start();
  }

  csv_parser parser_;
  CsvRecord current_;
  bool is_open_ = false;
  std::vector<CsvRecord> records_;
};

}  // namespace

std::vector<CsvRecord> ParseCsv(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  Reader reader;
  for (int64_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const size_t length = end == std::string_view::npos ? text.size() : end + 1;
    reader.Feed(text.substr(0, length), number);
    text.remove_prefix(length);
  }
  return reader.Finish();
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
