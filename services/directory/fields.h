// Checks of single fields that several requests of the directory share. Each adds a violation at `field` and returns
// false where the value is bad. Private to the directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/field_mask.pb.h"
#include "services/base/errors.h"

namespace zhuxiao::directory {

// A code whose check character is right.
bool RequireUscc(base::FieldErrors& errors, std::string_view uscc, std::string_view field);

// 6, 9 or 12 digits, with a county of the table.
bool RequireRegion(base::FieldErrors& errors, std::string_view code, std::string_view field);

// 12 digits, with a county of the table.
bool RequireVillage(base::FieldErrors& errors, std::string_view code, std::string_view field);

// Empty, or 2, 4, 6, 9 or 12 digits of a known region.
bool RequireRegionPrefix(base::FieldErrors& errors, std::string_view code, std::string_view field);

// 1 to `max_code_points` characters.
bool RequireText(base::FieldErrors& errors, std::string_view text, size_t max_code_points, std::string_view field);

// base::IsValidId.
bool RequireId(base::FieldErrors& errors, std::string_view id, std::string_view field);

// What an update changes: `mask` names at least one field, and only fields of `allowed`.
bool RequireMask(base::FieldErrors& errors, const google::protobuf::FieldMask& mask,
                 const std::vector<std::string_view>& allowed);

// True where `mask` names `path`.
bool Names(const google::protobuf::FieldMask& mask, std::string_view path);

}  // namespace zhuxiao::directory
