#include "services/round_files/name_rows.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round_files/table.h"

namespace zhuxiao::round_files {
namespace {

constexpr std::string_view kListings = "listings[";
constexpr std::string_view kListingsFile = "listings.csv";

// A field of a row of a book.
struct Field {
  uint32_t position = 0;
  std::string_view column;
};

std::optional<Field> ParseField(std::string_view field) {
  if (!field.starts_with(kListings)) return std::nullopt;
  field.remove_prefix(kListings.size());
  Field parsed;
  const char* const end = field.data() + field.size();
  const auto [rest, error] = std::from_chars(field.data(), end, parsed.position);
  constexpr std::string_view kThen = "].";
  const std::string_view left(rest, static_cast<size_t>(end - rest));
  if (error != std::errc() || !left.starts_with(kThen)) return std::nullopt;
  parsed.column = left.substr(kThen.size());
  return parsed;
}

// The lines these listings stand on.
std::unordered_map<std::string, int64_t> LinesOf(const std::string& dir, std::unordered_map<std::string, int64_t> ids) {
  static const std::vector<std::string_view> columns = {"listing_id"};
  Faults faults;
  Table table(dir, kListingsFile, columns, faults);
  while (table.Next()) {
    const auto named = ids.find(std::string(table.Text(0)));
    if (named != ids.end()) named->second = table.line();
  }
  return ids;
}

}  // namespace

absl::Status NameRows(const std::string& dir, const RoundIds& ids, const absl::Status& status) {
  base::FieldErrors errors;
  errors.Absorb(status);
  std::unordered_map<std::string, int64_t> lines;
  for (const auto& [name, what] : errors.violations()) {
    const std::optional<Field> field = ParseField(name);
    if (field && field->position < ids.listings.size()) lines.emplace(ids.listings[field->position], 0);
  }
  if (lines.empty()) return status;
  lines = LinesOf(dir, std::move(lines));
  base::FieldErrors named;
  for (const auto& [name, what] : errors.violations()) {
    const std::optional<Field> field = ParseField(name);
    if (!field || field->position >= ids.listings.size()) {
      named.Add(name, what);
      continue;
    }
    const int64_t line = lines[std::string(ids.listings[field->position])];
    named.Add(base::StrCat(kListingsFile, ":", line, ":", field->column), what);
  }
  return named.ToStatus();
}

}  // namespace zhuxiao::round_files
