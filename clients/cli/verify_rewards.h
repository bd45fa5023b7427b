// Rewards in their plainest form, computed a second time from the books: what counts under a policy and what that pays.
// Of the engine of rewards it shares the policy as data, and nothing of the judging and computing.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "services/reward/engine/policy.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::cli {

struct WindowSums {
  int64_t counted_fen = 0;
  int64_t refunded_fen = 0;
  int64_t units = 0;
  int64_t unit_value_fen = 0;
};
// By the name of the window: "2023Q1", or "" where the period is one.
using RewardSums = std::map<std::string, WindowSums>;

// Adds what a sale counts for under a policy; nothing where it is out of scope.
void AddSale(const reward::engine::Policy& policy, const reward::v1::OnlineSale& sale, RewardSums& sums);

// What a claimant with these sums gets in all windows, alone: without pool and places.
int64_t RewardOf(const reward::engine::Policy& policy, const RewardSums& sums);

int64_t NetOf(const RewardSums& sums);

// True where claimants share a pool or places.
bool IsShared(const reward::engine::Policy& policy);

// What the pool holds in all windows; 0 without one.
int64_t FundOf(const reward::engine::Policy& policy);

}  // namespace zhuxiao::cli
