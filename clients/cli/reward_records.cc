// Records of rewards on the command line.
#include "clients/cli/reward_records.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "clients/cli/designations_text.h"
#include "clients/cli/export_file.h"
#include "clients/cli/width.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/base/money.h"
#include "services/base/process.h"
#include "services/base/strings.h"
#include "services/base/temporary_directory.h"
#include "services/reward/record/record_file.h"
#include "services/reward/record/replay.h"
#include "services/reward/record/signing_key.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::cli {
namespace {

namespace record = reward::record;

int Fetch(const Session& session, const Arguments& arguments) {
  reward::v1::ExportClaimRecordRequest request;
  request.set_claim_id(arguments.at("claim").back());
  return SaveExport<reward::v1::ExportClaimRecordResponse>(session, request, arguments.at("file").back());
}

// The key of --public-key; nullopt without it.
absl::StatusOr<std::optional<record::PublicKey>> ExpectedKey(const Arguments& arguments) {
  const auto given = arguments.find("public-key");
  if (given == arguments.end()) return std::nullopt;
  const std::string& path = given->second.back();
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(base::StrCat("cannot read ", path));
  auto key = record::PublicKey::FromPem(std::string{std::istreambuf_iterator<char>(file), {}});
  if (!key.ok()) return absl::InvalidArgumentError(base::StrCat(path, " ", key.status().message()));
  return std::optional(*std::move(key));
}

int64_t RewardOf(const record::Replay& replay) {
  __int128 reward_fen = 0;
  for (const auto& row : replay.computed.statement) reward_fen += row.reward_fen;
  return static_cast<int64_t>(std::min<__int128>(reward_fen, INT64_MAX));
}

void TellJson(const Session& session, const record::Replay& replay, bool is_known_key) {
  google::protobuf::Struct report;
  auto& fields = *report.mutable_fields();
  for (const auto& [name, value] : replay.manifest.facts) {
    (*fields["facts"].mutable_struct_value()->mutable_fields())[name].set_string_value(value);
  }
  fields["keyId"].set_string_value(replay.manifest.key.Id());
  fields["isKnownKey"].set_bool_value(is_known_key);
  fields["rewardFen"].set_string_value(std::to_string(RewardOf(replay)));
  fields["differenceCount"].set_number_value(static_cast<double>(replay.difference_count));
  auto& list = *fields["differences"].mutable_list_value();
  for (const std::string& difference : replay.differences) list.add_values()->set_string_value(difference);
  std::string json;
  if (google::protobuf::util::MessageToJsonString(report, &json).ok()) session.environment().out << json << "\n";
}

void TellWords(const Session& session, const record::Replay& replay, bool is_known_key) {
  std::ostream& out = session.environment().out;
  for (const auto& [name, value] : replay.manifest.facts) out << name << "  " << Printable(value) << "\n";
  out << session.Say(is_known_key ? "reward.signed" : "reward.signed-unknown", {replay.manifest.key.Id()}) << "\n";
  for (const std::string& difference : replay.differences) session.environment().err << Printable(difference) << "\n";
  const int64_t claimants = static_cast<int64_t>(replay.computed.statement.size());
  if (replay.difference_count == 0) {
    out << session.Say("reward.replayed", {std::to_string(claimants), base::FormatYuan(RewardOf(replay))}) << "\n";
  } else {
    session.environment().err << session.Say("reward.differs", {std::to_string(replay.difference_count)}) << "\n";
  }
}

int Replay(const Session& session, const Arguments& arguments) {
  const auto expected = ExpectedKey(arguments);
  if (!expected.ok()) return session.FailUsage(expected.status());
  const auto replay = record::ReplayRecord(arguments.at("record").back(), *expected, base::FileThreads());
  if (absl::IsNotFound(replay.status())) return session.FailUsage(replay.status());
  if (!replay.ok()) return session.Fail(replay.status());
  if (session.globals().is_json) {
    TellJson(session, *replay, expected->has_value());
  } else {
    TellWords(session, *replay, expected->has_value());
  }
  return replay->difference_count == 0 ? kExitOk : kExitBroken;
}

std::vector<record::PartSource> SourcesOf(const ComputedFiles& files, const std::string& lists_path) {
  std::vector<record::PartSource> sources = {{record::kPolicyPart, files.policy_path},
                                             {record::kListsPart, lists_path}};
  if (!files.applicants_path.empty()) sources.push_back({record::kApplicantsPart, files.applicants_path});
  sources.push_back({record::kSalesPart, files.sales_path});
  for (const char* name : {record::kStatementPart, record::kLinesPart}) {
    sources.push_back({name, base::StrCat(files.out_directory, "/", name)});
  }
  return sources;
}

}  // namespace

absl::StatusOr<std::string> MarkInputs(const ComputedFiles& files) {
  std::string mark;
  for (const std::string& path : {files.policy_path, files.lists_path, files.applicants_path, files.sales_path}) {
    if (path.empty()) continue;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      return absl::UnavailableError(base::StrCat(path, " is no regular file, which a record needs"));
    }
    const auto size = std::filesystem::file_size(path, error);
    const auto time = std::filesystem::last_write_time(path, error).time_since_epoch().count();
    base::StrAppend(&mark, path, " ", size, " ", static_cast<int64_t>(time), "\n");
  }
  return mark;
}

absl::Status RecordComputation(const ComputedFiles& files, const std::string& mark, const std::string& key_path,
                               const std::string& record_path) {
  const auto key = record::SigningKey::Read(key_path);
  if (!key.ok()) return key.status();
  const base::TemporaryDirectory scratch;
  if (scratch.path().empty()) return absl::UnavailableError("there is no room for temporary files");
  std::string lists_path = files.lists_path;
  if (lists_path.empty()) {
    lists_path = scratch.path() + "/lists";
    std::ofstream(lists_path, std::ios::binary) << kDesignationsText;
  }
  const absl::Status written =
      record::WriteRecord({{"policy", base::StrCat(files.policy_id, " ", files.policy_version)}},
                          SourcesOf(files, lists_path), *key, record_path);
  if (!written.ok()) return written;
  const auto now = MarkInputs(files);
  if (now.ok() && *now == mark) return absl::OkStatus();
  std::error_code ignored;
  std::filesystem::remove(record_path, ignored);
  return absl::AbortedError("the input changed while it was computed; there is no record");
}

std::vector<Command> RewardRecordCommands() {
  const CommandOption claim = {
      .name = "claim", .need = Need::kPositional, .hint = "CLAIM", .label = "option.reward-claim"};
  const CommandOption file = {.name = "file", .need = Need::kRequired, .hint = "FILE", .label = "option.reward-file"};
  const CommandOption from = {
      .name = "record", .need = Need::kPositional, .hint = "FILE", .label = "option.reward-from"};
  const CommandOption key = {.name = "public-key", .hint = "FILE", .label = "option.reward-public-key"};
  std::vector<Command> commands;
  commands.emplace_back("reward", "record", std::vector{claim, file}, Fetch).json = "json.file";
  commands.emplace_back("reward", "replay", std::vector{from, key}, Replay);
  return commands;
}

}  // namespace zhuxiao::cli
