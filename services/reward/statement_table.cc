// Statements as tables of cells.
#include "services/reward/statement_table.h"

#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_format.h"
#include "services/base/clock.h"
#include "services/base/strings.h"

namespace zhuxiao::reward {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// The least instant a workbook may say it was made at, so that it does not depend on the clock.
constexpr int kFirstYear = 1980 - 1900;

std::string TimeText(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*S+08:00", base::FromProto(time), absl::FixedTimeZone(8 * 3600));
}

std::string Quoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

void AppendTable(const StatementTable& table, std::string& csv) {
  std::string_view between = "";
  for (const std::string_view column : table.columns) {
    base::StrAppend(&csv, between, column);
    between = ",";
  }
  csv.append("\r\n");
  for (const std::vector<Cell>& row : table.rows) {
    between = "";
    for (const Cell& cell : row) {
      const auto* text = std::get_if<std::string>(&cell);
      base::StrAppend(&csv, between, text != nullptr ? Quoted(*text) : base::StrCat(std::get<int64_t>(cell)));
      between = ",";
    }
    csv.append("\r\n");
  }
}

// Amounts are written as numbers only where a workbook, which counts in doubles, holds them exactly.
void WriteCell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const Cell& cell) {
  constexpr int64_t kMaxExact = int64_t{1} << 53;
  if (const auto* text = std::get_if<std::string>(&cell)) {
    worksheet_write_string(sheet, row, column, text->c_str(), nullptr);
  } else if (const int64_t number = std::get<int64_t>(cell); number <= kMaxExact) {
    worksheet_write_number(sheet, row, column, static_cast<double>(number), nullptr);
  } else {
    worksheet_write_string(sheet, row, column, base::StrCat(number).c_str(), nullptr);
  }
}

void AddSheet(lxw_workbook* book, const char* name, const StatementTable& table) {
  lxw_worksheet* sheet = workbook_add_worksheet(book, name);
  for (size_t column = 0; column < table.columns.size(); ++column) {
    worksheet_write_string(sheet, 0, static_cast<lxw_col_t>(column), std::string(table.columns[column]).c_str(),
                           nullptr);
  }
  for (size_t row = 0; row < table.rows.size(); ++row) {
    for (size_t column = 0; column < table.rows[row].size(); ++column) {
      WriteCell(sheet, static_cast<lxw_row_t>(row + 1), static_cast<lxw_col_t>(column), table.rows[row][column]);
    }
  }
}

// A file of its own name, which goes with the object: the library writes to names only.
class TemporaryName {
 public:
  TemporaryName() {
    std::error_code error;
    path_ = (std::filesystem::temp_directory_path(error) / "zhuxiao-XXXXXX").string();
    const int fd = mkstemp(path_.data());
    if (fd < 0) {
      path_.clear();
    } else {
      close(fd);
    }
  }
  ~TemporaryName() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

StatementTable SummaryTable(const v1::Claim& claim, const v1::Statement& now) {
  StatementTable table;
  table.columns = {
      "claim_id",       "claimant_uscc", "policy_id", "policy_version",    "policy_digest", "state",
      "gross_fen",      "refunded_fen",  "net_fen",   "reward_fen",        "reason",        "counted_lines",
      "excluded_lines", "published_fen", "paid_fen",  "claw_back_due_fen", "returned_fen"};
  table.rows.push_back({claim.claim_id(), now.claimant_uscc(), now.policy_id(), int64_t{now.policy_version()},
                        now.policy_digest(), v1::ClaimState_Name(claim.state()), now.gross().amount_fen(),
                        now.refunded().amount_fen(), now.net().amount_fen(), now.reward().amount_fen(), now.reason(),
                        now.counted_count(), now.excluded_count(), claim.statement().reward().amount_fen(),
                        claim.paid().amount_fen(), claim.claw_back_due().amount_fen(), claim.returned().amount_fen()});
  return table;
}

StatementTable LinesTable(const std::vector<v1::StatementLine>& lines) {
  StatementTable table;
  table.columns = {"platform_uscc", "order_no",     "commodity",   "origin",     "destination",    "amount_fen",
                   "refunded_fen",  "counted_fen",  "parcels",     "waybill_no", "parcel_fee_fen", "order_time",
                   "payment_time",  "waybill_time", "accept_time", "reason"};
  for (const v1::StatementLine& line : lines) {
    const v1::OnlineSale& sale = line.sale();
    table.rows.push_back(
        {sale.platform_uscc(), sale.platform_order_no(), sale.commodity_code(), sale.origin_code(),
         sale.destination_code(), sale.amount().amount_fen(), sale.refunded().amount_fen(), line.counted().amount_fen(),
         sale.parcels(), sale.waybill_no(), sale.parcel_fee().amount_fen(), TimeText(true, sale.order_time()),
         TimeText(sale.has_payment_time(), sale.payment_time()), TimeText(sale.has_waybill_time(), sale.waybill_time()),
         TimeText(sale.has_accept_time(), sale.accept_time()), line.reason()});
  }
  return table;
}

std::string WriteCsv(const StatementTable& summary, const StatementTable& lines) {
  std::string csv(kByteOrderMark);
  AppendTable(summary, csv);
  csv.append("\r\n");
  AppendTable(lines, csv);
  return csv;
}

absl::StatusOr<std::string> WriteXlsx(const StatementTable& summary, const StatementTable& lines) {
  const TemporaryName file;
  if (file.path().empty()) return absl::InternalError("there is no room for a temporary file");
  lxw_workbook* book = workbook_new(file.path().c_str());
  if (book == nullptr) return absl::InternalError("a workbook cannot be made");
  lxw_doc_properties properties = {};
  std::tm first = {};
  first.tm_year = kFirstYear;
  first.tm_mday = 1;
  properties.created = timegm(&first);
  workbook_set_properties(book, &properties);
  AddSheet(book, "statement", summary);
  AddSheet(book, "lines", lines);
  const lxw_error error = workbook_close(book);
  if (error != LXW_NO_ERROR) return absl::InternalError(lxw_strerror(error));
  std::ifstream written(file.path(), std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(written), {}};
}

}  // namespace zhuxiao::reward
