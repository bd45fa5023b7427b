// Which certificates a shipment must carry, by commodity and route, and whether those it carries will do.
// Rules: live animals need quarantine certificate A across provinces (valid 5 days at most) or B inside one (valid the
// day it was issued); fresh produce needs a promise of compliance that covers the quantity; processed food a production
// licence (SC and 14 digits).
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "services/base/errors.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

using Certificates = google::protobuf::RepeatedPtrField<v1::Certificate>;

inline constexpr int kMaxCertificates = 20;  // a lorry carries a handful
inline constexpr absl::Duration kQuarantineAValidity = absl::Hours(24 * 5);

// The kinds a shipment of the commodity from `origin_code` to `destination_code` must carry.
std::vector<directory::v1::CertificateKind> RequiredKinds(const directory::v1::Commodity& commodity,
                                                          std::string_view origin_code,
                                                          std::string_view destination_code);

// True where the certificate is valid at `now`, whatever quantity it covers.
bool Holds(const v1::Certificate& certificate, absl::Time now);

// Adds a violation for each certificate that is wrong in itself or named twice (kind and number); `field` is its path
// without index.
void CheckCertificates(const Certificates& certificates, std::string_view field, base::FieldErrors& errors);

// OK, or CERTIFICATE_MISSING with the kinds that are missing or do not hold at `now` for `quantity_base` in the
// metadata under "kinds".
absl::Status CheckGate(const std::vector<directory::v1::CertificateKind>& required, const Certificates& certificates,
                       int64_t quantity_base, absl::Time now, std::string_view contract_id);

}  // namespace zhuxiao::order
