#include "services/matching/clearing/purses.h"

namespace zhuxiao::matching::clearing {
namespace {

// Above the rounding of a sum over all orders: an institution taken for one with money enough must have it.
constexpr long double kSumSlack = 1 + 1e-12L;

}  // namespace

Purses::Purses(const RoundBook& book, const std::vector<Market>& markets) : begin_(book.institutions.size() + 1) {
  std::vector<long double> most_fen(book.institutions.size());
  for (const Market& market : markets) {
    for (const Buyer& buyer : market.buyers) {
      ++begin_[buyer.institution + 1];
      const RoundOrder& order = book.orders[buyer.order];
      most_fen[buyer.institution] += static_cast<long double>(order.quantity_base) *
                                     static_cast<long double>(order.limit_price_fen) /
                                     static_cast<long double>(order.limit_base);
    }
  }
  for (size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
  seats_.resize(begin_.back());
  std::vector<uint32_t> next(begin_.begin(), begin_.end() - 1);
  for (uint32_t market = 0; market < markets.size(); ++market) {
    for (uint32_t buyer = 0; buyer < markets[market].buyers.size(); ++buyer) {
      seats_[next[markets[market].buyers[buyer].institution]++] = {market, buyer};
    }
  }
  for (uint32_t institution = 0; institution < book.institutions.size(); ++institution) {
    if (begin_[institution] < begin_[institution + 1] &&
        most_fen[institution] * kSumSlack > static_cast<long double>(book.institutions[institution].limit_fen)) {
      scarce_.push_back(institution);
    }
  }
}

}  // namespace zhuxiao::matching::clearing
