// A file that appears under its name only when it is complete.
#include "services/reward/offline/out_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "services/base/strings.h"
#include "services/reward/offline/temporary_file.h"

namespace zhuxiao::reward::offline {

absl::StatusOr<std::unique_ptr<OutFile>> OutFile::Create(const std::string& directory, const std::string& name) {
  std::string temporary = base::StrCat(directory, "/.", name, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return absl::InternalError(base::StrCat("cannot write into ", directory));
  constexpr mode_t kReadableByAll = 0644;
  fchmod(fd, kReadableByAll);
  return std::unique_ptr<OutFile>(new OutFile(fd, temporary, base::StrCat(directory, "/", name)));
}

OutFile::~OutFile() {
  close(fd_);
  if (!temporary_path_.empty()) unlink(temporary_path_.c_str());
}

absl::Status OutFile::WritePart(size_t index, std::string_view bytes) {
  int64_t at = 0;
  {
    const absl::MutexLock lock(&mutex_);
    const auto is_turn = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return next_part_ == index || !status_.ok(); };
    mutex_.Await(absl::Condition(&is_turn));
    if (!status_.ok()) return status_;
    at = size_;
    size_ += static_cast<int64_t>(bytes.size());
    ++next_part_;
  }
  // The place is taken; the writing itself need not wait for others.
  absl::Status status = WriteFully(fd_, at, bytes);
  if (!status.ok()) Abandon();
  return status;
}

void OutFile::Abandon() {
  const absl::MutexLock lock(&mutex_);
  if (status_.ok()) status_ = absl::InternalError(base::StrCat("cannot complete ", path_));
}

absl::Status OutFile::Publish() {
  if (std::rename(temporary_path_.c_str(), path_.c_str()) != 0) {
    return absl::InternalError(base::StrCat("cannot write ", path_));
  }
  temporary_path_.clear();
  return absl::OkStatus();
}

}  // namespace zhuxiao::reward::offline
