// Commands as the command line offers them.
#include "clients/cli/command.h"

#include "clients/cli/audit_commands.h"
#include "clients/cli/clear_commands.h"
#include "clients/cli/document_commands.h"
#include "clients/cli/fields.h"
#include "clients/cli/import.h"
#include "clients/cli/play.h"
#include "clients/cli/report_commands.h"
#include "clients/cli/reward_files.h"
#include "clients/cli/reward_office.h"
#include "clients/cli/reward_records.h"
#include "clients/cli/round_commands.h"
#include "clients/cli/stall_commands.h"
#include "clients/cli/unit_check.h"
#include "clients/cli/values.h"
#include "zhuxiao/diagnostics/v1/diagnostics.pb.h"

namespace zhuxiao::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* FieldOf(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

std::string TextOf(const Message& message, const char* name) {
  const FieldDescriptor* field = FieldOf(message, name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

void SetPage(Message& request, const Arguments& arguments, base::FieldErrors& errors) {
  for (const auto& [option, field] : {std::pair("page-size", "page_size"), std::pair("page-token", "page_token")}) {
    const auto it = arguments.find(std::string_view(option));
    if (it == arguments.end() || it->second.empty()) continue;
    const absl::Status status = SetField(request, field, it->second.back());
    if (!status.ok()) errors.Add(std::string("--") + option, std::string(status.message()));
  }
}

// Calls, and calls again for each further page where `is_all`; `response` then has the items of all pages.
absl::Status CallPages(const Session& session, const VerbSpec& verb, Message& request, bool is_all, Message& response) {
  const auto& method = MethodOf(verb);
  const FieldDescriptor* next = response.GetDescriptor()->FindFieldByName("next_page_token");
  for (;;) {
    const std::unique_ptr<Message> page(response.New());
    const absl::Status status = session.client().Call(method, request, *page);
    if (!status.ok()) return status;
    if (next != nullptr) response.GetReflection()->ClearField(&response, next);
    response.MergeFrom(*page);
    const std::string token = TextOf(*page, "next_page_token");
    if (!is_all || token.empty()) return absl::OkStatus();
    request.GetReflection()->SetString(&request, FieldOf(request, "page_token"), token);
  }
}

std::unique_ptr<Message> MakeRequest(const VerbSpec& verb, const Arguments& arguments, base::FieldErrors& errors) {
  std::unique_ptr<Message> request = BuildRequest(verb, arguments, errors);
  SetPage(*request, arguments, errors);
  return request;
}

int RunVerb(const VerbSpec& verb, const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  const std::unique_ptr<Message> request = MakeRequest(verb, arguments, errors);
  UnitCheck units(session.client());
  const absl::Status checked =
      errors.empty() ? units.Check(*request, verb.options, arguments, errors) : absl::OkStatus();
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (!checked.ok()) return session.Fail(checked);
  const FieldDescriptor* id = FieldOf(*request, "request_id");
  if (id != nullptr) request->GetReflection()->SetString(request.get(), id, session.globals().request_id);
  // Minted here and not by the call, so that an unknown outcome can name it.
  session.client().Mint(*request);
  std::unique_ptr<Message> response = NewMessage(*MethodOf(verb).output_type());
  const absl::Status status = CallPages(session, verb, *request, arguments.contains("all"), *response);
  if (!status.ok()) return session.Fail(status, TextOf(*request, "request_id"));
  const bool is_only_checked = arguments.contains("validate-only") && !session.globals().is_json;
  if (is_only_checked) session.environment().out << session.Say("only_checked") << "\n";
  session.Print(*response);
  return kExitOk;
}

Command VersionCommand() {
  return {"", "version", {}, [](const Session& session, const Arguments&) {
            const auto response =
                session.client().Call<diagnostics::v1::GetVersionResponse>(diagnostics::v1::GetVersionRequest());
            if (!session.globals().is_json) session.environment().out << "zhuxiao " ZHUXIAO_VERSION "\n";
            if (!response.ok()) return session.Fail(response.status());
            session.Print(*response);
            return static_cast<int>(kExitOk);
          }};
}

}  // namespace

Command::Command(std::string group, std::string name, std::vector<CommandOption> options, Run run)
    : group(std::move(group)), name(std::move(name)), options(std::move(options)), run(std::move(run)) {
  check = [wanted = this->options](const Arguments& arguments, base::FieldErrors& errors) {
    for (const CommandOption& option : wanted) {
      const std::string shown = option.need == Need::kPositional ? option.name : "--" + option.name;
      errors.Require(option.need == Need::kOptional || arguments.contains(option.name), shown, "is required");
    }
  };
}

std::vector<CommandOption> OptionsOf(const google::protobuf::Descriptor& message,
                                     const std::vector<OptionSpec>& specs) {
  std::vector<CommandOption> options;
  for (const OptionSpec& spec : specs) {
    const FieldDescriptor& field = *FindField(message, spec.path);
    options.push_back({.name = NameOf(message, spec),
                       .need = spec.need,
                       .hint = HintOf(field),
                       .label = "field." + field.name(),
                       .is_flag = KindOf(field) == FieldKind::kFlag,
                       .is_repeated = field.is_repeated()});
  }
  return options;
}

Command FromVerb(const VerbSpec& verb) {
  const auto& request = *MethodOf(verb).input_type();
  Command command(
      verb.group, verb.name, OptionsOf(request, verb.options),
      [&verb](const Session& session, const Arguments& arguments) { return RunVerb(verb, session, arguments); });
  if (request.FindFieldByName("page_token") != nullptr) {
    command.options.push_back({.name = "page-size", .hint = "N", .label = "option.page-size"});
    command.options.push_back({.name = "page-token", .hint = "TEXT", .label = "option.page-token"});
    command.options.push_back({.name = "all", .hint = "", .label = "option.all", .is_flag = true});
  }
  command.check = [&verb](const Arguments& arguments, base::FieldErrors& errors) {
    MakeRequest(verb, arguments, errors);
  };
  return command;
}

std::vector<Command> Commands() {
  std::vector<Command> commands;
  for (const VerbSpec& verb : Verbs()) commands.push_back(FromVerb(verb));
  for (Command& command : ImportCommands()) commands.push_back(std::move(command));
  for (Command& command : RewardFileCommands()) commands.push_back(std::move(command));
  for (Command& command : ReportCommands()) commands.push_back(std::move(command));
  for (Command& command : DocumentCommands()) commands.push_back(std::move(command));
  for (Command& command : StallCommands()) commands.push_back(std::move(command));
  for (Command& command : RewardOfficeCommands()) commands.push_back(std::move(command));
  for (Command& command : RewardRecordCommands()) commands.push_back(std::move(command));
  for (Command& command : AuditCommands()) commands.push_back(std::move(command));
  for (Command& command : ClearCommands()) commands.push_back(std::move(command));
  for (Command& command : RoundCommands()) commands.push_back(std::move(command));
  commands.push_back(PlayCommand());
  commands.push_back(VersionCommand());
  return commands;
}

}  // namespace zhuxiao::cli
