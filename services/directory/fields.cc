#include "services/directory/fields.h"

#include <algorithm>

#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"

namespace zhuxiao::directory {
namespace {

bool RequireKnownCounty(base::FieldErrors& errors, std::string_view code, std::string_view field) {
  return errors.Require(Counties().Exists(code), field, "lies in no county of the table");
}

}  // namespace

bool RequireUscc(base::FieldErrors& errors, std::string_view uscc, std::string_view field) {
  return errors.Require(base::IsValidUscc(uscc), field,
                        "must be a unified social credit code: 18 characters, the last the check character");
}

bool RequireRegion(base::FieldErrors& errors, std::string_view code, std::string_view field) {
  const auto level = base::LevelOf(code);
  return errors.Require(level && *level >= base::RegionLevel::kCounty, field, "must have 6, 9 or 12 digits") &&
         RequireKnownCounty(errors, code, field);
}

bool RequireVillage(base::FieldErrors& errors, std::string_view code, std::string_view field) {
  return errors.Require(base::LevelOf(code) == base::RegionLevel::kVillage, field, "must have 12 digits") &&
         RequireKnownCounty(errors, code, field);
}

bool RequireRegionPrefix(base::FieldErrors& errors, std::string_view code, std::string_view field) {
  return errors.Require(code.empty() || base::LevelOf(code), field, "must be empty or have 2, 4, 6, 9 or 12 digits") &&
         RequireRegionOrNone(errors, code, field);
}

bool RequireText(base::FieldErrors& errors, std::string_view text, size_t max_code_points, std::string_view field) {
  return errors.Require(!text.empty() && base::CodePointCount(text) <= max_code_points, field,
                        base::StrCat("must have 1 to ", max_code_points, " characters"));
}

bool RequireId(base::FieldErrors& errors, std::string_view id, std::string_view field) {
  return errors.Require(base::IsValidId(id), field, "must have 1 to 64 characters of A-Z a-z 0-9 . _ -");
}

bool RequireMask(base::FieldErrors& errors, const google::protobuf::FieldMask& mask,
                 const std::vector<std::string_view>& allowed) {
  bool ok = errors.Require(!mask.paths().empty(), "update_mask", "must name what to change");
  for (const std::string& path : mask.paths()) {
    const bool known = std::find(allowed.begin(), allowed.end(), path) != allowed.end();
    ok &= errors.Require(known, "update_mask", base::StrCat("names what cannot be changed: ", path));
  }
  return ok;
}

bool Names(const google::protobuf::FieldMask& mask, std::string_view path) {
  return std::find(mask.paths().begin(), mask.paths().end(), path) != mask.paths().end();
}

}  // namespace zhuxiao::directory
