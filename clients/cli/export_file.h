// A file that a server streams in parts, saved.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "clients/cli/session.h"

namespace zhuxiao::cli {

// Tells that a file was written: people on stderr in `words`, programs as {"file", "bytes"}.
void TellFile(const Session& session, const std::string& path, int64_t size_bytes, const std::string& words);

// Appears under its name only when it is complete; what was there before stays until then. Not thread-safe.
class ExportFile {
 public:
  explicit ExportFile(std::string path);

  // An error where it cannot be written.
  absl::Status Add(const std::string& part);

  // Ends the file with what became of the call, tells of it, and returns the exit code.
  int Finish(const Session& session, const absl::Status& status);

 private:
  const std::string path_;
  const std::string part_path_;
  std::ofstream file_;
  int64_t size_bytes_ = 0;
};

// Calls the method of these messages and saves the parts it answers at `path`; returns the exit code.
template <typename Response, typename Request>
int SaveExport(const Session& session, const Request& request, const std::string& path) {
  ExportFile file(path);
  const absl::Status status =
      session.client().ReadAll<Response>(request, [&file](Response& response) { return file.Add(response.part()); });
  return file.Finish(session, status);
}

}  // namespace zhuxiao::cli
