#include "services/base/region.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/strings.h"

namespace zhuxiao::base {
namespace {

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

std::optional<RegionLevel> LevelOf(std::string_view code) {
  if (!IsDigits(code)) return std::nullopt;
  switch (code.size()) {
    case 2:
    case 4:
    case 6:
    case 9:
    case 12:
      return static_cast<RegionLevel>(code.size());
    default:
      return std::nullopt;
  }
}

bool IsInside(std::string_view code, std::string_view ancestor) { return code.starts_with(ancestor); }

absl::StatusOr<CountyTable> CountyTable::Parse(std::string_view csv) {
  CountyTable table;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(View(csv), '\n')) {
    ++line_number;
    line = absl::StripSuffix(line, "\r");
    if (line_number == 1 || line.empty()) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    County county;
    if (cells.size() < 6 || LevelOf(cells[0]) != RegionLevel::kCounty ||
        !absl::SimpleAtod(cells[4], &county.centroid.longitude) ||
        !absl::SimpleAtod(cells[5], &county.centroid.latitude) || !(std::abs(county.centroid.longitude) <= 180) ||
        !(std::abs(county.centroid.latitude) <= 90)) {
      return absl::InvalidArgumentError(StrCat("counties: line ", line_number, " is not a county: ", line));
    }
    county.code = cells[0];
    county.name = cells[1];
    county.city = cells[2];
    county.province = cells[3];
    table.counties_.push_back(std::move(county));
  }
  std::sort(table.counties_.begin(), table.counties_.end(),
            [](const County& a, const County& b) { return a.code < b.code; });
  for (size_t i = 0; i < table.counties_.size(); ++i) {
    if (!table.index_.emplace(table.counties_[i].code, i).second) {
      return absl::InvalidArgumentError(StrCat("counties: code stands twice: ", table.counties_[i].code));
    }
  }
  return table;
}

std::optional<size_t> CountyTable::IndexOf(std::string_view code) const {
  const auto it = index_.find(View(code.substr(0, 6)));
  return it == index_.end() ? std::nullopt : std::optional<size_t>(it->second);
}

const County* CountyTable::Find(std::string_view code) const {
  const std::optional<size_t> index = IndexOf(code);
  return index ? &counties_[*index] : nullptr;
}

bool CountyTable::Exists(std::string_view code) const {
  const std::optional<RegionLevel> level = LevelOf(code);
  if (!level) return false;
  if (*level >= RegionLevel::kCounty) return IndexOf(code).has_value();
  const auto it = std::lower_bound(counties_.begin(), counties_.end(), code,
                                   [](const County& county, std::string_view key) { return county.code < key; });
  return it != counties_.end() && IsInside(it->code, code);
}

std::string CountyTable::FullName(std::string_view code) const {
  const std::string_view prefix = code.substr(0, 6);
  const auto it = std::lower_bound(counties_.begin(), counties_.end(), prefix,
                                   [](const County& county, std::string_view key) { return county.code < key; });
  if (it == counties_.end() || !IsInside(it->code, prefix)) return std::string(code);
  if (prefix.size() == 2) return it->province;
  if (prefix.size() == 4) return StrCat(it->province, " ", it->city);
  return StrCat(it->province, " ", it->city, " ", it->name);
}

}  // namespace zhuxiao::base
