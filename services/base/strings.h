// Bridges std::string_view, which this code base uses, and absl::string_view, which is a type of its own in
// Debian's build of Abseil.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace zhuxiao::base {

// The same characters, as Abseil's functions take them.
inline absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// absl::StrCat that also takes std::string_view.
template <typename... Args>
std::string StrCat(const Args&... args) {
  const auto bridge = []<typename T>(const T& arg) -> decltype(auto) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      return View(arg);
    } else {
      return static_cast<const T&>(arg);
    }
  };
  return absl::StrCat(bridge(args)...);
}

// absl::StrAppend that also takes std::string_view.
template <typename... Args>
void StrAppend(std::string* out, const Args&... args) {
  out->append(StrCat(args...));
}

}  // namespace zhuxiao::base
