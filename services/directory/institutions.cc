#include "services/directory/institutions.h"

#include <string>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"
#include "services/directory/records.h"

namespace zhuxiao::directory {
namespace {

using base::ErrorReason;
using base::Role;

bool Represents(const v1::Institution& institution) {
  return institution.canteen_mode() == v1::CANTEEN_MODE_SHARED &&
         institution.representative_uscc() == institution.uscc();
}

bool IsRepresentedByOther(const v1::Institution& institution) {
  return !institution.representative_uscc().empty() && institution.representative_uscc() != institution.uscc();
}

void CheckChannel(const v1::Institution& wanted, base::FieldErrors& errors) {
  errors.Require(wanted.channel() != v1::CHANNEL_UNSPECIFIED, "institution.channel", "is required");
}

void CheckParent(const v1::Institution& wanted, base::FieldErrors& errors) {
  if (wanted.parent_uscc().empty()) return;
  if (RequireUscc(errors, wanted.parent_uscc(), "institution.parent_uscc")) {
    errors.Require(wanted.parent_uscc() != wanted.uscc(), "institution.parent_uscc", "must not be the institution");
  }
}

void CheckMode(const v1::Institution& wanted, base::FieldErrors& errors) {
  errors.Require(wanted.canteen_mode() != v1::CANTEEN_MODE_UNSPECIFIED, "institution.canteen_mode", "is required");
}

// The one rule over two fields, so of the institution as it would be.
void CheckRepresentative(const v1::Institution& wanted, base::FieldErrors& errors) {
  constexpr std::string_view kField = "institution.representative_uscc";
  if (wanted.canteen_mode() == v1::CANTEEN_MODE_SHARED) {
    RequireUscc(errors, wanted.representative_uscc(), kField);
  } else {
    errors.Require(wanted.representative_uscc().empty(), kField, "must be empty unless the canteen is shared");
  }
}

absl::Status Refer(std::string_view uscc, std::string_view message) {
  return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, uscc, message);
}

// The institution a field refers to; REFERENCE_INVALID where there is none.
absl::StatusOr<v1::Institution> GetReferred(store::Reader& reader, const std::string& uscc, std::string_view what) {
  auto institution = GetInstitution(reader, uscc);
  if (absl::IsNotFound(institution.status())) return Refer(uscc, base::StrCat("the ", what, " is no institution"));
  return institution;
}

absl::Status CheckNoCycle(store::Reader& reader, const v1::Institution& wanted) {
  std::string above = wanted.parent_uscc();
  for (int depth = 0; !above.empty(); ++depth) {
    if (above == wanted.uscc()) {
      return base::Refuse(ErrorReason::ERROR_REASON_PARENT_CYCLE, wanted.uscc(), "the chain of parents is a cycle");
    }
    if (depth == kMaxParentDepth) return Refer(wanted.parent_uscc(), "the chain of parents is too long");
    auto parent = GetReferred(reader, above, "parent");
    if (!parent.ok()) return parent.status();
    above = parent->parent_uscc();
  }
  return absl::OkStatus();
}

// What a member of a shared canteen buys is paid from its representative's quota. So an officer of both vouches that
// the representative agreed; nobody else can know.
absl::Status CheckVouched(store::Reader& reader, const base::Caller& caller, const std::string& representative_uscc) {
  auto organisation = GetOrganisation(reader, representative_uscc);
  if (!organisation.ok() && !absl::IsNotFound(organisation.status())) return organisation.status();
  // One that is unknown is in nobody's region.
  const std::string seat = organisation.ok() ? organisation->region_code() : "";
  base::FieldErrors errors;
  errors.Require(caller.IsOfficerOf(seat), "institution.representative_uscc",
                 "must be set by an officer whose region contains both institutions");
  return errors.ToStatus();
}

// Whether what `wanted` refers to is there, and whether `caller` may put it in the place of what `stored` refers to.
absl::Status CheckReferences(store::Reader& reader, const base::Caller& caller, const v1::Institution& stored,
                             const v1::Institution& wanted) {
  if (absl::Status status = CheckNoCycle(reader, wanted); !status.ok()) return status;
  if (!IsRepresentedByOther(wanted)) return absl::OkStatus();
  if (wanted.representative_uscc() != stored.representative_uscc()) {
    absl::Status vouched = CheckVouched(reader, caller, wanted.representative_uscc());
    if (!vouched.ok()) return vouched;
  }
  auto representative = GetReferred(reader, wanted.representative_uscc(), "representative");
  if (!representative.ok()) return representative.status();
  if (Represents(*representative)) return absl::OkStatus();
  return Refer(wanted.representative_uscc(), "the representative does not represent a shared canteen");
}

// REFERENCE_INVALID where `uscc` is the representative of others.
absl::Status CheckNobodyReliesOn(store::Reader& reader, const std::string& uscc) {
  const std::string prefix = KeyPrefix(kRepresentedTable, uscc);
  auto rows = reader.Scan(prefix, store::PrefixEnd(prefix), 1);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  return Refer(LastPart(rows->front().key), "is represented by the institution");
}

// Adds the index rows of `institution`, or takes them out.
void Index(store::Transaction& transaction, const v1::Institution& institution, bool is_in) {
  const auto set = [&](const std::string& key) { is_in ? transaction.Put(key, "") : transaction.Delete(key); };
  if (!institution.parent_uscc().empty()) {
    set(store::Key(kChildTable, institution.parent_uscc(), institution.uscc()));
  }
  if (IsRepresentedByOther(institution)) {
    set(store::Key(kRepresentedTable, institution.representative_uscc(), institution.uscc()));
  }
}

void Save(store::Transaction& transaction, v1::Institution& institution) {
  institution.set_etag(base::NextEtag(institution.etag()));
  transaction.Put(store::Key(kInstitutionTable, institution.uscc()), institution.SerializeAsString());
  Index(transaction, institution, true);
}

// Whether `caller` acts for the institution: itself, or the officer of its organisation's region. NOT_FOUND (of
// `kind`) otherwise, and where there is no such organisation.
absl::Status CheckMayWrite(store::Reader& reader, const base::Caller& caller, std::string_view kind,
                           const std::string& uscc) {
  if (caller.role == Role::ROLE_INSTITUTION && caller.organisation != uscc) return base::NotFound(kind, uscc);
  auto organisation = GetOrganisation(reader, uscc);
  if (!organisation.ok()) return organisation.status();
  if (caller.role == Role::ROLE_INSTITUTION || caller.IsOfficerOf(organisation->region_code())) return absl::OkStatus();
  return base::NotFound(kind, uscc);
}

absl::StatusOr<bool> IsVisible(store::Reader& reader, const base::Caller& caller, const v1::Institution& institution) {
  if (caller.ReadsEverything()) return true;
  if (caller.role == Role::ROLE_INSTITUTION) {
    return caller.organisation == institution.uscc() || caller.organisation == institution.parent_uscc() ||
           caller.organisation == institution.representative_uscc();
  }
  if (caller.region.empty()) return true;
  auto organisation = GetOrganisation(reader, institution.uscc());
  if (!organisation.ok()) return organisation.status();
  return caller.IsOfficerOf(organisation->region_code());
}

void CheckUpdateFields(const v1::UpdateInstitutionRequest& request, base::FieldErrors& errors) {
  const v1::Institution& wanted = request.institution();
  RequireUscc(errors, wanted.uscc(), "institution.uscc");
  RequireMask(errors, request.update_mask(), {"channel", "parent_uscc", "canteen_mode", "representative_uscc"});
  if (Names(request.update_mask(), "channel")) CheckChannel(wanted, errors);
  if (Names(request.update_mask(), "parent_uscc")) CheckParent(wanted, errors);
  if (Names(request.update_mask(), "canteen_mode")) CheckMode(wanted, errors);
  if (Names(request.update_mask(), "representative_uscc") && !wanted.representative_uscc().empty()) {
    RequireUscc(errors, wanted.representative_uscc(), "institution.representative_uscc");
  }
  errors.Require(!wanted.etag().empty(), "institution.etag", "is required");
}

// `stored` with the fields of `wanted` that `mask` names.
v1::Institution Merged(v1::Institution stored, const v1::Institution& wanted, const google::protobuf::FieldMask& mask) {
  if (Names(mask, "channel")) stored.set_channel(wanted.channel());
  if (Names(mask, "parent_uscc")) stored.set_parent_uscc(wanted.parent_uscc());
  if (Names(mask, "canteen_mode")) stored.set_canteen_mode(wanted.canteen_mode());
  if (Names(mask, "representative_uscc")) stored.set_representative_uscc(wanted.representative_uscc());
  return stored;
}

}  // namespace

absl::StatusOr<v1::Institution> GetInstitution(store::Reader& reader, std::string_view uscc) {
  return GetRecord<v1::Institution>(reader, kInstitutionTable, uscc);
}

absl::StatusOr<v1::RegisterInstitutionResponse> RegisterInstitution(ledger::Operation& operation,
                                                                    const v1::RegisterInstitutionRequest& request) {
  const v1::Institution& wanted = request.institution();
  base::FieldErrors errors;
  RequireUscc(errors, wanted.uscc(), "institution.uscc");
  CheckChannel(wanted, errors);
  CheckParent(wanted, errors);
  CheckMode(wanted, errors);
  CheckRepresentative(wanted, errors);
  if (!errors.empty()) return errors.ToStatus();

  store::Transaction& transaction = operation.transaction();
  absl::Status allowed = CheckMayWrite(transaction, operation.caller(), "organisation", wanted.uscc());
  if (!allowed.ok()) return allowed;
  auto existing = transaction.Get(store::Key(kInstitutionTable, wanted.uscc()));
  if (!existing.ok()) return existing.status();
  if (*existing) return base::AlreadyExists("institution", wanted.uscc());
  absl::Status referred = CheckReferences(transaction, operation.caller(), {}, wanted);
  if (!referred.ok()) return referred;

  v1::RegisterInstitutionResponse response;
  v1::Institution& institution = *response.mutable_institution();
  institution = wanted;
  institution.clear_etag();
  Save(transaction, institution);
  return response;
}

absl::StatusOr<v1::UpdateInstitutionResponse> UpdateInstitution(ledger::Operation& operation,
                                                                const v1::UpdateInstitutionRequest& request) {
  const v1::Institution& wanted = request.institution();
  base::FieldErrors errors;
  CheckUpdateFields(request, errors);
  if (!errors.empty()) return errors.ToStatus();

  store::Transaction& transaction = operation.transaction();
  absl::Status allowed = CheckMayWrite(transaction, operation.caller(), "institution", wanted.uscc());
  if (!allowed.ok()) return allowed;
  auto stored = GetInstitution(transaction, wanted.uscc());
  if (!stored.ok()) return stored.status();
  if (stored->etag() != wanted.etag()) return base::EtagMismatch("institution", wanted.uscc());

  v1::UpdateInstitutionResponse response;
  v1::Institution& merged = *response.mutable_institution();
  merged = Merged(*stored, wanted, request.update_mask());
  CheckRepresentative(merged, errors);
  if (!errors.empty()) return errors.ToStatus();
  absl::Status referred = CheckReferences(transaction, operation.caller(), *stored, merged);
  if (!referred.ok()) return referred;
  if (Represents(*stored) && !Represents(merged)) {
    if (absl::Status status = CheckNobodyReliesOn(transaction, wanted.uscc()); !status.ok()) return status;
  }
  Index(transaction, *stored, false);
  Save(transaction, merged);
  return response;
}

absl::StatusOr<v1::GetInstitutionResponse> GetInstitution(store::Reader& reader, const base::Caller& caller,
                                                          const v1::GetInstitutionRequest& request) {
  auto institution = GetInstitution(reader, request.uscc());
  if (!institution.ok()) return institution.status();
  auto is_visible = IsVisible(reader, caller, *institution);
  if (!is_visible.ok()) return is_visible.status();
  if (!*is_visible) return base::NotFound("institution", request.uscc());
  v1::GetInstitutionResponse response;
  *response.mutable_institution() = *std::move(institution);
  return response;
}

absl::StatusOr<store::Page<v1::ListInstitutionsResponse>> ListInstitutions(store::Reader& reader,
                                                                           const base::Caller& caller,
                                                                           const v1::ListInstitutionsRequest& request,
                                                                           const store::PageRequest& page) {
  base::FieldErrors errors;
  const bool by_parent = !request.parent_uscc().empty();
  if (by_parent && !RequireUscc(errors, request.parent_uscc(), "parent_uscc")) return errors.ToStatus();

  store::Page<v1::ListInstitutionsResponse> listed;
  const std::string prefix = by_parent ? KeyPrefix(kChildTable, request.parent_uscc()) : KeyPrefix(kInstitutionTable);
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto institution =
        by_parent ? GetInstitution(reader, LastPart(row.key)) : ParseRow<v1::Institution>(row.key, row.value);
    if (!institution.ok()) return institution.status();
    if (request.channel() != v1::CHANNEL_UNSPECIFIED && institution->channel() != request.channel()) return false;
    auto is_visible = IsVisible(reader, caller, *institution);
    if (is_visible.ok() && *is_visible) *listed.response.add_institutions() = *std::move(institution);
    return is_visible;
  });
  if (!last.ok()) return last.status();
  listed.last_key = *std::move(last);
  return listed;
}

absl::StatusOr<std::vector<std::string>> RepresentedBy(store::Reader& reader, std::string_view uscc) {
  std::vector<std::string> represented;
  const absl::Status walked =
      store::WalkAll(reader, KeyPrefix(kRepresentedTable, uscc), [&](const store::KeyValue& row) {
        represented.emplace_back(LastPart(row.key));
        return absl::OkStatus();
      });
  if (!walked.ok()) return walked;
  return represented;
}

absl::Status ForEachInstitution(store::Reader& reader,
                                const std::function<absl::Status(const v1::Institution&)>& visit) {
  return store::WalkAll(reader, KeyPrefix(kInstitutionTable), [&](const store::KeyValue& row) -> absl::Status {
    auto institution = ParseRow<v1::Institution>(row.key, row.value);
    return institution.ok() ? visit(*institution) : institution.status();
  });
}

}  // namespace zhuxiao::directory
