// The words the command line says to people, in Chinese and English. One file, catalogue.tsv, has them all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zhuxiao::cli {

enum class Language { kChinese, kEnglish };

// "zh" or "en" by a locale name such as "zh_CN.UTF-8"; English for every other.
Language LanguageOfLocale(std::string_view locale);

// The text of `key`, or `key` itself where the catalogue lacks it. Keys: names of enum values, "field.NAME" for labels
// of fields, "group.NAME" and "verb.GROUP.NAME" for help, others for sentences.
std::string Say(Language language, std::string_view key);

// The same with "{0}", "{1}" … replaced by `arguments`.
std::string Say(Language language, std::string_view key, const std::vector<std::string>& arguments);

struct CatalogueEntry {
  std::string_view key, chinese, english;
};

// All entries in the order of the file, as they stand there: what a test checks for gaps and repeats.
const std::vector<CatalogueEntry>& CatalogueEntries();

}  // namespace zhuxiao::cli
