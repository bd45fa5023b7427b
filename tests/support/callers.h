// Callers and organisation codes that tests act with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "services/base/caller.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"

namespace zhuxiao::testing {

// A valid USCC: `prefix` (for example "93", farmers' co-operatives), `number` in the body, and the check character.
// Requires a prefix of 2 characters and number in [0, 10^15).
inline std::string Uscc(std::string_view prefix, int64_t number) {
  const std::string body = base::StrCat(prefix, absl::StrFormat("%015d", number));
  return body + base::UsccCheckCharacter(body);
}

inline base::Caller Operator() { return {.role = base::Role::ROLE_OPERATOR, .token_id = "operator"}; }

inline base::Caller Auditor() { return {.role = base::Role::ROLE_AUDITOR, .token_id = "auditor"}; }

// An officer of `region` (empty: the whole country).
inline base::Caller Officer(std::string region, std::string token_id = "officer") {
  return {.role = base::Role::ROLE_OFFICER, .region = std::move(region), .token_id = std::move(token_id)};
}

// A supplier, institution or platform that acts for `uscc`.
inline base::Caller ActingFor(base::Role role, std::string uscc) {
  return {.role = role, .organisation = uscc, .token_id = "token-" + uscc};
}
inline base::Caller SupplierOf(std::string uscc) { return ActingFor(base::Role::ROLE_SUPPLIER, std::move(uscc)); }
inline base::Caller InstitutionOf(std::string uscc) { return ActingFor(base::Role::ROLE_INSTITUTION, std::move(uscc)); }
inline base::Caller PlatformOf(std::string uscc) { return ActingFor(base::Role::ROLE_PLATFORM, std::move(uscc)); }

}  // namespace zhuxiao::testing
