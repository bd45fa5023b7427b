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
#include "clients/cli/width.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:50051";

// Names what is no UTF-8 by the option or by its place, for it cannot be shown itself.
absl::Status CheckUtf8(const std::vector<std::string>& arguments) {
  base::FieldErrors errors;
  std::string before;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const std::string option = absl::StartsWith(word, "--") ? word.substr(0, word.find('=')) : before;
    const bool is_named = !option.empty() && IsUtf8(option);
    errors.Require(IsUtf8(word), is_named ? option : base::StrCat("word ", i + 1), "is not UTF-8");
    before = absl::StartsWith(word, "--") ? word : "";
  }
  return errors.ToStatus();
}

// "--remark=" as "--remark" and an empty word: CLI11 takes the former for an option without a value.
std::vector<std::string> SplitEmptyValues(std::vector<std::string> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") break;
    if (!absl::StartsWith(word, "--") || word.find('=') + 1 != word.size()) continue;
    arguments[i].pop_back();
    arguments.insert(arguments.begin() + static_cast<ptrdiff_t>(i) + 1, "");
  }
  return arguments;
}

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

// A wrong one is never shown: it may be a whole file of secrets.
std::string TokenOf(const GlobalTexts& texts, const Environment& environment, base::FieldErrors& errors) {
  std::string token = texts.token;
  const char* source = "--token";
  if (!texts.token_file.empty()) {
    source = "--token-file";
    errors.Require(texts.token.empty(), source, "stands beside --token; give one of them");
    token = std::string(absl::StripAsciiWhitespace(ReadFile(texts.token_file, source, errors)));
  } else if (token.empty()) {
    source = "ZHUXIAO_TOKEN";
    token = environment.variable(source);
  }
  errors.Require(client::IsSendable(token), source, "holds characters no token has");
  return token;
}

// What connects to a server is mostly the same from call to call, so the environment may say it.
void ReadTlsFiles(const GlobalTexts& texts, const Environment& environment, Globals& globals,
                  base::FieldErrors& errors) {
  const auto read = [&](const std::string& option_text, const char* option, const char* variable) {
    const bool is_typed = !option_text.empty();
    const std::string path = is_typed ? option_text : environment.variable(variable);
    return path.empty() ? "" : ReadFile(path, is_typed ? option : variable, errors);
  };
  globals.tls_ca_pem = read(texts.ca_file, "--ca", "ZHUXIAO_CA");
  globals.tls_certificate_pem = read(texts.certificate_file, "--tls-certificate", "ZHUXIAO_TLS_CERTIFICATE");
  globals.tls_key_pem = read(texts.key_file, "--tls-key", "ZHUXIAO_TLS_KEY");
  if (!errors.empty()) return;
  errors.Require(globals.tls_certificate_pem.empty() == globals.tls_key_pem.empty(), "--tls-certificate",
                 "and --tls-key are given together");
  errors.Require(globals.tls_certificate_pem.empty() || !globals.tls_ca_pem.empty(), "--tls-certificate",
                 "is shown over TLS only: give --ca too");
}

Globals MakeGlobals(const GlobalTexts& texts, Language language, const Environment& environment,
                    base::FieldErrors& errors) {
  Globals globals{.language = language, .is_json = texts.is_json};
  globals.server = !texts.server.empty() ? texts.server : environment.variable("ZHUXIAO_SERVER");
  if (globals.server.empty()) globals.server = kDefaultServer;
  globals.token = TokenOf(texts, environment, errors);
  ReadTlsFiles(texts, environment, globals, errors);
  if (!texts.deadline.empty()) {
    const auto seconds = ParseInteger(texts.deadline);
    const bool is_usable = seconds.ok() && *seconds >= 1 && *seconds <= 86'400;
    if (errors.Require(is_usable, "--deadline", "must be a whole number of seconds, 1 to 86400")) {
      globals.deadline = globals.stream_patience = absl::Seconds(*seconds);
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

int RunCommand(Language language, std::vector<std::string> arguments, const Environment& environment) {
  CommandTree* tree_pointer = nullptr;
  CommandTree tree(language, AllCommands(tree_pointer));
  tree_pointer = &tree;
  const bool is_json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  const Session before(environment, {.server = kDefaultServer, .language = language, .is_json = is_json});
  if (const absl::Status checked = CheckUtf8(arguments); !checked.ok()) return before.FailUsage(checked);
  arguments = SplitEmptyValues(std::move(arguments));
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

}  // namespace

int Run(std::vector<std::string> arguments, const Environment& environment) {
  const Language language = LanguageOf(arguments, environment);
  const int code = RunCommand(language, std::move(arguments), environment);
  environment.out.flush();
  if (environment.out) return code;
  environment.err << DescribeError(language, absl::UnknownError("cannot write the output"));
  return code == kExitOk ? kExitInternal : code;
}

}  // namespace zhuxiao::cli
