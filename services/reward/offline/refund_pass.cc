// The second pass: refunds.
#include "services/reward/offline/refund_pass.h"

#include <algorithm>
#include <tuple>

#include "services/reward/offline/refund_target.h"

namespace zhuxiao::reward::offline {

bool RefundPass::HasOrder(std::string_view order) const {
  return std::any_of(orders_.begin(), orders_.end(), [&](const OrderIndex* index) { return index->Has(order); });
}

absl::Status RefundPass::Take(std::vector<Line>& refunds) {
  std::sort(refunds.begin(), refunds.end(),
            [](const Line& a, const Line& b) { return std::tie(a.own, a.facts.line) < std::tie(b.own, b.facts.line); });
  const Line* first = nullptr;
  for (Line& refund : refunds) {
    if (first != nullptr && first->own == refund.own) {
      ++repeated_count_;
      if (absl::Status status = repeats_.Check(first->facts, refund.facts); !status.ok()) return status;
      continue;
    }
    first = &refund;
    const RefundTarget target =
        ReadRefundOf(refund.place, refund.own, [this](std::string_view order) { return HasOrder(order); });
    LineFacts facts = refund.facts;
    facts.is_of_whole_order = target.is_of_whole_order;
    absl::Status status = sales_.Write(split_.Of(OrderPart(target.place)), facts, target.place, refund.own);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::reward::offline
