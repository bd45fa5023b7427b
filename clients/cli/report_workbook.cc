#include "clients/cli/report_workbook.h"

#include <xlsxwriter.h>

#include <array>
#include <ctime>

#include "clients/cli/fields.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using report::v1::GetDailyReportResponse;
using report::v1::ReportCell;

constexpr std::array<const char*, 5> kHeadings = {"day", "key", "figure", "count", "amount_fen"};
constexpr int64_t kMaxExact = int64_t{1} << 53;
// The least instant a workbook may say it was made at, so that it does not depend on the clock.
constexpr int kFirstYear = 1980 - 1900;

// Writes lines one below the other.
class Lines {
 public:
  explicit Lines(lxw_worksheet* sheet) : sheet_(sheet) {
    for (size_t i = 0; i < kHeadings.size(); ++i) Text(i, kHeadings[i]);
    ++row_;
  }

  template <typename Cells>
  void Add(const std::string& day, const std::string& key, const Cells& cells) {
    for (const ReportCell& cell : cells) {
      Text(0, day);
      Text(1, key);
      Text(2, EnumWord(*report::v1::ReportFigure_descriptor()->FindValueByNumber(cell.figure())));
      Number(3, cell.count());
      Number(4, cell.amount().amount_fen());
      ++row_;
    }
  }

 private:
  void Text(size_t column, const std::string& text) {
    worksheet_write_string(sheet_, row_, static_cast<lxw_col_t>(column), text.c_str(), nullptr);
  }
  void Number(size_t column, int64_t number) {
    if (number > kMaxExact || number < -kMaxExact) return Text(column, base::StrCat(number));
    worksheet_write_number(sheet_, row_, static_cast<lxw_col_t>(column), static_cast<double>(number), nullptr);
  }

  lxw_worksheet* sheet_;
  lxw_row_t row_ = 0;
};

}  // namespace

absl::Status WriteWorkbook(const GetDailyReportResponse& report, const std::string& path) {
  lxw_workbook* book = workbook_new(path.c_str());
  if (book == nullptr) return absl::InternalError(base::StrCat(path, ": a workbook cannot be made"));
  lxw_doc_properties properties = {};
  std::tm first = {};
  first.tm_year = kFirstYear;
  first.tm_mday = 1;
  properties.created = timegm(&first);
  workbook_set_properties(book, &properties);
  Lines lines(workbook_add_worksheet(book, "report"));
  for (const report::v1::ReportRow& row : report.rows()) lines.Add(report.day(), row.key(), row.cells());
  lines.Add(report.day(), "", report.total());
  const lxw_error error = workbook_close(book);
  if (error != LXW_NO_ERROR) return absl::InternalError(base::StrCat(path, ": ", lxw_strerror(error)));
  return absl::OkStatus();
}

}  // namespace zhuxiao::cli
