// Commands of officers that move whole files.
#include "clients/cli/reward_office.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "clients/cli/export_file.h"
#include "clients/cli/fault_words.h"
#include "google/rpc/error_details.pb.h"
#include "services/base/strings.h"
#include "services/reward/engine/policy_file.h"

namespace zhuxiao::cli {
namespace {

// Tells the mistakes of a text as a compiler would: FILE:LINE: KEY: WHAT. False where the error names none.
bool TellMistakes(const Session& session, const std::string& path, const absl::Status& status) {
  constexpr std::string_view kPrefix = "toml:";
  google::rpc::BadRequest bad_request;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (!payload || !bad_request.ParseFromString(std::string(*payload))) return false;
  for (const auto& violation : bad_request.field_violations()) {
    const std::string& field = violation.field();
    if (!absl::StartsWith(field, base::View(kPrefix))) return false;
  }
  for (const auto& violation : bad_request.field_violations()) {
    const std::string place = violation.field().substr(kPrefix.size());
    const size_t blank = place.find(' ');
    session.environment().err << path << ":" << place.substr(0, blank) << ": "
                              << (blank == std::string::npos ? "" : place.substr(blank + 1) + ": ")
                              << SayFault(session.globals().language, violation.description()) << "\n";
  }
  return bad_request.field_violations_size() > 0;
}

int Propose(const Session& session, const Arguments& arguments) {
  const std::string& path = arguments.at("toml").back();
  std::ifstream file(path, std::ios::binary);
  if (!file) return session.FailUsage(absl::NotFoundError(base::StrCat("cannot read ", path)));
  reward::v1::ProposePolicyRequest request;
  request.set_toml(std::string{std::istreambuf_iterator<char>(file), {}});
  request.set_validate_only(arguments.contains("check"));
  request.set_request_id(session.globals().request_id);
  session.client().Mint(request);
  const auto response = session.client().Call<reward::v1::ProposePolicyResponse>(request);
  if (!response.ok()) {
    if (!session.globals().is_json && TellMistakes(session, path, response.status())) return kExitInvalidArgument;
    return session.Fail(response.status(), request.request_id());
  }
  session.Print(*response);
  return kExitOk;
}

// The policy in the words of the session's language and then as it was written; programs get both languages.
int ShowPolicy(const Session& session, const Arguments& arguments) {
  reward::v1::GetPolicyRequest request;
  request.set_policy_id(arguments.at("policy").back());
  const auto version = arguments.find("version");
  int32_t number = 0;
  if (version != arguments.end() && (!absl::SimpleAtoi(version->second.back(), &number) || number < 1)) {
    return session.FailUsage(absl::InvalidArgumentError("--version must be a whole number, 1 or more"));
  }
  request.set_version(number);
  const auto response = session.client().Call<reward::v1::GetPolicyResponse>(request);
  if (!response.ok()) return session.Fail(response.status());
  if (session.globals().is_json) {
    session.Print(*response);
    return kExitOk;
  }
  const bool is_chinese = session.globals().language == Language::kChinese;
  session.environment().out << (is_chinese ? response->explanation_zh() : response->explanation_en()) << "\n"
                            << session.Say(PolicyState_Name(response->policy().state())) << "  "
                            << response->policy().digest() << "\n\n"
                            << response->policy().toml();
  return kExitOk;
}

int Export(const Session& session, const Arguments& arguments) {
  const std::string& format = arguments.at("format").back();
  if (format != "csv" && format != "xlsx") {
    return session.FailUsage(absl::InvalidArgumentError("--format must be csv or xlsx"));
  }
  reward::v1::ExportStatementRequest request;
  request.set_claim_id(arguments.at("claim").back());
  request.set_format(format == "csv" ? reward::v1::STATEMENT_FORMAT_CSV : reward::v1::STATEMENT_FORMAT_XLSX);
  return SaveExport<reward::v1::ExportStatementResponse>(session, request, arguments.at("file").back());
}

int ExportSales(const Session& session, const Arguments& arguments) {
  reward::v1::ExportSalesRequest request;
  request.set_policy_id(arguments.at("policy").back());
  const auto number = [&arguments](const char* name, int32_t least) -> std::optional<int32_t> {
    const auto given = arguments.find(name);
    int32_t value = 0;
    if (given == arguments.end()) return value;
    return absl::SimpleAtoi(given->second.back(), &value) && value >= least ? std::optional(value) : std::nullopt;
  };
  const auto version = number("version", 1);
  const auto years_back = number("years-back", 0);
  if (!version || !years_back) {
    return session.FailUsage(absl::InvalidArgumentError(
        base::StrCat(version ? "" : "--version must be a whole number, 1 or more", version || years_back ? "" : "; ",
                     years_back ? "" : "--years-back must be a whole number, 0 or more")));
  }
  request.set_version(*version);
  request.set_years_back(*years_back);
  return SaveExport<reward::v1::ExportSalesResponse>(session, request, arguments.at("file").back());
}

}  // namespace

std::vector<Command> RewardOfficeCommands() {
  const CommandOption toml = {.name = "toml", .need = Need::kPositional, .hint = "FILE", .label = "option.reward-toml"};
  const CommandOption check = {.name = "check", .label = "option.reward-check", .is_flag = true};
  const CommandOption policy = {
      .name = "policy", .need = Need::kPositional, .hint = "POLICY", .label = "field.policy_id"};
  const CommandOption version = {.name = "version", .hint = "NUMBER", .label = "field.version"};
  const CommandOption years_back = {.name = "years-back", .hint = "NUMBER", .label = "field.years_back"};
  const CommandOption claim = {
      .name = "claim", .need = Need::kPositional, .hint = "CLAIM", .label = "option.reward-claim"};
  const CommandOption format = {
      .name = "format", .need = Need::kRequired, .hint = "csv|xlsx", .label = "option.reward-format"};
  const CommandOption file = {.name = "file", .need = Need::kRequired, .hint = "FILE", .label = "option.reward-file"};
  std::vector<Command> commands;
  commands.emplace_back("reward", "propose", std::vector{toml, check}, Propose);
  commands.emplace_back("reward", "policy", std::vector{policy, version}, ShowPolicy);
  commands.emplace_back("reward", "export", std::vector{claim, format, file}, Export).json = "json.file";
  commands.emplace_back("reward", "sales", std::vector{policy, version, years_back, file}, ExportSales).json =
      "json.file";
  return commands;
}

}  // namespace zhuxiao::cli
