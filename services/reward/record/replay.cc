// Replaying records.
#include "services/reward/record/replay.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_join.h"
#include "services/base/strings.h"
#include "services/base/temporary_directory.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/offline/applicant_file.h"
#include "services/reward/offline/designation_file.h"

namespace zhuxiao::reward::record {
namespace {

constexpr char kNothing[] = "nothing";
// Mistakes told of an input that the engine refuses.
constexpr size_t kMaxMistakes = 20;

std::string PathOf(const std::string& directory, std::string_view name) { return base::StrCat(directory, "/", name); }

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

absl::Status Refusal(const offline::FaultList& faults) {
  std::vector<std::string> mistakes;
  for (const offline::Fault& fault : faults.Sorted()) {
    if (mistakes.size() == kMaxMistakes) break;
    mistakes.push_back(
        base::StrCat(std::filesystem::path(fault.file).filename().string(), ":", fault.line, ": ", fault.what));
  }
  return absl::FailedPreconditionError(
      base::StrCat("the input has ", faults.count(), " mistakes: ", absl::StrJoin(mistakes, "; ")));
}

// Compares a recorded file with a computed one line by line.
void Compare(const std::string& name, const std::string& recorded_path, const std::string& computed_path,
             Replay& replay) {
  std::ifstream recorded(recorded_path, std::ios::binary);
  std::ifstream computed(computed_path, std::ios::binary);
  std::string a;
  std::string b;
  for (int64_t line = 1;; ++line) {
    const bool has_a = static_cast<bool>(std::getline(recorded, a));
    const bool has_b = static_cast<bool>(std::getline(computed, b));
    if (!has_a && !has_b) return;
    // A last line with and one without its break are told apart by where the files end.
    if (has_a && has_b && a == b && recorded.eof() == computed.eof()) continue;
    if (++replay.difference_count > static_cast<int64_t>(kMaxDifferences)) continue;
    replay.differences.push_back(
        base::StrCat(name, " line ", line, ": recorded ", has_a ? a : kNothing, ", computed ", has_b ? b : kNothing));
  }
}

void CompareEngines(const Manifest& manifest, Replay& replay) {
  std::string engine;
  for (const auto& [name, value] : manifest.facts) {
    if (name == kEngineFact) engine = value;
  }
  if (engine == kEngineVersion) return;
  ++replay.difference_count;
  replay.differences.push_back(base::StrCat("recorded by engine ", engine, ", computed by ", kEngineVersion));
}

}  // namespace

absl::StatusOr<offline::Computed> ComputeParts(const std::string& directory, const std::string& out_directory,
                                               size_t threads, offline::FaultList& faults) {
  const std::string policy_path = PathOf(directory, kPolicyPart);
  const engine::PolicyReading reading = engine::ReadPolicy(ReadAll(policy_path));
  for (const engine::PolicyFault& fault : reading.faults) {
    faults.Add({policy_path, fault.line, base::StrCat(fault.key, ": ", fault.what)});
  }
  std::vector<engine::Designation> lists;
  if (const std::string path = PathOf(directory, kListsPart); std::filesystem::exists(path)) {
    lists = offline::ReadDesignations(ReadAll(path), path, faults);
  }
  offline::ComputeRequest request{
      .sales_path = PathOf(directory, kSalesPart), .out_directory = out_directory, .threads = threads};
  if (const std::string path = PathOf(directory, kApplicantsPart); std::filesystem::exists(path)) {
    request.applicants = offline::ReadApplicants(ReadAll(path), path, faults);
  }
  if (!faults.empty()) return absl::FailedPreconditionError("the input has mistakes");
  return offline::Compute(reading.policy, lists, request, faults);
}

absl::StatusOr<Replay> ReplayRecord(const std::string& path, const std::optional<PublicKey>& expected, size_t threads) {
  const base::TemporaryDirectory scratch;
  if (scratch.path().empty()) return absl::UnavailableError("there is no room for temporary files");
  auto manifest = UnpackRecord(path, expected, scratch.path());
  if (!manifest.ok()) return manifest.status();
  Replay replay{.manifest = *std::move(manifest)};
  CompareEngines(replay.manifest, replay);
  const std::string computed_directory = PathOf(scratch.path(), "computed");
  offline::FaultList faults;
  auto computed = ComputeParts(scratch.path(), computed_directory, threads, faults);
  if (!faults.empty()) return Refusal(faults);
  if (!computed.ok()) return computed.status();
  replay.computed = *std::move(computed);
  for (const char* name : {kStatementPart, kLinesPart}) {
    Compare(name, PathOf(scratch.path(), name), PathOf(computed_directory, name), replay);
  }
  return replay;
}

}  // namespace zhuxiao::reward::record
