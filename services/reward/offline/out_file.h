// A file that appears under its name only when it is complete.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::reward::offline {

// Thread-safe. Dropped before Publish, it leaves nothing.
class OutFile {
 public:
  static absl::StatusOr<std::unique_ptr<OutFile>> Create(const std::string& directory, const std::string& name);
  ~OutFile();
  OutFile(const OutFile&) = delete;
  OutFile& operator=(const OutFile&) = delete;

  // Appends part `index`; waits until all parts before it are written. Parts count from 0 without a gap. After an error
  // every later part gets it too, so that nobody waits for ever.
  absl::Status WritePart(size_t index, std::string_view bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // Lets every part still to come fail: one of them will not be written.
  void Abandon() ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives the file its name, in place of any older one. Whenever the process ends, the name stands for a complete file;
  // a loss of power within the next seconds may still take it, and computing again brings it back.
  absl::Status Publish();

 private:
  OutFile(int fd, std::string temporary_path, std::string path)
      : fd_(fd), temporary_path_(std::move(temporary_path)), path_(std::move(path)) {}

  const int fd_;
  std::string temporary_path_;
  const std::string path_;
  absl::Mutex mutex_;
  size_t next_part_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuxiao::reward::offline
