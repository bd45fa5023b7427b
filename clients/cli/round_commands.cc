#include "clients/cli/round_commands.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "clients/cli/places.h"
#include "google/protobuf/util/json_util.h"
#include "services/base/strings.h"
#include "services/round_files/write_batch.h"
#include "zhuxiao/matching/v1/matching.pb.h"

namespace zhuxiao::cli {
namespace {

using matching::v1::ExportRoundRequest;
using matching::v1::ExportRoundResponse;
using matching::v1::Round;
using matching::v1::WatchRoundRequest;
using matching::v1::WatchRoundResponse;

// One line of a watch for people: where the round stands and how far its work is.
std::string LineOf(const Session& session, const Round& round) {
  std::string line = session.Say(matching::v1::RoundState_Name(round.state()));
  const auto add = [&](std::string_view label, const std::string& value) {
    base::StrAppend(&line, "  ", session.Say(base::StrCat("field.", label)), " ", value);
  };
  if (round.has_progress()) {
    const matching::v1::RoundProgress& progress = round.progress();
    add("phase", progress.phase());
    add("welfare_fen", std::to_string(progress.welfare_fen()));
    add("bound_fen", std::to_string(progress.bound_fen()));
    add("gap_ppm", std::to_string(progress.gap_ppm()));
  } else if (round.has_clear_time()) {
    add("welfare_fen", std::to_string(round.welfare_fen()));
    add("gap_ppm", std::to_string(round.gap_ppm()));
    add("decided_line_count", base::StrCat(round.decided_line_count(), "/", round.line_count()));
  }
  return line;
}

void Show(const Session& session, const WatchRoundResponse& response) {
  std::ostream& out = session.environment().out;
  if (!session.globals().is_json) {
    out << LineOf(session, response.round()) << std::endl;
    return;
  }
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(response, &json).ok()) json = "{}";
  out << json << std::endl;
}

int RunWatch(const Session& session, const Arguments& arguments) {
  WatchRoundRequest request;
  request.set_round_id(TextOption(arguments, "round-id"));
  request.set_until_rest(arguments.contains("until-rest"));
  std::string last;
  bool is_cut_short = false;
  absl::Status status;
  // A server ends a watch after a while; what it saw last it says again to the next.
  do {
    status = session.client().ReadAll<WatchRoundResponse>(request, [&](WatchRoundResponse& response) {
      is_cut_short = response.is_cut_short();
      response.clear_is_cut_short();
      if (std::string seen = response.SerializeAsString(); seen != last) {
        Show(session, response);
        last = std::move(seen);
      }
      return absl::OkStatus();
    });
  } while (status.ok() && std::exchange(is_cut_short, false));
  return status.ok() ? kExitOk : session.Fail(status);
}

int RunExport(const Session& session, const Arguments& arguments) {
  ExportRoundRequest request;
  request.set_round_id(TextOption(arguments, "round-id"));
  const std::string dir = TextOption(arguments, "out");
  base::FieldErrors errors;
  RequireNames(arguments, {"out"}, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (const absl::Status tried = TryPlace(arguments, "out"); !tried.ok()) return session.Fail(tried);
  round_files::WriteBatch batch(dir);
  std::vector<std::string> names;
  absl::Status status = session.client().ReadAll<ExportRoundResponse>(request, [&](ExportRoundResponse& response) {
    // A name from outside never leaves the directory.
    if (response.file().empty() || response.file().find('/') != std::string::npos) {
      return absl::InternalError(base::StrCat("the server names a file ", response.file()));
    }
    if (names.empty() || response.file() != names.back()) {
      names.push_back(response.file());
      batch.Begin(response.file());
    }
    batch.Append(response.content());
    return absl::OkStatus();
  });
  if (status.ok()) status = batch.Commit();
  if (!status.ok()) return session.Fail(status);
  if (session.globals().is_json) {
    google::protobuf::Struct done;
    (*done.mutable_fields())["dir"].set_string_value(dir);
    auto& files = *(*done.mutable_fields())["files"].mutable_list_value();
    for (const std::string& name : names) files.add_values()->set_string_value(name);
    session.PrintJson(done);
  } else {
    session.environment().out << session.Say("round.exported", {dir, absl::StrJoin(names, " ")}) << "\n";
  }
  return kExitOk;
}

}  // namespace

std::vector<Command> RoundCommands() {
  std::vector<Command> commands = {
      {"round",
       "watch",
       {{.name = "round-id", .need = Need::kPositional, .hint = "ID", .label = "field.round_id"},
        {.name = "until-rest", .label = "option.until-rest", .is_flag = true}},
       RunWatch},
      {"round",
       "export",
       {{.name = "round-id", .need = Need::kPositional, .hint = "ID", .label = "field.round_id"},
        {.name = "out", .need = Need::kRequired, .hint = "DIR", .label = "option.round-out"}},
       RunExport}};
  commands[1].json = "json.round-export";
  return commands;
}

}  // namespace zhuxiao::cli
