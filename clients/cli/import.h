// Imports listings and online sales from CSV files. Good rows go through; every bad row is written to
// <input>.rejected.csv with its line, columns and reasons, in a form that can be mended and imported in turn. A file
// may be imported again, whole or mended, and nothing is taken twice: a listing is known by what its row says and,
// where rows of one file are equal, by which of them it is; a sale by its number.
#pragma once

#include <cstddef>
#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

// The largest file taken: about a million rows, which is ten years of the largest platform seller of a county.
inline constexpr size_t kMaxImportBytes = 256u << 20;

// `listing import`, `sales import` and `sales report`.
std::vector<Command> ImportCommands();

}  // namespace zhuxiao::cli
