// Tests the test of the disk: a store that acknowledges before its disk has synced is caught, with a disk that does
// not.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

#include "services/store/rocksdb_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/fault/bug_table.h"
#include "tests/support/fault_page.h"
#include "tests/support/scratch_directory.h"

// In fault_preload.cc, which is linked into this program, so that its own syncs fail.
extern "C" void ZhuxiaoMapFaults(const char* path);

namespace zhuxiao::store {
namespace {

class SeededDiskBugs : public ::testing::Test {
 protected:
  SeededDiskBugs() { ZhuxiaoMapFaults(page_.path().c_str()); }

  // UnsyncedCommitsAreNotAcknowledged.
  std::string Check(bool sync) {
    Findings findings;
    const ScratchDirectory directory;
    {
      const auto store = RocksDbStore::Open({.directory = directory.path(), .sync = sync}).value();
      findings.RequireOk(PutNow(*store, "row", "synced").status, "a commit");
      page_.FailSyncs(EIO);
      findings.Require(absl::IsUnavailable(PutNow(*store, "row", "lost").status),
                       "without a sync, none is acknowledged");
      page_.FailSyncs(0);
      findings.Require(absl::IsUnavailable(PutNow(*store, "row", "late").status), "nor after it, before a start");
    }
    const auto store = RocksDbStore::Open({.directory = directory.path()}).value();
    findings.RequireOk(PutNow(*store, "row", "later").status, "after a start it goes on");
    return findings.text();
  }

  // Stays mapped until the process ends.
  static inline ScratchDirectory faults_;
  static inline testing::FaultPage page_{faults_.path()};
};

TEST_F(SeededDiskBugs, EachIsCaught) {
  EXPECT_EQ(Check(true), "") << "without the bug";
  const std::string found = Check(false);
  EXPECT_NE(found, "");
  testing::BugTable::Get().Note("acknowledges before the disk has synced", "UnsyncedCommitsAreNotAcknowledged",
                                !found.empty());
}

}  // namespace
}  // namespace zhuxiao::store
