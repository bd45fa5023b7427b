// Conformance: snapshots, validation of keys and ranges read, limits.
#include <utility>

#include "tests/conformance/store_suite.h"

namespace zhuxiao::store {
namespace {

// Commits `change` between the reads of a transaction and its commit, and returns how that commit ended. The
// transaction writes to a key nobody else touches.
absl::Status CommitAfter(Store& store, const std::function<void(Transaction&)>& read,
                         const std::function<void(Transaction&)>& change) {
  Transaction reader = Begin(store);
  read(reader);
  Transaction other = Begin(store);
  change(other);
  if (CommitResult result = CommitNow(store, std::move(other)); !result.status.ok()) return result.status;
  reader.Put("elsewhere", "written");
  return CommitNow(store, std::move(reader)).status;
}

void PutAll(Store& store, std::string_view keys) {
  Transaction transaction = Begin(store);
  for (const char key : keys) transaction.Put(std::string(1, key), "old");
  CommitNow(store, std::move(transaction));
}

std::function<void(Transaction&)> Gets(std::string key) {
  return [key](Transaction& transaction) { ValueOf(transaction, key); };
}

std::function<void(Transaction&)> Scans(std::string begin, std::string end, size_t limit) {
  return [=](Transaction& transaction) { RowsOf(transaction, begin, end, limit); };
}

std::function<void(Transaction&)> Puts(std::string key) {
  return [key](Transaction& transaction) { transaction.Put(key, "new"); };
}

std::function<void(Transaction&)> Deletes(std::string key) {
  return [key](Transaction& transaction) { transaction.Delete(key); };
}

std::string CommittedValuesAreRead(Store& store) {
  Findings findings;
  findings.Require(ValueOf(store, "a") == "(none)", "an empty store has no row");
  findings.RequireOk(PutNow(store, "a", "1").status, "the first commit");
  findings.Require(ValueOf(store, "a") == "1", "an acknowledged value is read at once");
  findings.RequireOk(PutNow(store, "a", std::string("\0\n\xff", 3)).status, "a value of any bytes");
  findings.Require(ValueOf(store, "a") == std::string("\0\n\xff", 3), "a value comes back byte for byte");
  findings.RequireOk(PutNow(store, "b", "").status, "an empty value");
  findings.Require(ValueOf(store, "b").empty(), "an empty value is a value");
  Transaction transaction = Begin(store);
  transaction.Delete("a");
  transaction.Delete("never there");
  findings.RequireOk(CommitNow(store, std::move(transaction)).status, "deleting, a missing row included");
  findings.Require(ValueOf(store, "a") == "(none)", "a deleted row is gone");
  return findings.text();
}

std::string SnapshotsStandStill(Store& store) {
  Findings findings;
  PutAll(store, "abc");
  const std::shared_ptr<Snapshot> before = store.Latest();
  Transaction transaction = Begin(store);
  transaction.Put("a", "new");
  transaction.Delete("b");
  transaction.Put("d", "new");
  CommitNow(store, std::move(transaction));
  for (int round = 0; round < 2; ++round) {  // the second read may come from a cache
    findings.Require(ValueOf(*before, "a") == "old" && ValueOf(*before, "b") == "old", "a snapshot keeps its values");
    findings.Require(ValueOf(*before, "d") == "(none)", "a snapshot does not show a later row");
    findings.Require(RowsOf(*before, "", "", 10) == "a=old b=old c=old", "a scan of a snapshot stands still");
    findings.Require(ValueOf(store, "a") == "new" && ValueOf(store, "b") == "(none)", "the newest state moved on");
    findings.Require(RowsOf(*store.Latest(), "", "", 10) == "a=new c=old d=new", "the newest scan moved on");
  }
  return findings.text();
}

std::string OldReadsDoNotHideNewValues(Store& store) {
  Findings findings;
  for (int i = 0; i < 50; ++i) {
    const std::string key = base::StrCat("key", i);
    PutNow(store, key, "old");
    const std::shared_ptr<Snapshot> before = store.Latest();
    PutNow(store, key, "new");
    findings.Require(ValueOf(*before, key) == "old", "an old snapshot reads the old value");
    findings.Require(ValueOf(store, key) == "new", "a read of an old snapshot leaves no old value behind");
  }
  return findings.text();
}

std::string ScansAreOrderedAndBounded(Store& store) {
  Findings findings;
  PutAll(store, "cabed");
  const std::shared_ptr<Snapshot> latest = store.Latest();
  findings.Require(RowsOf(*latest, "b", "d", 10) == "b=old c=old", "begin is inclusive, end exclusive");
  findings.Require(RowsOf(*latest, "b", "", 2) == "b=old c=old", "a limit cuts; an empty end is the last key");
  findings.Require(RowsOf(*latest, "d", "b", 10).empty(), "an inverted range is empty");
  findings.Require(RowsOf(*latest, "aa", "ab", 10).empty(), "a range between keys is empty");
  findings.Require(absl::IsInvalidArgument(latest->Scan("", "", 0).status()), "limit 0 is refused");
  findings.Require(latest->Scan("", "", kMaxScanRows).ok(), "the largest limit is accepted");
  findings.Require(absl::IsInvalidArgument(latest->Scan("", "", kMaxScanRows + 1).status()), "a larger one is refused");
  Transaction transaction = Begin(store);
  findings.Require(absl::IsInvalidArgument(transaction.Scan("", "", 0).status()), "a transaction refuses limit 0");
  findings.Require(absl::IsInvalidArgument(transaction.Scan("", "", kMaxScanRows + 1).status()), "and a larger one");
  return findings.text();
}

std::string ChangedReadAborts(Store& store) {
  Findings findings;
  PutAll(store, "ab");
  findings.Require(absl::IsAborted(CommitAfter(store, Gets("a"), Puts("a"))), "a changed row aborts its reader");
  findings.Require(absl::IsAborted(CommitAfter(store, Gets("b"), Deletes("b"))), "a deleted row aborts its reader");
  findings.Require(absl::IsAborted(CommitAfter(store, Gets("n"), Puts("n"))), "a new row aborts who missed it");
  findings.Require(ValueOf(store, "elsewhere") == "(none)", "an aborted commit wrote nothing");
  findings.RequireOk(CommitAfter(store, Gets("a"), Puts("c")), "a commit whose reads stand");
  findings.RequireOk(CommitAfter(
                         store, [](Transaction& transaction) { transaction.Peek("a").IgnoreError(); }, Puts("a")),
                     "a commit that only peeked");
  findings.RequireOk(CommitAfter(
                         store, [](Transaction&) {}, Puts("elsewhere")),
                     "a blind write over another");
  return findings.text();
}

std::string ReadOnlyCommitsAreValidated(Store& store) {
  Findings findings;
  PutAll(store, "a");
  Transaction current = Begin(store);
  ValueOf(current, "a");
  findings.RequireOk(CommitNow(store, std::move(current)).status, "a read-only commit");
  Transaction outdated = Begin(store);
  ValueOf(outdated, "a");
  PutNow(store, "a", "new");
  findings.Require(absl::IsAborted(CommitNow(store, std::move(outdated)).status), "an outdated read alone aborts");
  Transaction cleared = Begin(store);
  ValueOf(cleared, "a");
  cleared.Put("b", "dropped");
  cleared.ClearWrites();
  PutNow(store, "a", "newer");
  findings.Require(absl::IsAborted(CommitNow(store, std::move(cleared)).status), "ClearWrites keeps the reads");
  findings.Require(ValueOf(store, "b") == "(none)", "ClearWrites drops the writes");
  return findings.text();
}

std::string PhantomsAbort(Store& store) {
  Findings findings;
  PutAll(store, "ace");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("a", "d", 10), Puts("b"))), "a row put into a range read");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("a", "d", 10), Deletes("b"))), "one deleted from it");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("a", "d", 10), Puts("c"))), "one changed in it");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("x", "z", 10), Puts("y"))), "one put into an empty range");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("c", "", 10), Puts("zz"))), "one behind the last key");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("a", "d", 10), Puts("a"))), "the range's begin");
  findings.RequireOk(CommitAfter(store, Scans("a", "d", 10), Puts("d")), "a row at the exclusive end");
  return findings.text();
}

std::string LimitedScansReadUpToTheirLastRow(Store& store) {
  Findings findings;
  PutAll(store, "bdf");
  findings.RequireOk(CommitAfter(store, Scans("a", "z", 2), Puts("e")), "a row behind the last one returned");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("a", "z", 2), Puts("c"))), "a row before it aborts");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("a", "z", 1), Deletes("b"))), "the last row itself aborts");
  findings.Require(absl::IsAborted(CommitAfter(store, Scans("c", "z", 9), Puts("y"))),
                   "a scan not cut reads to its end");
  return findings.text();
}

std::string WriteSkewIsPrevented(Store& store) {
  Findings findings;
  PutAll(store, "ab");
  Transaction first = Begin(store);
  Transaction second = Begin(store);
  for (Transaction* transaction : {&first, &second}) RowsOf(*transaction, "a", "c", 10);
  first.Put("a", "off duty");
  second.Put("b", "off duty");
  findings.RequireOk(CommitNow(store, std::move(first)).status, "the first of two");
  findings.Require(absl::IsAborted(CommitNow(store, std::move(second)).status), "the second read what the first wrote");
  return findings.text();
}

std::string LimitsAreEnforced(Store& store) {
  Findings findings;
  const auto commit = [&store](const std::function<void(Transaction&)>& write) {
    Transaction transaction = Begin(store);
    write(transaction);
    return CommitNow(store, std::move(transaction)).status;
  };
  findings.RequireOk(commit([](Transaction& t) { t.Put(std::string(kMaxKeyBytes, 'k'), "v"); }), "the longest key");
  findings.Require(
      absl::IsResourceExhausted(commit([](Transaction& t) { t.Put(std::string(kMaxKeyBytes + 1, 'k'), "v"); })),
      "a longer key is refused");
  findings.RequireOk(commit([](Transaction& t) { t.Put("v", std::string(kMaxValueBytes, 'v')); }), "the longest value");
  findings.Require(
      absl::IsResourceExhausted(commit([](Transaction& t) { t.Put("w", std::string(kMaxValueBytes + 1, 'v')); })),
      "a longer value is refused");
  findings.Require(ValueOf(store, "w") == "(none)", "a refused value is not written");
  const auto put_many = [](size_t count) {
    return [count](Transaction& t) {
      for (size_t i = 0; i < count; ++i) t.Put(base::StrCat("many/", i), "v");
    };
  };
  findings.RequireOk(commit(put_many(kMaxWrites)), "as many writes as allowed");
  findings.Require(absl::IsResourceExhausted(commit(put_many(kMaxWrites + 1))), "one more is refused");
  findings.Require(absl::IsResourceExhausted(commit([](Transaction& t) {
                     for (int i = 0; i < 9; ++i) t.Put(base::StrCat("big/", i), std::string(kMaxValueBytes, 'v'));
                   })),
                   "nine mebibytes in one commit are refused");
  return findings.text();
}

}  // namespace

std::vector<StoreCheck> IsolationChecks() {
  return {{"CommittedValuesAreRead", CommittedValuesAreRead},
          {"SnapshotsStandStill", SnapshotsStandStill},
          {"OldReadsDoNotHideNewValues", OldReadsDoNotHideNewValues},
          {"ScansAreOrderedAndBounded", ScansAreOrderedAndBounded},
          {"ChangedReadAborts", ChangedReadAborts},
          {"ReadOnlyCommitsAreValidated", ReadOnlyCommitsAreValidated},
          {"PhantomsAbort", PhantomsAbort},
          {"LimitedScansReadUpToTheirLastRow", LimitedScansReadUpToTheirLastRow},
          {"WriteSkewIsPrevented", WriteSkewIsPrevented},
          {"LimitsAreEnforced", LimitsAreEnforced}};
}

}  // namespace zhuxiao::store
