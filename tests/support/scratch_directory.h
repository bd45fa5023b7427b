// A directory that exists as long as a test needs it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace zhuxiao {

// A new empty directory under the system's directory for temporary files, removed with all its content at the end.
class ScratchDirectory {
 public:
  ScratchDirectory() : path_((std::filesystem::temp_directory_path() / "zhuxiao-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) {
      std::cerr << "cannot make " << path_ << std::endl;
      std::abort();
    }
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace zhuxiao
