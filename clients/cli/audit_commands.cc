// The commands of whoever checks the books.
#include "clients/cli/audit_commands.h"

#include "absl/strings/strip.h"
#include "clients/cli/table.h"
#include "clients/cli/verify.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/base/strings.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::cli {
namespace {

using audit::v1::ExportBooksRequest;
using audit::v1::ExportBooksResponse;
using audit::v1::ReadFeedRequest;
using audit::v1::ReadFeedResponse;

std::string JsonOf(const google::protobuf::Message& message) {
  std::string json;
  return google::protobuf::util::MessageToJsonString(message, &json).ok() ? json : "{}";
}

template <typename Response, typename Request>
int PrintLines(const Session& session, const Request& request) {
  const absl::Status status = session.client().ReadAll<Response>(request, [&session](Response& response) {
    session.environment().out << JsonOf(response) << "\n";
    return absl::OkStatus();
  });
  return status.ok() ? kExitOk : session.Fail(status);
}

absl::Status Fetch(const client::Client& client, BookCheck& check) {
  absl::Status status = client.ReadAll<ExportBooksResponse>(ExportBooksRequest(), [&check](ExportBooksResponse& row) {
    check.AddRow(row);
    return absl::OkStatus();
  });
  if (!status.ok() || check.position().sequence() == 0) return status;
  ReadFeedRequest request;
  *request.mutable_up_to() = check.position();
  return client.ReadAll<ReadFeedResponse>(request, [&check](ReadFeedResponse& event) {
    check.AddEvent(event);
    return absl::OkStatus();
  });
}

void PrintForPrograms(const Session& session, const BookCheck& check, const std::vector<Finding>& findings) {
  google::protobuf::Struct report;
  auto& fields = *report.mutable_fields();
  fields["position"].set_string_value(base::StrCat(check.position().epoch(), "/", check.position().sequence()));
  auto& counts = *fields["counts"].mutable_struct_value()->mutable_fields();
  for (const auto& [name, count] : check.counts()) {
    counts[std::string(absl::StripPrefix(name, "field."))].set_number_value(static_cast<double>(count));
  }
  auto& list = *fields["findings"].mutable_list_value();
  for (const Finding& finding : findings) {
    auto& row = *list.add_values()->mutable_struct_value()->mutable_fields();
    row["rule"].set_string_value(std::string(NameOf(finding.rule)));
    row["id"].set_string_value(finding.id);
    row["what"].set_string_value(finding.what);
  }
  session.PrintJson(report);
}

void PrintForPeople(const Session& session, const BookCheck& check, const std::vector<Finding>& findings) {
  Table counts({{session.Say("verify.kind")}, {session.Say("verify.count"), true}});
  for (const auto& [name, count] : check.counts()) counts.AddRow({session.Say(name), std::to_string(count)});
  session.environment().out << counts.Draw();
  for (const Finding& finding : findings) {
    session.environment().out << session.Say(base::StrCat("rule.", NameOf(finding.rule))) << "\n  " << finding.id
                              << ": " << finding.what << "\n";
  }
  const std::string place = base::StrCat(check.position().epoch(), "/", check.position().sequence());
  session.environment().out << (findings.empty()
                                    ? session.Say("verify.holds", {place})
                                    : session.Say("verify.broken", {place, std::to_string(findings.size())}))
                            << "\n";
}

}  // namespace

int VerifyBooks(const Session& session, const client::Client& client) {
  BookCheck check;
  if (const absl::Status status = Fetch(client, check); !status.ok()) return session.Fail(status);
  const std::vector<Finding> findings = check.Finish();
  session.globals().is_json ? PrintForPrograms(session, check, findings) : PrintForPeople(session, check, findings);
  return findings.empty() ? kExitOk : kExitBroken;
}

std::vector<Command> AuditCommands() {
  std::vector<Command> commands = {
      {"",
       "verify",
       {},
       [](const Session& session, const Arguments&) { return VerifyBooks(session, session.client()); }},
      {"audit",
       "books",
       {},
       [](const Session& session, const Arguments&) {
         return PrintLines<ExportBooksResponse>(session, ExportBooksRequest());
       }},
      {"audit", "feed", {}, [](const Session& session, const Arguments&) {
         return PrintLines<ReadFeedResponse>(session, ReadFeedRequest());
       }}};
  commands[0].json = "json.verify";
  return commands;
}

}  // namespace zhuxiao::cli
