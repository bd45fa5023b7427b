#include "services/round_files/write_batch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "services/base/strings.h"

namespace zhuxiao::round_files {

WriteBatch::WriteBatch(std::string dir) : dir_(std::move(dir)) {
  std::error_code error;
  std::filesystem::create_directories(dir_, error);
  if (error) status_ = absl::UnavailableError(base::StrCat("cannot make ", dir_, ": ", error.message()));
}

WriteBatch::~WriteBatch() {
  if (file_ != nullptr) std::fclose(file_);
  for (const std::string& name : names_) unlink(TemporaryPath(name).c_str());
}

std::string WriteBatch::TemporaryPath(const std::string& name) const {
  return base::StrCat(dir_, "/.", name, ".", getpid(), ".new");
}

void WriteBatch::Note(std::string_view what, const std::string& path) {
  if (status_.ok()) status_ = absl::ErrnoToStatus(errno, base::View(base::StrCat(what, " ", path)));
}

void WriteBatch::Begin(std::string_view name) {
  Close();
  if (!status_.ok()) return;
  names_.emplace_back(name);
  const std::string path = TemporaryPath(names_.back());
  file_ = std::fopen(path.c_str(), "we");
  if (file_ == nullptr) Note("cannot write", path);
}

void WriteBatch::Append(std::string_view text) {
  if (file_ == nullptr || !status_.ok()) return;
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) Note("cannot write", names_.back());
}

void WriteBatch::Close() {
  if (file_ == nullptr) return;
  if (std::fflush(file_) != 0 || fsync(fileno(file_)) != 0) Note("cannot write", names_.back());
  if (std::fclose(file_) != 0) Note("cannot write", names_.back());
  file_ = nullptr;
}

absl::Status WriteBatch::Commit() {
  Close();
  for (const std::string& name : names_) {
    if (!status_.ok()) return status_;
    const std::string path = base::StrCat(dir_, "/", name);
    if (std::rename(TemporaryPath(name).c_str(), path.c_str()) != 0) Note("cannot write", path);
  }
  names_.clear();
  const int descriptor = open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || fsync(descriptor) != 0) Note("cannot write", dir_);
  if (descriptor >= 0) close(descriptor);
  return status_;
}

}  // namespace zhuxiao::round_files
