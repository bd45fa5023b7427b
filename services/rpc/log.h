// JSON lines on stderr, one object a line: {"time":…,"level":…,"message":…, fields…}. Fields never hold personal data
// or tokens.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace zhuxiao::rpc {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// The text as a JSON string with its quotes. Bytes that are not UTF-8 are written as the code points of Latin-1.
std::string JsonString(std::string_view text);

// One field of a line; an empty text is left out.
struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), json(text.empty() ? "" : JsonString(text)) {}
  LogField(std::string_view name, const char* text) : LogField(name, std::string_view(text)) {}
  LogField(std::string_view name, const std::string& text) : LogField(name, std::string_view(text)) {}
  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number> LogField(std::string_view name, Number number)
      : key(name), json(absl::StrCat(number)) {}

  std::string_view key;
  std::string json;
};

// Logs lines of `lowest` and above from now on, and sends what gRPC and protobuf have to say the same way. Before it
// is called, lines of kInfo and above are logged. Not thread-safe; called once at start.
void SetUpLog(LogLevel lowest);

// True where a line of `level` would be written. Costs an atomic load. Thread-safe.
bool IsLogged(LogLevel level);

// Writes one line. Thread-safe.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace zhuxiao::rpc
