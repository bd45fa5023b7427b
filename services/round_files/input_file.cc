#include "services/round_files/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace zhuxiao::round_files {

void DescriptorCloser::operator()(const int* descriptor) const {
  close(*descriptor);
  delete descriptor;
}

absl::StatusOr<Descriptor> OpenFile(const std::string& path) {
  // Not waiting for who writes to a FIFO, before it is known to be one.
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return absl::ErrnoToStatus(errno, "cannot open " + path);
  Descriptor descriptor(new int(opened));
  struct stat about {};
  if (fstat(opened, &about) != 0) return absl::ErrnoToStatus(errno, "cannot open " + path);
  if (S_ISDIR(about.st_mode)) return absl::ErrnoToStatus(EISDIR, "cannot open " + path);
  if (!S_ISREG(about.st_mode)) return absl::InvalidArgumentError("cannot open " + path + ": is not a regular file");
  return descriptor;
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  const absl::StatusOr<Descriptor> descriptor = OpenFile(path);
  if (!descriptor.ok()) return descriptor.status();
  std::string text;
  char piece[1 << 14];
  for (;;) {
    const ssize_t got = read(**descriptor, piece, sizeof(piece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot read " + path);
    if (got == 0) return text;
    text.append(piece, static_cast<size_t>(got));
  }
}

}  // namespace zhuxiao::round_files
