// Reads one table of a TOML file by a schema.
#include "services/reward/engine/toml_section.h"

#include "absl/time/civil_time.h"
#include "services/base/strings.h"
#include "services/base/text.h"

namespace zhuxiao::reward::engine {

std::string TomlSection::PathOf(std::string_view key) const {
  if (key.empty()) return name_;
  return name_.empty() ? std::string(key) : base::StrCat(name_, ".", key);
}

void TomlSection::Fault(std::string_view key, std::string what) {
  const toml::node* node = table_ == nullptr || key.empty() ? nullptr : table_->get(key);
  const int64_t line = node == nullptr ? line_ : static_cast<int64_t>(node->source().begin.line);
  faults_.push_back({line, PathOf(key), std::move(what)});
}

const toml::node* TomlSection::Find(const char* key, bool is_required) {
  asked_.insert(key);
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  if (node == nullptr && is_required) Fault(key, "is required");
  return node;
}

std::optional<std::string> TomlSection::Text(const char* key, bool is_required) {
  const toml::node* node = Find(key, is_required);
  if (node == nullptr) return std::nullopt;
  const auto* text = node->as_string();
  if (text == nullptr || text->get().empty() || !base::IsCleanText(text->get()) ||
      base::CodePointCount(text->get()) > base::kMaxRemarkCodePoints) {
    Fault(key, base::StrCat("must be text of 1 to ", base::kMaxRemarkCodePoints, " characters"));
    return std::nullopt;
  }
  return text->get();
}

std::optional<int64_t> TomlSection::Integer(const char* key, int64_t least, int64_t most, bool is_required) {
  const toml::node* node = Find(key, is_required);
  if (node == nullptr) return std::nullopt;
  const auto* number = node->as_integer();
  if (number == nullptr || number->get() < least || number->get() > most) {
    Fault(key, base::StrCat("must be a whole number, ", least, " to ", most));
    return std::nullopt;
  }
  return number->get();
}

std::optional<bool> TomlSection::Flag(const char* key) {
  const toml::node* node = Find(key, false);
  if (node == nullptr) return std::nullopt;
  if (node->as_boolean() == nullptr) {
    Fault(key, "must be true or false");
    return std::nullopt;
  }
  return node->as_boolean()->get();
}

std::optional<base::Day> TomlSection::Date(const char* key, bool is_required) {
  const toml::node* node = Find(key, is_required);
  if (node == nullptr) return std::nullopt;
  if (node->as_date() == nullptr) {
    Fault(key, "must be a date such as 2020-12-31, without quotes");
    return std::nullopt;
  }
  const toml::date date = node->as_date()->get();
  return static_cast<base::Day>(absl::CivilDay(date.year, date.month, date.day) - absl::CivilDay(1970, 1, 1));
}

std::vector<std::string> TomlSection::Texts(const char* key) {
  std::vector<std::string> texts;
  const toml::node* node = Find(key, false);
  if (node == nullptr) return texts;
  const toml::array* array = node->as_array();
  if (array == nullptr || array->empty()) {
    Fault(key, "must be a list of texts; leave it out where anything goes");
    return texts;
  }
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr || text->get().empty()) {
      Fault(key, "must hold texts, none of them empty");
      return {};
    }
    texts.push_back(text->get());
  }
  return texts;
}

std::vector<int64_t> TomlSection::Integers(const char* key) {
  std::vector<int64_t> numbers;
  const toml::node* node = Find(key, false);
  if (node == nullptr) return numbers;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::integer)) {
    Fault(key, "must be a list of whole numbers");
    return numbers;
  }
  for (const toml::node& element : *array) numbers.push_back(element.as_integer()->get());
  return numbers;
}

std::vector<TomlSection> TomlSection::Tables(const char* key) {
  std::vector<TomlSection> sections;
  const toml::node* node = Find(key, false);
  if (node == nullptr) return sections;
  if (!node->is_array_of_tables()) {
    Fault(key, base::StrCat("must be tables, each written as [[", PathOf(key), "]]"));
    return sections;
  }
  for (const toml::node& element : *node->as_array()) {
    sections.emplace_back(element.as_table(), base::StrCat(PathOf(key), "[", sections.size(), "]"),
                          static_cast<int64_t>(element.source().begin.line), faults_);
  }
  return sections;
}

void TomlSection::RefuseOthers() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    if (!asked_.contains(key.str())) Fault(key.str(), "is not known here");
  }
}

}  // namespace zhuxiao::reward::engine
