#include "services/stall/case_steps.h"

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/stall/case_states.h"
#include "services/stall/figures.h"
#include "services/stall/records.h"
#include "services/stall/rules.h"
#include "services/stall/stall.h"

namespace zhuxiao::stall {

using store::Key;

v1::GetStallRulesResponse RulesOf(const ledger::Operation& operation, const listing::v1::Listing& listing) {
  return RulesFor(ShippedRules(), listing.origin_code(), operation.today());
}

absl::StatusOr<std::optional<v1::StallCase>> NewestCaseOf(store::Reader& reader, std::string_view listing_id) {
  auto id = reader.Get(Key(kOfListing, listing_id));
  if (!id.ok()) return id.status();
  if (!*id) return std::optional<v1::StallCase>();
  auto stall_case = GetCase(reader, **id);
  if (!stall_case.ok()) return stall_case.status();
  return std::optional(*std::move(stall_case));
}

absl::Status OpenCase(ledger::Operation& operation, const listing::v1::Listing& listing, v1::StallCaseState state,
                      v1::StallCase& stall_case) {
  store::Transaction& transaction = operation.transaction();
  auto newest = NewestCaseOf(transaction, listing.listing_id());
  if (!newest.ok()) return newest.status();
  if (*newest && IsOpen(**newest)) return base::AlreadyExists("stall case", (*newest)->case_id());

  stall_case.set_case_id(operation.NewId());
  stall_case.set_listing_id(listing.listing_id());
  stall_case.set_state(state);
  *stall_case.mutable_report_time() = base::ToProto(operation.now());
  *stall_case.mutable_opening() = FiguresOf(listing);
  // Looked at again at once: rules may raise it the moment it is known.
  *stall_case.mutable_next_review_time() = base::ToProto(operation.now());
  stall_case.set_etag(base::NextEtag(""));
  const std::string& id = stall_case.case_id();
  transaction.Put(Key(kBySupplier, listing.supplier_uscc(), id), "");
  transaction.Put(Key(kOfListing, listing.listing_id()), id);
  transaction.Put(DueKey(stall_case), "");
  PutCase(operation, stall_case);
  return absl::OkStatus();
}

absl::Status RaiseTo(ledger::Operation& operation, v1::StallCase& stall_case, const listing::v1::Listing& listing,
                     listing::v1::StallLevel level, base::Role actor, std::string_view source) {
  if (absl::Status stepped = TakeStep(stall_case, kRaiseStep, actor); !stepped.ok()) return stepped;
  v1::StallRaise& raise = *stall_case.add_raises();
  *raise.mutable_time() = base::ToProto(operation.now());
  raise.set_from_level(listing.stall().level());
  raise.set_to_level(level);
  if (actor != base::kTime) raise.set_raised_by(operation.caller().token_id);
  raise.mutable_value_at_risk()->set_amount_fen(ValueAtRiskFen(listing));
  raise.set_days_left(DaysLeft(listing, operation.today()));
  raise.set_households_affected(listing.stall().households_affected());
  raise.set_source(std::string(source));
  listing::v1::StallReport stall = listing.stall();
  stall.set_level(level);
  return listing::SetStall(operation, listing.listing_id(), stall);
}

absl::Status EndCase(ledger::Operation& operation, v1::StallCase& stall_case, const listing::v1::Listing& listing) {
  operation.transaction().Delete(DueKey(stall_case));
  stall_case.clear_next_review_time();
  stall_case.clear_warning();
  *stall_case.mutable_report() = listing.stall();
  return listing::SetStall(operation, listing.listing_id(), std::nullopt);
}

absl::Status CloseCase(ledger::Operation& operation, v1::StallCase& stall_case, const listing::v1::Listing& listing,
                       base::Role actor) {
  v1::StallClosing closing = CloseFigures(stall_case.opening(), listing);
  const bool is_cleared = IsCleared(closing, RulesOf(operation, listing).detection_rule().cleared_ppm());
  if (absl::Status stepped = TakeStep(stall_case, is_cleared ? kClearStep : kSpoilStep, actor); !stepped.ok()) {
    return stepped;
  }
  *closing.mutable_time() = base::ToProto(operation.now());
  if (actor != base::kTime) closing.set_closed_by(operation.caller().token_id);
  closing.set_level(listing.stall().level());
  *stall_case.mutable_closing() = std::move(closing);
  return EndCase(operation, stall_case, listing);
}

}  // namespace zhuxiao::stall
