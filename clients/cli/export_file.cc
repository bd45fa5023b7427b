// Saved files.
#include "clients/cli/export_file.h"

#include <filesystem>
#include <utility>

#include "services/base/strings.h"

namespace zhuxiao::cli {

ExportFile::ExportFile(std::string path)
    : path_(std::move(path)), part_path_(path_ + ".part"), file_(part_path_, std::ios::binary) {}

absl::Status ExportFile::Add(const std::string& part) {
  file_ << part;
  size_bytes_ += static_cast<int64_t>(part.size());
  return file_ ? absl::OkStatus() : absl::InvalidArgumentError(base::StrCat("cannot write ", path_));
}

int ExportFile::Finish(const Session& session, const absl::Status& status) {
  const bool was_written = static_cast<bool>(file_);
  file_.close();
  std::error_code error;
  if (status.ok() && file_) std::filesystem::rename(part_path_, path_, error);
  const bool is_saved = status.ok() && file_ && !error;
  if (is_saved) {
    session.environment().err << session.Say("reward.exported", {path_, std::to_string(size_bytes_)}) << "\n";
    return kExitOk;
  }
  std::filesystem::remove(part_path_, error);
  if (!status.ok() && was_written) return session.Fail(status);
  return session.FailUsage(absl::InvalidArgumentError(base::StrCat("cannot write ", path_)));
}

}  // namespace zhuxiao::cli
