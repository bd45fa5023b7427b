// What must happen without a call: closing listings, voiding contracts, ending standing orders and holds, filling
// standing orders when something changed that may fill them, looking after stall cases, bringing rows of the version
// before up to date, and forgetting old request records.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/api/handler.h"
#include "services/order/market.h"
#include "services/order/standing_work.h"
#include "services/report/daily_facts.h"
#include "services/round/runner.h"
#include "services/round/schedule.h"
#include "services/server/upgrade.h"
#include "services/stall/upkeep.h"
#include "services/store/lease.h"

namespace zhuxiao::server {

// Runs until destroyed. One thread; of several processes on one store only the holder of the lease works.
class Maintenance {
 public:
  // All outlive the object, which is the only user of `stalls`. `schedule` says when rounds are held by themselves.
  Maintenance(api::Environment& environment, order::Market& market, stall::Upkeep& stalls, report::DailyFacts& facts,
              std::vector<round::ScheduleRow> schedule);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

 private:
  void Loop();
  // One pass over everything that is due now.
  void RunOnce();
  bool HoldLease();
  void ExpireDue();
  void FillStandingOrders();
  void KeepStalls();
  void FollowFeed();
  void OpenScheduledRound();
  void UpgradeRows();
  void PruneRequestRecords();
  // Runs one step in a transaction of its own that commits only while the lease is held; a failure is logged.
  bool Step(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& step);

  api::Environment& environment_;
  order::Market& market_;
  stall::Upkeep& stalls_;
  report::DailyFacts& facts_;
  const std::vector<round::ScheduleRow> schedule_;
  const absl::Time start_;
  const std::string holder_;
  store::Lease lease_;
  order::StandingWork standing_;
  int64_t standing_fence_ = 0;  // of the lease that standing_ began under
  bool is_filling_ = false;     // more orders are worth a try than a pass takes
  absl::Time next_due_ = absl::InfinitePast();
  Upgrade upgrade_;
  absl::Time next_upgrade_ = absl::InfinitePast();
  std::string prune_cursor_;
  absl::Time next_prune_ = absl::InfinitePast();
  round::Runner rounds_;
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

}  // namespace zhuxiao::server
