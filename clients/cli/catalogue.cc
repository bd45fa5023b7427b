// The words the command line says to people.
#include "clients/cli/catalogue.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/catalogue_text.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {

namespace {

std::string_view TakeUntil(std::string_view& text, char end) {
  const size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

const absl::flat_hash_map<std::string, const CatalogueEntry*>& Index() {
  static const auto& index = *[] {
    auto* map = new absl::flat_hash_map<std::string, const CatalogueEntry*>();
    for (const CatalogueEntry& entry : CatalogueEntries()) map->emplace(entry.key, &entry);
    return map;
  }();
  return index;
}

}  // namespace

Language LanguageOfLocale(std::string_view locale) {
  return absl::StartsWith(base::View(locale), "zh") ? Language::kChinese : Language::kEnglish;
}

const std::vector<CatalogueEntry>& CatalogueEntries() {
  static const auto& entries = *[] {
    auto* list = new std::vector<CatalogueEntry>();
    for (std::string_view rest = kCatalogueText; !rest.empty();) {
      std::string_view line = TakeUntil(rest, '\n');
      if (line.empty() || line.front() == '#') continue;
      CatalogueEntry entry;
      entry.key = TakeUntil(line, '\t');
      entry.chinese = TakeUntil(line, '\t');
      entry.english = line;
      list->push_back(entry);
    }
    return list;
  }();
  return entries;
}

std::string Say(Language language, std::string_view key) {
  const auto it = Index().find(std::string(key));
  if (it == Index().end()) return std::string(key);
  return std::string(language == Language::kChinese ? it->second->chinese : it->second->english);
}

std::string Say(Language language, std::string_view key, const std::vector<std::string>& arguments) {
  std::vector<std::pair<std::string, std::string>> replacements;
  for (size_t i = 0; i < arguments.size(); ++i) replacements.emplace_back("{" + std::to_string(i) + "}", arguments[i]);
  return absl::StrReplaceAll(Say(language, key), replacements);
}

}  // namespace zhuxiao::cli
