// A CSV file as a sheet of rows to import.
#include "clients/cli/sheet.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "clients/cli/csv.h"
#include "clients/cli/import.h"
#include "clients/cli/width.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr std::array kRejectedColumns = {"rejected_line", "rejected_column", "rejected_reason"};

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(base::View("cannot read " + path));
  std::string text;
  std::string block(1 << 20, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block, 0, static_cast<size_t>(file.gcount()));
    if (text.size() > kMaxImportBytes) {
      return absl::InvalidArgumentError(
          base::View(path + " is larger than " + std::to_string(kMaxImportBytes) + " bytes; split it"));
    }
  }
  return text;
}

bool IsRejectedColumn(const std::string& title) {
  return std::find(kRejectedColumns.begin(), kRejectedColumns.end(), title) != kRejectedColumns.end();
}

const CommandOption* ColumnFor(const std::string& title, const std::vector<CommandOption>& columns) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(title), {{"_", "-"}, {" ", "-"}});
  for (const CommandOption& column : columns) {
    const bool is_field = column.label == "field." + absl::AsciiStrToLower(title);
    if (column.name == name || is_field || Say(Language::kChinese, column.label) == title ||
        absl::EqualsIgnoreCase(Say(Language::kEnglish, column.label), title)) {
      return &column;
    }
  }
  return nullptr;
}

absl::StatusOr<std::vector<const CommandOption*>> ReadHeader(const std::vector<std::string>& titles,
                                                             const std::vector<CommandOption>& columns) {
  base::FieldErrors errors;
  std::vector<const CommandOption*> found;
  std::set<std::string> names;
  for (const std::string& title : titles) {
    const CommandOption* column = ColumnFor(title, columns);
    found.push_back(column);
    if (column == nullptr) {
      errors.Require(IsRejectedColumn(title), title, "is no column of this import");
    } else {
      errors.Require(names.insert(column->name).second, title, "stands twice");
    }
  }
  for (const CommandOption& column : columns) {
    errors.Require(column.need != Need::kRequired || names.contains(column.name), column.name, "is missing");
  }
  if (!errors.empty()) return errors.ToStatus();
  return found;
}

SheetRow MakeRow(CsvRecord record, const std::vector<const CommandOption*>& columns) {
  SheetRow row{.line = record.line,
               .cells = std::move(record.cells),
               .arguments = {},
               .error = record.error,
               .text = std::move(record.text)};
  if (row.error.empty() && row.cells.size() != columns.size()) {
    row.error = base::StrCat("has ", row.cells.size(), " cells where the header has ", columns.size());
  }
  if (!row.error.empty()) return row;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == nullptr || row.cells[i].empty()) continue;
    std::vector<std::string> values = {row.cells[i]};
    if (columns[i]->is_repeated) values = absl::StrSplit(row.cells[i], ';', absl::SkipWhitespace());
    row.arguments[columns[i]->name] = std::move(values);
  }
  return row;
}

// Excel on Windows saves CSV in the code page of the country, or as UTF-16, unless it is told otherwise.
absl::Status CheckUtf8(const std::string& path, const std::string& text) {
  if (IsUtf8(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(base::View(path + " is not UTF-8; save it as CSV UTF-8"));
}

// Writes the rejected rows to `path`, whatever stands there.
bool WriteRows(const std::string& path, const Sheet& sheet, const std::vector<SheetRejection>& rejections) {
  // A file of rejected rows imported again has these columns already; they are replaced, not repeated.
  std::vector<size_t> kept;
  for (size_t i = 0; i < sheet.header.size(); ++i) {
    if (!IsRejectedColumn(sheet.header[i])) kept.push_back(i);
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  const auto write = [&](std::vector<std::string> cells, const std::vector<std::string>& more) {
    cells.resize(sheet.header.size());
    std::vector<std::string> line;
    line.reserve(kept.size() + more.size());
    for (const size_t i : kept) line.push_back(std::move(cells[i]));
    line.insert(line.end(), more.begin(), more.end());
    file << FormatCsvLine(line);
  };
  write(sheet.header, {kRejectedColumns.begin(), kRejectedColumns.end()});
  for (const auto& [row, mistakes] : rejections) {
    std::vector<std::string> columns, reasons;
    for (const auto& [column, reason] : mistakes) {
      if (!column.empty()) columns.push_back(column);
      reasons.push_back(column.empty() ? reason : base::StrCat(column, " ", reason));
    }
    std::vector<std::string> cells = row->cells;
    cells.resize(sheet.header.size());
    if (!row->text.empty() && !kept.empty()) cells[kept.front()] = row->text;
    write(std::move(cells), {std::to_string(row->line), absl::StrJoin(columns, "; "), absl::StrJoin(reasons, "; ")});
  }
  file.close();
  return !file.fail();
}

}  // namespace

absl::StatusOr<Sheet> LoadSheet(const std::string& path, const std::vector<CommandOption>& columns) {
  const auto text = ReadFile(path);
  if (!text.ok()) return text.status();
  if (absl::Status checked = CheckUtf8(path, *text); !checked.ok()) return checked;
  std::vector<CsvRecord> records = ParseCsv(*text);
  if (records.empty()) return absl::InvalidArgumentError(base::View(path + " has no header"));
  if (!records[0].error.empty()) return absl::InvalidArgumentError(base::View(path + ": the header is no CSV"));
  const auto found = ReadHeader(records[0].cells, columns);
  if (!found.ok()) return found.status();
  Sheet sheet{.header = records[0].cells, .rows = {}};
  sheet.rows.reserve(records.size());
  for (size_t i = 1; i < records.size(); ++i) sheet.rows.push_back(MakeRow(std::move(records[i]), *found));
  return sheet;
}

absl::Status WriteRejected(const std::string& path, const Sheet& sheet, const std::vector<SheetRejection>& rejections) {
  if (rejections.empty()) {
    std::remove(path.c_str());
    return absl::OkStatus();
  }
  const std::string beside = path + ".new";
  if (WriteRows(beside, sheet, rejections) && std::rename(beside.c_str(), path.c_str()) == 0) return absl::OkStatus();
  std::remove(beside.c_str());
  return absl::InternalError(base::View("cannot write " + path));
}

}  // namespace zhuxiao::cli
