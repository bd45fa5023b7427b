// Clears a round: finds an allocation of near-greatest welfare over all listings and orders at once, and prices that
// prove how near.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/matching/round_book.h"

namespace zhuxiao::matching {

// How far a clearing has come. Welfare and bound are those of the best stage so far, 0 before the first.
struct ClearingProgress {
  // "prepare", "limits", "auction", "certify", "close", "contracts", "resale", "exchange", "done"
  const char* phase = "";
  double seconds = 0;  // since the start
  int64_t welfare_fen = 0;
  int64_t bound_fen = 0;
};

// A sixteenth of a nation's; decisions/2026-11-22-clearing-by-auction.md has what other samples cost.
inline constexpr size_t kCoarseOrders = 90'000;

struct ClearOptions {
  int threads = 2;  // 1 .. kMaxClearThreads; changes the time taken, never the result
  // Refines in further stages until the gap is proved to be at most this; 0: as many as suit the size of the round.
  int64_t target_gap_ppm = 0;
  // Seconds after which refining stops and the best so far is made feasible and certified; 0: no limit. A clearing
  // that ran into it depends on the machine's speed; every other clearing is the same to the bit on any machine.
  double time_limit_seconds = 0;
  // Read now and then, from any thread; true ends the clearing with CANCELLED.
  std::function<bool()> is_cancelled;
  // Called from the calling thread as each phase begins.
  std::function<void(const ClearingProgress&)> on_progress;
  // Seconds since any fixed point, from any thread; the clearing itself has no clock. Without it no time limit holds
  // and no phase is timed.
  std::function<double()> now_seconds;
  // Prices of an earlier round to start from, by this book's positions (kNoPrice for what is new); null: from nothing.
  // Where they prove to be out of date, the clearing begins anew without them.
  const RoundPrices* warm_start = nullptr;
  // The first, coarsest auction is held with a sample of about so many orders, the second with four times as many; all
  // bid in the others, and in these where a round has no more. >= 1; the default suits a nation, tests ask for less.
  size_t coarse_orders = kCoarseOrders;
};

inline constexpr int kMaxClearThreads = 64;

struct Clearing {
  std::vector<RoundContract> contracts;  // by (order, listing), each pair once
  RoundPrices prices;
  int64_t welfare_fen = 0;
  int64_t bound_fen = 0;      // rounded up
  bool is_cut_short = false;  // the time limit ended it
  struct Phase {
    std::string name;
    double seconds = 0;
  };
  std::vector<Phase> phases;  // in order; empty without a clock

  // (bound - welfare) / bound in parts per million, rounded up; 0 where the bound is 0.
  int64_t GapPpm() const;
};

// Clears `book`. INVALID_ARGUMENT naming what ValidateRound does not accept, or listings by which a number could leave
// int64; CANCELLED when asked to stop. Pure apart from the callbacks; the same book, policy, target and warm start give
// the same clearing, bit for bit, for any number of threads.
absl::StatusOr<Clearing> Clear(const RoundBook& book, const ClearingPolicy& policy, const ClearOptions& options);

// Bad fields named one by one: a book out of a broken reader has one in every row, and nobody reads a million.
inline constexpr size_t kMaxNamedFaults = 100;

// OK where every position is inside its table and every number inside the range its comment gives; else
// INVALID_ARGUMENT naming the first kMaxNamedFaults bad fields, and how many there are.
absl::Status ValidateRound(const RoundBook& book, const ClearingPolicy& policy);

}  // namespace zhuxiao::matching
