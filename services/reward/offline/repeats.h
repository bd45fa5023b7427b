// Rows that carry a number met before: the same content again counts once, other content is a mistake. The rows
// themselves are read again and compared cell by cell, so that nothing hangs on a digest.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/reward/offline/block_reader.h"
#include "services/reward/offline/faults.h"
#include "services/reward/offline/sale_row.h"
#include "services/reward/offline/spill.h"

namespace zhuxiao::reward::offline {

// Thread-safe; refers to what it is given.
class Repeats {
 public:
  Repeats(const BlockReader& input, const SaleColumns& columns, const std::string& file, FaultList& faults)
      : input_(input), columns_(columns), file_(file), faults_(faults) {}

  // Adds a fault at the line of `later` where it says anything else than `first`, which has the same key.
  absl::Status Check(const LineFacts& first, const LineFacts& later) const;

 private:
  const BlockReader& input_;
  const SaleColumns& columns_;
  const std::string& file_;
  FaultList& faults_;
};

}  // namespace zhuxiao::reward::offline
