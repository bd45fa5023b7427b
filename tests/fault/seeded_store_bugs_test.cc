// Tests the tests: every seeded bug of a store is caught by the check named for it, which passes without the bug.
#include <gtest/gtest.h>

#include <memory>

#include "services/store/memory_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/fault/bug_table.h"
#include "tests/fault/seeded_stores.h"

namespace zhuxiao::store {
namespace {

TEST(SeededStoreBugs, EachIsCaught) {
  for (const SeededBug& bug : SeededBugs()) {
    const StoreCheck check = FindStoreCheck(bug.caught_by);
    MemoryStore right;
    EXPECT_EQ(check.run(right), "") << "without the bug: " << bug.name;
    const std::unique_ptr<Store> wrong = bug.seed(std::make_unique<MemoryStore>());
    const std::string found = check.run(*wrong);
    EXPECT_NE(found, "") << bug.caught_by << " does not notice: " << bug.name;
    testing::BugTable::Get().Note(bug.name, bug.caught_by, !found.empty());
  }
}

}  // namespace
}  // namespace zhuxiao::store
