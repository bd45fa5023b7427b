// Reads one table of a TOML file by a schema: each key is asked for by name and kind, what is wrong is noted with its
// line, and keys nobody asked for are mistakes too. Private to the engine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Without exceptions the library hands out parse results; the product throws nothing.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "services/base/clock.h"
#include "services/reward/engine/policy_file.h"

namespace zhuxiao::reward::engine {

// Not thread-safe; refers to the table and the list of faults, which outlive it.
class TomlSection {
 public:
  // `table` may be null: the section is not there, and `line` is where it is missed.
  TomlSection(const toml::table* table, std::string name, int64_t line, std::vector<PolicyFault>& faults)
      : table_(table), name_(std::move(name)), line_(line), faults_(faults) {}

  bool exists() const { return table_ != nullptr; }

  // The value of `key`, or nullopt where it is missing or not what it must be. A missing one is a fault only where it
  // is required.
  std::optional<std::string> Text(const char* key, bool is_required = false);
  std::optional<int64_t> Integer(const char* key, int64_t least, int64_t most, bool is_required = false);
  std::optional<bool> Flag(const char* key);
  std::optional<base::Day> Date(const char* key, bool is_required = false);
  std::vector<std::string> Texts(const char* key);
  std::vector<int64_t> Integers(const char* key);
  // One of a few words.
  template <typename T>
  std::optional<T> Choice(const char* key, std::initializer_list<std::pair<std::string_view, T>> words,
                          bool is_required = false) {
    const std::optional<std::string> text = Text(key, is_required);
    if (!text) return std::nullopt;
    std::string known;
    for (const auto& [word, value] : words) {
      if (*text == word) return value;
      known += (known.empty() ? "" : ", ") + std::string(word);
    }
    Fault(key, "must be one of " + known);
    return std::nullopt;
  }
  // The tables of an array of tables, and where each begins.
  std::vector<TomlSection> Tables(const char* key);

  // Notes a fault at `key`, or at the section where the key is not there.
  void Fault(std::string_view key, std::string what);
  // Notes every key that was not asked for.
  void RefuseOthers();
  int64_t line() const { return line_; }

 private:
  // The node, marked as asked for; null where missing.
  const toml::node* Find(const char* key, bool is_required);
  std::string PathOf(std::string_view key) const;

  const toml::table* table_;
  std::string name_;
  int64_t line_;
  std::vector<PolicyFault>& faults_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace zhuxiao::reward::engine
