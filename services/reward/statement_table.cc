// Statements as tables of cells.
#include "services/reward/statement_table.h"

#include <xlsxwriter.h>

#include <ctime>
#include <fstream>
#include <utility>

#include "services/base/strings.h"
#include "services/reward/sale_rows.h"

namespace zhuxiao::reward {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// The least instant a workbook may say it was made at, so that it does not depend on the clock.
constexpr int kFirstYear = 1980 - 1900;

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

class CsvFile : public TableFile {
 public:
  explicit CsvFile(const std::string& path) : file_(path, std::ios::binary) { file_ << kByteOrderMark; }

  void Begin(const char* /*name*/, const Columns& columns) override {
    if (has_table_) file_ << "\r\n";
    has_table_ = true;
    std::string_view between = "";
    for (const std::string_view column : columns) {
      file_ << between << column;
      between = ",";
    }
    file_ << "\r\n";
  }

  void Add(const Row& row) override {
    std::string_view between = "";
    for (const Cell& cell : row) {
      const auto* text = std::get_if<std::string>(&cell);
      file_ << between << (text != nullptr ? Quoted(*text) : base::StrCat(std::get<int64_t>(cell)));
      between = ",";
    }
    file_ << "\r\n";
  }

  absl::Status Close() override {
    file_.close();
    return file_ ? absl::OkStatus() : absl::InternalError("there is no room for a temporary file");
  }

 private:
  std::ofstream file_;
  bool has_table_ = false;
};

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

class XlsxFile : public TableFile {
 public:
  explicit XlsxFile(const std::string& path) {
    // Rows go to the disk as they come.
    lxw_workbook_options options = {};
    options.constant_memory = 1;
    book_ = workbook_new_opt(path.c_str(), &options);
    if (book_ == nullptr) return;
    lxw_doc_properties properties = {};
    std::tm first = {};
    first.tm_year = kFirstYear;
    first.tm_mday = 1;
    properties.created = timegm(&first);
    workbook_set_properties(book_, &properties);
  }
  ~XlsxFile() override {
    if (book_ != nullptr) workbook_close(book_);
  }

  void Begin(const char* name, const Columns& columns) override {
    if (book_ == nullptr) return;
    sheet_ = workbook_add_worksheet(book_, name);
    next_row_ = 0;
    Row header;
    for (const std::string_view column : columns) header.emplace_back(std::string(column));
    Add(header);
  }

  void Add(const Row& row) override {
    if (sheet_ == nullptr) return;
    for (size_t column = 0; column < row.size(); ++column) {
      WriteCell(sheet_, next_row_, static_cast<lxw_col_t>(column), row[column]);
    }
    ++next_row_;
  }

  absl::Status Close() override {
    if (book_ == nullptr) return absl::InternalError("a workbook cannot be made");
    const lxw_error error = workbook_close(std::exchange(book_, nullptr));
    return error == LXW_NO_ERROR ? absl::OkStatus() : absl::InternalError(lxw_strerror(error));
  }

 private:
  lxw_workbook* book_ = nullptr;
  lxw_worksheet* sheet_ = nullptr;
  lxw_row_t next_row_ = 0;
};

}  // namespace

const Columns& SummaryColumns() {
  static const Columns& columns = *new Columns{
      "claim_id",       "claimant_uscc", "policy_id", "policy_version",    "policy_digest", "state",
      "gross_fen",      "refunded_fen",  "net_fen",   "reward_fen",        "reason",        "counted_lines",
      "excluded_lines", "published_fen", "paid_fen",  "claw_back_due_fen", "returned_fen"};
  return columns;
}

Row SummaryRow(const v1::Claim& claim, const v1::Statement& now) {
  return {claim.claim_id(),
          now.claimant_uscc(),
          now.policy_id(),
          int64_t{now.policy_version()},
          now.policy_digest(),
          v1::ClaimState_Name(claim.state()),
          now.gross().amount_fen(),
          now.refunded().amount_fen(),
          now.net().amount_fen(),
          now.reward().amount_fen(),
          now.reason(),
          now.counted_count(),
          now.excluded_count(),
          claim.statement().reward().amount_fen(),
          claim.paid().amount_fen(),
          claim.claw_back_due().amount_fen(),
          claim.returned().amount_fen()};
}

const Columns& LineColumns() {
  static const Columns& columns =
      *new Columns{"platform_uscc", "order_no",     "commodity",   "origin",     "destination",    "amount_fen",
                   "refunded_fen",  "counted_fen",  "parcels",     "waybill_no", "parcel_fee_fen", "order_time",
                   "payment_time",  "waybill_time", "accept_time", "reason"};
  return columns;
}

Row LineRow(const v1::StatementLine& line) {
  const v1::OnlineSale& sale = line.sale();
  return {sale.platform_uscc(),
          sale.platform_order_no(),
          sale.commodity_code(),
          sale.origin_code(),
          sale.destination_code(),
          sale.amount().amount_fen(),
          sale.refunded().amount_fen(),
          line.counted().amount_fen(),
          int64_t{sale.parcels()},
          sale.waybill_no(),
          sale.parcel_fee().amount_fen(),
          TimeText(true, sale.order_time()),
          TimeText(sale.has_payment_time(), sale.payment_time()),
          TimeText(sale.has_waybill_time(), sale.waybill_time()),
          TimeText(sale.has_accept_time(), sale.accept_time()),
          line.reason()};
}

std::unique_ptr<TableFile> MakeCsvFile(const std::string& path) { return std::make_unique<CsvFile>(path); }
std::unique_ptr<TableFile> MakeXlsxFile(const std::string& path) { return std::make_unique<XlsxFile>(path); }

}  // namespace zhuxiao::reward
