// The second pass: refunds, each counted once by its own number, are sent to the partition of the sale they are of.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/reward/offline/key_split.h"
#include "services/reward/offline/order_index.h"
#include "services/reward/offline/repeats.h"
#include "services/reward/offline/spill.h"

namespace zhuxiao::reward::offline {

// One thread's part of the pass. Not thread-safe; refers to what it is given.
class RefundPass {
 public:
  RefundPass(const std::vector<const OrderIndex*>& orders, const KeySplit& split, const Repeats& repeats, Spill& sales)
      : orders_(orders), split_(split), repeats_(repeats), sales_(sales) {}

  // Takes the refunds of one partition by own number.
  absl::Status Take(std::vector<Line>& refunds);
  absl::Status Flush() { return sales_.Flush(); }
  int64_t repeated_count() const { return repeated_count_; }

 private:
  bool HasOrder(std::string_view order) const;

  const std::vector<const OrderIndex*>& orders_;
  const KeySplit& split_;
  const Repeats& repeats_;
  SpillWriter sales_;
  int64_t repeated_count_ = 0;
};

}  // namespace zhuxiao::reward::offline
