#include "services/directory/filters.h"

#include "services/base/uscc.h"
#include "services/directory/directory.h"

namespace zhuxiao::directory {

bool RequireUsccOrNone(base::FieldErrors& errors, std::string_view uscc, std::string_view field) {
  return errors.Require(uscc.empty() || base::IsValidUscc(uscc), field, "is no credit code");
}

bool RequireRegionOrNone(base::FieldErrors& errors, std::string_view code, std::string_view field) {
  return errors.Require(code.empty() || Counties().Exists(code), field, "is no known region");
}

bool RequireCommodityOrNone(base::FieldErrors& errors, std::string_view code, std::string_view field) {
  return errors.Require(code.empty() || FindCommodity(code) != nullptr, field, "is not in the catalogue");
}

}  // namespace zhuxiao::directory
