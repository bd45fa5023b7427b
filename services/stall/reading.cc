#include "services/stall/reading.h"

#include <algorithm>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/listing/listing.h"
#include "services/stall/case_states.h"
#include "services/stall/records.h"
#include "services/stall/rules.h"
#include "services/stall/stall.h"

namespace zhuxiao::stall {
namespace {

using base::Caller;
using base::Role;
using store::Key;

// The level a case has, or had when it ended.
listing::v1::StallLevel LevelOf(const v1::StallCase& shown) {
  return IsOpen(shown) ? shown.listing().stall().level() : shown.report().level();
}

// The rows a query walks: a supplier's own, else all; each ends with the case's id.
std::string IndexPrefix(const Caller& caller) {
  if (caller.role == Role::ROLE_SUPPLIER) return Key(kBySupplier, caller.organisation, "");
  return Key(kCaseTable, "");
}

bool WasSentTo(const v1::StallCase& stall_case, const std::string& uscc, directory::v1::Channel channel) {
  return std::any_of(stall_case.dispatches().begin(), stall_case.dispatches().end(),
                     [&](const v1::StallDispatch& dispatch) {
                       const auto& named = dispatch.organisation_usccs();
                       const auto& channels = dispatch.channels();
                       return std::find(named.begin(), named.end(), uscc) != named.end() ||
                              std::find(channels.begin(), channels.end(), channel) != channels.end();
                     });
}

absl::StatusOr<v1::StallCase> Parse(std::string_view id, const std::string& row) {
  v1::StallCase stall_case;
  if (!stall_case.ParseFromString(row)) return base::DataLoss(base::StrCat("stall case ", id, " cannot be read"));
  return stall_case;
}

}  // namespace

absl::StatusOr<v1::StallCase> GetCase(store::Reader& reader, std::string_view case_id) {
  auto row = reader.Get(Key(kCaseTable, case_id));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("stall case", case_id);
  return Parse(case_id, **row);
}

absl::Status ForEachCase(store::Reader& reader, const std::function<absl::Status(const v1::StallCase&)>& visit) {
  return store::WalkAll(reader, Key(kCaseTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto stall_case = Parse(row.key, row.value);
    if (!stall_case.ok()) return stall_case.status();
    stall_case->clear_reporter();
    if (stall_case->has_report()) stall_case->mutable_report()->clear_contact();
    return visit(*stall_case);
  });
}

absl::StatusOr<v1::StallCase> Show(store::Reader& reader, const Caller& caller, absl::Time now,
                                   const v1::StallCase& stall_case) {
  auto listing = listing::Get(reader, stall_case.listing_id());
  if (!listing.ok()) return listing.status();
  v1::StallCase shown = stall_case;
  const DutyOffice office =
      DutyOfficeFor(ShippedRules(), listing->origin_code(), listing->commodity_code(), base::DayOf(now));
  shown.set_duty_office_zh(office.zh);
  shown.set_duty_office_en(office.en);
  const bool is_own = caller.Is(Role::ROLE_SUPPLIER, listing->supplier_uscc());
  if (!is_own && !caller.IsOfficerOf(listing->origin_code())) {
    shown.clear_reporter();
    if (shown.has_report()) shown.mutable_report()->clear_contact();
    listing::HideContact(*listing);
  }
  if (caller.role == Role::ROLE_INSTITUTION || caller.role == Role::ROLE_PLATFORM) shown.clear_floor_price();
  *shown.mutable_listing() = *std::move(listing);
  return shown;
}

absl::StatusOr<Sight> Sight::Of(store::Reader& reader, const Caller& caller) {
  Sight sight;
  sight.caller_ = caller;
  if (caller.role == Role::ROLE_PLATFORM) sight.channel_ = directory::v1::CHANNEL_ECOMMERCE;
  if (caller.role != Role::ROLE_INSTITUTION) return sight;
  auto institution = directory::GetInstitution(reader, caller.organisation);
  if (!institution.ok() && !absl::IsNotFound(institution.status())) return institution.status();
  if (institution.ok()) sight.channel_ = institution->channel();
  return sight;
}

bool Sight::Sees(const v1::StallCase& shown) const {
  if (caller_.ReadsEverything() || caller_.IsOfficerOf(shown.listing().origin_code()) ||
      caller_.Is(Role::ROLE_SUPPLIER, shown.listing().supplier_uscc())) {
    return true;
  }
  const bool is_buyer = caller_.role == Role::ROLE_INSTITUTION || caller_.role == Role::ROLE_PLATFORM;
  return is_buyer && WasSentTo(shown, caller_.organisation, channel_);
}

bool IsAsked(const v1::StallCase& shown, const std::string& region_prefix, listing::v1::StallLevel min_level) {
  return base::IsInside(shown.listing().origin_code(), region_prefix) && LevelOf(shown) >= min_level;
}

void CheckRegion(const std::string& region_prefix, base::FieldErrors& errors) {
  directory::RequireRegionOrNone(errors, region_prefix, "region_prefix");
}

absl::StatusOr<v1::GetStallCaseResponse> ReadCase(store::Reader& reader, const Caller& caller, absl::Time now,
                                                  const v1::GetStallCaseRequest& request) {
  auto stall_case = GetCase(reader, request.case_id());
  if (!stall_case.ok()) return stall_case.status();
  auto sight = Sight::Of(reader, caller);
  if (!sight.ok()) return sight.status();
  auto shown = Show(reader, caller, now, *stall_case);
  if (!shown.ok()) return shown.status();
  if (!sight->Sees(*shown)) return base::NotFound("stall case", request.case_id());
  v1::GetStallCaseResponse response;
  *response.mutable_stall_case() = *std::move(shown);
  return response;
}

absl::StatusOr<store::Page<v1::ListStallCasesResponse>> ListCases(store::Reader& reader, const Caller& caller,
                                                                  absl::Time now,
                                                                  const v1::ListStallCasesRequest& request,
                                                                  const store::PageRequest& page) {
  base::FieldErrors errors;
  CheckRegion(request.region_prefix(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto sight = Sight::Of(reader, caller);
  if (!sight.ok()) return sight.status();
  store::Page<v1::ListStallCasesResponse> result;
  auto last =
      store::WalkPage(reader, IndexPrefix(caller), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto stall_case = GetCase(reader, std::string_view(row.key).substr(row.key.rfind('/') + 1));
        if (!stall_case.ok()) return stall_case.status();
        const bool is_wanted =
            (request.state() == v1::STALL_CASE_STATE_UNSPECIFIED || request.state() == stall_case->state()) &&
            (!request.warned_only() || stall_case->has_warning()) && (!request.open_only() || IsOpen(*stall_case));
        if (!is_wanted) return false;
        auto shown = Show(reader, caller, now, *stall_case);
        if (!shown.ok()) return shown.status();
        if (!sight->Sees(*shown) || !IsAsked(*shown, request.region_prefix(), request.min_level())) return false;
        *result.response.add_stall_cases() = *std::move(shown);
        return true;
      });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<v1::GetStallRulesResponse> ReadRules(absl::Time now, const v1::GetStallRulesRequest& request) {
  base::FieldErrors errors;
  directory::RequireRegionOrNone(errors, request.region_code(), "region_code");
  if (!errors.empty()) return errors.ToStatus();
  return RulesFor(ShippedRules(), request.region_code(), base::DayOf(now));
}

}  // namespace zhuxiao::stall
