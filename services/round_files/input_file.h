// Opens the files of a round. FIFOs and devices are refused: they may give nothing, or more, for ever.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace zhuxiao::round_files {

struct DescriptorCloser {
  void operator()(const int* descriptor) const;
};
// An open file's descriptor, closed at the end.
using Descriptor = std::unique_ptr<const int, DescriptorCloser>;

// Opens `path` for reading. The errors of the system with the path, NOT_FOUND among them; INVALID_ARGUMENT where it is
// no regular file.
absl::StatusOr<Descriptor> OpenFile(const std::string& path);

// All of a file, of those that have a few lines. The errors of OpenFile.
absl::StatusOr<std::string> ReadText(const std::string& path);

}  // namespace zhuxiao::round_files
