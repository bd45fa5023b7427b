// Writes several files of a directory so that either all of them are replaced or none is touched.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace zhuxiao::round_files {

// Makes `dir`, with those above it, where it is not there, and tries that a file can be made in it, so that who
// computes for long before it writes learns of a wrong place at once. INVALID_ARGUMENT saying what is wrong with it.
absl::Status TryDirectory(const std::string& dir);

// Files are written under other names, which Commit turns into theirs once all of them are on the disk. A failure on
// the way puts back what was there before; only a crash between two renames, a moment after everything is on the disk,
// can leave new files beside old ones. Not thread-safe.
class WriteBatch {
 public:
  // As TryDirectory does; where that fails, nothing is written and Commit says why.
  explicit WriteBatch(std::string dir);
  // Removes what was not committed.
  ~WriteBatch();
  WriteBatch(const WriteBatch&) = delete;
  WriteBatch& operator=(const WriteBatch&) = delete;

  // Begins a file. `name` has no slash.
  void Begin(std::string_view name);
  // Appends to the file begun last.
  void Append(std::string_view text);

  // Puts all files in their places. Returns the first thing that went wrong with any of them since the beginning.
  absl::Status Commit();

 private:
  void Close();
  void Note(std::string_view what, const std::string& path);
  // Gives a file its name, and what had it another one; false, with nothing changed, where that cannot be.
  bool Place(const std::string& name);
  // Undoes Place.
  void PutBack(const std::string& name);
  std::string TemporaryPath(const std::string& name) const;
  std::string EarlierPath(const std::string& name) const;

  const std::string dir_;
  std::vector<std::string> names_;
  std::FILE* file_ = nullptr;
  absl::Status status_;
};

}  // namespace zhuxiao::round_files
