// The command line as a tree of CLI11 commands, built from the list of commands.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

// The global options as typed.
struct GlobalTexts {
  std::string server, token, token_file, ca_file, certificate_file, key_file, language, deadline, request_id;
  bool is_json = false;
};

// Not thread-safe, not movable: CLI11 keeps pointers into it.
class CommandTree {
 public:
  CommandTree(Language language, std::vector<Command> commands);
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;

  CLI::App& app() { return app_; }
  const GlobalTexts& globals() const { return globals_; }

  // After app().parse: the command asked for, or null, and its arguments.
  std::pair<const Command*, Arguments> Chosen() const;

 private:
  struct Slot {
    std::string name;
    std::vector<std::string> values;
    bool is_set = false;
  };
  struct Node {
    CLI::App* app;
    Command command;
    std::deque<Slot> slots = {};
  };

  void AddGlobals();
  void AddCommand(Command command);
  void AddOption(Node& node, const CommandOption& option);
  void Dress(CLI::App& app);

  Language language_;
  CLI::App app_;
  GlobalTexts globals_;
  std::deque<Node> nodes_;
};

}  // namespace zhuxiao::cli
