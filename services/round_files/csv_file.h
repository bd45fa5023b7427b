// Reads a CSV file (RFC 4180) record by record through a small buffer, fast enough for files of a hundred megabytes.
// It knows records and cells, not what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/round_files/input_file.h"

namespace zhuxiao::round_files {

// A longer record is refused: most likely a quote was never closed, and the rest of the file would be one cell.
inline constexpr size_t kMaxRecordBytes = 1 << 16;

// What is wrong with a file whose lines end as those of Macintoshes once did.
inline constexpr std::string_view kLinesEndInCr = "has lines that end in CR alone; save it with LF or CRLF";

// One pass over a file. Takes CRLF and LF, not CR alone, quoted cells with commas, line breaks and doubled quotes, and
// a byte order mark; skips empty lines; keeps blanks around cells, as the RFC says. Not thread-safe.
class CsvFile {
 public:
  // The errors of OpenFile.
  static absl::StatusOr<CsvFile> Open(const std::string& path);

  // Goes to the next record; false at the end of the file, or where reading failed (see status()).
  bool Next();

  // The record's cells, valid until the next call of Next().
  const std::vector<std::string_view>& cells() const { return cells_; }
  // The line the record began on, from 1.
  int64_t line() const { return line_; }
  // What is wrong with the record, or "". A bad record does not spoil those after it.
  std::string_view error() const { return error_; }
  // What the system said where the file could not be read to its end.
  const absl::Status& status() const { return status_; }

  // How many records the file has at most: line breaks plus one. Reads the file once.
  absl::StatusOr<int64_t> CountLines() const;

 private:
  explicit CsvFile(std::string path) : path_(std::move(path)) {}

  bool Refill();
  size_t FindEnd();
  size_t FindQuotedEnd(size_t from);
  void Split(std::string_view record);
  void SplitQuoted(char* record, size_t size);

  std::string path_;
  Descriptor descriptor_;
  std::string buffer_;
  size_t begin_ = 0;  // of what is not read yet, in buffer_
  bool is_at_end_ = false;
  bool is_quoted_ = false;  // the record has a quote
  int64_t line_ = 0;
  int64_t next_line_ = 1;
  std::vector<std::string_view> cells_;
  std::string_view error_;
  absl::Status status_;
};

}  // namespace zhuxiao::round_files
