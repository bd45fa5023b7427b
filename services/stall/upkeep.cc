#include "services/stall/upkeep.h"

#include <algorithm>
#include <utility>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/listing/listing.h"
#include "services/stall/case_states.h"
#include "services/stall/case_steps.h"
#include "services/stall/figures.h"
#include "services/stall/income_warning.h"
#include "services/stall/records.h"
#include "services/stall/rules.h"
#include "services/stall/stall.h"

namespace zhuxiao::stall {
namespace {

// A case is looked at every hour, at every day's start and when its listing closes.
constexpr absl::Duration kReviewPause = absl::Hours(1);
// Between two walks over all listings: days of cover change by the day, not by the minute.
constexpr absl::Duration kWalkPause = absl::Hours(1);
// Steps of one kind, and listings looked at, in one pass.
constexpr size_t kStepsAtOnce = 100;
constexpr size_t kListingsAtOnce = 500;
// Events read in one pass: some tenths of a second, so that a start over a long feed does not hold everything else up.
constexpr size_t kEventsAtOnce = 20'000;

// The figures of the day so far; the last of a day stay.
void SetDay(v1::StallCase& stall_case, base::Day today, v1::StallFigures figures) {
  auto& days = *stall_case.mutable_days();
  const std::string day = base::FormatDay(today);
  if (days.empty() || days[days.size() - 1].day() != day) {
    if (days.size() == kMaxDays) days.DeleteSubrange(0, 1);
    days.Add()->set_day(day);
  }
  *days[days.size() - 1].mutable_figures() = std::move(figures);
}

absl::Time NextReview(const listing::v1::Listing& listing, absl::Time now) {
  absl::Time next = std::min(now + kReviewPause, base::StartOfDay(base::DayOf(now) + 1));
  // A listing closes a moment after its last-sale time, when upkeep takes it off the market.
  const absl::Time closes = base::FromProto(listing.last_sale_time()) + absl::Seconds(1);
  return closes > now ? std::min(next, closes) : next;
}

// Nothing is left to sell: all of it is gone, or what is gone from the market is in no contract or hold any more.
bool IsOver(const listing::v1::Listing& listing) {
  const listing::v1::Balances& balances = listing.balances();
  return balances.available() + balances.held() + balances.contracted() == 0;
}

// The warning of the moment in place of the former, whose time stays where it says the same.
absl::Status SetWarning(ledger::Operation& operation, store::Reader& hints, const v1::GetStallRulesResponse& rules,
                        const listing::v1::Listing& listing, v1::StallCase& stall_case) {
  if (!rules.has_warning_rule()) return absl::OkStatus();
  auto warning = WarningFor(hints, rules.warning_rule(), listing, operation.now());
  if (!warning.ok()) return warning.status();
  if (!*warning) {
    stall_case.clear_warning();
    return absl::OkStatus();
  }
  *(*warning)->mutable_time() = stall_case.has_warning() ? stall_case.warning().time() : base::ToProto(operation.now());
  *stall_case.mutable_warning() = **std::move(warning);
  return absl::OkStatus();
}

absl::Status RaiseByRules(ledger::Operation& operation, const v1::GetStallRulesResponse& rules,
                          const listing::v1::Listing& listing, v1::StallCase& stall_case) {
  listing::v1::StallLevel level = listing.stall().level();
  std::string source;
  if (const auto* rule = RaisingRuleFor(rules, listing, operation.today()); rule != nullptr && rule->level() > level) {
    level = rule->level();
    source = rule->source();
  }
  if (stall_case.has_warning() && rules.warning_rule().level() > level) {
    level = rules.warning_rule().level();
    source = rules.warning_rule().source();
  }
  if (level == listing.stall().level()) return absl::OkStatus();
  return RaiseTo(operation, stall_case, listing, level, base::kTime, source);
}

// Ends the case by what the listing is now, read in the transaction: how a case came out is exact.
absl::Status CloseIfOver(ledger::Operation& operation, v1::StallCase& stall_case) {
  auto listing = listing::Get(operation.transaction(), stall_case.listing_id());
  if (!listing.ok()) return listing.status();
  if (!IsOver(*listing)) return absl::OkStatus();
  SetDay(stall_case, operation.today(), FiguresOf(*listing));
  return CloseCase(operation, stall_case, *listing, base::kTime);
}

absl::Status MoveAlong(ledger::Operation& operation, store::Reader& hints, const listing::v1::Listing& listing,
                       v1::StallCase& stall_case) {
  const bool has_sold = listing.balances().sold() > stall_case.opening().sold_units();
  if (has_sold && CaseStates().Next(stall_case.state(), kSellStep, base::kTime, "").ok()) {
    if (absl::Status stepped = TakeStep(stall_case, kSellStep, base::kTime); !stepped.ok()) return stepped;
  }
  if (IsOver(listing)) return CloseIfOver(operation, stall_case);
  const v1::GetStallRulesResponse rules = RulesOf(operation, listing);
  if (absl::Status warned = SetWarning(operation, hints, rules, listing, stall_case); !warned.ok()) return warned;
  if (absl::Status raised = RaiseByRules(operation, rules, listing, stall_case); !raised.ok()) return raised;
  operation.transaction().Delete(DueKey(stall_case));
  *stall_case.mutable_next_review_time() = base::ToProto(NextReview(listing, operation.now()));
  operation.transaction().Put(DueKey(stall_case), "");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DueCases(store::Reader& reader, absl::Time now, size_t limit) {
  auto rows = reader.Scan(store::Key(kDue, ""), store::Key(kDue, store::OrderedTime(now), "~"), limit);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const store::KeyValue& row : *rows) ids.push_back(row.key.substr(row.key.rfind('/') + 1));
  return ids;
}

absl::Status ReviewCase(ledger::Operation& operation, store::Reader& hints, const std::string& case_id) {
  auto stall_case = GetCase(operation.transaction(), case_id);
  if (!stall_case.ok()) return stall_case.status();
  if (!IsOpen(*stall_case) || operation.now() < base::FromProto(stall_case->next_review_time())) {
    return absl::OkStatus();
  }
  auto listing = listing::GetTerms(operation.transaction(), stall_case->listing_id());
  if (!listing.ok()) return listing.status();
  auto hint = listing::Get(hints, stall_case->listing_id());
  if (!hint.ok()) return hint.status();
  *listing->mutable_balances() = hint->balances();
  SetDay(*stall_case, operation.today(), FiguresOf(*listing));
  if (absl::Status moved = MoveAlong(operation, hints, *listing, *stall_case); !moved.ok()) return moved;
  PutCase(operation, *stall_case);
  return absl::OkStatus();
}

absl::Status OpenMarked(ledger::Operation& operation, const std::string& listing_id) {
  auto listing = listing::Get(operation.transaction(), listing_id);
  if (!listing.ok()) return listing.status();
  auto newest = NewestCaseOf(operation.transaction(), listing_id);
  if (!newest.ok()) return newest.status();
  const bool is_known = *newest && IsOpen(**newest);
  if (is_known || !listing->has_stall() || listing->state() != listing::v1::LISTING_STATE_OPEN) return absl::OkStatus();
  v1::StallCase stall_case;
  const bool is_villages = listing->stall().level() <= listing::v1::STALL_LEVEL_VILLAGE;
  stall_case.set_reported_by(is_villages ? base::Role::ROLE_SUPPLIER : base::Role::ROLE_OFFICER);
  return OpenCase(operation, *listing, v1::STALL_CASE_STATE_REPORTED, stall_case);
}

absl::Status OpenDetected(ledger::Operation& operation, const std::string& listing_id,
                          const v1::StallDetection& detection) {
  auto listing = listing::Get(operation.transaction(), listing_id);
  if (!listing.ok()) return listing.status();
  auto newest = NewestCaseOf(operation.transaction(), listing_id);
  if (!newest.ok()) return newest.status();
  const bool is_known = listing->has_stall() || (*newest && IsOpen(**newest));
  if (is_known || !listing::CheckSellable(*listing, operation.now()).ok()) return absl::OkStatus();
  v1::StallCase stall_case;
  *stall_case.mutable_detection() = detection;
  if (absl::Status opened = OpenCase(operation, *listing, v1::STALL_CASE_STATE_DETECTED, stall_case); !opened.ok()) {
    return opened;
  }
  listing::v1::StallReport stall;
  stall.set_level(listing::v1::STALL_LEVEL_VILLAGE);
  return listing::SetStall(operation, listing_id, stall);
}

absl::StatusOr<std::unique_ptr<Upkeep>> Upkeep::Load(store::Store& store, absl::Time now) {
  auto sell_through = SellThrough::Load(store, now);
  if (!sell_through.ok()) return sell_through.status();
  return std::unique_ptr<Upkeep>(new Upkeep(store, *std::move(sell_through)));
}

absl::Status Upkeep::Pass(absl::Time now, const Run& run) {
  // After a start it has a month to read, and nothing is judged before it has.
  const absl::StatusOr<bool> is_current = sell_through_.Advance(kEventsAtOnce);
  if (!is_current.ok() || !*is_current) return is_current.status();
  for (const std::string& id : sell_through_.TakeMarked()) {
    run("OpenStallCase", [&](ledger::Operation& operation) { return OpenMarked(operation, id); });
  }
  const auto snapshot = store_.Latest();
  auto due = DueCases(*snapshot, now, kStepsAtOnce);
  if (!due.ok()) return due.status();
  for (const std::string& id : *due) {
    run("ReviewStallCase", [&](ledger::Operation& operation) { return ReviewCase(operation, *store_.Latest(), id); });
  }
  return now < next_walk_ ? absl::OkStatus() : LookForStalls(*snapshot, now, run);
}

absl::Status Upkeep::LookForStalls(store::Reader& reader, absl::Time now, const Run& run) {
  const base::Day today = base::DayOf(now);
  std::vector<std::pair<std::string, v1::StallDetection>> found;
  auto last =
      listing::WalkFrom(reader, walk_after_, kListingsAtOnce, [&](const listing::v1::Listing& listing) -> absl::Status {
        if (listing.has_stall() || !listing::CheckSellable(listing, now).ok()) return absl::OkStatus();
        const auto rules = RulesFor(ShippedRules(), listing.origin_code(), today);
        if (!rules.has_detection_rule()) return absl::OkStatus();
        const v1::StallDetectionRule& rule = rules.detection_rule();
        auto seen = Detect(rule, listing, sell_through_.Taken(listing.listing_id(), today, rule.window_days()), today);
        if (!seen) return absl::OkStatus();
        auto newest = NewestCaseOf(reader, listing.listing_id());
        if (!newest.ok()) return newest.status();
        const bool is_too_soon =
            *newest && today - base::DayOf(base::FromProto((*newest)->report_time())) < rule.repeat_days();
        if (!is_too_soon) found.emplace_back(listing.listing_id(), *std::move(seen));
        return absl::OkStatus();
      });
  if (!last.ok()) return last.status();
  walk_after_ = *std::move(last);
  if (walk_after_.empty()) next_walk_ = now + kWalkPause;
  for (const auto& stall : found) {
    run("DetectStall",
        [&](ledger::Operation& operation) { return OpenDetected(operation, stall.first, stall.second); });
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::stall
