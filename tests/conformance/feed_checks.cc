// Conformance: the event feed.
#include <thread>
#include <utility>

#include "tests/conformance/store_suite.h"

namespace zhuxiao::store {
namespace {

CommitResult AppendNow(Store& store, const std::vector<std::string>& payloads) {
  Transaction transaction = Begin(store);
  for (const std::string& payload : payloads) transaction.Append(payload);
  return CommitNow(store, std::move(transaction));
}

// "1:a 2:b": sequences and payloads, or the error's text.
std::string FeedText(Store& store, Position after, size_t limit) {
  absl::StatusOr<std::vector<FeedEntry>> entries = store.ReadFeed(after, limit);
  if (!entries.ok()) return entries.status().ToString();
  std::string text;
  for (const FeedEntry& entry : *entries) {
    base::StrAppend(&text, text.empty() ? "" : " ", entry.position.sequence, ":", entry.payload);
  }
  return text;
}

std::string EventsAreNumberedWithoutGaps(Store& store) {
  Findings findings;
  const Position start = store.FeedEnd();
  findings.Require(start.sequence == 0 && FeedText(store, {}, 10).empty(), "a new feed is empty");
  const CommitResult first = AppendNow(store, {"a", "b"});
  const CommitResult silent = PutNow(store, "row", "no event");
  const CommitResult last = AppendNow(store, {"c"});
  findings.Require(first.position.sequence == 2, "a commit stands at its last event");
  findings.Require(silent.position == first.position, "one without events stands where the one before it stands");
  findings.Require(last.position.sequence == 3 && store.FeedEnd() == last.position, "the feed ends at the last event");
  findings.Require(store.Latest()->position() == last.position, "a snapshot stands at its last commit");
  findings.Require(FeedText(store, {}, 10) == "1:a 2:b 3:c", "the default position is the start; order is Append's");
  findings.Require(FeedText(store, start, 10) == "1:a 2:b 3:c", "the end of an empty feed is its start");
  findings.Require(FeedText(store, first.position, 10) == "3:c", "a position is exclusive");
  findings.Require(FeedText(store, {start.epoch, 1}, 1) == "2:b", "a limit cuts");
  findings.Require(FeedText(store, last.position, 10).empty(), "nothing comes after the end");
  findings.Require(FeedText(store, {start.epoch, 99}, 10).empty(), "nor beyond it");
  findings.Require(absl::IsInvalidArgument(store.ReadFeed({}, 0).status()), "limit 0 is refused");
  findings.Require(absl::IsInvalidArgument(store.ReadFeed({}, kMaxScanRows + 1).status()),
                   "too large a limit is refused");
  return findings.text();
}

std::string RefusedCommitsTellNothing(Store& store) {
  Findings findings;
  Transaction outdated = Begin(store);
  ValueOf(outdated, "row");
  outdated.Append("never");
  PutNow(store, "row", "changed");
  findings.Require(absl::IsAborted(CommitNow(store, std::move(outdated)).status), "an outdated commit aborts");
  AppendNow(store, {"told"});
  findings.Require(FeedText(store, {}, 10) == "1:told", "its event is not told and takes no number");
  return findings.text();
}

std::string LongFeedsAreReadWhole(Store& store) {
  Findings findings;
  // More than any tail kept in memory, by bytes.
  constexpr int kEvents = 120;
  for (int i = 0; i < kEvents; ++i) AppendNow(store, {base::StrCat(i, "/", std::string(100'000, 'x'))});
  Position at;
  int count = 0;
  while (true) {
    absl::StatusOr<std::vector<FeedEntry>> entries = store.ReadFeed(at, 1000);
    findings.RequireOk(entries.status(), "reading a long feed");
    if (!entries.ok() || entries->empty()) break;
    size_t bytes = 0;
    for (const FeedEntry& entry : *entries) {
      findings.Require(entry.position.sequence == ++at.sequence, "no event is left out or repeated");
      findings.Require(entry.payload.starts_with(base::StrCat(count++, "/")), "each has its payload");
      bytes += entry.payload.size();
    }
    findings.Require(bytes <= kMaxFeedBytes, "a read is bounded in bytes");
    at = entries->back().position;
  }
  findings.Require(count == kEvents, "every event is read");
  return findings.text();
}

std::string FollowersSeeEveryEventAndItsState(Store& store) {
  Findings findings;
  constexpr int kWriters = 4;
  constexpr int kCommits = 100;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&store, writer] {
      for (int i = 0; i < kCommits; ++i) {
        Transaction transaction = Begin(store);
        const std::string name = base::StrCat("w", writer, "/", i);
        transaction.Put(name, "there");
        transaction.Append(name);
        CommitNow(store, std::move(transaction));
      }
    });
  }
  Position at;
  std::vector<int> next(kWriters, 0);
  for (int seen = 0; seen < kWriters * kCommits && findings.text().empty();) {
    if (!store.WaitFeed(at, absl::Now() + absl::Seconds(30))) break;
    absl::StatusOr<std::vector<FeedEntry>> entries = store.ReadFeed(at, 7);
    const std::shared_ptr<Snapshot> state = store.Latest();
    findings.Require(entries.ok() && !entries->empty(), "WaitFeed says that there is more");
    if (!entries.ok() || entries->empty()) break;
    for (const FeedEntry& entry : *entries) {
      findings.Require(entry.position.sequence == ++at.sequence, "followers meet no gap");
      const int writer = entry.payload[1] - '0';
      findings.Require(entry.payload == base::StrCat("w", writer, "/", next[writer]++), "one writer's order is kept");
      findings.Require(ValueOf(*state, entry.payload) == "there", "who sees an event sees its state");
      ++seen;
    }
    at = entries->back().position;
  }
  for (std::thread& writer : writers) writer.join();
  findings.Require(at.sequence == kWriters * kCommits, "followers see every event");
  return findings.text();
}

std::string WaitingEnds(Store& store) {
  Findings findings;
  findings.Require(!store.WaitFeed(store.FeedEnd(), absl::Now()), "waiting for nothing ends at the deadline");
  findings.Require(!store.WaitFeed({}, absl::Now()), "an empty feed has no event to begin with");
  AppendNow(store, {"a"});
  findings.Require(store.WaitFeed({}, absl::InfinitePast()), "there is an event already");
  std::thread waiter([&] {
    findings.Require(store.WaitFeed({store.FeedEnd().epoch, 1}, absl::InfiniteFuture()), "an event ends the wait");
  });
  AppendNow(store, {"b"});
  waiter.join();
  return findings.text();
}

}  // namespace

std::vector<StoreCheck> FeedChecks() {
  return {{"EventsAreNumberedWithoutGaps", EventsAreNumberedWithoutGaps},
          {"RefusedCommitsTellNothing", RefusedCommitsTellNothing},
          {"LongFeedsAreReadWhole", LongFeedsAreReadWhole},
          {"FollowersSeeEveryEventAndItsState", FollowersSeeEveryEventAndItsState},
          {"WaitingEnds", WaitingEnds}};
}

}  // namespace zhuxiao::store
