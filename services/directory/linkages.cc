#include "services/directory/linkages.h"

#include <optional>
#include <set>
#include <string>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/personal.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"
#include "services/directory/records.h"

namespace zhuxiao::directory {
namespace {

using base::Role;

bool IsShare(int64_t ppm) { return ppm >= 0 && ppm <= base::kPpm; }

void CheckHouseholds(const v1::Linkage& linkage, base::FieldErrors& errors) {
  if (!errors.Require(linkage.households_size() <= kMaxHouseholds, "linkage.households",
                      base::StrCat("must be at most ", kMaxHouseholds))) {
    return;
  }
  std::set<std::string_view> codes;
  int64_t share_sum_ppm = 0;
  for (int i = 0; i < linkage.households_size(); ++i) {
    const v1::Household& household = linkage.households(i);
    const std::string path = base::StrCat("linkage.households[", i, "]");
    RequireId(errors, household.household_code(), path + ".household_code");
    errors.Require(codes.insert(household.household_code()).second, path + ".household_code", "stands twice");
    RequireText(errors, household.name(), base::kMaxNameCodePoints, path + ".name");
    if (errors.Require(IsShare(household.share_ppm()), path + ".share_ppm", "must be within 0 and 1000000")) {
      share_sum_ppm += household.share_ppm();
    }
  }
  errors.Require(share_sum_ppm <= base::kPpm, "linkage.households", "must have shares that sum to at most 1000000");
}

absl::Status CheckLinkage(const v1::Linkage& linkage) {
  base::FieldErrors errors;
  RequireUscc(errors, linkage.supplier_uscc(), "linkage.supplier_uscc");
  RequireVillage(errors, linkage.village_code(), "linkage.village_code");
  errors.Require(IsShare(linkage.linkage_ppm()), "linkage.linkage_ppm", "must be within 0 and 1000000");
  CheckHouseholds(linkage, errors);
  return errors.ToStatus();
}

void Save(ledger::Operation& operation, v1::Linkage& linkage, std::string_view former_etag) {
  linkage.set_etag(base::NextEtag(former_etag));
  operation.transaction().Put(store::Key(kLinkageTable, linkage.supplier_uscc()), linkage.SerializeAsString());
  v1::Linkage& told = *operation.event().mutable_linkage();
  told = linkage;
  for (v1::Household& household : *told.mutable_households()) household.clear_name();
}

}  // namespace

std::string MaskName(std::string_view name) { return base::MaskText(name); }

absl::StatusOr<std::optional<v1::Linkage>> FindLinkage(store::Reader& reader, std::string_view supplier_uscc) {
  return FindRecord<v1::Linkage>(reader, store::Key(kLinkageTable, supplier_uscc));
}

absl::StatusOr<v1::SetLinkageResponse> SetLinkage(ledger::Operation& operation, const v1::SetLinkageRequest& request) {
  const v1::Linkage& wanted = request.linkage();
  if (absl::Status status = CheckLinkage(wanted); !status.ok()) return status;

  auto supplier = GetSupplier(operation.transaction(), wanted.supplier_uscc());
  if (!supplier.ok()) return supplier.status();
  const base::Caller& caller = operation.caller();
  if (!caller.IsOfficerOf(supplier->village_code())) return base::NotFound("supplier", wanted.supplier_uscc());
  if (!caller.IsOfficerOf(wanted.village_code())) return base::NotFound("region", wanted.village_code());

  auto former = FindLinkage(operation.transaction(), wanted.supplier_uscc());
  if (!former.ok()) return former.status();
  const std::string former_etag = *former ? (*former)->etag() : "";
  if (wanted.etag() != former_etag) return base::EtagMismatch("linkage", wanted.supplier_uscc());

  v1::SetLinkageResponse response;
  *response.mutable_linkage() = wanted;
  Save(operation, *response.mutable_linkage(), former_etag);
  return response;
}

absl::StatusOr<v1::GetLinkageResponse> GetLinkage(store::Reader& reader, const base::Caller& caller,
                                                  const v1::GetLinkageRequest& request) {
  const auto not_found = [&] { return base::NotFound("linkage", request.supplier_uscc()); };
  if (caller.role == Role::ROLE_SUPPLIER && caller.organisation != request.supplier_uscc()) return not_found();
  auto linkage = FindLinkage(reader, request.supplier_uscc());
  if (!linkage.ok()) return linkage.status();
  if (!*linkage) return not_found();

  const bool sees_names = caller.IsOfficerOf((*linkage)->village_code());
  if (caller.role == Role::ROLE_OFFICER && !sees_names) {
    auto supplier = GetSupplier(reader, request.supplier_uscc());
    if (!supplier.ok()) return supplier.status();
    if (!caller.IsOfficerOf(supplier->village_code())) return not_found();
  }
  v1::GetLinkageResponse response;
  *response.mutable_linkage() = **std::move(linkage);
  if (sees_names) return response;
  for (v1::Household& household : *response.mutable_linkage()->mutable_households()) {
    household.set_name(MaskName(household.name()));
  }
  return response;
}

}  // namespace zhuxiao::directory
