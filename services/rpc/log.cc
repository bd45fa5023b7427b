#include "services/rpc/log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "absl/strings/str_format.h"
#include "google/protobuf/stubs/logging.h"
#include "services/base/text.h"

namespace zhuxiao::rpc {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// The rest of the line comes ready-made from Log. Never destroyed: gRPC's threads may log while the process ends.
spdlog::logger& Logger() {
  static auto* logger = [] {
    auto* made = new spdlog::logger("zhuxiao", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *logger;
}

void LogGrpc(gpr_log_func_args* args) {
  // gRPC's INFO and DEBUG are about its own insides.
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarn : LogLevel::kDebug;
  if (IsLogged(level)) Log(level, args->message, {{"library", "grpc"}, {"file", args->file}, {"line", args->line}});
}

void LogProtobuf(google::protobuf::LogLevel, const char* file, int line, const std::string& message) {
  // What it reports is a bad request, which the caller is told of.
  if (IsLogged(LogLevel::kDebug)) {
    Log(LogLevel::kDebug, message, {{"library", "protobuf"}, {"file", file}, {"line", line}});
  }
}

std::string Escape(std::string_view text, bool is_utf8) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_utf8)) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string JsonString(std::string_view text) {
  std::string escaped = Escape(text, true);
  return base::IsCleanText(escaped) ? escaped : Escape(text, false);
}

void SetUpLog(LogLevel lowest) {
  Logger().set_level(ToSpdlog(lowest));
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
}

bool IsLogged(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = "\"message\":" + JsonString(message);
  for (const LogField& field : fields) {
    if (!field.json.empty()) line.append(",\"").append(field.key).append("\":").append(field.json);
  }
  Logger().log(ToSpdlog(level), line);
}

}  // namespace zhuxiao::rpc
