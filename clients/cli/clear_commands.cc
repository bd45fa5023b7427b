#include "clients/cli/clear_commands.h"

#include <charconv>
#include <cmath>

#include "clients/cli/table.h"
#include "clients/offline/check_files.h"
#include "clients/offline/generate.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"
#include "services/round_files/write_round.h"

namespace zhuxiao::cli {
namespace {

constexpr double kPpm = 1'000'000;
constexpr int kDefaultThreads = 2;

// `text`, which has no control characters, as a JSON string.
std::string JsonText(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

// A number option inside [least, most], or `otherwise` where it is not given.
double NumberOption(const Arguments& arguments, std::string_view name, double otherwise, double least, double most,
                    base::FieldErrors& errors) {
  const auto it = arguments.find(name);
  if (it == arguments.end()) return otherwise;
  const std::string& text = it->second.back();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
  errors.Require(is_good, base::StrCat("--", name), base::StrCat("must be a number from ", least, " to ", most));
  return is_good ? value : otherwise;
}

// The same for a whole number.
int64_t IntegerOption(const Arguments& arguments, std::string_view name, int64_t otherwise, int64_t least, int64_t most,
                      base::FieldErrors& errors) {
  const auto it = arguments.find(name);
  if (it == arguments.end()) return otherwise;
  const std::string& text = it->second.back();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
  errors.Require(is_good, base::StrCat("--", name), base::StrCat("must be a whole number from ", least, " to ", most));
  return is_good ? value : otherwise;
}

std::string TextOption(const Arguments& arguments, std::string_view name) {
  const auto it = arguments.find(name);
  return it == arguments.end() ? "" : it->second.back();
}

offline::InstanceShape ShapeOption(const Arguments& arguments, base::FieldErrors& errors) {
  const double scale = NumberOption(arguments, "scale", 0.01, 0.000'001, 10, errors);
  const int64_t seed = IntegerOption(arguments, "seed", 1, 0, INT64_MAX, errors);
  offline::InstanceShape shape = offline::ShapeOfScale(std::llround(scale * kPpm), static_cast<uint64_t>(seed));
  shape.region = TextOption(arguments, "region");
  return shape;
}

int RunGenerate(const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  const offline::InstanceShape shape = ShapeOption(arguments, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  const auto input = offline::Generate(shape);
  if (!input.ok()) return session.FailUsage(input.status());
  const std::string dir = TextOption(arguments, "out");
  const absl::Status status = round_files::WriteRound(dir, *input);
  if (!status.ok()) return session.Fail(status);
  const matching::RoundBook& book = input->book;
  session.environment().out << session.Say("clear.generated", {dir, std::to_string(book.listings.size()),
                                                               std::to_string(book.institutions.size()),
                                                               std::to_string(book.orders.size())})
                            << "\n";
  return kExitOk;
}

Command GenerateCommand() {
  return {"",
          "clear-gen",
          {{.name = "scale", .need = Need::kRequired, .hint = "F", .label = "option.scale"},
           {.name = "seed", .need = Need::kRequired, .hint = "N", .label = "option.seed"},
           {.name = "out", .need = Need::kRequired, .hint = "DIR", .label = "option.round-out"},
           {.name = "region", .hint = "CODE", .label = "option.round-region"}},
          RunGenerate};
}

void PrintForPrograms(const Session& session, const offline::FilesCheck& check) {
  std::string faults;
  for (const offline::FileFault& fault : check.faults) {
    base::StrAppend(&faults, faults.empty() ? "" : ",", "{\"rule\":", JsonText(fault.rule),
                    ",\"id\":", JsonText(fault.id), ",\"what\":", JsonText(fault.what), "}");
  }
  const round_files::ClearingReport& figures = check.recomputed;
  session.environment().out << base::StrCat(
      "{\"is_good\":", check.fault_count == 0 ? "true" : "false", ",\"welfare_fen\":", figures.welfare_fen,
      ",\"bound_fen\":", figures.bound_fen, ",\"gap_ppm\":", figures.gap_ppm, ",\"contracts\":", figures.contracts,
      ",\"orders_served\":", figures.orders_served, ",\"villages_served\":", figures.villages_served,
      ",\"digest\":", JsonText(figures.digest), ",\"fault_count\":", check.fault_count, ",\"faults\":[", faults,
      "]}\n");
}

void PrintForPeople(const Session& session, const offline::FilesCheck& check) {
  const round_files::ClearingReport& figures = check.recomputed;
  Table table({{session.Say("clear.figure")}, {session.Say("clear.value"), true}});
  table.AddRow({session.Say("clear.welfare"), base::FormatYuan(figures.welfare_fen)});
  table.AddRow({session.Say("clear.bound"), base::FormatYuan(figures.bound_fen)});
  table.AddRow({session.Say("clear.gap"), std::to_string(figures.gap_ppm)});
  table.AddRow({session.Say("clear.contracts"), std::to_string(figures.contracts)});
  table.AddRow({session.Say("clear.orders-served"), std::to_string(figures.orders_served)});
  table.AddRow({session.Say("clear.villages-served"), std::to_string(figures.villages_served)});
  std::ostream& out = session.environment().out;
  out << table.Draw();
  for (const offline::FileFault& fault : check.faults) {
    out << session.Say(base::StrCat("clearing-rule.", fault.rule)) << "\n  " << fault.id
        << (fault.id.empty() ? "" : ": ") << fault.what << "\n";
  }
  out << (check.fault_count == 0 ? session.Say("clear.holds", {figures.digest})
                                 : session.Say("clear.broken", {std::to_string(check.fault_count)}))
      << "\n";
}

int RunCheck(const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  const int64_t threads = IntegerOption(arguments, "threads", kDefaultThreads, 1, matching::kMaxClearThreads, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  const auto check =
      offline::CheckFiles(TextOption(arguments, "in"), TextOption(arguments, "out"), static_cast<int>(threads));
  if (!check.ok()) return session.Fail(check.status());
  session.globals().is_json ? PrintForPrograms(session, *check) : PrintForPeople(session, *check);
  return check->fault_count == 0 ? kExitOk : kExitBroken;
}

Command CheckCommand() {
  return {"",
          "clear-check",
          {{.name = "in", .need = Need::kRequired, .hint = "DIR", .label = "option.round-in"},
           {.name = "out", .need = Need::kRequired, .hint = "DIR", .label = "option.round-outcome"},
           {.name = "threads", .hint = "N", .label = "option.threads"}},
          RunCheck};
}

}  // namespace

std::vector<Command> ClearCommands() { return {CheckCommand(), GenerateCommand()}; }

}  // namespace zhuxiao::cli
