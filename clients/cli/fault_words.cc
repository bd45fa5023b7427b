#include "clients/cli/fault_words.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "clients/cli/faults_text.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr std::string_view kBraces = "{}";

std::vector<std::string_view> PiecesOf(std::string_view pattern) {
  std::vector<std::string_view> pieces;
  for (size_t at = pattern.find(kBraces); at != std::string_view::npos; at = pattern.find(kBraces)) {
    pieces.push_back(pattern.substr(0, at));
    pattern.remove_prefix(at + kBraces.size());
  }
  pieces.push_back(pattern);
  return pieces;
}

std::vector<FaultPattern> ReadPatterns() {
  std::vector<FaultPattern> patterns;
  std::string_view rest = kFaultsText;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string_view::npos) continue;
    FaultPattern pattern{.pieces = PiecesOf(line.substr(0, tab)), .chinese = line.substr(tab + 1)};
    for (const std::string_view piece : pattern.pieces) pattern.own_size += piece.size();
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

// What stands for the braces before each of `pieces`, where `text` consists of them all; what comes first is as short
// as can be.
bool Fit(std::span<const std::string_view> pieces, std::string_view text, std::vector<std::string_view>& found) {
  const std::string_view piece = pieces.front();
  if (pieces.size() == 1) {
    if (!text.ends_with(piece)) return false;
    found.push_back(text.substr(0, text.size() - piece.size()));
    return !found.back().empty();
  }
  for (size_t at = text.find(piece, 1); at != std::string_view::npos; at = text.find(piece, at + 1)) {
    found.push_back(text.substr(0, at));
    if (Fit(pieces.subspan(1), text.substr(at + piece.size()), found)) return true;
    found.pop_back();
  }
  return false;
}

std::optional<std::vector<std::string_view>> Match(const FaultPattern& pattern, std::string_view fault) {
  std::vector<std::string_view> found;
  const std::string_view first = pattern.pieces.front();
  if (pattern.pieces.size() == 1) return fault == first ? std::optional(found) : std::nullopt;
  if (!fault.starts_with(first)) return std::nullopt;
  if (!Fit(std::span(pattern.pieces).subspan(1), fault.substr(first.size()), found)) return std::nullopt;
  return found;
}

bool IsOfName(char c) {
  return c == '_' || absl::ascii_isupper(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c));
}

}  // namespace

const std::vector<FaultPattern>& FaultPatterns() {
  static const auto& patterns = *new std::vector<FaultPattern>(ReadPatterns());
  return patterns;
}

std::string SayNames(Language language, std::string_view text) {
  std::string said;
  while (!text.empty()) {
    const size_t size = std::find_if_not(text.begin(), text.end(), IsOfName) - text.begin();
    const std::string_view name = text.substr(0, size);
    said += name.find('_') == std::string_view::npos ? std::string(name) : Say(language, name);
    text.remove_prefix(size);
    const size_t other = std::find_if(text.begin(), text.end(), IsOfName) - text.begin();
    said += text.substr(0, other);
    text.remove_prefix(other);
  }
  return said;
}

std::string SayFault(Language language, std::string_view fault) {
  const FaultPattern* best = nullptr;
  std::vector<std::string_view> arguments;
  for (const FaultPattern& pattern : FaultPatterns()) {
    if (language != Language::kChinese || (best != nullptr && pattern.own_size <= best->own_size)) continue;
    auto found = Match(pattern, fault);
    if (!found) continue;
    best = &pattern;
    arguments = *std::move(found);
  }
  if (best == nullptr) return std::string(fault);
  std::vector<std::pair<std::string, std::string>> replacements;
  for (size_t i = 0; i < arguments.size(); ++i) {
    replacements.emplace_back(base::StrCat("{", i, "}"), SayNames(language, SayFault(language, arguments[i])));
  }
  return absl::StrReplaceAll(base::View(best->chinese), replacements);
}

}  // namespace zhuxiao::cli
