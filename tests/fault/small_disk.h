// A file system of a few megabytes that a test fills and frees.
#pragma once

#include <memory>
#include <string>

#include "tests/support/scratch_directory.h"

namespace zhuxiao::testing {

// Not thread-safe. Mounted where the calling thread and processes it starts see it, and nobody else; takes root.
class SmallDisk {
 public:
  // Null, with the reason on standard output, where mounting is not allowed.
  static std::unique_ptr<SmallDisk> Make(int megabytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& path() const { return directory_.path(); }

  // Takes all space that is left, and gives it back.
  void Fill();
  void Free();

 private:
  SmallDisk() = default;

  ScratchDirectory directory_;
};

}  // namespace zhuxiao::testing
