// DESIGNATIONS.csv.
#include "services/reward/offline/designation_file.h"

#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/reward/offline/table_reader.h"

namespace zhuxiao::reward::offline {
namespace {

// In the order in which the reader is told of them.
enum DesignationColumn : size_t { kProgramme, kListVersion, kRegionCode, kValidFrom, kValidTo };

base::Day DayIn(TableReader& table, DesignationColumn column, std::string_view name) {
  const auto day = base::ParseDay(table.Cell(column));
  if (!day.ok()) table.Note(base::StrCat(name, ": must be a day as YYYY-MM-DD"));
  return day.ok() ? *day : 0;
}

engine::Designation ReadOne(TableReader& table) {
  engine::Designation designation{.programme = std::string(table.Cell(kProgramme)),
                                  .list_version = std::string(table.Cell(kListVersion)),
                                  .region_code = std::string(table.Cell(kRegionCode))};
  if (designation.programme.empty() || !base::IsCleanText(designation.programme)) table.Note("programme: is required");
  if (!base::LevelOf(designation.region_code)) table.Note("region_code: must be 2, 4, 6, 9 or 12 digits");
  designation.valid_from = DayIn(table, kValidFrom, "valid_from");
  if (!table.Cell(kValidTo).empty()) designation.valid_to = DayIn(table, kValidTo, "valid_to");
  const bool is_backward = designation.valid_to && *designation.valid_to < designation.valid_from;
  if (is_backward) table.Note("valid_to: is before valid_from");
  return designation;
}

}  // namespace

std::vector<engine::Designation> ReadDesignations(std::string_view text, const std::string& file, FaultList& faults) {
  std::vector<engine::Designation> designations;
  TableReader table(text, file, {"programme", "list_version", "region_code", "valid_from", "valid_to"}, faults);
  while (table.Next()) designations.push_back(ReadOne(table));
  return designations;
}

}  // namespace zhuxiao::reward::offline
