// The first pass over the sales: each row is parsed, checked and judged, and sent to its partition.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/reward/engine/scope.h"
#include "services/reward/offline/block_reader.h"
#include "services/reward/offline/claimants.h"
#include "services/reward/offline/csv_cells.h"
#include "services/reward/offline/faults.h"
#include "services/reward/offline/key_split.h"
#include "services/reward/offline/order_index.h"
#include "services/reward/offline/sale_row.h"
#include "services/reward/offline/spill.h"

namespace zhuxiao::reward::offline {

// What all threads share in this pass.
struct IntakeContext {
  BlockReader& input;
  const SaleColumns& columns;
  const engine::Policy& policy;
  const engine::ScopeJudge& judge;
  const KeySplit& split;
  const std::string& file;
  Spill& sales;    // by KeySplit of their key
  Spill& refunds;  // by hash of their own key
  Claimants& claimants;
  FaultList& faults;
};

// One thread's part of the pass. Not thread-safe.
class IntakePass {
 public:
  explicit IntakePass(const IntakeContext& context)
      : context_(context),
        sales_(context.sales),
        refunds_(context.refunds),
        claimants_(context.claimants),
        is_timed_(NeedsTimes(context.policy)) {}

  // Takes blocks until there are none.
  absl::Status Run();

  // Of the sales this thread met; sealed by Run.
  const OrderIndex& orders() const { return orders_; }
  int64_t refund_count() const { return refunds_.count(); }

 private:
  absl::Status TakeBlock(const Block& block);
  absl::Status TakeRecord(const Block& block, const CsvCutter& cutter);
  absl::Status Send(const SaleRow& row, LineFacts facts);
  // By the lists of the row where the file has them, else by those of the computation.
  engine::Verdict Judge(const SaleRow& row) const;

  // True where not only the period of a sale but its very time decides: which line of an order is the first, who came
  // first to a fund.
  static bool NeedsTimes(const engine::Policy& policy) {
    return engine::CountedUnit(policy) == engine::Unit::kOrder || policy.pool.has_value();
  }

  const IntakeContext& context_;
  SpillWriter sales_;
  SpillWriter refunds_;
  ClaimantCache claimants_;
  OrderIndex orders_;
  const bool is_timed_;
  std::string key_;
  std::vector<std::string> mistakes_;
};

}  // namespace zhuxiao::reward::offline
