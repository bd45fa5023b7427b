// Who acts in the play.
#include "clients/cli/play_cast.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"

namespace zhuxiao::cli {
namespace {

// The code of an organisation from its first 17 characters.
std::string Uscc(const std::string& body) { return body + base::UsccCheckCharacter(body); }

std::string RoleWord(common::v1::Role role) {
  return absl::AsciiStrToLower(common::v1::Role_Name(role).substr(std::string("ROLE_").size()));
}

}  // namespace

const std::vector<Principal>& Cast() {
  using namespace directory::v1;
  using common::v1::ROLE_AUDITOR, common::v1::ROLE_INSTITUTION, common::v1::ROLE_OFFICER, common::v1::ROLE_PLATFORM,
      common::v1::ROLE_SUPPLIER;
  static const auto& cast = *new std::vector<Principal>{
      {"supplier-hongri", ROLE_SUPPLIER, Uscc("93140321MA0HRG001"), kLiangjianao, "平定县红日养殖专业合作社",
       ORGANISATION_KIND_COOPERATIVE},
      {"supplier-suotuo", ROLE_SUPPLIER, Uscc("93141032MA0TX0001"), kSuotuo, "永和县索驼村养牛专业合作社",
       ORGANISATION_KIND_COOPERATIVE},
      {"firm-edge", ROLE_SUPPLIER, Uscc("91140105MA0EDGE01"), "140105", "山西晋品优选电子商务有限公司",
       ORGANISATION_KIND_ENTERPRISE},
      {"institution-a", ROLE_INSTITUTION, Uscc("11140300MB0A00001"), "140302", "阳泉市机关事务服务中心",
       ORGANISATION_KIND_PUBLIC_BODY},
      {"institution-b", ROLE_INSTITUTION, Uscc("12140000MB0B00002"), "140105", "太原第一中学",
       ORGANISATION_KIND_PUBLIC_BODY},
      {"institution-c", ROLE_INSTITUTION, Uscc("11140700MB0C00003"), "140702", "晋中市榆次区机关食堂",
       ORGANISATION_KIND_PUBLIC_BODY},
      {"institution-d", ROLE_INSTITUTION, Uscc("11141000MB0D00004"), "141002", "临汾市尧都区机关食堂",
       ORGANISATION_KIND_PUBLIC_BODY},
      {"hospital", ROLE_INSTITUTION, Uscc("12140300MB0E00005"), "140321", "平定县人民医院",
       ORGANISATION_KIND_PUBLIC_BODY},
      {"platform", ROLE_PLATFORM, Uscc("91140100MA0PTFM01"), "140105", "晋货上行电商平台", ORGANISATION_KIND_PLATFORM},
      {"officer-140321", ROLE_OFFICER, "", kPingding, ""},
      {"officer-141032", ROLE_OFFICER, "", kYonghe, ""},
      {"province-1", ROLE_OFFICER, "", kShanxi, ""},
      {"province-2", ROLE_OFFICER, "", kShanxi, ""},
      {"province-3", ROLE_OFFICER, "", kShanxi, ""},
      {"auditor", ROLE_AUDITOR, "", "", ""},
  };
  return cast;
}

const Principal& Member(std::string_view name) {
  for (const Principal& principal : Cast()) {
    if (principal.name == name) return principal;
  }
  std::abort();
}

std::string DescribeCast() {
  std::string text;
  const auto shown = [](const std::string& part) { return part.empty() ? "-" : part; };
  for (const Principal& principal : Cast()) {
    const std::string region = principal.role == common::v1::ROLE_OFFICER ? principal.region : "";
    base::StrAppend(&text, principal.name, " ", RoleWord(principal.role), " ", shown(principal.uscc), " ",
                    shown(region), "\n");
  }
  return text;
}

absl::StatusOr<std::map<std::string, std::string>> ReadTokens(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(base::View("cannot read " + path));
  std::map<std::string, std::string> tokens;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> parts = absl::StrSplit(absl::StripAsciiWhitespace(line), absl::MaxSplits('=', 1));
    if (parts.size() == 2 && parts[0].front() != '#') tokens[parts[0]] = parts[1];
  }
  base::FieldErrors errors;
  for (const Principal& principal : Cast()) {
    errors.Require(!tokens[principal.name].empty(), principal.name, "has no token in " + path);
  }
  if (!errors.empty()) return errors.ToStatus();
  return tokens;
}

}  // namespace zhuxiao::cli
