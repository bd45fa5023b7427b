#include "services/round_files/table.h"

#include <algorithm>
#include <charconv>

#include "services/base/strings.h"
#include "services/base/text.h"

namespace zhuxiao::round_files {
namespace {

constexpr std::string_view kNoText = "must be UTF-8 without control characters";

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// Line breaks and tabs inside quotes are text too.
bool IsText(std::string_view text) {
  if (IsPrintableAscii(text)) return true;
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
  return base::IsCleanText(plain);
}

}  // namespace

Table::Table(const std::string& dir, std::string_view file, const std::vector<std::string_view>& columns,
             Faults& faults)
    : file_(file), columns_(columns), faults_(faults), places_(columns.size()) {
  absl::StatusOr<CsvFile> csv = CsvFile::Open(base::StrCat(dir, "/", file));
  if (!csv.ok()) {
    faults_.Add(file_, 0, "", std::string(csv.status().message()));
    return;
  }
  csv_ = std::move(*csv);
  ReadHeader();
}

bool Table::IsHeaderText() {
  const std::vector<std::string_view>& header = csv_->cells();
  std::string_view error = csv_->error();
  for (const std::string_view cell : header) {
    if (!error.empty()) break;
    if (cell.find('\r') != std::string_view::npos) error = kLinesEndInCr;
    if (!IsText(cell)) error = kNoText;
  }
  if (!error.empty()) faults_.Add(file_, csv_->line(), "", error);
  return error.empty();
}

void Table::ReadHeader() {
  if (!csv_->Next()) {
    faults_.Add(file_, 0, "", "must have a header");
    return;
  }
  if (!IsHeaderText()) return;
  const std::vector<std::string_view>& header = csv_->cells();
  bool is_good = true;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const auto count = std::count(header.begin(), header.end(), columns_[i]);
    places_[i] = std::find(header.begin(), header.end(), columns_[i]) - header.begin();
    if (count == 1) continue;
    is_good = false;
    faults_.Add(file_, csv_->line(), columns_[i], count == 0 ? "column is missing" : "column stands twice");
  }
  for (size_t place = 0; place < header.size(); ++place) {
    if (std::find(places_.begin(), places_.end(), place) == places_.end()) others_.emplace_back(place, header[place]);
  }
  if (is_good) width_ = header.size();
}

void Table::CheckOthers() {
  for (const auto& [place, name] : others_) {
    if (!IsText(csv_->cells()[place])) faults_.Add(file_, csv_->line(), name, kNoText);
  }
}

bool Table::Next() {
  while (width_ > 0 && csv_->Next()) {
    if (!csv_->error().empty()) {
      faults_.Add(file_, csv_->line(), "", csv_->error());
    } else if (csv_->cells().size() != width_) {
      faults_.Add(file_, csv_->line(), "", base::StrCat("has ", csv_->cells().size(), " cells, the header ", width_));
    } else {
      faults_before_row_ = faults_.total();
      CheckOthers();
      return true;
    }
  }
  if (width_ > 0 && !csv_->status().ok()) faults_.Add(file_, 0, "", std::string(csv_->status().message()));
  return false;
}

int64_t Table::LineCount() const {
  if (width_ == 0) return 0;
  const auto count = csv_->CountLines();
  return count.ok() ? *count : 0;
}

int64_t Table::Integer(size_t column, int64_t least, int64_t most) {
  const std::string_view text = Text(column);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error != std::errc::invalid_argument && end == text.data() + text.size();
  if (is_whole && error == std::errc() && value >= least && value <= most) return value;
  if (is_whole && text.front() != '-' && (error != std::errc() || value > most)) {
    Fault(column, base::StrCat("must be at most ", most));
  } else if (most == INT64_MAX) {  // no bound that anybody chose
    Fault(column, base::StrCat("must be a whole number of at least ", least));
  } else {
    Fault(column, base::StrCat("must be a whole number from ", least, " to ", most));
  }
  return least;
}

double Table::Number(size_t column, double least, double most) {
  const std::string_view text = Text(column);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  Fault(column, base::StrCat("must be a number from ", least, " to ", most));
  return least;
}

bool Table::HasId(size_t column) {
  const std::string_view text = Text(column);
  if (!text.empty() && text.size() <= kMaxIdBytes && (IsPrintableAscii(text) || base::IsCleanText(text))) return true;
  Fault(column, base::StrCat("must be 1 to ", kMaxIdBytes, " bytes of UTF-8 without control characters"));
  return false;
}

std::string_view Table::Id(size_t column) {
  HasId(column);
  return Text(column);
}

void Table::Fault(size_t column, std::string_view what) { FaultAt(line(), column, what); }

void Table::FaultAt(int64_t line, size_t column, std::string_view what) {
  faults_.Add(file_, line, columns_[column], what);
}

}  // namespace zhuxiao::round_files
