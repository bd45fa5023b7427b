// Commands that work on policy and sales files and need no server.
#include "clients/cli/reward_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_join.h"
#include "clients/cli/designations_text.h"
#include "clients/cli/reward_records.h"
#include "clients/cli/width.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/base/money.h"
#include "services/base/process.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/reward/engine/explain.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/offline/compute.h"
#include "services/reward/offline/designation_file.h"

namespace zhuxiao::cli {
namespace {

namespace engine = reward::engine;
namespace offline = reward::offline;

// The designation lists that ship with the product, by name in messages.
constexpr char kShippedDesignations[] = "designations.csv (shipped)";
// Lists of all programmes of the country together, and all applicants, stay far below this.
constexpr size_t kMaxDesignationBytes = 64u << 20;

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) return absl::NotFoundError(base::StrCat("cannot read ", path));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(base::StrCat(path, " is larger than ", max_bytes, " bytes"));
  }
  return text;
}

// Tells every mistake with its file and line, and returns the exit code.
int TellFaults(const Session& session, const offline::FaultList& faults) {
  const std::vector<offline::Fault> sorted = faults.Sorted();
  if (session.globals().is_json) {
    google::protobuf::Struct report;
    auto& list = *(*report.mutable_fields())["faults"].mutable_list_value();
    for (const offline::Fault& fault : sorted) {
      auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
      fields["file"].set_string_value(fault.file);
      fields["line"].set_number_value(static_cast<double>(fault.line));
      fields["what"].set_string_value(fault.what);
    }
    (*report.mutable_fields())["faultCount"].set_number_value(static_cast<double>(faults.count()));
    std::string json;
    if (google::protobuf::util::MessageToJsonString(report, &json).ok()) session.environment().out << json << "\n";
    return kExitInvalidArgument;
  }
  for (const offline::Fault& fault : sorted) {
    const std::string place = fault.line == 0 ? fault.file : base::StrCat(fault.file, ":", fault.line);
    session.environment().err << place << ": " << Printable(fault.what) << "\n";
  }
  session.environment().err << session.Say("reward.refused", {std::to_string(faults.count())}) << "\n";
  return kExitInvalidArgument;
}

// The policy of the file; nullopt with the exit code where it has none that can be used.
std::optional<engine::Policy> ReadPolicyFile(const Session& session, const std::string& path, int& exit_code) {
  const auto text = ReadFile(path, engine::kMaxPolicyBytes);
  if (!text.ok()) {
    exit_code = session.FailUsage(text.status());
    return std::nullopt;
  }
  engine::PolicyReading reading = engine::ReadPolicy(*text);
  if (reading.faults.empty()) return std::move(reading.policy);
  offline::FaultList faults;
  for (const engine::PolicyFault& fault : reading.faults) {
    faults.Add({path, fault.line, fault.key.empty() ? fault.what : base::StrCat(fault.key, ": ", fault.what)});
  }
  exit_code = TellFaults(session, faults);
  return std::nullopt;
}

// The lists the policy needs: those of the file or, without one, those that ship with the product.
absl::StatusOr<std::vector<engine::Designation>> ReadLists(const engine::Policy& policy, const Arguments& arguments,
                                                           offline::FaultList& faults) {
  const auto given = arguments.find("designations");
  if (given != arguments.end()) {
    const std::string& path = given->second.back();
    const auto text = ReadFile(path, kMaxDesignationBytes);
    if (!text.ok()) return text.status();
    return offline::ReadDesignations(*text, path, faults);
  }
  std::vector<engine::Designation> shipped = offline::ReadDesignations(kDesignationsText, kShippedDesignations, faults);
  base::FieldErrors errors;
  for (const std::string& programme : policy.scope.programmes) {
    const bool is_there = std::any_of(shipped.begin(), shipped.end(), [&](const engine::Designation& designation) {
      return designation.programme == programme;
    });
    errors.Require(is_there, "--designations",
                   base::StrCat("is required: no list of programme ", programme, " ships with the product"));
  }
  if (!errors.empty()) return errors.ToStatus();
  return shipped;
}

// What applicants have shown; nullopt where no file is given.
absl::StatusOr<std::optional<offline::Applicants>> ReadApplicantFile(const Arguments& arguments,
                                                                     offline::FaultList& faults) {
  const auto given = arguments.find("applicants");
  if (given == arguments.end()) return std::nullopt;
  const std::string& path = given->second.back();
  const auto text = ReadFile(path, kMaxDesignationBytes);
  if (!text.ok()) return text.status();
  return std::optional(offline::ReadApplicants(*text, path, faults));
}

ComputedFiles FilesOf(const engine::Policy& policy, const Arguments& arguments) {
  const auto path = [&](const char* option) {
    const auto given = arguments.find(option);
    return given == arguments.end() ? std::string() : given->second.back();
  };
  return {.policy_id = policy.id,
          .policy_version = policy.version,
          .policy_path = path("policy"),
          .lists_path = path("designations"),
          .applicants_path = path("applicants"),
          .sales_path = path("sales"),
          .out_directory = path("out")};
}

// Codes whose check character is wrong: most likely mistyped, though the sums hold whatever the firm is called.
void WarnOfCodes(const Session& session, const std::vector<offline::StatementRow>& rows) {
  constexpr size_t kShown = 5;
  std::vector<std::string> shown;
  size_t count = 0;
  for (const offline::StatementRow& row : rows) {
    if (base::IsValidUscc(row.claimant)) continue;
    if (count++ < kShown) shown.push_back(Printable(row.claimant));
  }
  if (count == 0) return;
  session.environment().err << session.Say("reward.codes", {std::to_string(count), absl::StrJoin(shown, ", ")}) << "\n";
}

void TellResult(const Session& session, const offline::Computed& computed, const std::string& directory) {
  __int128 reward_fen = 0;
  for (const offline::StatementRow& row : computed.statement) reward_fen += row.reward_fen;
  const auto total_fen = static_cast<int64_t>(std::min<__int128>(reward_fen, INT64_MAX));
  const offline::LineCounts& lines = computed.lines;
  if (session.globals().is_json) {
    session.environment().out << "{\"claimants\":" << computed.statement.size() << ",\"rewardFen\":\"" << total_fen
                              << "\",\"counted\":" << lines.counted << ",\"excluded\":" << lines.excluded
                              << ",\"pending\":" << lines.pending << ",\"repeated\":" << lines.repeated << "}\n";
    return;
  }
  WarnOfCodes(session, computed.statement);
  const auto number = [](int64_t n) { return std::to_string(n); };
  session.environment().out << session.Say("reward.computed",
                                           {number(static_cast<int64_t>(computed.statement.size())),
                                            base::FormatYuan(total_fen), number(lines.counted), number(lines.excluded),
                                            number(lines.pending), number(lines.repeated), directory})
                            << "\n";
}

int Compute(const Session& session, const Arguments& arguments) {
  int exit_code = kExitOk;
  const auto policy = ReadPolicyFile(session, arguments.at("policy").back(), exit_code);
  if (!policy) return exit_code;
  offline::FaultList faults;
  const auto lists = ReadLists(*policy, arguments, faults);
  if (!lists.ok()) return session.FailUsage(lists.status());
  const auto applicants = ReadApplicantFile(arguments, faults);
  if (!applicants.ok()) return session.FailUsage(applicants.status());
  if (!faults.empty()) return TellFaults(session, faults);
  const ComputedFiles files = FilesOf(*policy, arguments);
  const auto mark = arguments.contains("record") ? MarkInputs(files) : std::string();
  if (!mark.ok()) return session.FailUsage(mark.status());
  const offline::ComputeRequest request{.sales_path = files.sales_path,
                                        .out_directory = files.out_directory,
                                        .threads = base::FileThreads(),
                                        .applicants = *applicants};
  const auto computed = offline::Compute(*policy, *lists, request, faults);
  if (!faults.empty()) return TellFaults(session, faults);
  if (computed.status().code() == absl::StatusCode::kNotFound) return session.FailUsage(computed.status());
  if (!computed.ok()) return session.Fail(computed.status());
  const bool is_unchecked =
      !*applicants && (policy->applicant.registered_before || !policy->applicant.documents.empty());
  if (is_unchecked && !session.globals().is_json) session.environment().err << session.Say("reward.conditions") << "\n";
  if (arguments.contains("record")) {
    const absl::Status recorded =
        RecordComputation(files, *mark, arguments.at("record-key").back(), arguments.at("record").back());
    if (!recorded.ok()) return session.Fail(recorded);
  }
  TellResult(session, *computed, request.out_directory);
  return kExitOk;
}

void CheckCompute(const Command& command, const Arguments& arguments, base::FieldErrors& errors) {
  command.check(arguments, errors);
  errors.Require(arguments.contains("record") == arguments.contains("record-key"), "--record-key",
                 "and --record go together");
}

int Explain(const Session& session, const Arguments& arguments) {
  int exit_code = kExitOk;
  const auto policy = ReadPolicyFile(session, arguments.at("policy").back(), exit_code);
  if (!policy) return exit_code;
  const bool is_chinese = session.globals().language == Language::kChinese;
  session.environment().out << (is_chinese ? engine::ExplainInChinese(*policy) : engine::ExplainInEnglish(*policy));
  return kExitOk;
}

CommandOption FileOption(const char* name, Need need, const char* hint) {
  return {.name = name, .need = need, .hint = hint, .label = std::string("option.reward-") + name};
}

}  // namespace

std::vector<Command> RewardFileCommands() {
  const CommandOption policy = FileOption("policy", Need::kRequired, "FILE");
  std::vector<Command> commands;
  commands.emplace_back(
      "reward", "compute",
      std::vector{policy, FileOption("sales", Need::kRequired, "FILE"),
                  FileOption("designations", Need::kOptional, "FILE"),
                  FileOption("applicants", Need::kOptional, "FILE"), FileOption("out", Need::kRequired, "DIR"),
                  FileOption("record", Need::kOptional, "FILE"), FileOption("record-key", Need::kOptional, "FILE")},
      Compute);
  const Command plain = commands.back();
  commands.back().check = [plain](const Arguments& arguments, base::FieldErrors& errors) {
    CheckCompute(plain, arguments, errors);
  };
  commands.emplace_back("reward", "explain", std::vector{policy}, Explain);
  return commands;
}

}  // namespace zhuxiao::cli
