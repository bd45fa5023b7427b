#include "clients/cli/clear_commands.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_format.h"
#include "clients/cli/fault_words.h"
#include "clients/cli/places.h"
#include "clients/cli/table.h"
#include "clients/cli/width.h"
#include "clients/offline/check_files.h"
#include "clients/offline/clear_files.h"
#include "clients/offline/generate.h"
#include "clients/offline/study.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"
#include "services/round_files/write_round.h"

namespace zhuxiao::cli {
namespace {

constexpr double kPpm = 1'000'000;
constexpr int kDefaultThreads = 2;
constexpr double kMostSeconds = 86'400;
// Each trial clears the round once for each attack.
constexpr int64_t kDefaultTrials = 10;
constexpr int64_t kMostTrials = 10'000;

// `text` as a JSON string; what cannot stand in one, in what a report claims, as Printable shows it.
std::string JsonText(std::string_view text) {
  std::string json = "\"";
  for (const char c : Printable(std::string(text))) {
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

int ThreadsOption(const Arguments& arguments, base::FieldErrors& errors) {
  return static_cast<int>(IntegerOption(arguments, "threads", kDefaultThreads, 1, matching::kMaxClearThreads, errors));
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
  RequireNames(arguments, {"out"}, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (const absl::Status tried = TryPlace(arguments, "out"); !tried.ok()) return session.Fail(tried);
  const auto input = offline::Generate(shape);
  if (!input.ok()) return session.FailUsage(input.status());
  const std::string dir = TextOption(arguments, "out");
  const absl::Status status = round_files::WriteRound(dir, *input);
  if (!status.ok()) return session.Fail(status);
  const matching::RoundBook& book = input->book;
  if (session.globals().is_json) {
    google::protobuf::Struct done;
    auto& fields = *done.mutable_fields();
    fields["dir"].set_string_value(dir);
    fields["listings"].set_number_value(static_cast<double>(book.listings.size()));
    fields["institutions"].set_number_value(static_cast<double>(book.institutions.size()));
    fields["orders"].set_number_value(static_cast<double>(book.orders.size()));
    session.PrintJson(done);
    return kExitOk;
  }
  session.environment().out << session.Say("clear.generated", {dir, std::to_string(book.listings.size()),
                                                               std::to_string(book.institutions.size()),
                                                               std::to_string(book.orders.size())})
                            << "\n";
  return kExitOk;
}

Command GenerateCommand() {
  Command command = {"",
                     "clear-gen",
                     {{.name = "scale", .need = Need::kRequired, .hint = "F", .label = "option.scale"},
                      {.name = "seed", .need = Need::kRequired, .hint = "N", .label = "option.seed"},
                      {.name = "out", .need = Need::kRequired, .hint = "DIR", .label = "option.round-out"},
                      {.name = "region", .hint = "CODE", .label = "option.round-region"}},
                     RunGenerate};
  command.json = "json.clear-gen";
  return command;
}

void PrintForPrograms(const Session& session, const offline::FilesCheck& check) {
  std::string faults;
  for (const offline::FileFault& fault : check.faults) {
    base::StrAppend(&faults, faults.empty() ? "" : ",", "{\"rule\":", JsonText(fault.rule),
                    ",\"id\":", JsonText(fault.id), ",\"what\":", JsonText(fault.what), "}");
  }
  const round_files::ClearingReport& figures = check.recomputed;
  const auto proved = [&](int64_t figure) { return check.is_readable ? std::to_string(figure) : "null"; };
  session.environment().out << base::StrCat(
      "{\"is_good\":", check.fault_count == 0 ? "true" : "false", ",\"welfare_fen\":", figures.welfare_fen,
      ",\"bound_fen\":", proved(figures.bound_fen), ",\"gap_ppm\":", proved(figures.gap_ppm),
      ",\"contracts\":", figures.contracts, ",\"orders_served\":", figures.orders_served,
      ",\"villages_served\":", figures.villages_served, ",\"digest\":", JsonText(figures.digest),
      ",\"fault_count\":", check.fault_count, ",\"faults\":[", faults, "]}\n");
}

// Without the bound and the gap where none is proved.
Table FiguresOf(const Session& session, const round_files::ClearingReport& figures, bool is_proved) {
  Table table({{session.Say("clear.figure")}, {session.Say("clear.value"), true}});
  table.AddRow({session.Say("clear.welfare"), base::FormatYuan(figures.welfare_fen)});
  if (is_proved) table.AddRow({session.Say("clear.bound"), base::FormatYuan(figures.bound_fen)});
  if (is_proved) table.AddRow({session.Say("clear.gap"), std::to_string(figures.gap_ppm)});
  table.AddRow({session.Say("clear.contracts"), std::to_string(figures.contracts)});
  table.AddRow({session.Say("clear.orders-served"), std::to_string(figures.orders_served)});
  table.AddRow({session.Say("clear.villages-served"), std::to_string(figures.villages_served)});
  return table;
}

void PrintForPeople(const Session& session, const offline::FilesCheck& check) {
  std::ostream& out = session.environment().out;
  out << FiguresOf(session, check.recomputed, check.is_readable).Draw();
  for (const offline::FileFault& fault : check.faults) {
    out << session.Say(base::StrCat("clearing-rule.", fault.rule)) << "\n  " << fault.id
        << (fault.id.empty() ? "" : ": ") << Printable(SayFault(session.globals().language, fault.what)) << "\n";
  }
  if (check.fault_count == 0) {
    out << session.Say("clear.holds", {check.recomputed.digest}) << "\n";
    return;
  }
  out << session.Say("clear.broken", {std::to_string(check.fault_count)}) << "\n";
  const auto named = static_cast<int64_t>(check.faults.size());
  if (named < check.fault_count) out << session.Say("clear.named", {std::to_string(named)}) << "\n";
}

int RunCheck(const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  const int threads = ThreadsOption(arguments, errors);
  RequireNames(arguments, {"in", "out"}, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (const absl::Status found = FindPlaces(arguments, {"in", "out"}); !found.ok()) return session.Fail(found);
  const auto check = offline::CheckFiles(TextOption(arguments, "in"), TextOption(arguments, "out"), threads);
  if (!check.ok()) return session.Fail(check.status());
  session.globals().is_json ? PrintForPrograms(session, *check) : PrintForPeople(session, *check);
  return check->fault_count == 0 ? kExitOk : kExitBroken;
}

Command CheckCommand() {
  Command command = {"",
                     "clear-check",
                     {{.name = "in", .need = Need::kRequired, .hint = "DIR", .label = "option.round-in"},
                      {.name = "out", .need = Need::kRequired, .hint = "DIR", .label = "option.round-outcome"},
                      {.name = "threads", .hint = "N", .label = "option.threads"}},
                     RunCheck};
  command.json = "json.clear-check";
  return command;
}

void PrintClearing(const Session& session, const offline::ClearedFiles& cleared, int64_t target_gap_ppm) {
  std::ostream& out = session.environment().out;
  if (session.globals().is_json) {
    out << round_files::FormatReport(cleared.report);
    return;
  }
  out << FiguresOf(session, cleared.report, /*is_proved=*/true).Draw();
  Table phases({{session.Say("clear.phase")}, {session.Say("clear.seconds"), true}});
  for (const auto& [phase, seconds] : cleared.report.seconds) phases.AddRow({phase, absl::StrFormat("%.2f", seconds)});
  out << phases.Draw();
  if (cleared.is_cut_short) out << session.Say("clear.cut-short") << "\n";
  const int64_t gap_ppm = cleared.report.gap_ppm;
  if (target_gap_ppm > 0 && gap_ppm > target_gap_ppm) {
    out << session.Say("clear.gap-missed", {std::to_string(target_gap_ppm), std::to_string(gap_ppm)}) << "\n";
  }
  out << session.Say("clear.digest", {cleared.report.digest, std::to_string(cleared.report.peak_memory_mib)}) << "\n";
}

// Shows how far a clearing has come, each line over the last.
std::function<void(const matching::ClearingProgress&)> ShowProgress(const Environment& environment) {
  if (!environment.err_is_terminal) return nullptr;
  return [&err = environment.err](const matching::ClearingProgress& progress) {
    err << absl::StrFormat("\r%-10s %7.1f s  %18.2f", progress.phase, progress.seconds,
                           progress.welfare_fen / base::kFenPerYuan)
        << std::flush;
  };
}

int RunClear(const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  const offline::ClearFilesOptions options = {
      .in = TextOption(arguments, "in"),
      .out = TextOption(arguments, "out"),
      .warm_start = TextOption(arguments, "warm-start"),
      .threads = ThreadsOption(arguments, errors),
      .target_gap_ppm = IntegerOption(arguments, "gap", 0, 0, 1'000'000, errors),
      .time_limit_seconds = NumberOption(arguments, "time-limit", 0, 0, kMostSeconds, errors),
      .on_progress = ShowProgress(session.environment())};
  RequireNames(arguments, {"in", "out", "warm-start"}, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (const absl::Status found = FindPlaces(arguments, {"in", "warm-start"}); !found.ok()) return session.Fail(found);
  if (const absl::Status tried = TryPlace(arguments, "out"); !tried.ok()) return session.Fail(tried);
  const auto cleared = offline::ClearFiles(options);
  if (options.on_progress) session.environment().err << "\n";
  if (!cleared.ok()) return session.Fail(cleared.status());
  PrintClearing(session, *cleared, options.target_gap_ppm);
  return kExitOk;
}

Command ClearCommand() {
  Command command = {"",
                     "clear",
                     {{.name = "in", .need = Need::kRequired, .hint = "DIR", .label = "option.round-in"},
                      {.name = "out", .need = Need::kRequired, .hint = "DIR", .label = "option.round-out"},
                      {.name = "threads", .hint = "N", .label = "option.threads"},
                      {.name = "time-limit", .hint = "SECONDS", .label = "option.time-limit"},
                      {.name = "gap", .hint = "PPM", .label = "option.gap"},
                      {.name = "warm-start", .hint = "DIR", .label = "option.warm-start"}},
                     RunClear};
  command.json = "json.clear";
  return command;
}

std::string PercentOf(int64_t ppm) { return absl::StrFormat("%.2f %%", static_cast<double>(ppm) / 10'000); }

void PrintStudyForPeople(const Session& session, const std::vector<offline::NamedFairness>& fairness,
                         const std::vector<offline::AttackOutcome>& attacks) {
  Table shares({{session.Say("study.matched")},
                {session.Say("clear.welfare"), true},
                {session.Say("study.sold"), true},
                {session.Say("clear.villages-served"), true},
                {session.Say("study.unsold"), true},
                {session.Say("clear.orders-served"), true},
                {session.Say("study.gini"), true}});
  for (const auto& [name, figures] : fairness) {
    shares.AddRow({session.Say("study." + name), base::FormatYuan(figures.welfare_fen),
                   base::FormatYuan(figures.sold_fen), base::StrCat(figures.villages_served, "/", figures.villages),
                   PercentOf(figures.listings_unsold_ppm), PercentOf(figures.orders_served_ppm),
                   absl::StrFormat("%.3f", static_cast<double>(figures.gini_ppm) / kPpm)});
  }
  Table gains({{session.Say("study.attack")},
               {session.Say("study.honest"), true},
               {session.Say("study.cheating"), true},
               {session.Say("study.gain"), true},
               {session.Say("study.gained"), true}});
  for (const offline::AttackOutcome& outcome : attacks) {
    gains.AddRow({session.Say("attack." + offline::NameOf(outcome.attack)), base::FormatYuan(outcome.honest_fen),
                  base::FormatYuan(outcome.attack_fen), PercentOf(outcome.GainPpm()),
                  base::StrCat(outcome.gained, "/", outcome.trials)});
  }
  session.environment().out << shares.Draw() << "\n" << gains.Draw();
}

void PrintStudyForPrograms(const Session& session, const std::vector<offline::NamedFairness>& fairness,
                           const std::vector<offline::AttackOutcome>& attacks) {
  std::string json = "{\"fairness\":{";
  const char* separator = "";
  for (const auto& [name, figures] : fairness) {
    base::StrAppend(&json, separator, JsonText(name), ":{\"welfare_fen\":", figures.welfare_fen,
                    ",\"sold_fen\":", figures.sold_fen, ",\"villages\":", figures.villages,
                    ",\"villages_served\":", figures.villages_served,
                    ",\"listings_unsold_ppm\":", figures.listings_unsold_ppm,
                    ",\"orders_served_ppm\":", figures.orders_served_ppm, ",\"gini_ppm\":", figures.gini_ppm, "}");
    separator = ",";
  }
  json += "},\"attacks\":{";
  separator = "";
  for (const offline::AttackOutcome& outcome : attacks) {
    base::StrAppend(&json, separator, JsonText(offline::NameOf(outcome.attack)), ":{\"trials\":", outcome.trials,
                    ",\"honest_fen\":", outcome.honest_fen, ",\"attack_fen\":", outcome.attack_fen,
                    ",\"gain_ppm\":", outcome.GainPpm(), ",\"gained\":", outcome.gained, "}");
    separator = ",";
  }
  session.environment().out << json << "}}\n";
}

int RunStudy(const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  const int threads = ThreadsOption(arguments, errors);
  const int64_t trials = IntegerOption(arguments, "trials", kDefaultTrials, 0, kMostTrials, errors);
  const int64_t seed = IntegerOption(arguments, "seed", 1, 0, INT64_MAX, errors);
  RequireNames(arguments, {"in"}, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (const absl::Status found = FindPlaces(arguments, {"in"}); !found.ok()) return session.Fail(found);
  const auto round = round_files::ReadRound(TextOption(arguments, "in"));
  if (!round.ok()) return session.Fail(round.status());
  const auto fairness = offline::CompareFairness(*round, threads);
  if (!fairness.ok()) return session.Fail(fairness.status());
  const auto attacks = offline::TryAttacks(*round, static_cast<int>(trials), static_cast<uint64_t>(seed), threads);
  if (!attacks.ok()) return session.Fail(attacks.status());
  session.globals().is_json ? PrintStudyForPrograms(session, *fairness, *attacks)
                            : PrintStudyForPeople(session, *fairness, *attacks);
  return kExitOk;
}

Command StudyCommand() {
  return {"",
          "clear-study",
          {{.name = "in", .need = Need::kRequired, .hint = "DIR", .label = "option.round-in"},
           {.name = "trials", .hint = "N", .label = "option.trials"},
           {.name = "seed", .hint = "N", .label = "option.seed"},
           {.name = "threads", .hint = "N", .label = "option.threads"}},
          RunStudy};
}

}  // namespace

std::vector<Command> ClearCommands() { return {ClearCommand(), CheckCommand(), GenerateCommand(), StudyCommand()}; }

}  // namespace zhuxiao::cli
