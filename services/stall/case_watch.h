// Passes changes of stall cases on to whoever watches, from the feed. No calls, no wires: the adapter gives it sinks.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/store/store.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// Takes cases as they change. Called by the watch's thread alone.
class CaseSink {
 public:
  virtual ~CaseSink() = default;
  // A case as it is after a change, without who reported it, and the state it is in. False where no more is wanted.
  virtual bool Take(store::Reader& reader, const v1::StallCase& stall_case) = 0;
  // True once nobody is left to take anything, so that the sink goes although no case changes.
  virtual bool IsOver() const = 0;
  // Nothing more comes: the watch stops.
  virtual void End() = 0;
};

// Thread-safe. One thread, which sleeps while nobody watches, so that an unwatched feed costs nothing.
class CaseWatch {
 public:
  // `store` outlives the object.
  explicit CaseWatch(store::Store& store);
  ~CaseWatch();
  CaseWatch(const CaseWatch&) = delete;
  CaseWatch& operator=(const CaseWatch&) = delete;

  // Gives `sink` every change committed after this call, until it wants no more, is over or the watch stops.
  void Add(std::shared_ptr<CaseSink> sink);

  // Ends every sink. Later sinks are ended at once. Idempotent.
  void Stop();

 private:
  struct Watcher {
    std::shared_ptr<CaseSink> sink;
    store::Position after;
  };

  void Loop();
  // The watchers of the moment; waits while there are none. Empty once the watch stops.
  std::vector<Watcher> Watchers();
  // Passes on the events after `position` and returns where it came to.
  store::Position PassOn(store::Position position, const std::vector<Watcher>& watchers);

  store::Store& store_;
  absl::Mutex mutex_;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Watcher> watchers_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace zhuxiao::stall
