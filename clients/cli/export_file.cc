// Saved files.
#include "clients/cli/export_file.h"

#include <filesystem>
#include <utility>

#include "services/base/strings.h"

namespace zhuxiao::cli {

void TellFile(const Session& session, const std::string& path, int64_t size_bytes, const std::string& words) {
  if (!session.globals().is_json) {
    session.environment().err << words << "\n";
    return;
  }
  google::protobuf::Struct done;
  (*done.mutable_fields())["file"].set_string_value(path);
  (*done.mutable_fields())["bytes"].set_number_value(static_cast<double>(size_bytes));
  session.PrintJson(done);
}

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
    TellFile(session, path_, size_bytes_, session.Say("reward.exported", {path_, std::to_string(size_bytes_)}));
    return kExitOk;
  }
  std::filesystem::remove(part_path_, error);
  if (!status.ok() && was_written) return session.Fail(status);
  return session.FailUsage(absl::InvalidArgumentError(base::StrCat("cannot write ", path_)));
}

}  // namespace zhuxiao::cli
