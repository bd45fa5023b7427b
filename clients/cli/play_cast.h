// Who acts in the play: the organisations of the seed cases, their codes, and the tokens each needs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "zhuxiao/common/v1/common.pb.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::cli {

// Places of the play.
inline constexpr char kPingding[] = "140321";
inline constexpr char kLiangjianao[] = "140321105209";  // a village of Baijing town, Pingding county
inline constexpr char kYonghe[] = "141032";
inline constexpr char kSuotuo[] = "141032203206";  // Suotuo village, Potou township, Yonghe county
inline constexpr char kShanxi[] = "14";

// One who acts, with one token.
struct Principal {
  std::string name;  // names the token in the tokens file
  common::v1::Role role;
  std::string uscc;    // of the organisation it acts for; empty for officers and auditors
  std::string region;  // an officer's region; an organisation's seat
  std::string title;   // registered name of the organisation
  directory::v1::OrganisationKind kind = directory::v1::ORGANISATION_KIND_UNSPECIFIED;
};

// All of them, in a fixed order, with valid codes.
const std::vector<Principal>& Cast();

// The one of that name. Requires that it exists.
const Principal& Member(std::string_view name);

// A line "name role uscc region" for each, "-" for what is empty: what a script needs to make their tokens. The region
// is that of officers only; others act everywhere.
std::string DescribeCast();

// Reads lines "name=token"; blank lines and lines that begin with '#' are passed over. NOT_FOUND where the file cannot
// be read; INVALID_ARGUMENT naming every principal without a token.
absl::StatusOr<std::map<std::string, std::string>> ReadTokens(const std::string& path);

}  // namespace zhuxiao::cli
