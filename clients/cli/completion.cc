// Completion scripts for shells.
#include "clients/cli/completion.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace zhuxiao::cli {
namespace {

struct Path {
  std::string words;  // "listing create"; empty at the top
  const CLI::App* app;
};

void Collect(const CLI::App& app, const std::string& words, std::vector<Path>& paths) {
  paths.push_back({words, &app});
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    Collect(*child, words.empty() ? child->get_name() : words + " " + child->get_name(), paths);
  }
}

std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> CommandsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(child->get_name());
  }
  return names;
}

// What may follow a path: its commands, its own options and the global ones, which fall through.
std::string CandidatesOf(const Path& path, const CLI::App& root) {
  std::vector<std::string> all = CommandsOf(*path.app);
  for (std::string& name : OptionsOf(*path.app)) all.push_back(std::move(name));
  if (path.app != &root) {
    for (std::string& name : OptionsOf(root)) {
      if (name != "--help") all.push_back(std::move(name));
    }
  }
  return absl::StrJoin(all, " ");
}

std::string Cases(const CLI::App& app) {
  std::vector<Path> paths;
  Collect(app, "", paths);
  std::string cases;
  for (const Path& path : paths) cases += "    '" + path.words + "') echo '" + CandidatesOf(path, app) + "' ;;\n";
  return cases;
}

// Both scripts ask one function what may follow the command words typed so far; options are not part of a path.
std::string Bash(const CLI::App& app) {
  return "# Completion of zhuxiao for bash: source <(zhuxiao completion bash)\n"
         "_zhuxiao_candidates() {\n  case \"$1\" in\n" +
         Cases(app) +
         "  esac\n}\n"
         "_zhuxiao() {\n"
         "  local words=() word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ -n $(_zhuxiao_candidates \"${words[*]:+${words[*]} }$word\") ]] && words+=(\"$word\")\n"
         "  done\n"
         "  COMPREPLY=($(compgen -W \"$(_zhuxiao_candidates \"${words[*]}\")\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -F _zhuxiao zhuxiao\n";
}

std::string Zsh(const CLI::App& app) {
  return "#compdef zhuxiao\n"
         "# Completion of zhuxiao for zsh: source <(zhuxiao completion zsh)\n"
         "_zhuxiao_candidates() {\n  case \"$1\" in\n" +
         Cases(app) +
         "  esac\n}\n"
         "_zhuxiao() {\n"
         "  local path_words=\"\" word candidate\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
         "    candidate=\"${path_words:+$path_words }$word\"\n"
         "    [[ -n $(_zhuxiao_candidates \"$candidate\") ]] && path_words=\"$candidate\"\n"
         "  done\n"
         "  compadd -- ${(s: :)$(_zhuxiao_candidates \"$path_words\")} || _files\n"
         "}\n"
         "compdef _zhuxiao zhuxiao\n";
}

std::string FishQuoted(const std::string& text) {
  return "'" + absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}, {"\n", " "}}) + "'";
}

std::string Fish(const CLI::App& app) {
  std::vector<Path> paths;
  Collect(app, "", paths);
  std::string script = "# Completion of zhuxiao for fish: zhuxiao completion fish | source\n";
  for (const Path& path : paths) {
    std::string condition = "__fish_use_subcommand";
    if (!path.words.empty()) {
      condition = "__fish_seen_subcommand_from " +
                  absl::StrReplaceAll(path.words, {{" ", "; and __fish_seen_subcommand_from "}});
    }
    const std::string head = "complete -c zhuxiao -n " + FishQuoted(condition);
    for (const CLI::App* child : path.app->get_subcommands([](const CLI::App*) { return true; })) {
      script += head + " -f -a " + child->get_name() + " -d " + FishQuoted(child->get_description()) + "\n";
    }
    for (const CLI::Option* option : path.app->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += (path.app == &app ? "complete -c zhuxiao" : head) + " -l " + name + " -d " +
                  FishQuoted(option->get_description()) + (option->get_items_expected_max() > 0 ? " -r" : "") + "\n";
      }
    }
  }
  return script;
}

}  // namespace

absl::StatusOr<std::string> CompletionScript(const CLI::App& app, std::string_view shell) {
  if (shell == "bash") return Bash(app);
  if (shell == "zsh") return Zsh(app);
  if (shell == "fish") return Fish(app);
  return absl::InvalidArgumentError("must be bash, zsh or fish");
}

}  // namespace zhuxiao::cli
