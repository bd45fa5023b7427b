// Checks of filters, and of other fields that may be empty. Each adds a violation at `field` and returns false where
// nothing can be of such a value.
#pragma once

#include <string_view>

#include "services/base/errors.h"

namespace zhuxiao::directory {

// Empty, or a code whose check character is right.
bool RequireUsccOrNone(base::FieldErrors& errors, std::string_view uscc, std::string_view field);

// Empty, or the code of a known region of any level.
bool RequireRegionOrNone(base::FieldErrors& errors, std::string_view code, std::string_view field);

// Empty, or a code of the catalogue.
bool RequireCommodityOrNone(base::FieldErrors& errors, std::string_view code, std::string_view field);

}  // namespace zhuxiao::directory
