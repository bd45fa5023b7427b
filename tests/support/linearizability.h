// Decides whether what clients saw of one register of balances can be explained by one order of their operations, each
// taking effect at one moment between its begin and its end: linearizability (Herlihy and Wing, TOPLAS 1990), by the
// search of Wing and Gong (JPDC 1993) with Lowe's memory of what was tried (CCPE 2017). It departs from them where a
// register of balances allows: moves commute, so what was applied, in whatever order, tells the state; and a read or a
// refusal that fits now is taken at once, because it changes nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace zhuxiao::testing {

struct BalanceOperation {
  enum class Kind {
    kMove,     // `units` were added to the balances
    kRead,     // the balances were `units`
    kRefusal,  // adding `units` was refused, because a bound would have broken
  };
  // The end of what was never answered. Such a move may have taken effect at any time after its begin, or never.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  Kind kind = Kind::kMove;
  std::vector<int64_t> units;
  int64_t begin = 0;  // by one clock for all operations
  int64_t end = 0;
  std::string name;  // for the complaint

  std::string ToString() const;
};

// No balance falls below 0, and their sum never exceeds `most`.
struct BalanceRegister {
  std::vector<int64_t> start;
  int64_t most = std::numeric_limits<int64_t>::max();
};

struct Linearizability {
  enum class Verdict { kYes, kNo, kUndecided };
  Verdict verdict = Verdict::kYes;
  std::string complaint;  // how far any order got, and what could not follow; empty for kYes
};

// Undecided after `most_steps`: a million take about a second.
Linearizability CheckLinearizable(const BalanceRegister& balances, std::vector<BalanceOperation> operations,
                                  int64_t most_steps = 10'000'000);

}  // namespace zhuxiao::testing
