// The drawings of the life cycles in the documentation are those of the tables.
#include "services/server/state_machines.h"

#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <set>
#include <sstream>

namespace zhuxiao::server {
namespace {

TEST(StateMachinesTest, TheDocumentIsDrawnFromTheTables) {
  std::ifstream file(ZHUXIAO_STATES_MD);
  ASSERT_TRUE(file) << ZHUXIAO_STATES_MD;
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), DrawStateMachines()) << "renew it: zhuxiaod states > services/STATES.md";
}

TEST(StateMachinesTest, EveryStateIsReachedAndEveryLifeEnds) {
  for (const base::StateMachine* machine : StateMachines()) {
    std::set<int> reached(machine->first().begin(), machine->first().end());
    for (std::deque<int> open(reached.begin(), reached.end()); !open.empty(); open.pop_front()) {
      for (const base::Transition& row : machine->transitions()) {
        if (row.from == open.front() && reached.insert(row.to).second) open.push_back(row.to);
      }
    }
    bool ends = false;
    for (int i = 1; i < machine->states().value_count(); ++i) {
      const auto* state = machine->states().value(i);
      EXPECT_TRUE(reached.contains(state->number())) << machine->name() << ": nothing leads to " << state->name();
      ends |= machine->IsFinal(state->number());
    }
    EXPECT_TRUE(ends) << "a " << machine->name() << " never ends";
  }
}

}  // namespace
}  // namespace zhuxiao::server
