// Most records have no quote and are split at commas alone; the others go through a state machine.
#include "services/round_files/csv_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "services/base/strings.h"

namespace zhuxiao::round_files {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kNotYet = std::string::npos;

int64_t CountOf(std::string_view text, char c) { return std::count(text.begin(), text.end(), c); }

}  // namespace

absl::StatusOr<CsvFile> CsvFile::Open(const std::string& path) {
  absl::StatusOr<Descriptor> descriptor = OpenFile(path);
  if (!descriptor.ok()) return descriptor.status();
  CsvFile file(path);
  file.descriptor_ = *std::move(descriptor);
  if (file.Refill() && std::string_view(file.buffer_).starts_with(kByteOrderMark)) {
    file.begin_ = kByteOrderMark.size();
  }
  return file;
}

absl::StatusOr<int64_t> CsvFile::CountLines() const {
  std::string chunk(kChunkBytes, '\0');
  int64_t count = 1;
  off_t offset = 0;
  for (;;) {
    const ssize_t got = pread(*descriptor_, chunk.data(), chunk.size(), offset);
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot read " + path_);
    if (got == 0) return count;
    count += CountOf({chunk.data(), static_cast<size_t>(got)}, '\n');
    offset += got;
  }
}

// Moves what is left to the front and reads behind it; false where there is no more.
bool CsvFile::Refill() {
  if (is_at_end_) return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t kept = buffer_.size();
  buffer_.resize(kept + kChunkBytes);
  ssize_t got = 0;
  do {
    got = read(*descriptor_, buffer_.data() + kept, kChunkBytes);
  } while (got < 0 && errno == EINTR);
  if (got < 0) status_ = absl::ErrnoToStatus(errno, "cannot read " + path_);
  buffer_.resize(kept + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  is_at_end_ = got <= 0;
  return got > 0;
}

bool CsvFile::Next() {
  for (;;) {
    const size_t end = FindEnd();
    if (!status_.ok() || begin_ >= buffer_.size()) return false;
    line_ = next_line_;
    const std::string_view whole(buffer_.data() + begin_, end - begin_);
    next_line_ += is_quoted_ ? CountOf(whole, '\n') : static_cast<int64_t>(whole.back() == '\n');
    char* const record = buffer_.data() + begin_;
    begin_ = end;
    size_t size = whole.size();
    if (size > 0 && record[size - 1] == '\n') --size;
    if (size > 0 && record[size - 1] == '\r') --size;
    if (size == 0) continue;
    cells_.clear();
    if (!is_quoted_ && std::memchr(record, '\r', size) != nullptr) {
      error_ = kLinesEndInCr;
    } else if (size > kMaxRecordBytes) {
      error_ = "is longer than 65536 bytes";
    } else if (is_quoted_) {
      SplitQuoted(record, size);
    } else {
      Split({record, size});
    }
    return true;
  }
}

// The position after the record that begins at begin_, its line break included.
size_t CsvFile::FindEnd() {
  error_ = {};
  for (size_t searched = begin_;;) {
    const char* const from = buffer_.data() + begin_;
    const void* found = std::memchr(buffer_.data() + searched, '\n', buffer_.size() - searched);
    const size_t end = found == nullptr ? buffer_.size() : static_cast<const char*>(found) - buffer_.data() + 1;
    is_quoted_ = std::memchr(from, '"', end - begin_) != nullptr;
    if (is_quoted_) {
      const size_t quoted_end = FindQuotedEnd(begin_);
      if (quoted_end != kNotYet) return quoted_end;
    } else if (found != nullptr || is_at_end_) {
      return end;
    }
    const size_t known = buffer_.size() - begin_;
    // A file without line breaks, not a record.
    if (!is_quoted_ && known > kMaxRecordBytes) return buffer_.size();
    Refill();
    searched = is_quoted_ ? begin_ : begin_ + known;
  }
}

// The same where the record has a quote: line breaks inside quotes do not end it. A quote that is never closed ends
// with its first line, so that the records after it can be told.
size_t CsvFile::FindQuotedEnd(size_t from) {
  enum class At { kCellStart, kPlain, kInside, kClosed } at = At::kCellStart;
  size_t first_break = kNotYet;
  for (size_t i = from; i < buffer_.size() && i - from <= kMaxRecordBytes; ++i) {
    const char c = buffer_[i];
    if (c == '\n') {
      if (at != At::kInside) return i + 1;
      if (first_break == kNotYet) first_break = i + 1;
    }
    if (at == At::kInside) {
      if (c == '"') at = At::kClosed;
    } else if (c == '"') {
      if (at != At::kPlain) at = At::kInside;
    } else {
      at = c == ',' ? At::kCellStart : At::kPlain;
    }
    if (i + 1 == buffer_.size() && !is_at_end_) return kNotYet;
  }
  if (at == At::kInside) {
    error_ = "has a quote that is not closed";
    if (first_break != kNotYet) return first_break;
  }
  return buffer_.size();
}

void CsvFile::Split(std::string_view record) {
  for (;;) {
    const size_t comma = record.find(',');
    cells_.push_back(record.substr(0, comma));
    if (comma == std::string_view::npos) return;
    record.remove_prefix(comma + 1);
  }
}

// Takes the quotes off in place: a cell only gets shorter.
void CsvFile::SplitQuoted(char* record, size_t size) {
  for (size_t at = 0; at <= size; ++at) {
    const size_t begin = at;
    if (at < size && record[at] == '"') {
      size_t out = begin;
      for (++at; at < size && (record[at] != '"' || (at + 1 < size && record[at + 1] == '"')); ++at) {
        if (record[at] == '"') ++at;
        record[out++] = record[at];
      }
      ++at;
      cells_.emplace_back(record + begin, out - begin);
      if (at < size && record[at] != ',' && error_.empty()) error_ = "has text after a closing quote";
      while (at < size && record[at] != ',') ++at;
    } else {
      while (at < size && record[at] != ',') ++at;
      cells_.emplace_back(record + begin, at - begin);
      if (cells_.back().find('"') != std::string_view::npos && error_.empty()) {
        error_ = "has a quote inside a cell that does not begin with one";
      }
    }
  }
}

}  // namespace zhuxiao::round_files
