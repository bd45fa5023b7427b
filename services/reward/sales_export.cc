// Exports of sales.
#include "services/reward/sales_export.h"

#include <cstdint>
#include <limits>

#include "services/reward/claim_input.h"
#include "services/reward/dry_run.h"
#include "services/reward/sale_rows.h"
#include "services/reward/sale_walk.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {

absl::Status ExportSales(store::Reader& reader, const base::Caller& caller, const v1::ExportSalesRequest& request,
                         const std::string& path) {
  const auto policy = EarlierPolicy(reader, caller, request.policy_id(), request.version(), request.years_back());
  if (!policy.ok()) return policy.status();
  // All that was reported so far.
  constexpr int64_t kEpoch = std::numeric_limits<int64_t>::max();
  SaleRows rows(path, request.policy_id());
  absl::Status walked = ForEachSellerIn(reader, policy->record.jurisdiction(), [&](const std::string& claimant) {
    return ForEachFrozenSale(reader, claimant, kEpoch, [&](const FrozenSale& frozen) {
      const bool is_line = IsLine(policy->rule, frozen.sale, JudgeSale(policy->rule, frozen.sale));
      return is_line ? rows.Add(frozen) : absl::OkStatus();
    });
  });
  return walked.ok() ? rows.Close() : walked;
}

}  // namespace zhuxiao::reward
