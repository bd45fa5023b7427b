// DESIGNATIONS.csv.
#include "services/reward/offline/designation_file.h"

#include <algorithm>
#include <array>

#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward::offline {
namespace {

enum Column : size_t { kProgramme, kListVersion, kRegionCode, kValidFrom, kValidTo, kColumnCount };
constexpr std::array<std::string_view, kColumnCount> kNames = {"programme", "list_version", "region_code", "valid_from",
                                                               "valid_to"};
using Places = std::array<size_t, kColumnCount>;

// Reads records into designations. `note` adds a fault at the cutter's line.
class Reader {
 public:
  Reader(std::string_view text, const std::string& file, FaultList& faults)
      : cutter_(text, 1), file_(file), faults_(faults) {}

  std::vector<engine::Designation> Read() {
    std::vector<engine::Designation> designations;
    if (!ReadHeader()) return designations;
    while (cutter_.Next()) {
      if (!cutter_.error().empty()) {
        Note(cutter_.error());
      } else if (cutter_.cells().size() != width_) {
        Note(base::StrCat("has ", cutter_.cells().size(), " cells where the header has ", width_));
      } else {
        designations.push_back(ReadOne());
      }
    }
    return designations;
  }

 private:
  bool ReadHeader() {
    if (!cutter_.Next() || !cutter_.error().empty()) {
      Note("has no header");
      return false;
    }
    const auto& header = cutter_.cells();
    width_ = header.size();
    bool is_complete = true;
    for (size_t column = 0; column < kColumnCount; ++column) {
      const auto found = std::find(header.begin(), header.end(), kNames[column]);
      places_[column] = static_cast<size_t>(found - header.begin());
      if (found != header.end()) continue;
      Note(base::StrCat(kNames[column], ": the header lacks this column"));
      is_complete = false;
    }
    return is_complete;
  }

  engine::Designation ReadOne() {
    engine::Designation designation{.programme = std::string(Cell(kProgramme)),
                                    .list_version = std::string(Cell(kListVersion)),
                                    .region_code = std::string(Cell(kRegionCode))};
    if (designation.programme.empty() || !base::IsCleanText(designation.programme)) Note("programme: is required");
    if (!base::LevelOf(designation.region_code)) Note("region_code: must be 2, 4, 6, 9 or 12 digits");
    designation.valid_from = DayIn(kValidFrom);
    if (!Cell(kValidTo).empty()) designation.valid_to = DayIn(kValidTo);
    if (designation.valid_to && *designation.valid_to < designation.valid_from) Note("valid_to: is before valid_from");
    return designation;
  }

  std::string_view Cell(Column column) const { return cutter_.cells()[places_[column]]; }

  base::Day DayIn(Column column) {
    const auto day = base::ParseDay(Cell(column));
    if (!day.ok()) Note(base::StrCat(kNames[column], ": must be a day as YYYY-MM-DD"));
    return day.ok() ? *day : 0;
  }

  void Note(std::string_view what) { faults_.Add({file_, std::max<int64_t>(1, cutter_.line()), std::string(what)}); }

  CsvCutter cutter_;
  const std::string& file_;
  FaultList& faults_;
  Places places_ = {};
  size_t width_ = 0;
};

}  // namespace

std::vector<engine::Designation> ReadDesignations(std::string_view text, const std::string& file, FaultList& faults) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Reader(text, file, faults).Read();
}

}  // namespace zhuxiao::reward::offline
