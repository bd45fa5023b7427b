// The checks of a random world after each of its days: `verify` finds nothing broken; quotas, incomes, forward
// contracts, progress and daily reports equal a brute-force count. A day costs what changed in it, except for the
// counts, which go over all rows; everything is checked from its first row and event on when asked.
#pragma once

#include <set>
#include <string>

#include "services/report/daily_report.h"
#include "tests/property/trade_books.h"
#include "tests/property/trade_world.h"
#include "tests/support/verified_books.h"

namespace zhuxiao::testing {

// Not thread-safe. Findings are failures of the running test. `world` outlives it and is followed by nothing else.
class DayCheck {
 public:
  // With `alter`, of the books as it leaves them.
  explicit DayCheck(TradeWorld& world, AlterRow alter = {})
      : world_(world), alter_(std::move(alter)), facts_(world.store()) {}

  // Checks the world after another day, or several.
  void Follow();

  // What `verify` finds broken about what changed since the last call, a line each; for Follow and for tests of it.
  std::string BrokenRulesSince();

  // Checks everything there is from scratch.
  void StartOver();

 private:
  TradeWorld& world_;
  const AlterRow alter_;
  AlteringCheck check_{alter_};
  store::Position seen_;
  TradeBooks books_;
  std::set<std::string> suppliers_;  // whose books changed with the last rows taken
  DayTally tally_;
  report::DailyFacts facts_;
};

}  // namespace zhuxiao::testing
