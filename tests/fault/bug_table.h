// The seeded bugs of all suites in one table, with the check that catches each, printed at the end of the run.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace zhuxiao::testing {

// Not thread-safe.
class BugTable {
 public:
  static BugTable& Get();

  // `found` is what the check named says of the bug; empty where it does not notice.
  void Note(std::string bug, std::string caught_by, bool is_caught) {
    rows_.push_back({std::move(bug), is_caught ? std::move(caught_by) : "NOTHING", is_caught});
  }

  // Prints the table; the number of bugs that nothing caught.
  int Print() const;

  int size() const { return static_cast<int>(rows_.size()); }

 private:
  struct Row {
    std::string bug;
    std::string caught_by;
    bool is_caught = false;
  };
  std::vector<Row> rows_;
};

}  // namespace zhuxiao::testing
