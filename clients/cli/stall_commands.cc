#include "clients/cli/stall_commands.h"

#include "clients/cli/fields.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::cli {
namespace {

using stall::v1::WatchStallCasesRequest;
using stall::v1::WatchStallCasesResponse;

int Watch(const Session& session, const Arguments& arguments) {
  WatchStallCasesRequest request;
  base::FieldErrors errors;
  Fill(request, {{.path = "region_prefix", .name = "region"}, {.path = "min_level"}}, arguments, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  const absl::Status status =
      session.client().ReadAll<WatchStallCasesResponse>(request, [&session](WatchStallCasesResponse& response) {
        session.Print(response);
        session.environment().out << std::flush;
        return absl::OkStatus();
      });
  return status.ok() ? kExitOk : session.Fail(status);
}

}  // namespace

std::vector<Command> StallCommands() {
  const auto* level = WatchStallCasesRequest::descriptor()->FindFieldByName("min_level");
  return {{"stall",
           "watch",
           {{.name = "region", .hint = "TEXT", .label = "field.region_prefix"},
            {.name = "min-level", .hint = HintOf(*level), .label = "field.min_level"}},
           Watch}};
}

}  // namespace zhuxiao::cli
