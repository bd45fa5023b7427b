// Commands as the command line offers them: the verbs that make one call each, and the few that do more.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clients/cli/request.h"
#include "clients/cli/session.h"
#include "clients/cli/verbs.h"

namespace zhuxiao::cli {

struct CommandOption {
  std::string name;
  Need need = Need::kOptional;
  std::string hint;   // what may be typed; empty for a flag
  std::string label;  // key of the catalogue
  bool is_flag = false;
  bool is_repeated = false;
};

struct Command {
  using Run = std::function<int(const Session&, const Arguments&)>;  // returns an ExitCode

  Command(std::string group, std::string name, std::vector<CommandOption> options, Run run);

  std::string group;  // empty for one that stands alone
  std::string name;
  std::vector<CommandOption> options;
  std::vector<CommandOption> columns;  // of the file it reads, for its help
  std::string json;                    // key of the catalogue for what it prints with --json, for its help
  Run run;
  // Finds what is wrong with the arguments before anything else is done; by default what is required and missing.
  std::function<void(const Arguments&, base::FieldErrors&)> check;
};

// The options that set the fields of `message` which `specs` name.
std::vector<CommandOption> OptionsOf(const google::protobuf::Descriptor& message, const std::vector<OptionSpec>& specs);

// A verb as a command: builds the request, calls, prints.
Command FromVerb(const VerbSpec& verb);

// All commands, by group, but for `completion`, which needs the whole tree.
std::vector<Command> Commands();

}  // namespace zhuxiao::cli
