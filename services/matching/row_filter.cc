// Checks on rows.
#include "services/matching/row_filter.h"

#include <algorithm>

namespace zhuxiao::matching {

RowFilter::RowFilter(const OrderView& view)
    : view_(view),
      highest_price_(static_cast<double>(view.order.limit_price_fen) / static_cast<double>(view.order.limit_base) *
                     (1 + 1e-11)) {}

RefusalSet RowFilter::Refuse(const ShelfRow& row, int32_t transit_days) {
  const base::Day arrival = view_.ArrivalDay(row.ready_day, transit_days);
  RefusalSet refused = 0;
  if (row.price > highest_price_) refused |= Only(RefusalReason::kPriceAboveLimit);
  if (arrival > view_.order.deliver_by_day) refused |= Only(RefusalReason::kNotDeliverableInTime);
  if (arrival + view_.commodity.min_life_days > row.last_sale_day) refused |= Only(RefusalReason::kTooLittleLifeLeft);
  if ((view_.order.required_certificates & ~row.certificates) != 0) refused |= Only(RefusalReason::kCertificate);
  if (view_.order.required_programme.has_value() && !HoldsProgramme(row.programmes)) {
    refused |= Only(RefusalReason::kProgramme);
  }
  return refused;
}

bool RowFilter::HoldsProgramme(const std::vector<std::string>* programmes) {
  for (const auto& [list, holds] : known_) {
    if (list == programmes) return holds;
  }
  const bool holds = std::binary_search(programmes->begin(), programmes->end(), *view_.order.required_programme);
  if (known_.size() < known_.capacity()) known_.emplace_back(programmes, holds);
  return holds;
}

}  // namespace zhuxiao::matching
