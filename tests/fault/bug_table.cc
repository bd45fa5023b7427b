#include "tests/fault/bug_table.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace zhuxiao::testing {
namespace {

// What the product promises to seed and catch.
constexpr int kLeastBugs = 20;

class TableAtTheEnd final : public ::testing::Environment {
 public:
  void TearDown() override {
    const BugTable& table = BugTable::Get();
    EXPECT_EQ(table.Print(), 0) << "bugs that nothing catches";
    if (::testing::GTEST_FLAG(filter) == "*") {
      EXPECT_GE(table.size(), kLeastBugs);
    }
  }
};

const auto* const kTable = ::testing::AddGlobalTestEnvironment(new TableAtTheEnd);

}  // namespace

BugTable& BugTable::Get() {
  static BugTable& table = *new BugTable;
  return table;
}

int BugTable::Print() const {
  int missed = 0;
  std::printf("\n%-60s %s\n", "seeded bug", "caught by");
  for (const Row& row : rows_) {
    std::printf("%-60s %s\n", row.bug.c_str(), row.caught_by.c_str());
    missed += !row.is_caught;
  }
  std::printf("%d of %d caught\n\n", size() - missed, size());
  return missed;
}

}  // namespace zhuxiao::testing
