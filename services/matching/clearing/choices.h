// Which listings an order may have: what exchanges of contracts choose from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "services/matching/clearing/market.h"

namespace zhuxiao::matching::clearing {

// A listing an order may have some of, units of its first tranche worth no less than nothing to it.
struct Choice {
  uint32_t listing = 0;
  int64_t plain_fen = 0;  // welfare of a unit of the second tranche
};

// Of each order, by listing. Immutable; thread-safe.
class Choices {
 public:
  explicit Choices(const std::vector<std::vector<Choice>>& by_order);

  std::span<const Choice> Of(uint32_t order) const {
    return std::span(choices_).subspan(begin_[order], begin_[order + 1] - begin_[order]);
  }

 private:
  std::vector<size_t> begin_;  // by order
  std::vector<Choice> choices_;
};

// Every listing the order may have. Looks at each pair of an order and a listing of its commodity.
Choices AllChoices(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads);

// An exchange chooses among so many where an order could have thousands. With 16 a trial takes twice as long, and so
// many trials fewer bring less than the wider choice brings more; with 6 less is left to find.
inline constexpr size_t kBestChoices = 8;

// The kBestChoices worth most to the order at the markets' prices and the institutions' values of money.
Choices BestChoices(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads,
                    const std::vector<Market>& markets, const std::vector<double>& money, int threads);

}  // namespace zhuxiao::matching::clearing
