// Conformance: many threads at once, and random interleavings against the model.
#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_split.h"
#include "services/store/memory_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/support/seed.h"

namespace zhuxiao::store {
namespace {

constexpr int kThreads = 8;

void OnThreads(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

std::string TransfersKeepTheSum(Store& store) {
  constexpr int kAccounts = 10;
  constexpr int64_t kEach = 100;
  const auto name = [](int account) { return base::StrCat("account/", account); };
  for (int i = 0; i < kAccounts; ++i) PutNow(store, name(i), base::StrCat(kEach));
  const uint64_t seed = TestSeed();
  std::atomic<int> wrong_sums = 0;
  std::atomic<int> transfers = 0;
  OnThreads([&](int thread) {
    std::mt19937_64 random(seed + thread);
    for (int i = 0; i < 60; ++i) {
      const int from = random() % kAccounts;
      const int to = (from + 1 + random() % (kAccounts - 1)) % kAccounts;
      const absl::Status status = RunTransaction(store, [&](Transaction& transaction) {
        transaction.Put(name(from), base::StrCat(std::stoll(ValueOf(transaction, name(from))) - 1));
        transaction.Put(name(to), base::StrCat(std::stoll(ValueOf(transaction, name(to))) + 1));
        return absl::OkStatus();
      });
      if (status.ok()) ++transfers;
      int64_t sum = 0;
      const std::vector<KeyValue> rows = store.Latest()->Scan("account/", "account0", 100).value();
      for (const KeyValue& row : rows) sum += std::stoll(row.value);
      if (sum != kAccounts * kEach) ++wrong_sums;
    }
  });
  Findings findings;
  findings.Require(wrong_sums == 0, base::StrCat("no snapshot shows half a transfer (seed ", seed, ")"));
  findings.Require(transfers > 0, "some transfers commit");
  return findings.text();
}

std::string HotCounterSellsExactlyItsStock(Store& store) {
  constexpr int kStock = 100;
  Transaction stock = Begin(store);
  stock.Put("stock", EncodeCounter({kStock}));
  CommitNow(store, std::move(stock));
  std::atomic<int> sold = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> other = 0;
  OnThreads([&](int) {
    for (int i = 0; i < 38; ++i) {
      const absl::Status status =
          RunTransaction(store,
                         [](Transaction& transaction) -> absl::Status {
                           if (absl::Status taken = transaction.Add("stock", 0, -1, {0, kStock}); !taken.ok())
                             return taken;
                           return transaction.Add("sold", 0, 1, {});
                         },
                         {.max_attempts = 1000});
      ++(status.ok() ? sold : absl::IsOutOfRange(status) ? refused : other);
    }
  });
  Findings findings;
  findings.Require(sold == kStock, base::StrCat("exactly the stock is sold, not ", sold.load()));
  findings.Require(refused == kThreads * 38 - kStock && other == 0, "everybody else is refused");
  findings.Require(CounterOf(store, "stock") == 0 && CounterOf(store, "sold") == kStock, "both counters agree");
  return findings.text();
}

std::string EveryCommitIsAnsweredOnce(Store& store) {
  constexpr int kCommits = 400;
  std::vector<std::atomic<int>> answers(kThreads * kCommits);
  OnThreads([&](int thread) {
    for (int i = 0; i < kCommits; ++i) {
      Transaction transaction = Begin(store);
      const int number = thread * kCommits + i;
      if (i % 3 != 0) transaction.Put(base::StrCat("row/", number), "v");
      if (i % 5 == 0) ValueOf(transaction, "row/0");
      store.Commit(std::move(transaction), [&answers, number](CommitResult) { ++answers[number]; });
    }
  });
  int waited_ms = 0;
  const auto count = [&answers] {
    int answered = 0;
    for (const std::atomic<int>& answer : answers) answered += answer > 0;
    return answered;
  };
  while (count() < kThreads * kCommits && waited_ms < 30'000) {
    absl::SleepFor(absl::Milliseconds(5));
    waited_ms += 5;
  }
  Findings findings;
  findings.Require(count() == kThreads * kCommits, "every commit is answered");
  for (const std::atomic<int>& answer : answers) {
    if (answer > 1) findings.Require(false, "no commit is answered twice");
  }
  return findings.text();
}

// A random transaction tells in its event what it read and wrote; replaying the events in feed order over a map must
// show it the same reads. Values hold no blanks, so blanks separate the words of an event.
// Now and then `meanwhile` commits something else between its reads and its end.
absl::Status RandomStep(Transaction& transaction, std::mt19937_64& random, int64_t number,
                        const std::function<void()>& meanwhile) {
  const auto key = [&random] { return base::StrCat("k", random() % 12); };
  std::string told;
  const std::string read = key();
  base::StrAppend(&told, "get ", read, " ", ValueOf(transaction, read), "\n");
  if (random() % 2 == 0) {
    const std::string begin = key();
    const std::string end = key();
    const size_t limit = 1 + random() % 4;
    base::StrAppend(&told, "scan ", begin, " ", end, " ", limit, " ", RowsOf(transaction, begin, end, limit), "\n");
  }
  if (random() % 4 == 0) meanwhile();
  const std::string written = key();
  if (random() % 3 == 0) {
    transaction.Delete(written);
    base::StrAppend(&told, "delete ", written, "\n");
  } else {
    transaction.Put(written, base::StrCat("v", number));
    base::StrAppend(&told, "put ", written, " v", number, "\n");
  }
  transaction.Append(told);
  return absl::OkStatus();
}

std::string ReplayStep(const std::string& told, std::map<std::string, std::string>& rows) {
  for (const absl::string_view line : absl::StrSplit(told, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "put") {
      rows[words[1]] = words[2];
    } else if (words[0] == "delete") {
      rows.erase(words[1]);
    } else if (words[0] == "get") {
      const auto row = rows.find(words[1]);
      if (words[2] != (row == rows.end() ? "(none)" : row->second)) return std::string(line);
    } else {
      std::string seen;
      size_t left = std::stoul(words[3]);
      for (auto row = rows.lower_bound(words[1]); row != rows.end() && row->first < words[2] && left > 0; ++row) {
        base::StrAppend(&seen, seen.empty() ? "" : " ", row->first, "=", row->second);
        --left;
      }
      if (line != base::StrCat("scan ", words[1], " ", words[2], " ", words[3], " ", seen)) return std::string(line);
    }
  }
  return "";
}

std::string CommitOrderExplainsEveryRead(Store& store) {
  const uint64_t seed = TestSeed();
  std::atomic<int64_t> number = 0;
  std::atomic<int> committed = 0;
  std::atomic<int> unanswered = 0;
  OnThreads([&](int thread) {
    std::mt19937_64 random(seed + thread);
    // Not waited for: the body may run on a thread of the store.
    const auto meanwhile = [&] {
      Transaction transaction = Begin(store);
      RandomStep(transaction, random, ++number, [] {}).IgnoreError();
      ++unanswered;
      store.Commit(std::move(transaction), [&](CommitResult result) {
        if (result.status.ok()) ++committed;
        --unanswered;
      });
    };
    for (int i = 0; i < 100; ++i) {
      const absl::Status status = RunTransaction(
          store, [&](Transaction& transaction) { return RandomStep(transaction, random, ++number, meanwhile); });
      if (status.ok()) ++committed;
    }
  });
  while (unanswered > 0) std::this_thread::yield();
  Findings findings;
  std::map<std::string, std::string> rows;
  const std::vector<FeedEntry> entries = store.ReadFeed({}, kMaxScanRows).value();
  findings.Require(entries.size() == static_cast<size_t>(committed), "every commit is told once, and no other");
  for (const FeedEntry& entry : entries) {
    const std::string wrong = ReplayStep(entry.payload, rows);
    if (wrong.empty()) continue;
    findings.Require(false, base::StrCat("commit ", entry.position.sequence,
                                         " read the state before it, but says: ", wrong, " (seed ", seed, ")"));
    break;
  }
  std::string left;
  for (const auto& [key, value] : rows) base::StrAppend(&left, left.empty() ? "" : " ", key, "=", value);
  findings.Require(RowsOf(*store.Latest(), "k", "l", 100) == left, "the last state is what the replay ends with");
  return findings.text();
}

// Several open transactions of the same steps on both stores; the answers of both must agree.
class ModelComparison {
 public:
  ModelComparison(Store& store, uint64_t seed) : stores_{&store, &model_}, random_(seed) {}

  // Runs `steps` random steps; returns what differed first, or "".
  std::string Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      const auto [answer, expected] = Step();
      if (answer != expected) return base::StrCat("step ", i, ": got ", answer, "\nthe model says ", expected);
    }
    return "";
  }

 private:
  static constexpr size_t kOpen = 5;
  using Answers = std::pair<std::string, std::string>;

  Answers Step() {
    const size_t slot = random_() % kOpen;
    if (!open_[slot].first) {
      open_[slot] = {std::make_unique<Transaction>(stores_[0]->Latest()),
                     std::make_unique<Transaction>(stores_[1]->Latest())};
    }
    const uint64_t choice = random_() % 14;
    const std::string key = Key();
    const std::string end = random_() % 5 == 0 ? "" : Key();
    const uint64_t number = random_() % 20;
    Answers answers;
    Transaction* transactions[] = {open_[slot].first.get(), open_[slot].second.get()};
    for (int i = 0; i < 2; ++i) {
      (i == 0 ? answers.first : answers.second) = choice == 0 ? Commit(*stores_[i], std::move(*transactions[i]))
                                                              : Act(*transactions[i], choice, key, end, number);
    }
    if (choice == 0) open_[slot] = {};
    return answers;
  }

  static std::string Act(Transaction& transaction, uint64_t choice, const std::string& key, const std::string& end,
                         uint64_t number) {
    const int64_t delta = static_cast<int64_t>(number) - 9;
    switch (choice) {
      case 1:
      case 2:
        return base::StrCat("get ", key, ": ", ValueOf(transaction, key));
      case 3:
      case 4:
        return base::StrCat("scan ", key, " ", end, ": ", RowsOf(transaction, key, end, number % 6 + 1));
      case 5:
        transaction.Put(key, EncodeCounter({static_cast<int64_t>(number), delta}));
        return "put";
      case 6:
        transaction.Put(key, base::StrCat("text", number));
        return "put text";
      case 7:
        transaction.Delete(key);
        return "delete";
      case 8:
        transaction.Append(base::StrCat("event", number));
        return "append";
      case 9:
        transaction.Distrust(key);
        return "distrust";
      case 10:
        return base::StrCat("peek ", transaction.Peek(key).value_or("error").value_or("(none)"));
      default:
        return base::StrCat("add ", key, ": ", transaction.Add(key, number % 2, delta, {-20, 20}).ToString());
    }
  }

  static std::string Commit(Store& store, Transaction transaction) {
    CommitResult result = CommitNow(store, std::move(transaction));
    std::string text = base::StrCat("commit: ", absl::StatusCodeToString(result.status.code()), " at ",
                                    result.position.sequence, " broken");
    for (const std::string& key : result.broken_keys) base::StrAppend(&text, " ", key);
    const FeedEntry last = store.FeedEnd().sequence == 0
                               ? FeedEntry()
                               : store.ReadFeed({store.FeedEnd().epoch, store.FeedEnd().sequence - 1}, 1).value()[0];
    base::StrAppend(&text, " feed ", last.position.sequence, last.payload, " rows ",
                    RowsOf(*store.Latest(), "", "", kMaxScanRows));
    return text;
  }

  std::string Key() { return std::string(1, static_cast<char>('a' + random_() % 8)); }

  MemoryStore model_;
  Store* stores_[2];
  std::pair<std::unique_ptr<Transaction>, std::unique_ptr<Transaction>> open_[kOpen];
  std::mt19937_64 random_;
};

std::string RandomStepsAgreeWithTheModel(Store& store) {
  const uint64_t seed = TestSeed();
  const std::string difference = ModelComparison(store, seed).Run(4000);
  return difference.empty() ? "" : base::StrCat("seed ", seed, ", ", difference, "\n");
}

}  // namespace

std::vector<StoreCheck> ConcurrencyChecks() {
  return {{"TransfersKeepTheSum", TransfersKeepTheSum},
          {"HotCounterSellsExactlyItsStock", HotCounterSellsExactlyItsStock},
          {"EveryCommitIsAnsweredOnce", EveryCommitIsAnsweredOnce},
          {"CommitOrderExplainsEveryRead", CommitOrderExplainsEveryRead},
          {"RandomStepsAgreeWithTheModel", RandomStepsAgreeWithTheModel}};
}

}  // namespace zhuxiao::store
