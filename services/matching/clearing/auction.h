// The auction of one commodity at given values of money.
#pragma once

#include "services/matching/clearing/sample.h"
#include "services/matching/clearing/search.h"
#include "services/matching/clearing/watch.h"

namespace zhuxiao::matching::clearing {

// Clears a market by an ascending auction (Bertsekas and Castanon 1989, for transportation problems): each order with
// goods still to find bids for the lot worth most to it, up to its worth in the runner-up plus `step`; whoever is
// outbid bids again. Ends when every order has what it wants or finds nothing worth its price; each order then holds
// what is within `step` of the best at the final prices. An order whose budget binds bids by worth per fen.
class Auction {
 public:
  // Every step ends early, with all invariants kept, once the watch says so.
  Auction(Market& market, const Roads& roads, Watch& watch) : market_(market), roads_(roads), watch_(watch) {}

  // Orders bid for any part of a listing, as the certificate lets them, also below its least lot. What they then hold
  // is no allocation.
  void IgnoreLots() { ignores_lots_ = true; }

  // Takes all goods back, lowers prices by `drop`, and runs with the orders of the sample. Unless that is everybody,
  // only the prices are of any use afterwards: what orders hold is for others too.
  void Run(float step, float drop, const Sample& sample);

  // Goes on from where Run ended, at the present prices: orders with something left to find bid again.
  void Resume(float step);

  // Gives back what cannot become a contract: less than a listing's least lot, and what an order holds that takes all
  // or nothing and is not full; that order is out from then on.
  void Prune();

  // Lowers the prices of what is free.
  void LowerFree(float step);

 private:
  void Open(float drop, const Sample& sample);
  void ClearQueue();
  void ServeQueue();
  // Lists each buyer's holds: at most one of a lot.
  void IndexHolds();
  void Serve(uint32_t group);
  // False where nothing is worth bidding for.
  bool Bid(Buyer& buyer, uint32_t index);
  // Bids where a budget may bind: at the value of money where the best lot's worth is nil, or where the money just
  // covers the order.
  bool BidWithin(Buyer& buyer, uint32_t index);
  // Bids where the money covers the order at `query.money`, but not at the floor: a mix of a dear and a cheap lot.
  bool BidBetween(Buyer& buyer, uint32_t index, Query query, const Best& affordable);
  bool IsAffordable(const Buyer& buyer, double cost) const;
  bool Place(Buyer& buyer, uint32_t index, uint32_t lot, float raise, int64_t units);
  void Wait(uint32_t buyer);
  Query QueryOf(const Buyer& buyer) const;

  Market& market_;
  const Roads& roads_;
  Watch& watch_;
  Finder finder_;
  Row row_;
  float step_ = 0;
  bool ignores_lots_ = false;
  std::vector<uint32_t> queue_;
  std::vector<uint32_t> hold_begin_;  // by buyer
  std::vector<uint32_t> hold_lots_;
  std::vector<int64_t> hold_units_;
};

}  // namespace zhuxiao::matching::clearing
