#include "services/base/state_machine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::base {
namespace {

[[noreturn]] void Reject(std::string_view machine, std::string_view why) {
  std::fprintf(stderr, "the states of a %s: %s\n", std::string(machine).c_str(), std::string(why).c_str());
  std::abort();
}

// "supplier" for ROLE_SUPPLIER, "time" for kTime.
std::string WordFor(Role actor) {
  if (actor == kTime) return "time";
  return absl::AsciiStrToLower(absl::StripPrefix(common::v1::Role_Name(actor), "ROLE_"));
}

std::string WordsFor(const std::vector<Role>& actors) {
  return absl::StrJoin(actors, ", ", [](std::string* out, Role actor) { out->append(WordFor(actor)); });
}

bool Admits(const Transition& row, std::string_view action, Role actor) {
  return row.action == action && std::find(row.actors.begin(), row.actors.end(), actor) != row.actors.end();
}

}  // namespace

StateMachine::StateMachine(std::string_view name, const google::protobuf::EnumDescriptor& states,
                           std::vector<int> first, std::vector<Transition> transitions)
    : name_(name), states_(states), first_(std::move(first)), transitions_(std::move(transitions)) {
  const auto is_state = [&](int number) { return number != 0 && states_.FindValueByNumber(number) != nullptr; };
  std::set<std::pair<int, std::string_view>> seen;
  for (const Transition& row : transitions_) {
    if (!is_state(row.from) || !is_state(row.to)) Reject(name_, StrCat("a row of ", row.action, " names no state"));
    if (row.actors.empty()) Reject(name_, StrCat(row.action, " has no actor"));
    if (!seen.emplace(row.from, row.action).second) Reject(name_, StrCat(row.action, " stands twice"));
  }
  if (first_.empty() || !std::all_of(first_.begin(), first_.end(), is_state)) Reject(name_, "where they begin");
}

absl::StatusOr<int> StateMachine::Next(int from, std::string_view action, Role actor, std::string_view subject) const {
  bool is_elsewhere = false;
  for (const Transition& row : transitions_) {
    if (!Admits(row, action, actor)) continue;
    if (row.from == from) return row.to;
    is_elsewhere = true;
  }
  if (!is_elsewhere) {
    return MakeError(absl::StatusCode::kPermissionDenied, ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED,
                     StrCat("to ", action, " is not for ", WordFor(actor)));
  }
  const auto* state = states_.FindValueByNumber(from);
  const std::string state_name = state == nullptr ? std::to_string(from) : state->name();
  return Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, subject,
                StrCat("a ", name_, " in state ", state_name, " does not admit to ", action), {{"state", state_name}});
}

bool StateMachine::IsFinal(int state) const {
  return std::none_of(transitions_.begin(), transitions_.end(),
                      [state](const Transition& row) { return row.from == state && row.to != state; });
}

std::string StateMachine::NameOf(int state) const {
  // The prefix is what the name of value 0 has before UNSPECIFIED, as buf lint asks for.
  const std::string prefix(absl::StripSuffix(states_.FindValueByNumber(0)->name(), "UNSPECIFIED"));
  return std::string(absl::StripPrefix(states_.FindValueByNumber(state)->name(), prefix));
}

std::string StateMachine::Draw() const {
  std::string text = StrCat("## A ", name_, "\n\n```mermaid\nstateDiagram-v2\n");
  for (const int state : first_) StrAppend(&text, "  [*] --> ", NameOf(state), "\n");
  for (const Transition& row : transitions_) {
    StrAppend(&text, "  ", NameOf(row.from), " --> ", NameOf(row.to), ": ", row.action, "\n");
  }
  for (int i = 1; i < states_.value_count(); ++i) {
    const int state = states_.value(i)->number();
    if (IsFinal(state)) StrAppend(&text, "  ", NameOf(state), " --> [*]\n");
  }
  StrAppend(&text, "```\n\n| in | may | by | leads to |\n|---|---|---|---|\n");
  for (const Transition& row : transitions_) {
    StrAppend(&text, "| ", NameOf(row.from), " | ", row.action, " | ", WordsFor(row.actors), " | ", NameOf(row.to),
              " |\n");
  }
  return text;
}

}  // namespace zhuxiao::base
