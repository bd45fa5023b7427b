// Commands on signed records of rewards: fetching one from the server, and replaying one without it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/command.h"

namespace zhuxiao::cli {

// What a computation without a server rested on and where its results are.
struct ComputedFiles {
  std::string policy_id;
  int64_t policy_version = 0;
  std::string policy_path;
  std::string lists_path;       // empty: those that ship with the product
  std::string applicants_path;  // empty: none
  std::string sales_path;
  std::string out_directory;
};

// A mark of the files as they are now. UNAVAILABLE where one is no regular file: a pipe cannot be read twice.
absl::StatusOr<std::string> MarkInputs(const ComputedFiles& files);

// Writes the record of a computation, signed with the key in `key_path`. ABORTED where the files are not those of
// `mark` any more; errors of SigningKey::Read and WriteRecord.
absl::Status RecordComputation(const ComputedFiles& files, const std::string& mark, const std::string& key_path,
                               const std::string& record_path);

std::vector<Command> RewardRecordCommands();

}  // namespace zhuxiao::cli
