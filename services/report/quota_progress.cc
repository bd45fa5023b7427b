#include "services/report/quota_progress.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/directory/institutions.h"
#include "services/listing/listing.h"
#include "services/quota/canteens.h"
#include "services/quota/operations.h"

namespace zhuxiao::report {
namespace {

using base::Role;
using directory::v1::Institution;

constexpr int64_t kDaysOfAWeek = 7;

// An institution that declares, with what counts for it.
struct Unit {
  Institution institution;
  std::string region_code;
  std::vector<std::string> represented;
  std::optional<quota::v1::Quota> quota;
  int64_t settled_fen = 0;
  int64_t held_fen = 0;
};

// Sums end at the largest number there is: beyond it no row means anything.
void Add(common::v1::Money& sum, int64_t amount_fen) {
  sum.set_amount_fen(base::CheckedAdd(sum.amount_fen(), amount_fen).value_or(INT64_MAX));
}

int DaysLeft(int year, absl::Time now) {
  const base::Day end = base::DayOf(base::StartOfYear(year + 1));
  return std::clamp(end - base::DayOf(now), 0, end - base::DayOf(base::StartOfYear(year)));
}

// Adds the spending of an institution's quota of the year, where it has one; returns the quota.
absl::StatusOr<std::optional<quota::v1::Quota>> AddSpending(store::Reader& reader, const std::string& uscc, int year,
                                                            Unit& unit) {
  auto found = quota::Find(reader, uscc, year);
  if (!found.ok() || !*found) return found;
  auto quota = quota::WithSpending(reader, (*found)->SerializeAsString());
  if (!quota.ok()) return quota.status();
  unit.settled_fen += quota->settled().amount_fen();
  unit.held_fen += quota->held().amount_fen();
  return std::optional(*std::move(quota));
}

// What an institution bought before it shared a canteen counts with its representative too.
absl::StatusOr<Unit> ReadUnit(store::Reader& reader, const Institution& institution, int year) {
  Unit unit{.institution = institution};
  auto region = quota::SeatOf(reader, institution.uscc());
  if (!region.ok()) return region.status();
  unit.region_code = *std::move(region);
  auto quota = AddSpending(reader, institution.uscc(), year, unit);
  if (!quota.ok()) return quota.status();
  unit.quota = *std::move(quota);
  auto represented = directory::RepresentedBy(reader, institution.uscc());
  if (!represented.ok()) return represented.status();
  for (const std::string& uscc : *represented) {
    if (auto added = AddSpending(reader, uscc, year, unit); !added.ok()) return added.status();
  }
  unit.represented = *std::move(represented);
  return unit;
}

v1::ProgressStatus StatusOf(const Unit& unit) {
  if (unit.institution.canteen_mode() == directory::v1::CANTEEN_MODE_NONE) return v1::PROGRESS_STATUS_NO_CANTEEN;
  if (unit.quota && unit.quota->is_waived()) return v1::PROGRESS_STATUS_WAIVED;
  if (!unit.quota || !unit.quota->has_declared_base()) return v1::PROGRESS_STATUS_UNKNOWN;
  return unit.settled_fen >= unit.quota->target().amount_fen() ? v1::PROGRESS_STATUS_REACHED
                                                               : v1::PROGRESS_STATUS_BEHIND;
}

bool HasTarget(v1::ProgressStatus status) {
  return status == v1::PROGRESS_STATUS_BEHIND || status == v1::PROGRESS_STATUS_REACHED;
}

// What of the unit's target no contract covers.
int64_t OpenFen(const Unit& unit) {
  return std::max<int64_t>(0, unit.quota->target().amount_fen() - unit.settled_fen - unit.held_fen);
}

void AddUnit(const Unit& unit, v1::ProgressStatus status, v1::ProgressFigures& figures) {
  Add(*figures.mutable_settled(), unit.settled_fen);
  Add(*figures.mutable_held(), unit.held_fen);
  Add(*figures.mutable_settled_on_target(), HasTarget(status) ? unit.settled_fen : 0);
  Add(*figures.mutable_gap(), 0);
  Add(*figures.mutable_open(), 0);
  if (!HasTarget(status)) return;
  const int64_t target_fen = unit.quota->target().amount_fen();
  Add(*figures.mutable_target(), target_fen);
  Add(*figures.mutable_gap(), std::max<int64_t>(0, target_fen - unit.settled_fen));
  Add(*figures.mutable_open(), OpenFen(unit));
}

// Fills in what follows from the sums.
void Conclude(int days_left, v1::ProgressFigures& figures) {
  figures.set_days_left(days_left);
  const int64_t target_fen = figures.target().amount_fen();
  if (target_fen > 0) {
    figures.set_settled_basis_points(
        base::MulDivFloor(figures.settled_on_target().amount_fen(), base::kBasisPoints, target_fen)
            .value_or(INT64_MAX));
  }
  const int64_t open_fen = figures.open().amount_fen();
  if (open_fen == 0 || days_left == 0) return;
  // Rounded up: floor of the negated product, negated. In the last week all of it.
  const int64_t weekly_fen =
      days_left <= kDaysOfAWeek ? open_fen : -*base::MulDivFloor(-open_fen, kDaysOfAWeek, days_left);
  figures.mutable_needed_per_week()->set_amount_fen(weekly_fen);
}

// Stalled listings on the market, those that close first first.
absl::StatusOr<std::vector<listing::v1::Listing>> StalledListings(store::Reader& reader, absl::Time now) {
  // No listing sells beyond the time the product knows.
  const absl::Time end_of_time = base::StartOfYear(quota::kLastYear + 1);
  auto ids = listing::DueListings(reader, end_of_time, kMaxListingsLookedAt);
  if (!ids.ok()) return ids.status();
  std::vector<listing::v1::Listing> stalled;
  for (const std::string& id : *ids) {
    auto terms = listing::GetTerms(reader, id);
    if (!terms.ok()) return terms.status();
    if (!terms->has_stall() || !listing::CheckSellable(*terms, now).ok()) continue;
    auto listing = listing::Get(reader, id);
    if (!listing.ok()) return listing.status();
    stalled.push_back(*std::move(listing));
  }
  return stalled;
}

bool DeliversTo(const listing::v1::Listing& listing, const std::string& region_code) {
  const auto& scope = listing.delivery_regions();
  return scope.empty() || std::any_of(scope.begin(), scope.end(),
                                      [&](const std::string& region) { return base::IsInside(region_code, region); });
}

// Names the listings of which a whole lot fits what is open and what may still be spent, each by itself.
void AddFitting(const Unit& unit, const std::vector<listing::v1::Listing>& stalled, absl::Time now,
                v1::UnitProgress& row) {
  const quota::v1::Quota& quota = *unit.quota;
  const int64_t room_fen = quota.limit().amount_fen() - quota.held().amount_fen() - quota.settled().amount_fen();
  const int64_t budget_fen = std::min(OpenFen(unit), room_fen);
  for (const listing::v1::Listing& listing : stalled) {
    if (row.fitting_size() == kMaxFitting) return;
    const int64_t price_fen = listing.unit_price().amount_fen();
    if (price_fen <= 0 || !DeliversTo(listing, unit.region_code)) continue;
    const int64_t units = std::min(listing.balances().available(), budget_fen / price_fen);
    if (units < std::max<int64_t>(1, listing.min_lot_units())) continue;
    v1::FittingListing& fitting = *row.add_fitting();
    fitting.set_listing_id(listing.listing_id());
    fitting.set_commodity_code(listing.commodity_code());
    fitting.set_title(listing.title());
    fitting.set_units(units);
    fitting.mutable_amount()->set_amount_fen(units * price_fen);
    fitting.set_days_left(static_cast<int32_t>((base::FromProto(listing.last_sale_time()) - now) / absl::Hours(24)));
  }
}

v1::UnitProgress ToRow(const Unit& unit, int days_left) {
  v1::UnitProgress row;
  row.set_institution_uscc(unit.institution.uscc());
  row.set_parent_uscc(unit.institution.parent_uscc());
  row.set_region_code(unit.region_code);
  row.set_channel(unit.institution.channel());
  row.set_canteen_mode(unit.institution.canteen_mode());
  row.mutable_represented_usccs()->Assign(unit.represented.begin(), unit.represented.end());
  row.set_status(StatusOf(unit));
  AddUnit(unit, row.status(), *row.mutable_figures());
  Conclude(days_left, *row.mutable_figures());
  return row;
}

std::string KeyOf(const Unit& unit, v1::ProgressGrouping grouping) {
  switch (grouping) {
    case v1::PROGRESS_GROUPING_PARENT:
      return unit.institution.parent_uscc();
    case v1::PROGRESS_GROUPING_COUNTY:
      return unit.region_code.substr(0, 6);
    case v1::PROGRESS_GROUPING_CITY:
      return unit.region_code.substr(0, 4);
    case v1::PROGRESS_GROUPING_PROVINCE:
      return unit.region_code.substr(0, 2);
    default:
      return directory::v1::Channel_Name(unit.institution.channel());
  }
}

// Rows of a sum while it is made.
struct ProgressSum {
  std::map<v1::ProgressStatus, int64_t> counts;
  int64_t represented_count = 0;
  v1::ProgressFigures figures;

  void Take(const Unit& unit) {
    const v1::ProgressStatus status = StatusOf(unit);
    ++counts[status];
    represented_count += static_cast<int64_t>(unit.represented.size());
    AddUnit(unit, status, figures);
  }

  v1::ProgressRow ToRow(const std::string& key, int days_left) const {
    v1::ProgressRow row;
    row.set_key(key);
    for (const auto& [status, count] : counts) {
      v1::ProgressCount& counted = *row.add_counts();
      counted.set_status(status);
      counted.set_count(count);
    }
    row.set_represented_count(represented_count);
    *row.mutable_figures() = figures;
    Conclude(days_left, *row.mutable_figures());
    return row;
  }
};

void CheckYearAndRegion(int year, const std::string& region_prefix, base::FieldErrors& errors) {
  errors.Require(year >= quota::kFirstYear && year <= quota::kLastYear, "year", "must be 2020 to 2099");
  directory::RequireRegionOrNone(errors, region_prefix, "region_prefix");
}

void CheckUscc(const std::string& uscc, std::string_view field, base::FieldErrors& errors) {
  errors.Require(uscc.empty() || base::IsValidUscc(uscc), field,
                 "is no unified social credit code, or its check character is wrong");
}

// The institutions of a page, or the one asked for; none where the caller may not see it.
absl::StatusOr<store::Page<directory::v1::ListInstitutionsResponse>> Institutions(
    store::Reader& reader, const base::Caller& caller, const v1::ListQuotaProgressRequest& request,
    const store::PageRequest& page) {
  std::string uscc = request.institution_uscc();
  if (uscc.empty() && caller.role == Role::ROLE_INSTITUTION && request.parent_uscc().empty()) {
    uscc = caller.organisation;
  }
  if (uscc.empty()) {
    directory::v1::ListInstitutionsRequest list;
    list.set_parent_uscc(request.parent_uscc());
    list.set_channel(request.channel());
    return directory::ListInstitutions(reader, caller, list, page);
  }
  store::Page<directory::v1::ListInstitutionsResponse> one;
  directory::v1::GetInstitutionRequest get;
  get.set_uscc(uscc);
  auto institution = directory::GetInstitution(reader, caller, get);
  if (absl::IsNotFound(institution.status())) return one;
  if (!institution.ok()) return institution.status();
  *one.response.add_institutions() = *std::move(*institution).mutable_institution();
  return one;
}

}  // namespace

absl::StatusOr<store::Page<v1::ListQuotaProgressResponse>> ListProgress(store::Reader& reader,
                                                                        const base::Caller& caller, absl::Time now,
                                                                        const v1::ListQuotaProgressRequest& request,
                                                                        const store::PageRequest& page) {
  base::FieldErrors errors;
  CheckYearAndRegion(request.year(), request.region_prefix(), errors);
  CheckUscc(request.institution_uscc(), "institution_uscc", errors);
  CheckUscc(request.parent_uscc(), "parent_uscc", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto institutions = Institutions(reader, caller, request, page);
  if (!institutions.ok()) return institutions.status();
  std::vector<listing::v1::Listing> stalled;
  if (request.with_listings()) {
    auto read = StalledListings(reader, now);
    if (!read.ok()) return read.status();
    stalled = *std::move(read);
  }
  store::Page<v1::ListQuotaProgressResponse> result;
  result.last_key = institutions->last_key;
  const int days_left = DaysLeft(request.year(), now);
  for (const Institution& institution : institutions->response.institutions()) {
    if (quota::UnitOf(institution) != institution.uscc()) continue;
    auto unit = ReadUnit(reader, institution, request.year());
    if (!unit.ok()) return unit.status();
    if (!base::IsInside(unit->region_code, request.region_prefix())) continue;
    v1::UnitProgress row = ToRow(*unit, days_left);
    if (request.status() != v1::PROGRESS_STATUS_UNSPECIFIED && request.status() != row.status()) continue;
    if (row.status() == v1::PROGRESS_STATUS_BEHIND) AddFitting(*unit, stalled, now, row);
    *result.response.add_units() = std::move(row);
  }
  return result;
}

absl::StatusOr<v1::SumQuotaProgressResponse> SumProgress(store::Reader& reader, const base::Caller& caller,
                                                         absl::Time now, const v1::SumQuotaProgressRequest& request) {
  base::FieldErrors errors;
  CheckYearAndRegion(request.year(), request.region_prefix(), errors);
  errors.Require(request.group_by() != v1::PROGRESS_GROUPING_UNSPECIFIED, "group_by", "is required");
  if (!errors.empty()) return errors.ToStatus();
  std::map<std::string, ProgressSum> sums;
  ProgressSum total;
  const absl::Status walked = directory::ForEachInstitution(reader, [&](const Institution& institution) {
    if (quota::UnitOf(institution) != institution.uscc()) return absl::OkStatus();
    auto unit = ReadUnit(reader, institution, request.year());
    if (!unit.ok()) return unit.status();
    const bool is_visible = caller.ReadsEverything() || caller.IsOfficerOf(unit->region_code);
    if (!is_visible || !base::IsInside(unit->region_code, request.region_prefix())) return absl::OkStatus();
    sums[KeyOf(*unit, request.group_by())].Take(*unit);
    total.Take(*unit);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;

  const int days_left = DaysLeft(request.year(), now);
  std::vector<v1::ProgressRow> rows;
  rows.reserve(sums.size());
  for (const auto& [key, sum] : sums) rows.push_back(sum.ToRow(key, days_left));
  std::stable_sort(rows.begin(), rows.end(), [](const v1::ProgressRow& a, const v1::ProgressRow& b) {
    return a.figures().open().amount_fen() > b.figures().open().amount_fen();
  });
  v1::SumQuotaProgressResponse response;
  const size_t shown = std::min(rows.size(), kMaxProgressRows);
  response.set_left_out_count(static_cast<int64_t>(rows.size() - shown));
  for (size_t i = 0; i < shown; ++i) *response.add_rows() = std::move(rows[i]);
  *response.mutable_total() = total.ToRow("", days_left);
  return response;
}

}  // namespace zhuxiao::report
