// Who makes a call, as its bearer token says. Domain functions take it to decide what is the caller's own.
#pragma once

#include <string>
#include <string_view>

#include "services/base/region.h"
#include "zhuxiao/common/v1/common.pb.h"

namespace zhuxiao::base {

using common::v1::Role;

struct Caller {
  Role role = Role::ROLE_UNSPECIFIED;
  std::string organisation;  // USCC; for an operator it may be empty
  std::string region;        // what an officer is responsible for; empty is the whole country
  std::string token_id;      // names the token in logs and in the four-eyes rule; never the secret

  // True for the operator, and for an officer whose region contains `code`.
  bool IsOfficerOf(std::string_view code) const {
    return role == Role::ROLE_OPERATOR || (role == Role::ROLE_OFFICER && IsInside(code, region));
  }

  // True where the caller is `role` and acts for `uscc`.
  bool Is(Role wanted, std::string_view uscc) const { return role == wanted && organisation == uscc; }

  // True for roles that may read everything: auditor and operator.
  bool ReadsEverything() const { return role == Role::ROLE_AUDITOR || role == Role::ROLE_OPERATOR; }
};

}  // namespace zhuxiao::base
