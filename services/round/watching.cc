#include "services/round/watching.h"

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round/reading.h"
#include "services/round/states.h"

namespace zhuxiao::round {
namespace {

// How often a watch looks; a phase of a computation takes longer.
constexpr absl::Duration kWatchPause = absl::Milliseconds(200);

// When one who watches too much may try again.
constexpr absl::Duration kRetryAfter = absl::Seconds(30);

// True where the watch has seen all it waits for.
bool IsSeen(const v1::Round& round, bool until_rest) {
  if (IsOver(round.state())) return true;
  return until_rest && !IsWorking(round.state()) && !(round.is_automatic() && NextStepOf(round.state()));
}

const std::string& KeyOf(const base::Caller& caller) {
  return caller.organisation.empty() ? caller.token_id : caller.organisation;
}

}  // namespace

absl::Status Gone() { return absl::CancelledError("the client went away"); }

absl::Status Watch(store::Store& store, const v1::WatchRoundRequest& request, const WatchSide& side) {
  const double end = side.now_seconds() + kLongestWatchSeconds;
  std::string last;
  while (!side.is_gone()) {
    auto round = ReadRound(*store.Latest(), request.round_id());
    if (!round.ok()) return round.status();
    const bool is_seen = IsSeen(*round, request.until_rest());
    v1::WatchRoundResponse response;
    *response.mutable_round() = *std::move(round);
    response.set_is_cut_short(!is_seen && side.now_seconds() >= end);
    if (std::string now = response.SerializeAsString(); now != last) {
      if (!side.send(response)) return Gone();
      last = std::move(now);
    }
    if (is_seen || response.is_cut_short()) return absl::OkStatus();
    absl::SleepFor(kWatchPause);
  }
  return Gone();
}

absl::StatusOr<std::shared_ptr<WatchCount::Place>> WatchCount::Begin(const base::Caller& caller) {
  absl::MutexLock lock(&counts_->mutex);
  int& count = counts_->by_caller[KeyOf(caller)];
  if (count >= kMaxWatchesOfCaller) {
    return base::Overloaded(base::StrCat("the caller watches ", count, " rounds already, as many as one may"),
                            kRetryAfter);
  }
  ++count;
  return std::make_shared<Place>(counts_, KeyOf(caller));
}

WatchCount::Place::~Place() {
  absl::MutexLock lock(&counts_->mutex);
  const auto it = counts_->by_caller.find(caller_);
  if (--it->second == 0) counts_->by_caller.erase(it);
}

}  // namespace zhuxiao::round
