// The command line as a tree of CLI11 commands.
#include "clients/cli/command_tree.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "clients/cli/width.h"

namespace zhuxiao::cli {
namespace {

std::string VerbKey(const Command& command) {
  return command.group.empty() ? "verb." + command.name : "verb." + command.group + "." + command.name;
}

// What the help of an import says of the file.
std::string ColumnsHelp(Language language, const std::vector<CommandOption>& columns) {
  size_t width = 0;
  for (const CommandOption& column : columns) width = std::max(width, column.name.size());
  std::string help = Say(language, "import.columns");
  for (const CommandOption& column : columns) {
    help += "\n  " + Pad(column.name, width) + (column.need == Need::kRequired ? " * " : "   ") +
            Say(language, column.label);
    if (!column.hint.empty()) help += " (" + column.hint + (column.is_repeated ? ";…)" : ")");
  }
  return help + "\n" + Say(language, "import.help");
}

}  // namespace

CommandTree::CommandTree(Language language, std::vector<Command> commands)
    : language_(language), app_(Say(language, "about"), "zhuxiao") {
  Dress(app_);
  app_.footer(Say(language, "exit_codes"));
  // What no command knows is gathered and told all at once, with every other mistake.
  app_.allow_extras();
  AddGlobals();
  for (Command& command : commands) AddCommand(std::move(command));
}

void CommandTree::Dress(CLI::App& app) {
  app.set_help_flag("-h,--help", Say(language_, "option.help"));
  app.get_help_ptr()->group(Say(language_, "help.options"));
  app.fallthrough();
  auto& format = *app.get_formatter();
  format.label("Usage", Say(language_, "help.usage"));
  format.label("OPTIONS", Say(language_, "help.options"));
  format.label("SUBCOMMAND", Say(language_, "help.command"));
  format.label("Positionals", Say(language_, "help.arguments"));
  format.column_width(42);
}

void CommandTree::AddGlobals() {
  const auto add = [this](const char* name, std::string& value, const char* hint) {
    app_.add_option(name, value, Say(language_, std::string("option.") + (name + 2)))
        ->type_name(hint)
        ->group(Say(language_, "help.options"));
  };
  add("--server", globals_.server, "HOST:PORT");
  add("--token", globals_.token, "TEXT");
  add("--token-file", globals_.token_file, "FILE");
  add("--ca", globals_.ca_file, "FILE");
  add("--tls-certificate", globals_.certificate_file, "FILE");
  add("--tls-key", globals_.key_file, "FILE");
  add("--lang", globals_.language, "zh|en");
  add("--deadline", globals_.deadline, "SECONDS");
  add("--request-id", globals_.request_id, "ID");
  app_.add_flag("--json", globals_.is_json, Say(language_, "option.json"))->group(Say(language_, "help.options"));
}

void CommandTree::AddOption(Node& node, const CommandOption& option) {
  Slot& slot = node.slots.emplace_back();
  slot.name = option.name;
  std::string help = Say(language_, option.label);
  if (option.need == Need::kRequired) help += " *";
  CLI::Option* added = nullptr;
  if (option.is_flag) {
    added = node.app->add_flag("--" + option.name, slot.is_set, help);
  } else if (option.need == Need::kPositional) {
    added = node.app->add_option(option.name, slot.values, help)->expected(1)->type_name("");
  } else {
    added = node.app->add_option("--" + option.name, slot.values, help)->type_name(option.hint);
    added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
  }
  if (option.need != Need::kPositional) added->group(Say(language_, "help.options"));
}

void CommandTree::AddCommand(Command command) {
  CLI::App* parent = &app_;
  if (!command.group.empty()) {
    const auto known = app_.get_subcommands([&](CLI::App* group) { return group->get_name() == command.group; });
    parent = known.empty() ? nullptr : known.front();
    if (parent == nullptr) {
      parent = app_.add_subcommand(command.group, Say(language_, "group." + command.group));
      parent->group(Say(language_, "help.commands"));
      Dress(*parent);
    }
  }
  CLI::App* app = parent->add_subcommand(command.name, Say(language_, VerbKey(command)));
  app->group(Say(language_, "help.commands"));
  Dress(*app);
  Node& node = nodes_.emplace_back(Node{app, std::move(command)});
  for (const CommandOption& option : node.command.options) AddOption(node, option);
  if (!node.command.columns.empty()) app->footer(ColumnsHelp(language_, node.command.columns));
  if (!node.command.json.empty()) app->footer(Say(language_, node.command.json));
}

std::pair<const Command*, Arguments> CommandTree::Chosen() const {
  for (const Node& node : nodes_) {
    if (!node.app->parsed()) continue;
    Arguments arguments;
    for (const Slot& slot : node.slots) {
      if (slot.is_set) arguments[slot.name] = {"true"};
      if (!slot.values.empty()) arguments[slot.name] = slot.values;
    }
    return {&node.command, std::move(arguments)};
  }
  return {nullptr, {}};
}

}  // namespace zhuxiao::cli
