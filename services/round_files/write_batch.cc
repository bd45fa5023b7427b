#include "services/round_files/write_batch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "services/base/strings.h"
#include "services/round_files/report_file.h"

namespace zhuxiao::round_files {
namespace {

constexpr std::string_view kNewEnding = ".new";
constexpr std::string_view kOldEnding = ".old";
static_assert(kNewEnding.size() == kOldEnding.size());

// A name of this process's own, which RemoveLeftOvers knows again.
std::string HiddenPath(const std::string& dir, std::string_view name, std::string_view ending) {
  return base::StrCat(dir, "/.", name, ".", getpid(), ending);
}

// The process whose file `name` is, by TemporaryPath or EarlierPath, or 0.
pid_t OwnerOf(std::string_view name) {
  if (!name.starts_with('.') || !(name.ends_with(kNewEnding) || name.ends_with(kOldEnding))) return 0;
  name.remove_suffix(kNewEnding.size());
  const size_t dot = name.rfind('.');
  pid_t owner = 0;
  const auto [end, error] = std::from_chars(name.data() + dot + 1, name.data() + name.size(), owner);
  return error == std::errc() && end == name.data() + name.size() && dot > 1 ? owner : 0;
}

void RemoveLeftOvers(const std::string& dir) {
  std::error_code error;
  std::filesystem::directory_iterator files(dir, error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const pid_t owner = OwnerOf(files->path().filename().native());
    if (owner <= 0) continue;
    // This process has no other batch here: where numbers come again soon, it was another process before.
    const bool is_gone = owner == getpid() || (kill(owner, 0) != 0 && errno == ESRCH);
    if (is_gone) unlink(files->path().c_str());
  }
}

// Keeps signals that end a process waiting. Not by a mask, which is a thread's own and leaves them to the others, but
// by handlers for the whole process, so that only one can do so at a time.
class HeldSignals {
 public:
  HeldSignals() : lock_(mutex_) {
    struct sigaction held {};
    held.sa_handler = [](int signal) { arrived_[signal] = true; };
    held.sa_flags = SA_RESTART;
    for (size_t i = 0; i < kSignals.size(); ++i) {
      arrived_[kSignals[i]] = false;
      sigaction(kSignals[i], &held, &before_[i]);
    }
  }
  // Gives those that came to the process as it is without this.
  ~HeldSignals() {
    for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
    for (const int signal : kSignals) {
      if (arrived_[signal]) kill(getpid(), signal);
    }
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
  static inline std::mutex mutex_;
  static inline std::array<std::atomic<bool>, NSIG> arrived_;

  const std::lock_guard<std::mutex> lock_;
  std::array<struct sigaction, kSignals.size()> before_{};
};

// Makes `dir` where it is not there, and tries that a file can be made in it.
absl::Status MakeDirectory(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  std::error_code ignored;
  if (std::filesystem::exists(dir, ignored) && !std::filesystem::is_directory(dir, ignored)) {
    return absl::InvalidArgumentError("is a file, not a directory");
  }
  if (error) return absl::InvalidArgumentError(base::StrCat("cannot be made: ", error.message()));
  const std::string path = HiddenPath(dir, "try", kNewEnding);
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::InvalidArgumentError(base::StrCat("cannot be written to: ", std::strerror(errno)));
  }
  close(descriptor);
  unlink(path.c_str());
  return absl::OkStatus();
}

}  // namespace

absl::Status TryDirectory(const std::string& dir) {
  std::vector<std::string> made;
  std::error_code ignored;
  for (std::filesystem::path path(dir); !path.empty() && !std::filesystem::exists(path, ignored);
       path = path.parent_path()) {
    made.push_back(path.native());
  }
  const absl::Status tried = MakeDirectory(dir);
  for (const std::string& path : made) rmdir(path.c_str());
  return tried;
}

WriteBatch::WriteBatch(std::string dir) : dir_(std::move(dir)) {
  const absl::Status tried = MakeDirectory(dir_);
  if (!tried.ok()) status_ = absl::InvalidArgumentError(base::StrCat(dir_, " ", std::string(tried.message())));
  if (tried.ok()) RemoveLeftOvers(dir_);
}

WriteBatch::~WriteBatch() {
  if (file_ != nullptr) std::fclose(file_);
  for (const std::string& name : names_) unlink(TemporaryPath(name).c_str());
}

std::string WriteBatch::TemporaryPath(const std::string& name) const { return HiddenPath(dir_, name, kNewEnding); }

std::string WriteBatch::EarlierPath(const std::string& name) const { return HiddenPath(dir_, name, kOldEnding); }

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
  if (!status_.ok() || names_.empty()) return status_;
  OrderNames();
  const HeldSignals held;
  std::vector<std::string> kept;
  if (!PlaceAll(kept)) {
    // The one that stands for all comes back last.
    for (auto name = kept.rbegin(); name != kept.rend(); ++name) PutBack(*name);
    return status_;
  }
  for (const std::string& name : names_) unlink(EarlierPath(name).c_str());
  names_.clear();
  Sync();
  return status_;
}

void WriteBatch::OrderNames() {
  const auto report = std::find(names_.begin(), names_.end(), kReportFile);
  if (report != names_.end()) std::rotate(report, report + 1, names_.end());
}

bool WriteBatch::PlaceAll(std::vector<std::string>& kept) {
  const std::string& last = names_.back();
  // One file alone is replaced in one step.
  if (names_.size() > 1 && !Keep(last, /*is_retired=*/true, kept)) return false;
  Sync();
  for (auto name = names_.begin(); name + 1 != names_.end(); ++name) {
    if (!Keep(*name, /*is_retired=*/false, kept) || !Place(*name)) return false;
  }
  Sync();
  if (names_.size() == 1 && !Keep(last, /*is_retired=*/false, kept)) return false;
  return status_.ok() && Place(last);
}

void WriteBatch::Sync() {
  const int descriptor = open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || fsync(descriptor) != 0) Note("cannot write", dir_);
  if (descriptor >= 0) close(descriptor);
}

bool WriteBatch::Keep(const std::string& name, bool is_retired, std::vector<std::string>& kept) {
  const std::string path = base::StrCat(dir_, "/", name);
  const std::string earlier = EarlierPath(name);
  bool is_kept = false;
  if (std::filesystem::is_directory(path)) {
    errno = EISDIR;
  } else {
    // A second name, so that there is no moment without the file; where the file system has none, another name.
    is_kept = (!is_retired && link(path.c_str(), earlier.c_str()) == 0) ||
              std::rename(path.c_str(), earlier.c_str()) == 0 || errno == ENOENT;
  }
  if (is_kept) kept.push_back(name);
  if (!is_kept) Note("cannot write", path);
  return is_kept;
}

bool WriteBatch::Place(const std::string& name) {
  const std::string path = base::StrCat(dir_, "/", name);
  const bool is_placed = std::rename(TemporaryPath(name).c_str(), path.c_str()) == 0;
  if (!is_placed) Note("cannot write", path);
  return is_placed;
}

void WriteBatch::PutBack(const std::string& name) {
  const std::string path = base::StrCat(dir_, "/", name);
  const std::string earlier = EarlierPath(name);
  if (std::rename(earlier.c_str(), path.c_str()) != 0 && errno == ENOENT) unlink(path.c_str());
  unlink(earlier.c_str());  // where both were names of one file, the first stayed
}

}  // namespace zhuxiao::round_files
