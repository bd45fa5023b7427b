// Small rounds cleared in memory, for explanations.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "services/matching/clear.h"
#include "services/round/cleared_round.h"
#include "tests/support/small_round.h"

namespace zhuxiao::testing {

// The round of a book, cleared; ids are "listing-0", "order-0" and so on. Null where it cannot be.
inline std::unique_ptr<round::ClearedRound> ClearInMemory(const matching::RoundBook& book,
                                                          const matching::ClearingPolicy& policy) {
  round_files::RoundInput input{.book = book, .policy = policy, .ids = {}};
  for (size_t i = 0; i < book.listings.size(); ++i) input.ids.listings.Add("listing-" + std::to_string(i));
  for (size_t i = 0; i < book.orders.size(); ++i) input.ids.orders.Add("order-" + std::to_string(i));
  auto cleared = std::make_unique<round::ClearedRound>(std::move(input));
  auto clearing = matching::Clear(book, policy, {.threads = 1});
  if (!clearing.ok()) return nullptr;
  cleared->outcome = {.contracts = std::move(clearing->contracts), .prices = std::move(clearing->prices)};
  return cleared;
}

}  // namespace zhuxiao::testing
