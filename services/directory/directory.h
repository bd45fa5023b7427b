// Who trades, where, with what and for whose benefit: what other modules read of the directory.
// The writes behind DirectoryService stand in organisations.h, registrations.h, suppliers.h, institutions.h,
// designations.h and linkages.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/base/region.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// The county table that ships with the product (services/directory/data/counties.csv). Thread-safe.
const base::CountyTable& Counties();

// The commodity catalogue that ships with the product (services/directory/data/commodities.csv), ordered by code.
const std::vector<v1::Commodity>& Catalogue();

// The commodity of that code, or nullptr.
const v1::Commodity* FindCommodity(std::string_view code);

// NOT_FOUND where there is none; DATA_LOSS where the row is damaged.
absl::StatusOr<v1::Organisation> GetOrganisation(store::Reader& reader, std::string_view uscc);
absl::StatusOr<v1::Supplier> GetSupplier(store::Reader& reader, std::string_view uscc);
absl::StatusOr<v1::Institution> GetInstitution(store::Reader& reader, std::string_view uscc);

// OK where the supplier may sell, else SUPPLIER_NOT_ACTIVE.
absl::Status CheckActive(const v1::Supplier& supplier);

// The supplier's linkage with full names, or nullopt.
absl::StatusOr<std::optional<v1::Linkage>> FindLinkage(store::Reader& reader, std::string_view supplier_uscc);

// The designations that hold for `region_code` on `day`: of the region itself and of every region it lies in, of all
// programmes, ordered by programme, region code and list version. Eligibility is this function of (programme, list
// version, day, level), never a flag on a county.
absl::StatusOr<std::vector<v1::Designation>> DesignationsOf(store::Reader& reader, std::string_view region_code,
                                                            base::Day day);
// The same of every day, past and to come.
absl::StatusOr<std::vector<v1::Designation>> EveryDesignationOf(store::Reader& reader, std::string_view region_code);

// Those of `entries` that hold on `day`, in their order.
std::vector<v1::Designation> HoldingOn(const std::vector<v1::Designation>& entries, base::Day day);

// The first day after `day` on which one of `entries` begins to hold or holds no more; nullopt where none is to come.
std::optional<base::Day> NextChange(const std::vector<v1::Designation>& entries, base::Day day);

// What the organisation is registered with, or nullopt.
absl::StatusOr<std::optional<v1::Registration>> FindRegistration(store::Reader& reader, std::string_view uscc);

// Codes of the organisations that the representative with this digest is registered for, in order, at most `limit`.
absl::StatusOr<std::vector<std::string>> RegisteredBy(store::Reader& reader, std::string_view representative_digest,
                                                      size_t limit);

// True for a SHA-256 as 64 hexadecimal digits in lower case.
bool IsDigest(std::string_view text);

// `name` for those who may not see it: the first character and "**".
std::string MaskName(std::string_view name);

}  // namespace zhuxiao::directory
