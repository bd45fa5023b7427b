#include "clients/cli/clear_commands.h"

#include <charconv>
#include <cmath>

#include "clients/offline/generate.h"
#include "services/base/strings.h"
#include "services/round_files/write_round.h"

namespace zhuxiao::cli {
namespace {

constexpr double kPpm = 1'000'000;

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

}  // namespace

std::vector<Command> ClearCommands() { return {GenerateCommand()}; }

}  // namespace zhuxiao::cli
