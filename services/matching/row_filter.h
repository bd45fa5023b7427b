// The quick look at a shelf's rows: most listings that cannot serve an order are told apart here without touching the
// listing itself. Internal to the matching module.
#pragma once

#include <cstdint>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "services/matching/candidate.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {

// Reads rows for one order. Not thread-safe: it remembers which programme lists hold the one required.
class RowFilter {
 public:
  explicit RowFilter(const OrderView& view);

  // Some of the reasons that keep the row's listing from serving: price (unless IsPriceClose), arrival, remaining
  // life, certificates and programme. An empty answer promises nothing; Screen has the last word.
  RefusalSet Refuse(const ShelfRow& row, int32_t transit_days);

  // No cell or row whose lowest price is above this can serve.
  double highest_price() const { return highest_price_; }

  // True where the row's price is too close to the limit for its rounded figure to decide.
  bool IsPriceClose(const ShelfRow& row) const {
    return row.price <= highest_price_ && row.price >= highest_price_ * (1 - kPriceSlack);
  }

 private:
  static constexpr double kPriceSlack = 1e-6;  // ten times the rounding of a float

  bool HoldsProgramme(const std::vector<std::string>* programmes);

  const OrderView& view_;
  const double highest_price_;
  // Listings share their programme lists, of which there are few.
  absl::InlinedVector<std::pair<const void*, bool>, 8> known_;
};

}  // namespace zhuxiao::matching
