// The value of money to each institution, and how it shares its limit among its orders, at the present prices.
#pragma once

#include <cstdint>
#include <vector>

#include "services/matching/clearing/purses.h"
#include "services/matching/clearing/sample.h"
#include "services/matching/clearing/search.h"

namespace zhuxiao::matching::clearing {

// The value of money at which an institution's best purchases cost its limit; 0 where they cost less.
struct Money {
  double value = 0;
  // By order: what it spends at most and at least at that value of money.
  std::vector<double> most_fen;
  std::vector<double> least_fen;
};

// Solves one institution's dual problem, limit * money + sum of quantity * max(0, worth - cost * money), by cutting
// planes. One a thread.
class Teller {
 public:
  Teller(const std::vector<Market>& markets, const Roads& roads) : markets_(markets), roads_(roads) {}
  // `is_proof`: counts every possible lot, as the bound must; else those the order could have a contract with.
  const Money& Solve(const Purses& purses, uint32_t institution, int64_t limit_fen, bool is_proof);
  Finder& finder() { return finder_; }

 private:
  struct Line {
    double worth = 0;  // of the whole order, fen
    double cost = 0;   // of the whole order, fen
  };
  bool Cut(const Seat& seat, double money, bool is_proof, std::vector<Line>& lines);

  const std::vector<Market>& markets_;
  const Roads& roads_;
  Finder finder_;
  Row row_;
  Money money_;
  std::vector<std::vector<Line>> lines_;
};

// Solves every scarce institution that bids at the present prices and shares its limit among its orders: each gets what
// it spends at that value of money, and the order at the margin the rest. Sets the buyers' budgets and money floors,
// and `money`, by institution.
void ShareLimits(const RoundBook& book, const Purses& purses, const Sample& sample, std::vector<Market>& markets,
                 const Roads& roads, int threads, std::vector<double>& money);

// Shares each limit by what the orders could spend at their own limit prices: no search, for when time is short.
void ShareLimitsByNeed(const RoundBook& book, const Purses& purses, std::vector<Market>& markets);

// What an order could spend on so many base units at its limit price; int64's greatest where that is more.
int64_t NeedFen(const RoundOrder& order, int64_t base);

// The values of money that give the lowest bound at the present prices.
void ProveMoney(const RoundBook& book, const Purses& purses, const std::vector<Market>& markets, const Roads& roads,
                int threads, std::vector<double>& money);

}  // namespace zhuxiao::matching::clearing
