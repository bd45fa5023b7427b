// Settles lines order by order: repeats dropped, refunds set against their sales, sums by claimant and window, and for
// each line whether it counted and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/reward/engine/award.h"
#include "services/reward/engine/policy.h"
#include "services/reward/offline/faults.h"
#include "services/reward/offline/repeats.h"
#include "services/reward/offline/spill.h"

namespace zhuxiao::reward::offline {

__extension__ using Int128 = __int128;

// Sums that no file of int64 amounts can carry beyond 128 bits.
struct Sums {
  Int128 counted_fen = 0;
  Int128 refunded_fen = 0;
  Int128 unit_value_fen = 0;
  Int128 units = 0;

  void Add(const Sums& other);
};

// A payment of a first-come pool with what decides its turn: time, then the place of its line in lines.csv.
struct TimedDraw {
  int64_t time_ns = 0;
  uint64_t ordinal = 0;
  int64_t value_fen = 0;
  uint32_t claimant = 0;
  uint16_t window = 0;
};

struct LineCounts {
  int64_t counted = 0;
  int64_t excluded = 0;
  int64_t pending = 0;  // among the excluded
  int64_t repeated = 0;
};

// One thread's share of the partitions. Not thread-safe.
class Settlement {
 public:
  Settlement(const engine::Policy& policy, const Repeats& repeats, const std::string& file, FaultList& faults);

  // Settles all lines of a partition and appends their rows of lines.csv to `rows`. Mistakes go to the faults; an error
  // is one of reading.
  absl::Status Settle(size_t partition, std::vector<Line>& lines, std::string& rows);

  // By claimant number * windows + window.
  const std::vector<Sums>& sums() const { return sums_; }
  const std::vector<TimedDraw>& draws() const { return draws_; }
  const LineCounts& counts() const { return counts_; }

 private:
  struct Sale {
    const Line* line = nullptr;
    Int128 refunded_fen = 0;
    std::vector<const Line*> refunds = {};
  };
  // What one claimant has in one order: an order counts once for a claimant.
  struct OrderShare {
    uint32_t claimant = 0;
    uint16_t window = 0;
    int64_t time_ns = 0;
    Int128 fee_fen = 0;
  };

  absl::Status SettleOrder(Line* first, Line* last, std::string& rows);
  absl::Status GatherSales(Line* first, Line* last);
  Sale* SaleOf(const Line& refund);
  void SubtractRefunds(Line* first, Line* last);
  void CheckRefunds(const Sale& sale);
  void Count(const Sale& sale);
  void CountParcels(const Line& line, Sums& sums);
  void ShareOrder(const Line& line);
  void CountOrders();
  void Draw(int64_t time_ns, uint32_t claimant, uint16_t window, int64_t value_fen);
  void AppendRow(const Line& line, std::string& rows);
  Sums& SumsOf(uint32_t claimant, uint16_t window);
  void Fault(const Line& line, std::string what);

  const engine::Policy& policy_;
  const Repeats& repeats_;
  const std::string& file_;
  FaultList& faults_;
  const size_t windows_;
  const bool is_counting_orders_;
  const bool is_drawing_;

  std::vector<Sums> sums_;
  std::vector<TimedDraw> draws_;
  LineCounts counts_;
  std::vector<Sale> sales_;         // of the order at hand
  std::vector<OrderShare> shares_;  // likewise
  uint64_t ordinal_ = 0;
};

}  // namespace zhuxiao::reward::offline
