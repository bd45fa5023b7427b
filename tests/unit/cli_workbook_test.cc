// The daily report as a workbook, read back as a spreadsheet would: the same lines as the CSV, numbers as numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "clients/cli/report_commands.h"
#include "clients/cli/report_workbook.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/workbook_reader.h"

namespace zhuxiao::cli {
namespace {

using report::v1::GetDailyReportResponse;

constexpr int64_t kMaxExact = int64_t{1} << 53;

void AddCell(report::v1::ReportFigure figure, int64_t count, int64_t fen,
             google::protobuf::RepeatedPtrField<report::v1::ReportCell>& cells) {
  report::v1::ReportCell& cell = *cells.Add();
  cell.set_figure(figure);
  cell.set_count(count);
  cell.mutable_amount()->set_amount_fen(fen);
}

GetDailyReportResponse Report() {
  GetDailyReportResponse report;
  report.set_day("2020-03-02");
  for (const char* key : {"140321", "<\"鸡蛋\" & 牛>"}) {
    report::v1::ReportRow& row = *report.add_rows();
    row.set_key(key);
    AddCell(report::v1::REPORT_FIGURE_MATCHED, 3, 123'456, *row.mutable_cells());
    AddCell(report::v1::REPORT_FIGURE_SETTLED, 1, kMaxExact, *row.mutable_cells());
  }
  AddCell(report::v1::REPORT_FIGURE_MATCHED, 6, 246'912, *report.mutable_total());
  AddCell(report::v1::REPORT_FIGURE_SETTLED, 2, kMaxExact + 1, *report.mutable_total());
  return report;
}

std::string Write(const GetDailyReportResponse& report, const std::string& path) {
  EXPECT_TRUE(WriteWorkbook(report, path).ok());
  std::ifstream file(path, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

TEST(WorkbookTest, ReadsBackAsTheLinesOfTheCsv) {
  ScratchDirectory directory;
  const std::string bytes = Write(Report(), directory.path() + "/report.xlsx");
  const auto rows = testing::ReadSheet(bytes, "xl/worksheets/sheet1.xml");
  ASSERT_TRUE(rows.has_value());
  std::string csv;
  for (const auto& row : *rows) {
    std::vector<std::string> texts;
    for (const testing::SheetCell& cell : row) texts.push_back(cell.text);
    for (size_t i = 0; i < texts.size(); ++i) csv += (i > 0 ? "," : "") + texts[i];
    csv += "\n";
  }
  EXPECT_EQ(csv, CsvOf(Report()));
}

TEST(WorkbookTest, AmountsAreNumbersWhereTheyAreExactThere) {
  ScratchDirectory directory;
  const std::string bytes = Write(Report(), directory.path() + "/report.xlsx");
  const auto rows = testing::ReadSheet(bytes, "xl/worksheets/sheet1.xml");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 7u);
  for (size_t i = 1; i < rows->size(); ++i) {
    const auto& row = (*rows)[i];
    ASSERT_EQ(row.size(), 5u);
    EXPECT_FALSE(row[0].is_number || row[1].is_number || row[2].is_number) << "a county code is no number";
    EXPECT_TRUE(row[3].is_number);
    EXPECT_EQ(row[4].is_number, i + 1 < rows->size()) << "the last amount is beyond what a double holds";
  }
  EXPECT_EQ(rows->back()[4].text, "9007199254740993");
}

TEST(WorkbookTest, TheSameReportGivesTheSameBytesAndDamageIsSeen) {
  ScratchDirectory directory;
  std::string bytes = Write(Report(), directory.path() + "/one.xlsx");
  EXPECT_EQ(bytes, Write(Report(), directory.path() + "/two.xlsx"));
  const size_t sheet = bytes.find("xl/worksheets/sheet1.xml");
  ASSERT_NE(sheet, std::string::npos);
  bytes[sheet + 60] = static_cast<char>(bytes[sheet + 60] ^ 0x40);
  EXPECT_FALSE(testing::ReadSheet(bytes, "xl/worksheets/sheet1.xml").has_value());
}

}  // namespace
}  // namespace zhuxiao::cli
