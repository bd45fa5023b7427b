// Compares a table of states with expectations written out a second time, for every state, action and role there is.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/base/state_machine.h"
#include "tests/support/operation_fixture.h"

namespace zhuxiao::testing {

// Every role a caller may have, and the server itself.
inline std::vector<base::Role> AllActors() {
  std::vector<base::Role> actors;
  for (int role = common::v1::Role_MIN; role <= common::v1::Role_MAX; ++role) {
    actors.push_back(static_cast<base::Role>(role));
  }
  return actors;
}

// The actions of a table.
inline std::set<std::string> ActionsOf(const base::StateMachine& machine) {
  std::set<std::string> actions;
  for (const base::Transition& row : machine.transitions()) actions.insert(std::string(row.action));
  return actions;
}

// (from, action, actor) -> to
using ExpectedMoves = std::map<std::tuple<int, std::string, base::Role>, int>;

// Expects the machine to admit the moves named and nothing else, and each refusal to carry its reason.
inline void ExpectMoves(const base::StateMachine& machine, const ExpectedMoves& expected) {
  std::set<std::pair<std::string, base::Role>> allowed_somewhere;
  for (const auto& [move, to] : expected) allowed_somewhere.emplace(std::get<1>(move), std::get<2>(move));
  size_t moves = 0;
  for (int i = 0; i < machine.states().value_count(); ++i) {
    const int from = machine.states().value(i)->number();
    for (const std::string& action : ActionsOf(machine)) {
      for (const base::Role actor : AllActors()) {
        const auto next = machine.Next(from, action, actor, "thing");
        const auto wanted = expected.find({from, action, actor});
        const std::string where = machine.states().value(i)->name() + " " + action + " " + common::v1::Role_Name(actor);
        if (wanted != expected.end()) {
          ASSERT_TRUE(next.ok()) << where << ": " << next.status();
          EXPECT_EQ(*next, wanted->second) << where;
          ++moves;
        } else if (allowed_somewhere.contains({action, actor})) {
          EXPECT_THAT(next, HasReason(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED)) << where;
        } else {
          EXPECT_THAT(next, HasReason(base::ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED)) << where;
        }
      }
    }
  }
  EXPECT_EQ(moves, expected.size()) << "a move is expected that the table has not even the action for";
}

}  // namespace zhuxiao::testing
