#include "services/directory/suppliers.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"
#include "services/directory/records.h"
#include "services/directory/supplier_states.h"

namespace zhuxiao::directory {
namespace {

using base::ErrorReason;
using base::Role;

// "SC" and 14 digits (食品生产许可证编号).
constexpr size_t kLicenceLength = 16;

bool IsLicence(std::string_view text) {
  return text.size() == kLicenceLength && text.starts_with("SC") &&
         std::all_of(text.begin() + 2, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool MaySell(v1::OrganisationKind kind) {
  return kind == v1::ORGANISATION_KIND_COOPERATIVE || kind == v1::ORGANISATION_KIND_ENTERPRISE ||
         kind == v1::ORGANISATION_KIND_FAMILY_FARM;
}

void Save(ledger::Operation& operation, v1::Supplier& supplier) {
  supplier.set_etag(base::NextEtag(supplier.etag()));
  operation.transaction().Put(store::Key(kSupplierTable, supplier.uscc()), supplier.SerializeAsString());
  *operation.event().mutable_supplier() = supplier;
}

bool IsVisible(const v1::Supplier& supplier, const base::Caller& caller) {
  switch (caller.role) {
    case Role::ROLE_SUPPLIER:
      return caller.organisation == supplier.uscc();
    case Role::ROLE_OFFICER:
      return caller.IsOfficerOf(supplier.village_code());
    default:
      return true;
  }
}

// What `caller` may see of a supplier that is visible to it.
v1::Supplier Shown(v1::Supplier supplier, const base::Caller& caller) {
  if (caller.role == Role::ROLE_INSTITUTION || caller.role == Role::ROLE_PLATFORM) supplier.clear_state_reason();
  if (caller.role != Role::ROLE_OFFICER && !caller.ReadsEverything()) supplier.clear_recommended_by();
  return supplier;
}

// Reads the supplier that an officer wants to decide on and takes it to its next state, unsaved.
absl::StatusOr<v1::Supplier> Step(ledger::Operation& operation, const std::string& uscc, SupplierAction action) {
  auto supplier = GetSupplier(operation.transaction(), uscc);
  if (!supplier.ok()) return supplier.status();
  if (!operation.caller().IsOfficerOf(supplier->village_code())) return base::NotFound("supplier", uscc);
  const auto next = NextState(supplier->state(), action);
  if (!next) {
    if (supplier->state() == v1::SUPPLIER_STATE_APPLIED && action == SupplierAction::kActivate) {
      return base::Refuse(ErrorReason::ERROR_REASON_RECOMMENDATION_MISSING, uscc,
                          "the county has not recommended the supplier");
    }
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, uscc,
                        base::StrCat("not possible in state ", v1::SupplierState_Name(supplier->state())));
  }
  supplier->set_state(*next);
  return supplier;
}

// Suspends or removes: the two steps that need a reason.
absl::StatusOr<v1::Supplier> StepWithReason(ledger::Operation& operation, const std::string& uscc,
                                            SupplierAction action, const std::string& reason) {
  base::FieldErrors errors;
  RequireUscc(errors, uscc, "uscc");
  RequireText(errors, reason, base::kMaxRemarkCodePoints, "reason");
  if (!errors.empty()) return errors.ToStatus();
  auto supplier = Step(operation, uscc, action);
  if (!supplier.ok()) return supplier.status();
  supplier->set_state_reason(reason);
  Save(operation, *supplier);
  return supplier;
}

absl::Status CheckApplication(store::Reader& reader, const v1::Supplier& wanted) {
  base::FieldErrors errors;
  if (RequireUscc(errors, wanted.uscc(), "supplier.uscc")) {
    auto organisation = GetOrganisation(reader, wanted.uscc());
    if (!organisation.ok() && !absl::IsNotFound(organisation.status())) return organisation.status();
    errors.Require(!organisation.ok() || MaySell(organisation->kind()), "supplier.uscc",
                   "must be a cooperative, an enterprise or a family farm");
  }
  RequireRegion(errors, wanted.village_code(), "supplier.village_code");
  errors.Require(wanted.production_licence().empty() || IsLicence(wanted.production_licence()),
                 "supplier.production_licence", "must be empty or SC and 14 digits");
  return errors.ToStatus();
}

}  // namespace

absl::StatusOr<v1::Supplier> GetSupplier(store::Reader& reader, std::string_view uscc) {
  return GetRecord<v1::Supplier>(reader, kSupplierTable, uscc);
}

absl::Status CheckActive(const v1::Supplier& supplier) {
  if (supplier.state() == v1::SUPPLIER_STATE_ACTIVE) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE, supplier.uscc(), "the supplier is not active");
}

absl::StatusOr<v1::ApplySupplierResponse> ApplySupplier(ledger::Operation& operation,
                                                        const v1::ApplySupplierRequest& request) {
  const v1::Supplier& wanted = request.supplier();
  if (absl::Status status = CheckApplication(operation.transaction(), wanted); !status.ok()) return status;

  const base::Caller& caller = operation.caller();
  if (caller.role == Role::ROLE_SUPPLIER) {
    if (caller.organisation != wanted.uscc()) return base::NotFound("organisation", wanted.uscc());
  } else if (!caller.IsOfficerOf(wanted.village_code())) {
    return base::NotFound("region", wanted.village_code());
  }
  auto organisation = GetOrganisation(operation.transaction(), wanted.uscc());
  if (!organisation.ok()) return organisation.status();
  auto existing = operation.transaction().Get(store::Key(kSupplierTable, wanted.uscc()));
  if (!existing.ok()) return existing.status();
  if (*existing) return base::AlreadyExists("supplier", wanted.uscc());

  v1::ApplySupplierResponse response;
  v1::Supplier& supplier = *response.mutable_supplier();
  supplier.set_uscc(wanted.uscc());
  supplier.set_village_code(wanted.village_code());
  supplier.set_production_licence(wanted.production_licence());
  supplier.set_state(v1::SUPPLIER_STATE_APPLIED);
  Save(operation, supplier);
  return response;
}

absl::StatusOr<v1::RecommendSupplierResponse> RecommendSupplier(ledger::Operation& operation,
                                                                const v1::RecommendSupplierRequest& request) {
  auto supplier = Step(operation, request.uscc(), SupplierAction::kRecommend);
  if (!supplier.ok()) return supplier.status();
  supplier->set_recommended_by(operation.caller().token_id);
  Save(operation, *supplier);
  v1::RecommendSupplierResponse response;
  *response.mutable_supplier() = *std::move(supplier);
  return response;
}

absl::StatusOr<v1::ActivateSupplierResponse> ActivateSupplier(ledger::Operation& operation,
                                                              const v1::ActivateSupplierRequest& request) {
  auto supplier = Step(operation, request.uscc(), SupplierAction::kActivate);
  if (!supplier.ok()) return supplier.status();
  if (supplier->recommended_by() == operation.caller().token_id) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, request.uscc(),
                        "who recommended the supplier may not activate it");
  }
  supplier->clear_state_reason();
  Save(operation, *supplier);
  v1::ActivateSupplierResponse response;
  *response.mutable_supplier() = *std::move(supplier);
  return response;
}

absl::StatusOr<v1::SuspendSupplierResponse> SuspendSupplier(ledger::Operation& operation,
                                                            const v1::SuspendSupplierRequest& request) {
  auto supplier = StepWithReason(operation, request.uscc(), SupplierAction::kSuspend, request.reason());
  if (!supplier.ok()) return supplier.status();
  v1::SuspendSupplierResponse response;
  *response.mutable_supplier() = *std::move(supplier);
  return response;
}

absl::StatusOr<v1::RemoveSupplierResponse> RemoveSupplier(ledger::Operation& operation,
                                                          const v1::RemoveSupplierRequest& request) {
  auto supplier = StepWithReason(operation, request.uscc(), SupplierAction::kRemove, request.reason());
  if (!supplier.ok()) return supplier.status();
  v1::RemoveSupplierResponse response;
  *response.mutable_supplier() = *std::move(supplier);
  return response;
}

absl::StatusOr<v1::GetSupplierResponse> GetSupplier(store::Reader& reader, const base::Caller& caller,
                                                    const v1::GetSupplierRequest& request) {
  auto supplier = GetSupplier(reader, request.uscc());
  if (!supplier.ok()) return supplier.status();
  if (!IsVisible(*supplier, caller)) return base::NotFound("supplier", request.uscc());
  v1::GetSupplierResponse response;
  *response.mutable_supplier() = Shown(*std::move(supplier), caller);
  return response;
}

absl::StatusOr<store::Page<v1::ListSuppliersResponse>> ListSuppliers(store::Reader& reader, const base::Caller& caller,
                                                                     const v1::ListSuppliersRequest& request,
                                                                     const store::PageRequest& page) {
  base::FieldErrors errors;
  if (!RequireRegionPrefix(errors, request.region_prefix(), "region_prefix")) return errors.ToStatus();

  store::Page<v1::ListSuppliersResponse> listed;
  auto last =
      store::WalkPage(reader, KeyPrefix(kSupplierTable), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto supplier = ParseRow<v1::Supplier>(row.key, row.value);
        if (!supplier.ok()) return supplier.status();
        if (!base::IsInside(supplier->village_code(), request.region_prefix())) return false;
        if (request.state() != v1::SUPPLIER_STATE_UNSPECIFIED && supplier->state() != request.state()) return false;
        if (!IsVisible(*supplier, caller)) return false;
        *listed.response.add_suppliers() = Shown(*std::move(supplier), caller);
        return true;
      });
  if (!last.ok()) return last.status();
  listed.last_key = *std::move(last);
  return listed;
}

}  // namespace zhuxiao::directory
