#include "services/stall/case_watch.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::stall {
namespace {

// How long a stop, or a sink that is over, may take to be noticed while the feed is still.
constexpr absl::Duration kPatience = absl::Milliseconds(200);
constexpr size_t kWatchedAtOnce = 500;

}  // namespace

CaseWatch::CaseWatch(store::Store& store) : store_(store), thread_([this] { Loop(); }) {}

CaseWatch::~CaseWatch() {
  Stop();
  thread_.join();
}

void CaseWatch::Add(std::shared_ptr<CaseSink> sink) {
  {
    absl::MutexLock lock(&mutex_);
    if (!is_stopping_) {
      watchers_.push_back({std::move(sink), store_.FeedEnd()});
      return;
    }
  }
  sink->End();
}

void CaseWatch::Stop() {
  std::vector<Watcher> left;
  {
    absl::MutexLock lock(&mutex_);
    is_stopping_ = true;
    left.swap(watchers_);
  }
  for (const Watcher& watcher : left) watcher.sink->End();
}

std::vector<CaseWatch::Watcher> CaseWatch::Watchers() {
  absl::MutexLock lock(&mutex_);
  const auto has_news = [this] {
    mutex_.AssertHeld();
    return is_stopping_ || !watchers_.empty();
  };
  mutex_.Await(absl::Condition(&has_news));
  return watchers_;
}

void CaseWatch::Loop() {
  store::Position position;
  bool is_idle = true;
  for (;;) {
    const std::vector<Watcher> watchers = Watchers();
    if (watchers.empty()) return;
    // Whoever came first after a pause says where to begin; later ones are at or beyond that.
    if (is_idle) position = watchers.front().after;
    if (store_.WaitFeed(position, absl::Now() + kPatience)) position = PassOn(position, watchers);
    absl::MutexLock lock(&mutex_);
    std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.sink->IsOver(); });
    is_idle = watchers_.empty();
  }
}

store::Position CaseWatch::PassOn(store::Position position, const std::vector<Watcher>& watchers) {
  auto entries = store_.ReadFeed(position, kWatchedAtOnce);
  if (!entries.ok()) {
    Stop();
    return position;
  }
  std::vector<std::shared_ptr<CaseSink>> done;
  for (const store::FeedEntry& entry : *entries) {
    position = entry.position;
    audit::v1::Event event;
    if (!event.ParseFromString(entry.payload) || !event.has_stall_case()) continue;
    const auto snapshot = store_.Latest();
    for (const Watcher& watcher : watchers) {
      const bool is_done = std::find(done.begin(), done.end(), watcher.sink) != done.end();
      if (is_done || !(watcher.after < position)) continue;
      if (!watcher.sink->Take(*snapshot, event.stall_case())) done.push_back(watcher.sink);
    }
  }
  absl::MutexLock lock(&mutex_);
  std::erase_if(watchers_, [&](const Watcher& watcher) {
    return std::find(done.begin(), done.end(), watcher.sink) != done.end();
  });
  return position;
}

}  // namespace zhuxiao::stall
