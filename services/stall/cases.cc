#include "services/stall/cases.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/listing/terms.h"
#include "services/stall/case_states.h"
#include "services/stall/case_steps.h"
#include "services/stall/reading.h"
#include "services/stall/records.h"
#include "services/stall/stall.h"

namespace zhuxiao::stall {
namespace {

using base::ErrorReason;
using base::Role;

// A case with its listing and balances, in the caller's hands.
struct InHand {
  v1::StallCase stall_case;
  listing::v1::Listing listing;
};

// The case where it is for the officer to act on; another region's looks like an unknown one.
absl::StatusOr<InHand> Take(ledger::Operation& operation, const std::string& case_id) {
  auto stall_case = GetCase(operation.transaction(), case_id);
  if (!stall_case.ok()) return stall_case.status();
  auto listing = listing::Get(operation.transaction(), stall_case->listing_id());
  if (!listing.ok()) return listing.status();
  if (!operation.caller().IsOfficerOf(listing->origin_code())) return base::NotFound("stall case", case_id);
  return InHand{*std::move(stall_case), *std::move(listing)};
}

template <typename Response>
absl::StatusOr<Response> Respond(ledger::Operation& operation, const v1::StallCase& stall_case) {
  PutCase(operation, stall_case);
  auto shown = Show(operation.transaction(), operation.caller(), operation.now(), stall_case);
  if (!shown.ok()) return shown.status();
  Response response;
  *response.mutable_stall_case() = *std::move(shown);
  return response;
}

void CheckLength(const std::string& text, size_t most, const std::string& field, base::FieldErrors& errors) {
  errors.Require(base::CodePointCount(text) <= most, field, base::StrCat("must have at most ", most, " characters"));
}

void CheckRemark(const std::string& remark, base::FieldErrors& errors) {
  CheckLength(remark, base::kMaxRemarkCodePoints, "remark", errors);
}

void CheckReport(const v1::ReportStallCaseRequest& request, bool is_officer, base::FieldErrors& errors) {
  const v1::StallCase& asked = request.stall_case();
  errors.Require(base::IsValidId(asked.listing_id()), "stall_case.listing_id", "is required");
  CheckLength(asked.reporter(), kMaxShortCodePoints, "stall_case.reporter", errors);
  CheckLength(asked.grade(), kMaxShortCodePoints, "stall_case.grade", errors);
  CheckLength(asked.packing(), kMaxDetailCodePoints, "stall_case.packing", errors);
  CheckLength(asked.storage(), kMaxDetailCodePoints, "stall_case.storage", errors);
  CheckLength(asked.pick_up_point(), kMaxDetailCodePoints, "stall_case.pick_up_point", errors);
  errors.Require(!asked.has_floor_price() ||
                     (asked.floor_price().amount_fen() > 0 && asked.floor_price().amount_fen() <= base::kMaxAmountFen),
                 "stall_case.floor_price", "must be more than 0 and at most 10^15 fen");
  listing::CheckStall(request.stall(), is_officer, "stall.", errors);
}

void CheckDispatch(const v1::DispatchStallCaseRequest& request, base::FieldErrors& errors) {
  errors.Require(request.channels_size() + request.organisation_usccs_size() > 0, "channels",
                 "or organisation_usccs must name somebody");
  for (int i = 0; i < request.channels_size(); ++i) {
    errors.Require(request.channels(i) != directory::v1::CHANNEL_UNSPECIFIED, base::StrCat("channels[", i, "]"),
                   "is required");
  }
  const bool are_few = errors.Require(request.organisation_usccs_size() <= kMaxNamedOrganisations, "organisation_usccs",
                                      base::StrCat("must be at most ", kMaxNamedOrganisations));
  for (int i = 0; are_few && i < request.organisation_usccs_size(); ++i) {
    errors.Require(base::IsValidUscc(request.organisation_usccs(i)), base::StrCat("organisation_usccs[", i, "]"),
                   "is no unified social credit code, or its check character is wrong");
  }
  CheckRemark(request.remark(), errors);
}

// Organisations a case may be sent to: institutions and platforms there are.
absl::Status CheckReceivers(store::Reader& reader, const v1::DispatchStallCaseRequest& request) {
  std::vector<std::string> unknown;
  for (const std::string& uscc : request.organisation_usccs()) {
    auto organisation = directory::GetOrganisation(reader, uscc);
    if (!organisation.ok() && !absl::IsNotFound(organisation.status())) return organisation.status();
    auto institution = directory::GetInstitution(reader, uscc);
    if (!institution.ok() && !absl::IsNotFound(institution.status())) return institution.status();
    const bool is_platform = organisation.ok() && organisation->kind() == directory::v1::ORGANISATION_KIND_PLATFORM;
    if (!is_platform && !institution.ok()) unknown.push_back(uscc);
  }
  if (unknown.empty()) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, unknown.front(), "is no institution and no platform",
                      {{"organisation_usccs", absl::StrJoin(unknown, ",")}});
}

void Decide(ledger::Operation& operation, const std::string& remark, v1::StallCase& stall_case) {
  stall_case.set_decided_by(operation.caller().token_id);
  *stall_case.mutable_decide_time() = base::ToProto(operation.now());
  stall_case.set_decision_remark(remark);
}

}  // namespace

absl::StatusOr<v1::ReportStallCaseResponse> ReportCase(ledger::Operation& operation,
                                                       const v1::ReportStallCaseRequest& request) {
  const base::Caller& caller = operation.caller();
  base::FieldErrors errors;
  CheckReport(request, caller.role != Role::ROLE_SUPPLIER, errors);
  const v1::StallCase& asked = request.stall_case();
  auto listing = listing::Get(operation.transaction(), asked.listing_id());
  if (!listing.ok()) return errors.Else(listing.status());
  if (!caller.Is(Role::ROLE_SUPPLIER, listing->supplier_uscc()) && !caller.IsOfficerOf(listing->origin_code())) {
    return errors.Else(base::NotFound("listing", asked.listing_id()));
  }
  errors.Require(
      errors.Names("stall_case.floor_price") || asked.floor_price().amount_fen() <= listing->unit_price().amount_fen(),
      "stall_case.floor_price", "must not be above the listing's unit price");
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status open = listing::CheckSellable(*listing, operation.now()); !open.ok()) return open;

  v1::StallCase stall_case;
  stall_case.set_reporter(asked.reporter());
  stall_case.set_grade(asked.grade());
  stall_case.set_packing(asked.packing());
  stall_case.set_storage(asked.storage());
  stall_case.set_pick_up_point(asked.pick_up_point());
  if (asked.has_floor_price()) *stall_case.mutable_floor_price() = asked.floor_price();
  stall_case.set_reported_by(caller.role);
  if (absl::Status opened = OpenCase(operation, *listing, v1::STALL_CASE_STATE_REPORTED, stall_case); !opened.ok()) {
    return opened;
  }
  listing::v1::StallReport stall = listing::AddReport(listing->stall(), request.stall());
  if (stall.level() == listing::v1::STALL_LEVEL_UNSPECIFIED) stall.set_level(listing::v1::STALL_LEVEL_VILLAGE);
  if (absl::Status marked = listing::SetStall(operation, listing->listing_id(), stall); !marked.ok()) return marked;
  return Respond<v1::ReportStallCaseResponse>(operation, stall_case);
}

absl::StatusOr<v1::VerifyStallCaseResponse> VerifyCase(ledger::Operation& operation,
                                                       const v1::VerifyStallCaseRequest& request) {
  base::FieldErrors errors;
  CheckRemark(request.remark(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto taken = Take(operation, request.case_id());
  if (!taken.ok()) return taken.status();
  if (absl::Status stepped = TakeStep(taken->stall_case, kVerifyStep, operation.caller().role); !stepped.ok()) {
    return stepped;
  }
  Decide(operation, request.remark(), taken->stall_case);
  return Respond<v1::VerifyStallCaseResponse>(operation, taken->stall_case);
}

absl::StatusOr<v1::DismissStallCaseResponse> DismissCase(ledger::Operation& operation,
                                                         const v1::DismissStallCaseRequest& request) {
  base::FieldErrors errors;
  errors.Require(!request.remark().empty(), "remark", "is required");
  CheckRemark(request.remark(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto taken = Take(operation, request.case_id());
  if (!taken.ok()) return taken.status();
  if (absl::Status stepped = TakeStep(taken->stall_case, kDismissStep, operation.caller().role); !stepped.ok()) {
    return stepped;
  }
  Decide(operation, request.remark(), taken->stall_case);
  if (absl::Status ended = EndCase(operation, taken->stall_case, taken->listing); !ended.ok()) return ended;
  return Respond<v1::DismissStallCaseResponse>(operation, taken->stall_case);
}

absl::StatusOr<v1::RaiseStallCaseResponse> RaiseCase(ledger::Operation& operation,
                                                     const v1::RaiseStallCaseRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.level() != listing::v1::STALL_LEVEL_UNSPECIFIED, "level", "is required");
  CheckRemark(request.remark(), errors);
  auto taken = Take(operation, request.case_id());
  if (!taken.ok()) return errors.Else(taken.status());
  const bool is_open = IsOpen(taken->stall_case);
  errors.Require(!is_open || errors.Names("level") || request.level() > taken->listing.stall().level(), "level",
                 base::StrCat("must be above ", listing::v1::StallLevel_Name(taken->listing.stall().level())));
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status raised = RaiseTo(operation, taken->stall_case, taken->listing, request.level(),
                                    operation.caller().role, request.remark());
      !raised.ok()) {
    return raised;
  }
  return Respond<v1::RaiseStallCaseResponse>(operation, taken->stall_case);
}

absl::StatusOr<v1::DispatchStallCaseResponse> DispatchCase(ledger::Operation& operation,
                                                           const v1::DispatchStallCaseRequest& request) {
  base::FieldErrors errors;
  CheckDispatch(request, errors);
  auto taken = Take(operation, request.case_id());
  if (!taken.ok()) return errors.Else(taken.status());
  if (absl::Status stepped = TakeStep(taken->stall_case, kDispatchStep, operation.caller().role); !stepped.ok()) {
    return errors.Else(stepped);
  }
  errors.Require(taken->stall_case.dispatches_size() < kMaxDispatches, "case_id", "was sent 100 times already");
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status known = CheckReceivers(operation.transaction(), request); !known.ok()) return known;
  v1::StallDispatch& dispatch = *taken->stall_case.add_dispatches();
  *dispatch.mutable_time() = base::ToProto(operation.now());
  dispatch.set_dispatched_by(operation.caller().token_id);
  *dispatch.mutable_channels() = request.channels();
  *dispatch.mutable_organisation_usccs() = request.organisation_usccs();
  dispatch.set_remark(request.remark());
  return Respond<v1::DispatchStallCaseResponse>(operation, taken->stall_case);
}

absl::StatusOr<v1::CloseStallCaseResponse> CloseByHand(ledger::Operation& operation,
                                                       const v1::CloseStallCaseRequest& request) {
  auto taken = Take(operation, request.case_id());
  if (!taken.ok()) return taken.status();
  if (absl::Status closed = CloseCase(operation, taken->stall_case, taken->listing, operation.caller().role);
      !closed.ok()) {
    return closed;
  }
  return Respond<v1::CloseStallCaseResponse>(operation, taken->stall_case);
}

}  // namespace zhuxiao::stall
