#include "clients/cli/stall_commands.h"

#include "clients/cli/fields.h"
#include "zhuxiao/stall/v1/stall.grpc.pb.h"

namespace zhuxiao::cli {
namespace {

using stall::v1::StallService;
using stall::v1::WatchStallCasesRequest;
using stall::v1::WatchStallCasesResponse;

absl::StatusOr<WatchStallCasesRequest> MakeRequest(const Arguments& arguments) {
  WatchStallCasesRequest request;
  base::FieldErrors errors;
  for (const auto& [option, field] : {std::pair("region", "region_prefix"), std::pair("min-level", "min_level")}) {
    const auto it = arguments.find(std::string_view(option));
    if (it == arguments.end() || it->second.empty()) continue;
    const absl::Status status = SetField(request, field, it->second.back());
    if (!status.ok()) errors.Add(std::string("--") + option, std::string(status.message()));
  }
  if (!errors.empty()) return errors.ToStatus();
  return request;
}

int Watch(const Session& session, const Arguments& arguments) {
  const auto request = MakeRequest(arguments);
  if (!request.ok()) return session.FailUsage(request.status());
  const absl::Status status =
      session.client().ReadAll<StallService::Stub, WatchStallCasesRequest, WatchStallCasesResponse>(
          &StallService::Stub::WatchStallCases, *request, [&session](WatchStallCasesResponse& response) {
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
