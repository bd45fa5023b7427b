// What happened on each day, taken from the feed event by event: the facts daily reports are summed from. In memory, so
// that a day's report costs what that day had, not what the book has. Nothing here decides; the feed is the truth.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/base/clock.h"
#include "services/store/store.h"
#include "zhuxiao/audit/v1/audit.pb.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::report {

// One thing that happened to one contract, sale, listing or case.
struct Fact {
  v1::ReportFigure figure = v1::REPORT_FIGURE_UNSPECIFIED;
  int64_t amount_fen = 0;
  std::string_view id;              // of the contract, sale, listing or case
  std::string_view origin_code;     // where the goods come from
  std::string_view commodity_code;  // of the catalogue
  std::string_view buyer_uscc;      // empty where nobody bought
  bool is_online = false;           // bought through a platform
};

// Thread-safe.
class DailyFacts {
 public:
  // `store` outlives the object.
  explicit DailyFacts(store::Store& store) : store_(store) {}

  // Reads the feed up to `position`, at most `limit` events. True where it came there. DATA_LOSS where an event cannot
  // be read.
  absl::StatusOr<bool> Advance(store::Position position, size_t limit);

  // Calls `visit` with the facts of a day in the order of the feed, and returns the position they are complete up to.
  // No event is taken meanwhile. The views live until `visit` returns.
  store::Position ForEach(base::Day day, const std::function<void(const Fact&)>& visit) const;

 private:
  // What the facts of one contract, sale, listing or case share.
  struct Thing {
    std::string id;
    std::string origin_code;
    std::string commodity_code;
    std::string buyer_uscc;
    bool is_online = false;
    // Of a contract as the feed last showed it: what of it was counted.
    order::v1::ContractState state = order::v1::CONTRACT_STATE_UNSPECIFIED;
    bool is_overdue = false;
    int payments = 0;
    int returns = 0;  // agreed to
  };
  struct Row {
    v1::ReportFigure figure;
    uint32_t thing;
    int64_t amount_fen;
  };
  // Of a listing as the feed last showed it.
  struct Terms {
    std::string origin_code;
    std::string commodity_code;
    int64_t unit_price_fen = 0;
  };

  void Apply(const audit::v1::Event& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyContract(const order::v1::Contract& contract, std::vector<Row>& day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Counts what happened to the contract besides its state: refunds, returns, an overdue payment.
  void ApplyMoney(const order::v1::Contract& contract, uint32_t index, std::vector<Row>& day)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyStall(const stall::v1::StallCase& stall_case, std::vector<Row>& day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t ThingOf(const Thing& thing) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The thing of a listing or of what is about one.
  uint32_t ThingOn(const std::string& id, const std::string& listing_id, const std::string& buyer_uscc, bool is_online)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t ValueFen(const std::string& listing_id, int64_t units) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  store::Store& store_;
  mutable absl::Mutex mutex_;
  store::Position position_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<base::Day, std::vector<Row>> days_ ABSL_GUARDED_BY(mutex_);
  std::vector<Thing> things_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, uint32_t> thing_of_ ABSL_GUARDED_BY(mutex_);  // by id
  absl::flat_hash_map<std::string, Terms> terms_ ABSL_GUARDED_BY(mutex_);        // by listing
};

}  // namespace zhuxiao::report
