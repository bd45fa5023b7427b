// Completion scripts for shells, generated from the command tree, so that they know every command and option there is.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhuxiao::cli {

// The script for "bash", "zsh" or "fish". INVALID_ARGUMENT for any other shell.
absl::StatusOr<std::string> CompletionScript(const CLI::App& app, std::string_view shell);

}  // namespace zhuxiao::cli
