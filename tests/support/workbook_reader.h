// Reads a workbook (XLSX) back as a spreadsheet would, to the extent tests need: a zip of XML, one sheet, cells of text
// and numbers. Knows nothing of how the product writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zhuxiao::testing {

// The content of the member `name` of the zip archive `bytes`, found by its central directory, its length and CRC-32
// checked; nullopt where it is not there or damaged.
std::optional<std::string> ReadZipMember(std::string_view bytes, std::string_view name);

// One cell as its sheet has it.
struct SheetCell {
  std::string text;  // as written: of a number its digits
  bool is_number = false;
};

// The rows of a sheet of the workbook, by its name in the archive ("xl/worksheets/sheet1.xml"), cells in order; nullopt
// where it is no such workbook.
std::optional<std::vector<std::vector<SheetCell>>> ReadSheet(std::string_view bytes, std::string_view sheet);

}  // namespace zhuxiao::testing
