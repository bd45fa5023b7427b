// Directories that commands read from and write to, tried before anything else is done.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/request.h"
#include "services/base/errors.h"

namespace zhuxiao::cli {

// Adds a fault for each of these options that is given as an empty word: it would mean the root directory.
void RequireNames(const Arguments& arguments, const std::vector<std::string_view>& options, base::FieldErrors& errors);

// NOT_FOUND naming the first of these options, of those given, whose directory is not there; INVALID_ARGUMENT where
// that is no directory.
absl::Status FindPlaces(const Arguments& arguments, const std::vector<std::string_view>& options);

// INVALID_ARGUMENT naming the option where its directory cannot be made, or no file in it. Leaves nothing there.
absl::Status TryPlace(const Arguments& arguments, std::string_view option);

}  // namespace zhuxiao::cli
