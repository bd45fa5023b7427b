// Writes several files of a directory so that either all of them are replaced or none is touched.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace zhuxiao::round_files {

// Tries that `dir` can be made, with those above it, where it is not there, and a file in it, so that who computes for
// long before it writes learns of a wrong place at once. Leaves nothing there. INVALID_ARGUMENT saying what is wrong.
absl::Status TryDirectory(const std::string& dir);

// Files are written under other names, which Commit turns into theirs once all of them are on the disk. A failure on
// the way puts back what was there before. One of the files stands for all: report.json, or where there is none the
// file begun last. It vanishes before any other is replaced and comes back after all others, so that a process killed
// in between leaves a directory without it, never one that looks whole. SIGINT, SIGTERM and SIGHUP wait for the end of
// Commit. One that ends a process before that leaves hidden files, as a kill at any time does: .NAME.PID.new and
// .NAME.PID.old, which the next batch in the directory removes once there is no process PID. At most one batch at a
// time in a directory and process. Not thread-safe; Commits of a process wait for each other.
class WriteBatch {
 public:
  // Makes the directory, where what fails is told by Commit, and removes what processes that are gone left there.
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
  // Has the disk know the names in the directory.
  void Sync();
  // Puts the file that stands for all at the end.
  void OrderNames();
  // Puts all files in their places; `kept` gets those whose earlier ones must be put back where that fails.
  bool PlaceAll(std::vector<std::string>& kept);
  // Gives what has the file's name, if anything, a second name, or another one where it is to vanish.
  bool Keep(const std::string& name, bool is_retired, std::vector<std::string>& kept);
  // Gives a file its name.
  bool Place(const std::string& name);
  // Undoes Keep and Place.
  void PutBack(const std::string& name);
  std::string TemporaryPath(const std::string& name) const;
  std::string EarlierPath(const std::string& name) const;

  const std::string dir_;
  std::vector<std::string> names_;
  std::FILE* file_ = nullptr;
  absl::Status status_;
};

}  // namespace zhuxiao::round_files
