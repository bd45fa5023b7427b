#include "services/round_files/write_batch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "services/base/strings.h"

namespace zhuxiao::round_files {
namespace {

std::string TemporaryPathOf(const std::string& dir, std::string_view name) {
  return base::StrCat(dir, "/.", name, ".", getpid(), ".new");
}

}  // namespace

absl::Status TryDirectory(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  std::error_code ignored;
  if (std::filesystem::exists(dir, ignored) && !std::filesystem::is_directory(dir, ignored)) {
    return absl::InvalidArgumentError("is a file, not a directory");
  }
  if (error) return absl::InvalidArgumentError(base::StrCat("cannot be made: ", error.message()));
  const std::string path = TemporaryPathOf(dir, "try");
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::InvalidArgumentError(base::StrCat("cannot be written to: ", std::strerror(errno)));
  }
  close(descriptor);
  unlink(path.c_str());
  return absl::OkStatus();
}

WriteBatch::WriteBatch(std::string dir) : dir_(std::move(dir)) {
  const absl::Status tried = TryDirectory(dir_);
  if (!tried.ok()) status_ = absl::InvalidArgumentError(base::StrCat(dir_, " ", std::string(tried.message())));
}

WriteBatch::~WriteBatch() {
  if (file_ != nullptr) std::fclose(file_);
  for (const std::string& name : names_) unlink(TemporaryPath(name).c_str());
}

std::string WriteBatch::TemporaryPath(const std::string& name) const { return TemporaryPathOf(dir_, name); }

std::string WriteBatch::EarlierPath(const std::string& name) const {
  return base::StrCat(dir_, "/.", name, ".", getpid(), ".old");
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
  if (!status_.ok()) return status_;
  std::vector<std::string> placed;
  for (const std::string& name : names_) {
    if (!Place(name)) break;
    placed.push_back(name);
  }
  if (!status_.ok()) {
    for (const std::string& name : placed) PutBack(name);
    return status_;
  }
  for (const std::string& name : names_) unlink(EarlierPath(name).c_str());
  names_.clear();
  const int descriptor = open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || fsync(descriptor) != 0) Note("cannot write", dir_);
  if (descriptor >= 0) close(descriptor);
  return status_;
}

bool WriteBatch::Place(const std::string& name) {
  const std::string path = base::StrCat(dir_, "/", name);
  const std::string earlier = EarlierPath(name);
  if (std::filesystem::is_directory(path)) {
    errno = EISDIR;
    Note("cannot write", path);
    return false;
  }
  // A second name, so that there is no moment without the file; where the file system has none, another name.
  const bool is_kept =
      link(path.c_str(), earlier.c_str()) == 0 || errno == ENOENT || std::rename(path.c_str(), earlier.c_str()) == 0;
  if (is_kept && std::rename(TemporaryPath(name).c_str(), path.c_str()) == 0) return true;
  Note("cannot write", path);
  std::rename(earlier.c_str(), path.c_str());
  return false;
}

void WriteBatch::PutBack(const std::string& name) {
  const std::string path = base::StrCat(dir_, "/", name);
  if (std::rename(EarlierPath(name).c_str(), path.c_str()) != 0 && errno == ENOENT) unlink(path.c_str());
}

}  // namespace zhuxiao::round_files
