// One row of SALES.csv.
#include "services/reward/offline/sale_row.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "services/base/strings.h"
#include "services/base/text.h"

namespace zhuxiao::reward::offline {
namespace {

enum Column : size_t {
  kPlatform,
  kOrderNo,
  kLineNo,
  kKind,
  kClaimant,
  kOrigin,
  kDestination,
  kCommodity,
  kAmount,
  kParcels,
  kWaybillNo,
  kParcelFee,
  kOrderTime,
  kPaymentTime,
  kWaybillTime,
  kAcceptTime,
  kRefundOf,
  kShipper,
  kDesignations,
  kColumnCount
};
// The columns before this one are in every file.
constexpr size_t kFirstOptional = kShipper;
constexpr std::array<std::string_view, kColumnCount> kNames = {
    "platform",     "order_no",    "line_no",   "kind",         "claimant_uscc",  "origin_region", "destination_region",
    "commodity",    "amount_fen",  "parcels",   "waybill_no",   "parcel_fee_fen", "order_time",    "payment_time",
    "waybill_time", "accept_time", "refund_of", "shipper_uscc", "designations"};

constexpr size_t kAbsent = SIZE_MAX;
constexpr size_t kMaxRegionDigits = 12;

// Clean text that may run over several lines, as a quoted cell of RFC 4180 may.
bool IsCellText(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return base::IsCleanText(line);
}

// Reads the cells of one record, noting what is wrong by column.
class Cells {
 public:
  Cells(const std::vector<std::string_view>& cells, const std::vector<size_t>& places, bool is_plain,
        std::vector<std::string>& mistakes)
      : cells_(cells), places_(places), is_plain_(is_plain), mistakes_(mistakes) {}

  std::string_view Raw(Column column) const {
    return places_[column] == kAbsent ? std::string_view() : cells_[places_[column]];
  }

  void Mistake(Column column, std::string_view what) const {
    mistakes_.push_back(base::StrCat(kNames[column], ": ", what));
  }

  std::string_view Text(Column column, bool is_required) const {
    const std::string_view text = Raw(column);
    if (text.empty() && is_required) Mistake(column, "is required");
    if (text.size() > kMaxCellBytes) Mistake(column, base::StrCat("must be at most ", kMaxCellBytes, " bytes"));
    if (!is_plain_ && !IsCellText(text)) Mistake(column, "must be UTF-8 without control characters");
    return text;
  }

  std::string_view Region(Column column) const {
    const std::string_view code = Raw(column);
    const bool is_code = code.size() <= kMaxRegionDigits &&
                         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_code) Mistake(column, "must be a region code of at most 12 digits");
    return code;
  }

  int64_t Number(Column column, bool is_required) const {
    const std::string_view text = Raw(column);
    if (text.empty() && !is_required) return 0;
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) {
      Mistake(column, "is beyond the largest number that can be counted, 9223372036854775807");
    } else if (error != std::errc() || end != text.data() + text.size()) {
      Mistake(column, "must be a whole number");
    } else if (number < 0) {
      Mistake(column, "must not be negative");
    }
    return number;
  }

  std::optional<int64_t> Time(Column column, bool is_required) const {
    const std::string_view text = Raw(column);
    if (text.empty()) {
      if (is_required) Mistake(column, "is required");
      return std::nullopt;
    }
    const std::optional<int64_t> time_ns = ParseTime(text);
    if (!time_ns) Mistake(column, "must be a time of RFC 3339 with its offset, from 2000 to 2099");
    return time_ns;
  }

 private:
  const std::vector<std::string_view>& cells_;
  const std::vector<size_t>& places_;
  const bool is_plain_;
  std::vector<std::string>& mistakes_;
};

std::optional<int> Digits(std::string_view text, size_t at, size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

// Days since 1970-01-01, counting years from March so that the leap day comes last.
int64_t DaysSinceEpoch(int year, int month, int day) {
  const int64_t shifted = year - (month <= 2 ? 1 : 0);
  const int64_t month_from_march = (month + 9) % 12;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  constexpr int64_t kDaysToEpoch = 719'468;  // from 0000-03-01
  return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - kDaysToEpoch;
}

// Seconds east of Greenwich of "Z" or "+08:00", or nullopt.
std::optional<int64_t> ParseOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = Digits(text, 1, 2);
  const auto minutes = Digits(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int64_t seconds = *hours * 3600 + *minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

// Takes ".123" off the front of `text`; nullopt where a point has no digit after it.
std::optional<int64_t> TakeFractionNanos(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  int64_t nanos = 0;
  int64_t weight = 100'000'000;
  size_t i = 1;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    nanos += weight * (text[i] - '0');
    weight /= 10;
  }
  if (i == 1) return std::nullopt;
  text.remove_prefix(i);
  return nanos;
}

}  // namespace

SaleColumns::SaleColumns(const std::vector<std::string_view>& header, std::vector<std::string>& mistakes)
    : places_(kColumnCount, 0), count_(header.size()) {
  for (size_t column = 0; column < kColumnCount; ++column) {
    const auto found = std::find(header.begin(), header.end(), kNames[column]);
    if (found == header.end() && column >= kFirstOptional) {
      places_[column] = kAbsent;
      continue;
    }
    if (found == header.end()) {
      mistakes.push_back(base::StrCat(kNames[column], ": the header lacks this column"));
      continue;
    }
    places_[column] = static_cast<size_t>(found - header.begin());
    if (std::find(found + 1, header.end(), kNames[column]) != header.end()) {
      mistakes.push_back(base::StrCat(kNames[column], ": stands twice in the header"));
    }
  }
}

SaleRow SaleColumns::Parse(const std::vector<std::string_view>& record, bool is_plain,
                           std::vector<std::string>& mistakes) const {
  SaleRow row;
  if (record.size() != count_) {
    mistakes.push_back(base::StrCat("has ", record.size(), " cells where the header has ", count_));
    return row;
  }
  const Cells cells(record, places_, is_plain, mistakes);
  const std::string_view kind = cells.Raw(kKind);
  if (kind == "refund") {
    row.kind = RowKind::kRefund;
  } else if (kind != "sale") {
    cells.Mistake(kKind, "must be sale or refund");
  }
  // A refund says which sale it is of; what it repeats of the sale may be left out.
  const bool is_sale = row.kind == RowKind::kSale;
  row.platform = cells.Text(kPlatform, true);
  row.order_no = cells.Text(kOrderNo, true);
  row.line_no = cells.Text(kLineNo, true);
  row.claimant = cells.Text(kClaimant, is_sale);
  row.origin = cells.Region(kOrigin);
  row.destination = cells.Region(kDestination);
  row.commodity = cells.Text(kCommodity, false);
  row.amount_fen = cells.Number(kAmount, true);
  row.parcels = cells.Number(kParcels, false);
  cells.Text(kWaybillNo, false);
  row.parcel_fee_fen = cells.Number(kParcelFee, false);
  row.times_ns = {cells.Time(kOrderTime, is_sale), cells.Time(kPaymentTime, false), cells.Time(kWaybillTime, false),
                  cells.Time(kAcceptTime, false)};
  row.refund_of = cells.Text(kRefundOf, !is_sale);
  row.shipper = cells.Text(kShipper, false);
  row.designations = cells.Raw(kDesignations);
  const auto any = [](std::string_view, std::string_view, std::string_view) { return true; };
  if (!row.designations.empty() && !EachDesignation(row.designations, any)) {
    cells.Mistake(kDesignations, "must be lists as PROGRAMME/VERSION/REGION with ; between");
  }
  if (is_sale && !row.refund_of.empty()) cells.Mistake(kRefundOf, "must be empty for a sale");
  return row;
}

bool SaleColumns::has_designations() const { return places_[kDesignations] != kAbsent; }

bool EachDesignation(std::string_view cell,
                     absl::FunctionRef<bool(std::string_view, std::string_view, std::string_view)> visit) {
  while (!cell.empty()) {
    const size_t end = std::min(cell.find(';'), cell.size());
    const std::string_view list = cell.substr(0, end);
    const size_t first = list.find('/');
    const size_t last = list.rfind('/');
    const bool is_list = first != std::string_view::npos && first != last && last + 1 < list.size() && first > 0;
    if (!is_list) return false;
    if (!visit(list.substr(0, first), list.substr(first + 1, last - first - 1), list.substr(last + 1))) return true;
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return true;
}

std::optional<std::pair<std::string_view, std::string_view>> SaleColumns::KeyOf(
    const std::vector<std::string_view>& cells) const {
  if (cells.size() != count_) return std::nullopt;
  return std::pair(cells[places_[kPlatform]], cells[places_[kOrderNo]]);
}

bool SaleColumns::IsSame(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) const {
  std::vector<std::string> mistakes;  // none: both rows were taken
  const SaleRow row = Parse(a, /*is_plain=*/true, mistakes);
  const SaleRow other = Parse(b, /*is_plain=*/true, mistakes);
  return row == other && a[places_[kWaybillNo]] == b[places_[kWaybillNo]];
}

std::optional<int64_t> ParseTime(std::string_view text) {
  constexpr size_t kFractionAt = 19;
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  const auto hour = Digits(text, 11, 2);
  const auto minute = Digits(text, 14, 2);
  const auto second = Digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const bool has_marks = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't' || text[10] == ' ') &&
                         text[13] == ':' && text[16] == ':';
  // A leap second is the first of the next minute, as clocks that know none show it.
  const bool is_in_range = *month >= 1 && *month <= 12 && *hour <= 23 && *minute <= 59 && *second <= 60;
  if (!has_marks || !is_in_range || *day < 1 || *day > DaysInMonth(*year, *month)) return std::nullopt;
  std::string_view rest = text.substr(kFractionAt);
  const auto nanos = TakeFractionNanos(rest);
  const auto offset = ParseOffset(rest);
  if (!nanos || !offset) return std::nullopt;
  constexpr int64_t kFirstSecond = 946'684'800;  // 2000-01-01T00:00:00Z
  constexpr int64_t kEndSecond = 4'102'444'800;  // 2100-01-01T00:00:00Z
  const int64_t second_of_day = (int64_t{*hour} * 60 + *minute) * 60 + *second;
  const int64_t seconds = DaysSinceEpoch(*year, *month, *day) * 86'400 + second_of_day - *offset;
  if (seconds < kFirstSecond || seconds >= kEndSecond) return std::nullopt;
  return seconds * 1'000'000'000 + *nanos;
}

bool IsPlainAscii(std::string_view text) {
  // Eight bytes at once. A byte below ' ' borrows from its top bit, and DEL is the only one to which adding 1 sets it.
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kTopBits = 0x8080808080808080;
  uint64_t bad = 0;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    bad |= (bytes - kOnes * ' ') | (bytes + kOnes) | bytes;
  }
  if ((bad & kTopBits) != 0) return false;
  for (; at < text.size(); ++at) {
    if (text[at] < ' ' || text[at] >= '\x7f') return false;
  }
  return true;
}

}  // namespace zhuxiao::reward::offline
