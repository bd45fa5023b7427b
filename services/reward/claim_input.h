// What a claim's statement rests on: the sales, refunds and waybills that were reported before it was frozen. Each
// entry is stamped with the firm's epoch, which every filing and every publication raises in its own transaction, so
// that later entries can be told from those the statement knew, exactly and for ever. Private to the module.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// How many statements of the firm were frozen: the epoch of what is reported now.
absl::StatusOr<int64_t> EpochOf(store::Reader& reader, std::string_view claimant_uscc);

// Raises the firm's epoch and returns the new one: a statement made in this transaction rests on what has a smaller
// one.
absl::StatusOr<int64_t> Freeze(store::Transaction& transaction, std::string_view claimant_uscc);

// A sale as a statement knew it.
struct FrozenSale {
  v1::OnlineSale sale;                  // with the refunds and waybills known then
  std::vector<v1::SaleRefund> refunds;  // by number
};

// Calls `visit` with every sale of the claimant as a statement of `epoch` knew it, ordered by year, platform and order
// number, until it answers an error.
absl::Status ForEachFrozenSale(store::Reader& reader, std::string_view claimant_uscc, int64_t epoch,
                               const std::function<absl::Status(const FrozenSale&)>& visit);

}  // namespace zhuxiao::reward
