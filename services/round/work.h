// The work of a round between two states: freezing, computing, settling. Each is a row of bounded transactions, and may
// stop after any of them: what was begun is begun anew, or goes on from its cursor.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/ledger/operation.h"
#include "services/matching/clear.h"
#include "services/order/market.h"
#include "services/round/archive.h"
#include "services/round/records.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// Rows of one transaction of a large write: some forty orders of a round, settled together since each commit waits for
// the disk. Few enough that the commits of others wait for a millisecond or two.
inline constexpr size_t kRowsAtOnce = 500;

// What the work needs of the process. All outlive it.
struct Surroundings {
  store::Store& store;
  const base::Clock& clock;
  base::Random& random;
  order::Market& market;
};

// Not thread-safe; one thread works on rounds at a time. Several processes may work on one round by accident: each
// writes only while its own try is the last.
class Work {
 public:
  struct Limits {
    // Joins what must hold for this process to work (its lease) to each transaction.
    std::function<absl::Status(store::Transaction&)> guard;
    // True ends a computation under way, soon, without a result. Called from several threads.
    std::function<bool()> is_stopped;
    // Hears why lines of a round were dropped that could not be settled; may be empty.
    std::function<void(const std::string& round_id, const absl::Status&)> tell = nullptr;
    // 1 or more; at 1 each order is settled by itself.
    size_t rows_at_once = kRowsAtOnce;
  };

  Work(const Surroundings& surroundings, Limits limits) : around_(surroundings), limits_(std::move(limits)) {}

  // Takes the round as far as it goes without anybody's word: finishes the work of its state and, where it is
  // automatic, the steps after it. OK where it rests or is over, or another took it on. A round that cannot be computed
  // is cancelled with the cause. Any other error leaves the round where it is; trying again later goes on.
  absl::Status Advance(const std::string& round_id);

  // Rounds that are not over, the oldest first.
  static absl::StatusOr<std::vector<std::string>> NotOver(store::Store& store);

 private:
  absl::Status TakeOwnStep(const v1::Round& round, std::string_view step, const std::string& cause = "");
  absl::Status Freeze(const v1::Round& round);
  absl::Status Compute(const v1::Round& round);
  absl::Status Settle(const v1::Round& round);
  // Stores what settling leaves for single orders, and takes the round to SETTLED.
  absl::Status FinishSettling(const v1::Round& round);

  // Begins a try at the work of the round's state.
  absl::StatusOr<int64_t> BeginAttempt(const v1::Round& round);
  // Runs `body` where the round's state and try are still these.
  absl::Status InAttempt(const v1::Round& round, int64_t attempt, const std::string& action,
                         const std::function<absl::Status(ledger::Operation&, RoundRecord&)>& body);
  // Deletes all rows of a prefix, some a transaction.
  absl::Status Sweep(const v1::Round& round, int64_t attempt, const std::string& prefix);
  absl::StatusOr<matching::Clearing> Clear(const v1::Round& round, const round_files::RoundInput& input);
  // Stores files and lines, some a transaction.
  absl::Status KeepFiles(const v1::Round& round, int64_t attempt, ArchivePart part,
                         const std::function<void(round_files::FileSink)>& format);
  absl::Status KeepLines(const v1::Round& round, int64_t attempt, const std::vector<v1::RoundLine>& lines);
  void NoteProgress(const v1::Round& round, const v1::RoundProgress& progress);

  // One transaction; what it changes of a round is told on the feed.
  absl::Status Run(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& body);
  // The same of several operations, one after the other and each told by itself, until `body` says that it was the
  // last.
  absl::Status RunEach(const std::string& action, const std::function<absl::StatusOr<bool>(ledger::Operation&)>& body);

  const Surroundings around_;
  const Limits limits_;
};

}  // namespace zhuxiao::round
