// Life cycles as tables: who may do what to a thing in which state, and where that leads. The rules, their tests and
// the drawings of services/STATES.md all read the same rows. Not a workflow engine: what a step moves is its
// function's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "services/base/caller.h"

namespace zhuxiao::base {

// The actor of steps that no call makes: the server itself, when their time has come.
inline constexpr Role kTime = Role::ROLE_UNSPECIFIED;

// One row: in state `from`, `action` by any of `actors` leads to `to`.
struct Transition {
  int from = 0;
  std::string_view action;
  std::vector<Role> actors;
  int to = 0;
};

// A table of transitions between the values of a proto enum, of which 0 is no state. Immutable; thread-safe.
class StateMachine {
 public:
  // `name` says what has the states, for example "contract"; a thing begins in one of `first`. The process stops where
  // a row names a number that is no state, has no actor, or repeats the state and action of another: a table is code.
  StateMachine(std::string_view name, const google::protobuf::EnumDescriptor& states, std::vector<int> first,
               std::vector<Transition> transitions);

  // The state `action` by `actor` leads to from `from`. Refusals about `subject`: ROLE_NOT_ALLOWED where the actor may
  // take the action in no state, STATE_NOT_ALLOWED, with the state's name under "state", where it may in others.
  absl::StatusOr<int> Next(int from, std::string_view action, Role actor, std::string_view subject) const;

  // True where no row leads on from `state`.
  bool IsFinal(int state) const;

  std::string_view name() const { return name_; }
  const google::protobuf::EnumDescriptor& states() const { return states_; }
  const std::vector<int>& first() const { return first_; }
  const std::vector<Transition>& transitions() const { return transitions_; }

  // A section of Markdown: a heading, the diagram (Mermaid) and the table.
  std::string Draw() const;

 private:
  // The name of a state without the enum's prefix: "SIGNED".
  std::string NameOf(int state) const;

  std::string_view name_;
  const google::protobuf::EnumDescriptor& states_;
  std::vector<int> first_;
  std::vector<Transition> transitions_;
};

}  // namespace zhuxiao::base
