// Imports listings and online sales from CSV files. Good rows go through; every bad row is written to
// <input>.rejected.csv with its line, columns and reasons, in a form that can be mended and imported in turn.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

// The largest file taken: about a million rows, which is ten years of the largest platform seller of a county.
inline constexpr size_t kMaxImportBytes = 256u << 20;

// `listing import`, `sales import` and `sales report`.
std::vector<Command> ImportCommands();

// The request_id of a row: from the digest of the whole file and the line, so that the same file imported again, after
// a crash or by mistake, creates nothing twice.
std::string RowRequestId(std::string_view file_digest, int64_t line);

}  // namespace zhuxiao::cli
