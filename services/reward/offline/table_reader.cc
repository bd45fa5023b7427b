// Small tables.
#include "services/reward/offline/table_reader.h"

#include <algorithm>

#include "services/base/strings.h"

namespace zhuxiao::reward::offline {
namespace {

std::string_view WithoutByteOrderMark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace

TableReader::TableReader(std::string_view text, const std::string& file, const std::vector<std::string_view>& columns,
                         FaultList& faults)
    : cutter_(WithoutByteOrderMark(text), 1), file_(file), faults_(faults) {
  has_header_ = ReadHeader(columns);
}

bool TableReader::Next() {
  while (has_header_ && cutter_.Next()) {
    if (!cutter_.error().empty()) {
      Note(cutter_.error());
    } else if (cutter_.cells().size() != width_) {
      Note(base::StrCat("has ", cutter_.cells().size(), " cells where the header has ", width_));
    } else {
      return true;
    }
  }
  return false;
}

void TableReader::Note(std::string_view what) {
  faults_.Add({file_, std::max<int64_t>(1, cutter_.line()), std::string(what)});
}

bool TableReader::ReadHeader(const std::vector<std::string_view>& columns) {
  if (!cutter_.Next() || !cutter_.error().empty()) {
    Note("has no header");
    return false;
  }
  const auto& header = cutter_.cells();
  width_ = header.size();
  bool is_complete = true;
  for (const std::string_view column : columns) {
    const auto found = std::find(header.begin(), header.end(), column);
    places_.push_back(static_cast<size_t>(found - header.begin()));
    if (found != header.end()) continue;
    Note(base::StrCat(column, ": the header lacks this column"));
    is_complete = false;
  }
  return is_complete;
}

}  // namespace zhuxiao::reward::offline
