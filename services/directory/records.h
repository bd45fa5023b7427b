// The directory's rows. Each resource is stored as its public message. Private to the directory.
//
//   organisation/<uscc>                                  Organisation
//   supplier/<uscc>                                      Supplier
//   institution/<uscc>                                   Institution
//   institution_child/<parent uscc>/<uscc>               empty: an index for listing by parent
//   institution_represented/<representative>/<uscc>      empty: who relies on a representative, itself left out
//   designation/<region>/<programme>/<version>           Designation: read by region
//   designation_list/<programme>/<region>/<version>      Designation: listed by programme
//   linkage/<supplier uscc>                              Linkage, with names in full
//   registration/<uscc>                                  Registration
//   registered_by/<representative digest>/<uscc>         empty: the organisations of one representative
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/keys.h"
#include "services/store/store.h"

namespace zhuxiao::directory {

inline constexpr std::string_view kOrganisationTable = "organisation";
inline constexpr std::string_view kSupplierTable = "supplier";
inline constexpr std::string_view kInstitutionTable = "institution";
inline constexpr std::string_view kChildTable = "institution_child";
inline constexpr std::string_view kRepresentedTable = "institution_represented";
inline constexpr std::string_view kDesignationTable = "designation";
inline constexpr std::string_view kDesignationListTable = "designation_list";
inline constexpr std::string_view kLinkageTable = "linkage";
inline constexpr std::string_view kRegistrationTable = "registration";
inline constexpr std::string_view kRegisteredByTable = "registered_by";

// What every key of a table, or of a table and its first parts, begins with.
template <typename... Parts>
std::string KeyPrefix(std::string_view table, const Parts&... parts) {
  return store::Key(table, parts...) + "/";
}

// The last part of a key.
inline std::string_view LastPart(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// The message in a row; DATA_LOSS where it is damaged.
template <typename Record>
absl::StatusOr<Record> ParseRow(std::string_view key, const std::string& value) {
  Record record;
  if (!record.ParseFromString(value)) return base::DataLoss(base::StrCat("row is damaged: ", key));
  return record;
}

// The record at `key`, or nullopt.
template <typename Record>
absl::StatusOr<std::optional<Record>> FindRecord(store::Reader& reader, std::string_view key) {
  auto value = reader.Get(key);
  if (!value.ok()) return value.status();
  if (!*value) return std::nullopt;
  auto record = ParseRow<Record>(key, **value);
  if (!record.ok()) return record.status();
  return *std::move(record);
}

// The record of `table` with that id; NOT_FOUND where there is none.
template <typename Record>
absl::StatusOr<Record> GetRecord(store::Reader& reader, std::string_view table, std::string_view id) {
  auto record = FindRecord<Record>(reader, store::Key(table, id));
  if (!record.ok()) return record.status();
  if (!*record) return base::NotFound(table, id);
  return **std::move(record);
}

}  // namespace zhuxiao::directory
