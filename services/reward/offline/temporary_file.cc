// Files without a name.
#include "services/reward/offline/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "services/base/strings.h"

namespace zhuxiao::reward::offline {

absl::Status FileError(std::string_view what) {
  return absl::InternalError(base::StrCat(what, ": ", std::string_view(std::strerror(errno))));
}

absl::StatusOr<int> OpenTemporary(const std::string& directory) {
  const int unnamed = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0) return unnamed;
  // Some file systems have no unnamed files.
  std::string name = directory + "/.zhuxiao-XXXXXX";
  const int named = mkstemp(name.data());
  if (named < 0) return FileError("cannot make a temporary file in " + directory);
  unlink(name.c_str());
  return named;
}

absl::Status WriteFully(int fd, int64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(fd, bytes.data(), bytes.size(), offset);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return FileError("cannot write");
    offset += wrote;
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::Status ReadFully(int fd, int64_t offset, char* out, size_t size) {
  while (size > 0) {
    const ssize_t got = pread(fd, out, size, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("cannot read");
    if (got == 0) return absl::InternalError("a file became shorter while it was read");
    out += got;
    offset += got;
    size -= static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::reward::offline
