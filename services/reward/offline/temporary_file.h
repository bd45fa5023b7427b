// Files without a name: they are gone with their descriptor, however the process ends.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zhuxiao::reward::offline {

// INTERNAL: `what`, and what errno says.
absl::Status FileError(std::string_view what);

// A descriptor, open for reading and writing, of an empty file on the disk of `directory`; the caller closes it.
absl::StatusOr<int> OpenTemporary(const std::string& directory);

// Writes all of `bytes` at `offset`.
absl::Status WriteFully(int fd, int64_t offset, std::string_view bytes);
// Reads `size` bytes at `offset`; an error where the file is shorter.
absl::Status ReadFully(int fd, int64_t offset, char* out, size_t size);

}  // namespace zhuxiao::reward::offline
