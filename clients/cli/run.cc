// One run of the command line.
#include "clients/cli/run.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "clients/cli/command_tree.h"
#include "clients/cli/completion.h"
#include "clients/cli/values.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:50051";

// The language must be known before the command tree, whose help speaks it.
Language LanguageOf(const std::vector<std::string>& arguments, const Environment& environment) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view word = arguments[i];
    if (absl::ConsumePrefix(&word, "--lang=")) return LanguageOfLocale(std::string(word));
    if (word == "--lang" && i + 1 < arguments.size()) return LanguageOfLocale(arguments[i + 1]);
  }
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string value = environment.variable(name);
    if (!value.empty()) return LanguageOfLocale(value);
  }
  return Language::kEnglish;
}

std::string ReadFile(const std::string& path, const char* option, base::FieldErrors& errors) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  errors.Require(!file.bad() && !text.empty(), option, "cannot read " + path + ", or it is empty");
  return text;
}

Globals MakeGlobals(const GlobalTexts& texts, Language language, const Environment& environment,
                    base::FieldErrors& errors) {
  Globals globals{.language = language, .is_json = texts.is_json};
  globals.server = !texts.server.empty() ? texts.server : environment.variable("ZHUXIAO_SERVER");
  if (globals.server.empty()) globals.server = kDefaultServer;
  globals.token = !texts.token.empty() ? texts.token : environment.variable("ZHUXIAO_TOKEN");
  if (!texts.token_file.empty()) {
    errors.Require(texts.token.empty(), "--token-file", "stands beside --token; give one of them");
    globals.token = std::string(absl::StripAsciiWhitespace(ReadFile(texts.token_file, "--token-file", errors)));
  }
  if (!texts.ca_file.empty()) globals.tls_ca_pem = ReadFile(texts.ca_file, "--ca", errors);
  if (!texts.deadline.empty()) {
    const auto seconds = ParseInteger(texts.deadline);
    const bool is_usable = seconds.ok() && *seconds >= 1 && *seconds <= 86'400;
    if (errors.Require(is_usable, "--deadline", "must be a whole number of seconds, 1 to 86400")) {
      globals.deadline = absl::Seconds(*seconds);
    }
  }
  errors.Require(texts.language.empty() || texts.language == "zh" || texts.language == "en", "--lang",
                 "must be zh or en");
  errors.Require(texts.request_id.empty() || base::IsValidId(texts.request_id), "--request-id",
                 "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  globals.request_id = texts.request_id;
  return globals;
}

std::vector<Command> AllCommands(CommandTree*& tree) {
  std::vector<Command> commands = Commands();
  const CommandOption shell = {
      .name = "shell", .need = Need::kPositional, .hint = "bash|zsh|fish", .label = "option.shell"};
  commands.emplace_back("", "completion", std::vector{shell},
                        [&tree](const Session& session, const Arguments& arguments) {
                          const auto script = CompletionScript(tree->app(), arguments.at("shell").back());
                          if (!script.ok()) return session.FailUsage(script.status());
                          session.environment().out << *script;
                          return static_cast<int>(kExitOk);
                        });
  return commands;
}

}  // namespace

int Run(std::vector<std::string> arguments, const Environment& environment) {
  const Language language = LanguageOf(arguments, environment);
  CommandTree* tree_pointer = nullptr;
  CommandTree tree(language, AllCommands(tree_pointer));
  tree_pointer = &tree;
  const bool is_json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  const Session before(environment, {.server = kDefaultServer, .language = language, .is_json = is_json});
  std::reverse(arguments.begin(), arguments.end());
  try {
    tree.app().parse(std::move(arguments));
  } catch (const CLI::Success& asked) {
    return tree.app().exit(asked, environment.out, environment.err);
  } catch (const CLI::ParseError& error) {
    return before.FailUsage(absl::InvalidArgumentError(error.what()));
  }
  base::FieldErrors errors;
  for (const std::string& word : tree.app().remaining(true)) errors.Add(word, "is not known here");
  const auto [command, values] = tree.Chosen();
  if (command == nullptr && errors.empty()) {
    const auto groups = tree.app().get_subcommands();
    environment.err << (groups.empty() ? tree.app() : *groups.back()).help();
    return kExitUsage;
  }
  Globals globals = MakeGlobals(tree.globals(), language, environment, errors);
  if (command != nullptr) command->check(values, errors);
  if (!errors.empty()) return before.FailUsage(errors.ToStatus());
  return command->run(Session(environment, std::move(globals)), values);
}

}  // namespace zhuxiao::cli
