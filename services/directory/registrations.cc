#include "services/directory/registrations.h"

#include <algorithm>
#include <set>
#include <string>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"
#include "services/directory/records.h"
#include "services/store/page.h"

namespace zhuxiao::directory {
namespace {

void CheckIdentifiers(const v1::Registration& registration, base::FieldErrors& errors) {
  errors.Require(registration.representative_digest().empty() || IsDigest(registration.representative_digest()),
                 "registration.representative_digest", "must be 64 digits of 0-9 a-f, or empty");
  if (!errors.Require(registration.identifier_digests_size() <= kMaxIdentifiers, "registration.identifier_digests",
                      base::StrCat("must be at most ", kMaxIdentifiers))) {
    return;
  }
  for (int i = 0; i < registration.identifier_digests_size(); ++i) {
    errors.Require(IsDigest(registration.identifier_digests(i)),
                   base::StrCat("registration.identifier_digests[", i, "]"), "must be 64 digits of 0-9 a-f");
  }
}

void CheckCapacities(const v1::Registration& registration, base::FieldErrors& errors) {
  if (!errors.Require(registration.capacities_size() <= kMaxCapacities, "registration.capacities",
                      base::StrCat("must be at most ", kMaxCapacities))) {
    return;
  }
  std::set<std::string_view> codes;
  for (int i = 0; i < registration.capacities_size(); ++i) {
    const v1::CertifiedCapacity& capacity = registration.capacities(i);
    const std::string path = base::StrCat("registration.capacities[", i, "]");
    errors.Require(FindCommodity(capacity.commodity_code()) != nullptr, path + ".commodity_code",
                   "is not in the catalogue");
    errors.Require(codes.insert(capacity.commodity_code()).second, path + ".commodity_code", "stands twice");
    errors.Require(capacity.yearly_base() > 0 && capacity.yearly_base() <= base::kMaxQuantityBase,
                   path + ".yearly_base", base::StrCat("must be 1 to ", base::kMaxQuantityBase));
  }
}

std::string RegisteredByKey(const v1::Registration& registration) {
  return store::Key(kRegisteredByTable, registration.representative_digest(), registration.uscc());
}

}  // namespace

bool IsDigest(std::string_view text) {
  constexpr size_t kDigits = 64;
  return text.size() == kDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

absl::StatusOr<std::optional<v1::Registration>> FindRegistration(store::Reader& reader, std::string_view uscc) {
  return FindRecord<v1::Registration>(reader, store::Key(kRegistrationTable, uscc));
}

absl::StatusOr<std::vector<std::string>> RegisteredBy(store::Reader& reader, std::string_view representative_digest,
                                                      size_t limit) {
  const std::string prefix = KeyPrefix(kRegisteredByTable, representative_digest);
  auto rows = reader.Scan(prefix, store::PrefixEnd(prefix), limit);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> codes;
  for (const store::KeyValue& row : *rows) codes.emplace_back(LastPart(row.key));
  return codes;
}

absl::StatusOr<v1::SetRegistrationResponse> SetRegistration(ledger::Operation& operation,
                                                            const v1::SetRegistrationRequest& request) {
  const v1::Registration& wanted = request.registration();
  base::FieldErrors errors;
  RequireUscc(errors, wanted.uscc(), "registration.uscc");
  CheckIdentifiers(wanted, errors);
  CheckCapacities(wanted, errors);
  if (!errors.empty()) return errors.ToStatus();

  store::Transaction& transaction = operation.transaction();
  auto organisation = GetOrganisation(transaction, wanted.uscc());
  if (!organisation.ok()) return organisation.status();
  if (!operation.caller().IsOfficerOf(organisation->region_code())) {
    return base::NotFound("organisation", wanted.uscc());
  }
  auto former = FindRegistration(transaction, wanted.uscc());
  if (!former.ok()) return former.status();
  const std::string former_etag = *former ? (*former)->etag() : "";
  if (wanted.etag() != former_etag) return base::EtagMismatch("registration", wanted.uscc());

  v1::SetRegistrationResponse response;
  v1::Registration& registration = *response.mutable_registration();
  registration = wanted;
  registration.set_etag(base::NextEtag(former_etag));
  if (*former && !(*former)->representative_digest().empty()) transaction.Delete(RegisteredByKey(**former));
  if (!registration.representative_digest().empty()) transaction.Put(RegisteredByKey(registration), "");
  transaction.Put(store::Key(kRegistrationTable, registration.uscc()), registration.SerializeAsString());
  return response;
}

absl::StatusOr<v1::GetRegistrationResponse> GetRegistration(store::Reader& reader, const base::Caller& caller,
                                                            const v1::GetRegistrationRequest& request) {
  const auto not_found = [&] { return base::NotFound("registration", request.uscc()); };
  auto registration = FindRegistration(reader, request.uscc());
  if (!registration.ok()) return registration.status();
  if (!*registration) return not_found();
  auto organisation = GetOrganisation(reader, request.uscc());
  if (!organisation.ok()) return organisation.status();
  if (!caller.ReadsEverything() && !caller.IsOfficerOf(organisation->region_code())) return not_found();
  v1::GetRegistrationResponse response;
  *response.mutable_registration() = **std::move(registration);
  return response;
}

}  // namespace zhuxiao::directory
