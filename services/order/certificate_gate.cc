#include "services/order/certificate_gate.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::order {
namespace {

using directory::v1::CertificateKind;

constexpr size_t kProvinceDigits = 2;
constexpr size_t kProductionLicenceDigits = 14;

bool IsProductionLicence(std::string_view number) {
  return number.starts_with("SC") && number.size() == 2 + kProductionLicenceDigits &&
         std::all_of(number.begin() + 2, number.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

bool Covers(const v1::Certificate& certificate, int64_t quantity_base) {
  switch (certificate.kind()) {
    case directory::v1::CERTIFICATE_KIND_QUARANTINE_A:
    case directory::v1::CERTIFICATE_KIND_QUARANTINE_B:
    case directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE:
      return certificate.quantity_base() >= quantity_base;
    default:
      return true;
  }
}

}  // namespace

bool Holds(const v1::Certificate& certificate, absl::Time now) {
  const absl::Time issued = base::FromProto(certificate.issue_time());
  if (issued > now || base::FromProto(certificate.valid_until()) < now) return false;
  switch (certificate.kind()) {
    case directory::v1::CERTIFICATE_KIND_QUARANTINE_A:
      return now <= issued + kQuarantineAValidity;
    case directory::v1::CERTIFICATE_KIND_QUARANTINE_B:
      return base::DayOf(issued) == base::DayOf(now);
    case directory::v1::CERTIFICATE_KIND_PRODUCTION_LICENCE:
      return IsProductionLicence(certificate.number());
    default:
      return true;
  }
}

std::vector<CertificateKind> RequiredKinds(const directory::v1::Commodity& commodity, std::string_view origin_code,
                                           std::string_view destination_code) {
  std::vector<CertificateKind> kinds;
  if (commodity.is_live_animal()) {
    const bool same_province = origin_code.substr(0, kProvinceDigits) == destination_code.substr(0, kProvinceDigits);
    kinds.push_back(same_province ? directory::v1::CERTIFICATE_KIND_QUARANTINE_B
                                  : directory::v1::CERTIFICATE_KIND_QUARANTINE_A);
  }
  for (int kind : commodity.required_certificates()) kinds.push_back(static_cast<CertificateKind>(kind));
  return kinds;
}

void CheckCertificates(const Certificates& certificates, std::string_view field, base::FieldErrors& errors) {
  errors.Require(certificates.size() <= kMaxCertificates, field, "must be at most 20");
  std::set<std::pair<int, std::string>> named;
  for (int i = 0; i < certificates.size(); ++i) {
    const v1::Certificate& certificate = certificates[i];
    const std::string path = base::StrCat(field, "[", i, "].");
    errors.Require(certificate.kind() != directory::v1::CERTIFICATE_KIND_UNSPECIFIED, path + "kind", "is required");
    if (errors.Require(base::IsValidId(certificate.number()), path + "number",
                       "must have 1 to 64 characters of A-Z a-z 0-9 . _ -")) {
      errors.Require(named.emplace(certificate.kind(), certificate.number()).second, path + "number", "stands twice");
    }
    errors.Require(certificate.has_issue_time() && base::IsUsable(certificate.issue_time()), path + "issue_time",
                   "is required, between the years 2000 and 2100");
    errors.Require(certificate.has_valid_until() && base::IsUsable(certificate.valid_until()), path + "valid_until",
                   "is required, between the years 2000 and 2100");
    errors.Require(certificate.quantity_base() >= 0 && certificate.quantity_base() <= base::kMaxQuantityBase,
                   path + "quantity_base", "must be 0 to 10,000,000,000,000 base units");
  }
}

absl::Status CheckGate(const std::vector<CertificateKind>& required, const Certificates& certificates,
                       int64_t quantity_base, absl::Time now, std::string_view contract_id) {
  std::vector<std::string> missing;
  for (CertificateKind kind : required) {
    const bool is_there = std::any_of(certificates.begin(), certificates.end(), [&](const v1::Certificate& c) {
      return c.kind() == kind && Holds(c, now) && Covers(c, quantity_base);
    });
    if (!is_there) missing.push_back(directory::v1::CertificateKind_Name(kind));
  }
  if (missing.empty()) return absl::OkStatus();
  const std::string kinds = absl::StrJoin(missing, ",");
  return base::Refuse(base::ErrorReason::ERROR_REASON_CERTIFICATE_MISSING, contract_id,
                      base::StrCat("missing, not valid now, or not covering the quantity: ", kinds),
                      {{"kinds", kinds}});
}

}  // namespace zhuxiao::order
