// `zhuxiao play`: plays the seed cases through the public API of a running server.
#pragma once

#include "clients/cli/command.h"
#include "clients/cli/play_stage.h"

namespace zhuxiao::cli {

Command PlayCommand();

// The scenes. Each may be played again on the same books: what stands is left standing, trades are made anew.

// Organisations, admissions, institutions, quotas, designations and linkages.
void PlaySetUp(Stage& stage);
// 10,000 jin of stalled eggs, sold in pieces to canteens; returns nothing and leaves none of them on the market. In
// between, a hospital at its limit is refused.
void PlayEggs(Stage& stage);
// 60 head of cattle, ordered by head and settled by weight, some through a platform's hold; the households' income.
void PlayCattle(Stage& stage);
// A firm at the edge of the reward, and the claw-back after a refund in January.
void PlayReward(Stage& stage);

}  // namespace zhuxiao::cli
