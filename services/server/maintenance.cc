#include "services/server/maintenance.h"

#include <functional>
#include <vector>

#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/forward/forward.h"
#include "services/listing/listing.h"
#include "services/order/contract_steps.h"
#include "services/order/placing.h"
#include "services/order/upkeep.h"
#include "services/partner/partner.h"
#include "services/quota/declarations.h"
#include "services/round/operations.h"
#include "services/rpc/log.h"
#include "services/store/request_log.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::server {
namespace {

constexpr const char* kLeaseName = "maintenance";
// Long enough to outlast a pause of the machine, short enough that another replica takes over within seconds.
constexpr absl::Duration kLeaseTerm = absl::Seconds(15);
// How late a deadline may be noticed.
constexpr absl::Duration kDuePause = absl::Milliseconds(500);
// The least time between two passes: goods that come on the market reach standing orders this late, and a busy feed
// costs the machine fifty passes a second, not thousands.
constexpr absl::Duration kPace = absl::Milliseconds(20);
// Steps of one kind in one pass, so that no kind starves another.
constexpr size_t kStepsAtOnce = 200;
// How long a pass fills standing orders, of which a sweep has as many as there are: deadlines are noticed this much
// later at most, and the lease is renewed long before it ends.
constexpr absl::Duration kFillTime = absl::Milliseconds(200);
// Events daily reports take in one pass, so that a start over a long feed does not hold everything else up.
constexpr size_t kFactsAtOnce = 20'000;
// Request records looked at in one go, and how long to rest once all were looked at.
constexpr size_t kPruneChunk = 1'000;
constexpr absl::Duration kPrunePause = absl::Hours(6);
// How long an upgrade of rows that failed rests.
constexpr absl::Duration kUpgradePause = absl::Seconds(10);

void TellOfRound(const std::string& round_id, const absl::Status& status) {
  rpc::Log(rpc::LogLevel::kWarn, "work on a round failed", {{"round_id", round_id}, {"error", status.ToString()}});
}

}  // namespace

Maintenance::Maintenance(api::Environment& environment, order::Market& market, stall::Upkeep& stalls,
                         report::DailyFacts& facts, std::vector<round::ScheduleRow> schedule)
    : environment_(environment),
      market_(market),
      stalls_(stalls),
      facts_(facts),
      schedule_(std::move(schedule)),
      start_(environment.clock.Now()),
      holder_(base::NewId(environment.clock.Now(), environment.random)),
      standing_(environment.store, market),
      rounds_({environment.store, environment.clock, environment.random, market}, TellOfRound),
      thread_([this] { Loop(); }) {}

Maintenance::~Maintenance() {
  is_stopping_ = true;
  thread_.join();
  if (!lease_.name.empty()) {
    if (absl::Status released = store::ReleaseLease(environment_.store, lease_); !released.ok()) {
      rpc::Log(rpc::LogLevel::kWarn, "the maintenance lease runs out by itself", {{"error", released.ToString()}});
    }
  }
}

void Maintenance::Loop() {
  while (!is_stopping_) {
    const store::Position seen = environment_.store.FeedEnd();
    RunOnce();
    absl::SleepFor(kPace);
    if (is_filling_) continue;
    environment_.store.WaitFeed(seen, absl::Now() + kDuePause);
  }
}

void Maintenance::RunOnce() {
  is_filling_ = false;
  const base::Day today = base::DayOf(environment_.clock.Now());
  if (absl::Status advanced = market_.Advance(environment_.store.FeedEnd(), today); !advanced.ok()) {
    rpc::Log(rpc::LogLevel::kError, "the book does not follow the feed", {{"error", advanced.ToString()}});
    return;
  }
  FollowFeed();
  if (!HoldLease()) return rounds_.Rest();
  rounds_.Drive(lease_);
  if (const absl::Time now = environment_.clock.Now(); now >= next_due_) {
    ExpireDue();
    KeepStalls();
    OpenScheduledRound();
    next_due_ = now + kDuePause;
  }
  FillStandingOrders();
  UpgradeRows();
  PruneRequestRecords();
}

bool Maintenance::HoldLease() {
  const absl::Time now = environment_.clock.Now();
  if (!lease_.name.empty() && lease_.expires - now > kLeaseTerm / 2) return true;
  auto lease = store::AcquireLease(environment_.store, kLeaseName, holder_, now, kLeaseTerm);
  lease_ = lease.ok() ? *std::move(lease) : store::Lease();
  if (lease_.name.empty()) return false;
  if (lease_.fence != standing_fence_) standing_.Begin(now);
  standing_fence_ = lease_.fence;
  return true;
}

bool Maintenance::Step(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& step) {
  const ledger::Intent intent = api::MakeIntent(environment_, {}, action, "");
  const absl::Status done =
      store::RunTransaction(environment_.store, [&](store::Transaction& transaction) -> absl::Status {
        if (absl::Status held = store::CheckLease(transaction, lease_); !held.ok()) return held;
        ledger::Operation operation(transaction, intent);
        if (absl::Status stepped = step(operation); !stepped.ok()) return stepped;
        if (!transaction.is_read_only()) operation.Close();
        return absl::OkStatus();
      });
  if (!done.ok()) {
    rpc::Log(rpc::LogLevel::kWarn, "a maintenance step failed", {{"action", action}, {"error", done.ToString()}});
  }
  return done.ok();
}

void Maintenance::ExpireDue() {
  using Find = std::function<absl::StatusOr<std::vector<std::string>>(store::Reader&, absl::Time, size_t)>;
  using Expire = std::function<absl::Status(ledger::Operation&, const std::string&)>;
  struct Kind {
    const char* action;
    Find find;
    Expire expire;
  };
  // Contracts come before listings, so that what they give back is there when their listing closes.
  static const std::vector<Kind> kKinds = {
      {"ExpireContract", order::DueContracts, order::ExpireContract},
      {"ExpireHold", partner::DueHolds, partner::ExpireHold},
      {"ExpireOrder", order::DueOrders, order::ExpireStanding},
      {"ExpireListing", listing::DueListings, listing::Expire},
      {"ExpireForward", forward::DueForwards, forward::ExpireForward},
      {"AgeDeclaration", quota::DueDeclarations, quota::AgeDeclaration},
  };
  const absl::Time now = environment_.clock.Now();
  for (const Kind& kind : kKinds) {
    auto ids = kind.find(*environment_.store.Latest(), now, kStepsAtOnce);
    if (!ids.ok()) {
      rpc::Log(rpc::LogLevel::kError, "due rows cannot be read", {{"error", ids.status().ToString()}});
      continue;
    }
    for (const std::string& id : *ids) {
      if (is_stopping_) return;
      Step(kind.action, [&](ledger::Operation& operation) { return kind.expire(operation, id); });
    }
  }
}

void Maintenance::FillStandingOrders() {
  if (absl::Status looked = standing_.Look(environment_.clock.Now()); !looked.ok()) {
    rpc::Log(rpc::LogLevel::kError, "what may fill orders is not followed", {{"error", looked.ToString()}});
  }
  const absl::Time end = absl::Now() + kFillTime;
  while (!is_stopping_ && absl::Now() < end) {
    auto id = standing_.Next();
    if (!id.ok()) {
      rpc::Log(rpc::LogLevel::kError, "standing orders cannot be read", {{"error", id.status().ToString()}});
      return;
    }
    if (!*id) return;
    Step("FillOrder",
         [&](ledger::Operation& operation) { return order::FillStanding(operation, market_, **id).status(); });
  }
  is_filling_ = true;
}

// Reports are every replica's own, lease or not.
void Maintenance::FollowFeed() {
  const auto followed = facts_.Advance(environment_.store.FeedEnd(), kFactsAtOnce);
  if (!followed.ok()) {
    rpc::Log(rpc::LogLevel::kError, "daily reports do not follow the feed", {{"error", followed.status().ToString()}});
  }
}

void Maintenance::KeepStalls() {
  const absl::Status passed =
      stalls_.Pass(environment_.clock.Now(),
                   [this](const std::string& action, const std::function<absl::Status(ledger::Operation&)>& step) {
                     if (!is_stopping_) Step(action, step);
                   });
  if (!passed.ok()) {
    rpc::Log(rpc::LogLevel::kError, "stall cases are not looked after", {{"error", passed.ToString()}});
  }
}

void Maintenance::OpenScheduledRound() {
  const auto slot = round::DueSlot(schedule_, environment_.clock.Now());
  if (!slot) return;
  std::string blocking;
  const bool is_done = Step("OpenRound", [&](ledger::Operation& operation) -> absl::Status {
    auto opened = round::OpenScheduled(operation, *slot, start_);
    if (opened.ok()) blocking = *std::move(opened);
    return opened.status();
  });
  if (!is_done || blocking.empty()) return;
  rpc::Log(rpc::LogLevel::kError, "a slot of the schedule has no round: another is not over",
           {{"round", blocking}, {"slot", absl::FormatTime("%Y-%m-%d %H:%M", *slot, base::Shanghai())}});
}

void Maintenance::UpgradeRows() {
  if (environment_.clock.Now() < next_upgrade_) return;
  const auto upgraded = upgrade_.Next(
      environment_.store, [this](store::Transaction& transaction) { return store::CheckLease(transaction, lease_); });
  if (!upgraded.ok()) {
    next_upgrade_ = environment_.clock.Now() + kUpgradePause;
    rpc::Log(rpc::LogLevel::kWarn, "rows are not brought up to date", {{"error", upgraded.status().ToString()}});
  }
}

void Maintenance::PruneRequestRecords() {
  const absl::Time now = environment_.clock.Now();
  if (now < next_prune_) return;
  auto cursor = store::PruneRequests(environment_.store, now, prune_cursor_, kPruneChunk);
  if (!cursor.ok()) {
    rpc::Log(rpc::LogLevel::kWarn, "request records cannot be pruned", {{"error", cursor.status().ToString()}});
    next_prune_ = now + kPrunePause;
    return;
  }
  prune_cursor_ = *std::move(cursor);
  if (prune_cursor_.empty()) next_prune_ = now + kPrunePause;
}

}  // namespace zhuxiao::server
