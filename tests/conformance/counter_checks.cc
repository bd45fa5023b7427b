// Conformance: own writes of a transaction, and escrow counters.
#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "tests/conformance/store_suite.h"

namespace zhuxiao::store {
namespace {

constexpr Bounds kFree{INT64_MIN, INT64_MAX};

CommitResult AddNow(Store& store, std::string_view key, int64_t delta, Bounds bounds, size_t field = 0) {
  Transaction transaction = Begin(store);
  transaction.Add(key, field, delta, bounds).IgnoreError();
  return CommitNow(store, std::move(transaction));
}

std::string Counter(int64_t value) { return EncodeCounter({value}); }

std::string OwnWritesAreRead(Store& store) {
  Findings findings;
  PutNow(store, "a", "1");
  PutNow(store, "b", "2");
  PutNow(store, "d", "4");
  Transaction transaction = Begin(store);
  transaction.Put("c", "3");
  transaction.Delete("b");
  transaction.Put("d", "four");
  findings.Require(ValueOf(transaction, "b") == "(none)" && ValueOf(transaction, "c") == "3", "Get sees own writes");
  findings.Require(RowsOf(transaction, "", "", 10) == "a=1 c=3 d=four", "Scan sees own writes");
  findings.Require(RowsOf(transaction, "a", "d", 2) == "a=1 c=3", "a limited Scan counts own writes");
  findings.Require(RowsOf(transaction, "b", "d", 1) == "c=3", "an own deletion leaves room in a limited Scan");
  findings.Require(RowsOf(*store.Latest(), "", "", 10) == "a=1 b=2 d=4", "nobody else sees them before Commit");
  findings.RequireOk(CommitNow(store, std::move(transaction)).status, "reading own writes");
  findings.Require(RowsOf(*store.Latest(), "", "", 10) == "a=1 c=3 d=four", "after Commit all see them");
  return findings.text();
}

std::string OwnAddsAreRead(Store& store) {
  Findings findings;
  PutNow(store, "k/old", Counter(5));
  Transaction transaction = Begin(store);
  transaction.Add("k/old", 0, 2, kFree).IgnoreError();
  transaction.Add("k/new", 1, 3, kFree).IgnoreError();
  transaction.Put("k/put", Counter(10));
  transaction.Add("k/put", 0, 1, kFree).IgnoreError();
  findings.Require(transaction.GetCounter("k/old").value()[0] == 7, "Get shows an own Add over the stored value");
  findings.Require(transaction.PeekCounter("k/new").value()[1] == 3, "Peek shows an own Add on a missing row");
  absl::StatusOr<std::vector<KeyValue>> rows = transaction.Scan("k/", "k0", 10);
  findings.Require(rows.ok() && rows->size() == 3 && (*rows)[0].value == EncodeCounter({0, 3}) &&
                       (*rows)[1].value == Counter(7) && (*rows)[2].value == Counter(11),
                   "Scan shows own Adds, of new rows too");
  findings.RequireOk(CommitNow(store, std::move(transaction)).status, "Adds and Put of one transaction");
  findings.Require(CounterOf(store, "k/old") == 7 && CounterOf(store, "k/new", 1) == 3, "they are committed");
  findings.Require(CounterOf(store, "k/put") == 11, "Put, then Add starts from the value put");
  return findings.text();
}

std::string WritesAndAddsOfOneRowKeepTheirOrder(Store& store) {
  Findings findings;
  PutNow(store, "a", Counter(5));
  PutNow(store, "b", Counter(5));
  Transaction transaction = Begin(store);
  transaction.Delete("a");
  transaction.Add("a", 0, 3, kFree).IgnoreError();
  transaction.Add("b", 0, -100, {0, 10}).IgnoreError();
  transaction.Put("b", Counter(1));
  findings.Require(transaction.GetCounter("a").value()[0] == 3, "Delete, then Add shows the delta");
  findings.RequireOk(CommitNow(store, std::move(transaction)).status, "a Put that replaces an Add, bounds and all");
  findings.Require(CounterOf(store, "a") == 3, "Delete, then Add starts from zero");
  findings.Require(CounterOf(store, "b") == 1, "Add, then Put leaves the value put");
  return findings.text();
}

std::string BoundsAreExact(Store& store) {
  Findings findings;
  findings.RequireOk(AddNow(store, "c", 10, {0, 10}).status, "reaching the upper bound");
  CommitResult above = AddNow(store, "c", 1, {0, 10});
  findings.Require(absl::IsOutOfRange(above.status), "one above the upper bound is refused");
  findings.Require(above.broken_keys == std::vector<std::string>{"c"}, "the refusal names the row");
  findings.RequireOk(AddNow(store, "c", -10, {0, 10}).status, "reaching the lower bound");
  findings.Require(absl::IsOutOfRange(AddNow(store, "c", -1, {0, 10}).status), "one below the lower bound is refused");
  findings.RequireOk(AddNow(store, "c", -7, {-7, -7}).status, "bounds of one value");
  findings.Require(CounterOf(store, "c") == -7, "refused Adds changed nothing");
  findings.Require(absl::IsOutOfRange(AddNow(store, "new", -1, {0, 5}).status), "a missing row counts as zero");
  findings.Require(ValueOf(store, "new") == "(none)", "a refused Add makes no row");
  return findings.text();
}

std::string BrokenBoundsRefuseTheWholeCommit(Store& store) {
  Findings findings;
  Transaction transaction = Begin(store);
  transaction.Put("row", "written");
  transaction.Append("told");
  for (const char* key : {"x", "y", "y", "z"}) {
    transaction.Add(key, 0, key[0] == 'z' ? 1 : -1, {0, 9}).IgnoreError();
  }
  CommitResult result = CommitNow(store, std::move(transaction));
  std::ranges::sort(result.broken_keys);
  findings.Require(absl::IsOutOfRange(result.status), "a broken bound refuses the commit");
  findings.Require(result.broken_keys == std::vector<std::string>{"x", "y"}, "every broken row is named once");
  findings.Require(ValueOf(store, "row") == "(none)" && ValueOf(store, "z") == "(none)", "nothing of it is written");
  findings.Require(store.FeedEnd().sequence == 0, "nothing of it is told");
  return findings.text();
}

std::string FieldsAreSeparate(Store& store) {
  Findings findings;
  Transaction transaction = Begin(store);
  for (size_t field = 0; field < kMaxCounterFields; ++field) {
    findings.RequireOk(transaction.Add("c", field, static_cast<int64_t>(field) * 10, {0, 150}), "Add to each field");
  }
  findings.Require(absl::IsInvalidArgument(transaction.Add("c", kMaxCounterFields, 1, kFree)), "no field beyond them");
  findings.RequireOk(CommitNow(store, std::move(transaction)).status, "Adds to all fields");
  for (size_t field = 0; field < kMaxCounterFields; ++field) {
    findings.Require(CounterOf(store, "c", field) == static_cast<int64_t>(field) * 10, "each field has its own sum");
  }
  for (size_t field = 1; field < kMaxCounterFields; ++field) {
    AddNow(store, "c", -static_cast<int64_t>(field) * 10, kFree, field);
  }
  findings.Require(ValueOf(store, "c").empty(), "trailing zero fields are left out");
  return findings.text();
}

std::string AddsAreCheckedOneByOne(Store& store) {
  Findings findings;
  Transaction transaction = Begin(store);
  transaction.Add("c", 0, -3, {0, 9}).IgnoreError();
  transaction.Add("c", 0, 5, {0, 9}).IgnoreError();
  findings.Require(absl::IsOutOfRange(CommitNow(store, std::move(transaction)).status), "call order decides");
  Transaction reverse = Begin(store);
  reverse.Add("c", 0, 5, {0, 9}).IgnoreError();
  reverse.Add("c", 0, -3, {0, 9}).IgnoreError();
  findings.RequireOk(CommitNow(store, std::move(reverse)).status, "the other order");
  findings.Require(CounterOf(store, "c") == 2, "both are applied");
  return findings.text();
}

std::string AddsDoNotConflict(Store& store) {
  Findings findings;
  std::vector<Transaction> transactions;
  for (int i = 0; i < 10; ++i) {
    transactions.push_back(Begin(store));
    transactions.back().PeekCounter("c").IgnoreError();
    transactions.back().Add("c", 0, 1, {0, 10}).IgnoreError();
  }
  for (Transaction& transaction : transactions) {
    findings.RequireOk(CommitNow(store, std::move(transaction)).status, "an Add beside other Adds");
  }
  findings.Require(CounterOf(store, "c") == 10, "every acknowledged Add counts once");
  return findings.text();
}

std::string CounterReadsConflictWithAdds(Store& store) {
  Findings findings;
  AddNow(store, "c", 1, kFree);
  const auto commit_after_add = [&store](const std::function<void(Transaction&)>& read) {
    Transaction reader = Begin(store);
    read(reader);
    reader.Put("elsewhere", "written");
    AddNow(store, "c", 1, kFree);
    return CommitNow(store, std::move(reader)).status;
  };
  findings.Require(absl::IsAborted(commit_after_add([](Transaction& t) { t.GetCounter("c").IgnoreError(); })),
                   "a counter read and then added to aborts its reader");
  findings.Require(absl::IsAborted(commit_after_add([](Transaction& t) { t.Scan("c", "d", 9).IgnoreError(); })),
                   "a scanned one too");
  findings.RequireOk(commit_after_add([](Transaction& t) { t.PeekCounter("c").IgnoreError(); }), "a peek");
  return findings.text();
}

std::string DistrustedAddsAnswerAtOnce(Store& store) {
  Findings findings;
  PutNow(store, "c", Counter(5));
  Transaction transaction = Begin(store);
  transaction.Distrust("c");
  findings.Require(absl::IsOutOfRange(transaction.Add("c", 0, -6, {0, 9})), "a distrusted Add checks its bounds");
  findings.Require(transaction.adds().empty(), "and adds nothing where it refuses");
  findings.RequireOk(transaction.Add("c", 0, -5, {0, 9}), "one within its bounds");
  findings.Require(absl::IsOutOfRange(transaction.Add("c", 0, -1, {0, 9})), "own Adds count");
  AddNow(store, "c", 1, kFree);
  findings.Require(absl::IsAborted(CommitNow(store, std::move(transaction)).status), "its reads are validated");
  return findings.text();
}

std::string DamagedCountersAreReported(Store& store) {
  Findings findings;
  PutNow(store, "text", "no counter");
  findings.Require(absl::IsDataLoss(AddNow(store, "text", 1, kFree).status), "an Add to a text row");
  findings.Require(absl::IsDataLoss(Begin(store).GetCounter("text").status()), "a counter read of a text row");
  PutNow(store, "long", std::string((kMaxCounterFields + 1) * 8, '\1'));
  findings.Require(absl::IsDataLoss(AddNow(store, "long", 1, kFree).status), "an Add to a row of too many fields");
  PutNow(store, "c", Counter(INT64_MAX));
  findings.Require(absl::IsDataLoss(AddNow(store, "c", 1, {}).status), "an overflow without a bound");
  findings.Require(absl::IsOutOfRange(AddNow(store, "c", 1, {0, 100}).status), "an overflow beyond a bound");
  findings.Require(CounterOf(store, "c") == INT64_MAX && ValueOf(store, "text") == "no counter", "nothing changed");
  return findings.text();
}

}  // namespace

std::vector<StoreCheck> OwnWriteChecks() {
  return {{"OwnWritesAreRead", OwnWritesAreRead},
          {"OwnAddsAreRead", OwnAddsAreRead},
          {"WritesAndAddsOfOneRowKeepTheirOrder", WritesAndAddsOfOneRowKeepTheirOrder}};
}

std::vector<StoreCheck> CounterChecks() {
  return {{"BoundsAreExact", BoundsAreExact},
          {"BrokenBoundsRefuseTheWholeCommit", BrokenBoundsRefuseTheWholeCommit},
          {"FieldsAreSeparate", FieldsAreSeparate},
          {"AddsAreCheckedOneByOne", AddsAreCheckedOneByOne},
          {"AddsDoNotConflict", AddsDoNotConflict},
          {"CounterReadsConflictWithAdds", CounterReadsConflictWithAdds},
          {"DistrustedAddsAnswerAtOnce", DistrustedAddsAnswerAtOnce},
          {"DamagedCountersAreReported", DamagedCountersAreReported}};
}

}  // namespace zhuxiao::store
