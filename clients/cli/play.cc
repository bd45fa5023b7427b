// `zhuxiao play`.
#include "clients/cli/play.h"

#include "clients/cli/audit_commands.h"

namespace zhuxiao::cli {
namespace {

int RunPlay(const Session& session, const Arguments& arguments) {
  if (arguments.contains("print-principals")) {
    session.environment().out << DescribeCast();
    return kExitOk;
  }
  const auto file = arguments.find("tokens");
  base::FieldErrors errors;
  if (!errors.Require(file != arguments.end(), "--tokens", "is required")) return session.FailUsage(errors.ToStatus());
  const auto tokens = ReadTokens(file->second.back());
  if (!tokens.ok()) return session.FailUsage(tokens.status());
  Stage stage(session, *tokens);
  PlaySetUp(stage);
  PlayEggs(stage);
  PlayCattle(stage);
  PlayReward(stage);
  if (!stage.ok()) return session.Fail(stage.status());
  session.environment().out << "\n";
  return VerifyBooks(session, stage.As("auditor"));
}

}  // namespace

Command PlayCommand() {
  return Command("", "play",
                 {{.name = "tokens", .hint = "FILE", .label = "option.tokens"},
                  {.name = "print-principals", .hint = "", .label = "option.print-principals", .is_flag = true}},
                 RunPlay);
}

}  // namespace zhuxiao::cli
