// A CSV file in blocks of whole records.
#include "services/reward/offline/block_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "services/base/strings.h"
#include "services/reward/offline/temporary_file.h"

namespace zhuxiao::reward::offline {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A pipe cannot be read twice, as comparing repeated rows takes.
absl::StatusOr<int> CopyToTemporary(int source, const std::string& directory) {
  auto copy = OpenTemporary(directory);
  if (!copy.ok()) return copy;
  std::array<char, 1 << 16> buffer;
  int64_t size = 0;
  for (;;) {
    const ssize_t got = read(source, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) return copy;
    absl::Status status = got < 0 ? FileError("cannot read the input") : absl::OkStatus();
    if (status.ok()) status = WriteFully(*copy, size, {buffer.data(), static_cast<size_t>(got)});
    if (!status.ok()) {
      close(*copy);
      return status;
    }
    size += got;
  }
}

}  // namespace

size_t WholeRecords(std::string_view text) {
  // Most files have no quotes at all, and a block of them ends at its last line break.
  if (text.find('"') == std::string_view::npos) return text.rfind('\n') + 1;
  size_t end = 0;
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') is_quoted = !is_quoted;
    if (text[i] == '\n' && !is_quoted) end = i + 1;
  }
  return end;
}

absl::StatusOr<std::unique_ptr<BlockReader>> BlockReader::Open(const std::string& path,
                                                               const std::string& temporary_directory) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return absl::NotFoundError(base::StrCat("cannot read ", path));
  struct stat facts {};
  if (fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    close(fd);
    return absl::NotFoundError(base::StrCat(path, " is a directory"));
  }
  if (!S_ISREG(facts.st_mode)) {
    auto copy = CopyToTemporary(fd, temporary_directory);
    close(fd);
    if (!copy.ok()) return copy.status();
    fd = *copy;
    fstat(fd, &facts);
  }
  std::unique_ptr<BlockReader> reader(new BlockReader(fd, facts.st_size));
  std::array<char, kByteOrderMark.size()> mark;
  const ssize_t got = pread(fd, mark.data(), mark.size(), 0);
  if (got == static_cast<ssize_t>(mark.size()) && std::string_view(mark.data(), mark.size()) == kByteOrderMark) {
    const absl::MutexLock lock(&reader->mutex_);
    reader->next_offset_ = kByteOrderMark.size();
  }
  return reader;
}

BlockReader::~BlockReader() { close(fd_); }

absl::StatusOr<Block> BlockReader::Next() {
  const absl::MutexLock lock(&mutex_);
  Block block{.bytes = std::move(rest_), .first_line = next_line_, .offset = next_offset_};
  rest_.clear();
  size_t whole = 0;
  while (whole == 0) {
    const int64_t at = block.offset + static_cast<int64_t>(block.bytes.size());
    const size_t more = static_cast<size_t>(std::min<int64_t>(kBlockBytes, size_ - at));
    if (more == 0) {
      whole = block.bytes.size();
      break;
    }
    if (block.bytes.size() > kMaxRecordBytes) {
      return absl::InvalidArgumentError(base::StrCat("line ", block.first_line, ": the record is larger than ",
                                                     kMaxRecordBytes, " bytes; is a quote never closed?"));
    }
    const size_t had = block.bytes.size();
    block.bytes.resize(had + more);
    if (absl::Status status = ReadFully(fd_, at, block.bytes.data() + had, more); !status.ok()) return status;
    whole = WholeRecords(block.bytes);
  }
  rest_ = block.bytes.substr(whole);
  block.bytes.resize(whole);
  next_offset_ += static_cast<int64_t>(whole);
  for (size_t at = block.bytes.find('\n'); at != std::string::npos; at = block.bytes.find('\n', at + 1)) ++next_line_;
  return block;
}

absl::StatusOr<std::string> BlockReader::ReadAt(int64_t offset, size_t size) const {
  std::string bytes(size, '\0');
  if (absl::Status status = ReadFully(fd_, offset, bytes.data(), size); !status.ok()) return status;
  return bytes;
}

}  // namespace zhuxiao::reward::offline
