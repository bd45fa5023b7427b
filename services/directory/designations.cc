#include "services/directory/designations.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <tuple>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"
#include "services/directory/records.h"

namespace zhuxiao::directory {
namespace {

// The levels a designation may be of, by the length of the code.
constexpr size_t kDesignatedLengths[] = {6, 9, 12};

std::string RegionKey(const v1::Designation& entry) {
  return store::Key(kDesignationTable, entry.region_code(), entry.programme(), entry.list_version());
}

std::string ListKey(const v1::Designation& entry) {
  return store::Key(kDesignationListTable, entry.programme(), entry.region_code(), entry.list_version());
}

void CheckEntry(const v1::Designation& entry, const std::string& path, base::FieldErrors& errors) {
  RequireId(errors, entry.programme(), path + ".programme");
  RequireId(errors, entry.list_version(), path + ".list_version");
  RequireRegion(errors, entry.region_code(), path + ".region_code");
  const auto from = base::ParseDay(entry.valid_from());
  errors.Require(from.ok(), path + ".valid_from", "must be a day as YYYY-MM-DD");
  if (entry.valid_to().empty()) return;
  const auto to = base::ParseDay(entry.valid_to());
  if (errors.Require(to.ok(), path + ".valid_to", "must be empty or a day as YYYY-MM-DD") && from.ok()) {
    errors.Require(*from <= *to, path + ".valid_to", "must not be before valid_from");
  }
}

absl::Status CheckEntries(const v1::PublishDesignationsRequest& request) {
  base::FieldErrors errors;
  const int count = request.designations_size();
  if (!errors.Require(count >= 1 && count <= kMaxDesignations, "designations",
                      base::StrCat("must have 1 to ", kMaxDesignations, " entries"))) {
    return errors.ToStatus();
  }
  std::set<std::string_view> regions;
  for (int i = 0; i < count; ++i) {
    const v1::Designation& entry = request.designations(i);
    const std::string path = base::StrCat("designations[", i, "]");
    CheckEntry(entry, path, errors);
    errors.Require(entry.programme() == request.designations(0).programme(), path + ".programme",
                   "must be that of the first entry");
    errors.Require(entry.list_version() == request.designations(0).list_version(), path + ".list_version",
                   "must be that of the first entry");
    errors.Require(regions.insert(entry.region_code()).second, path + ".region_code", "stands twice");
  }
  return errors.ToStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::Designation>> EveryDesignationOf(store::Reader& reader, std::string_view region_code) {
  std::vector<v1::Designation> found;
  for (const size_t length : kDesignatedLengths) {
    if (region_code.size() < length) break;
    const std::string prefix = KeyPrefix(kDesignationTable, region_code.substr(0, length));
    absl::Status status = store::WalkAll(reader, prefix, [&](const store::KeyValue& row) {
      auto entry = ParseRow<v1::Designation>(row.key, row.value);
      if (entry.ok()) found.push_back(*entry);
      return entry.status();
    });
    if (!status.ok()) return status;
  }
  std::sort(found.begin(), found.end(), [](const v1::Designation& a, const v1::Designation& b) {
    return std::tie(a.programme(), a.region_code(), a.list_version()) <
           std::tie(b.programme(), b.region_code(), b.list_version());
  });
  return found;
}

std::vector<v1::Designation> HoldingOn(const std::vector<v1::Designation>& entries, base::Day day) {
  // Days as text sort as days: "YYYY-MM-DD" of four-digit years.
  const std::string text = base::FormatDay(day);
  std::vector<v1::Designation> holding;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(holding), [&](const v1::Designation& entry) {
    return entry.valid_from() <= text && (entry.valid_to().empty() || text <= entry.valid_to());
  });
  return holding;
}

absl::StatusOr<std::vector<v1::Designation>> DesignationsOf(store::Reader& reader, std::string_view region_code,
                                                            base::Day day) {
  auto every = EveryDesignationOf(reader, region_code);
  if (!every.ok()) return every;
  return HoldingOn(*every, day);
}

std::optional<base::Day> NextChange(const std::vector<v1::Designation>& entries, base::Day day) {
  std::optional<base::Day> next;
  const auto consider = [&](base::Day change) {
    if (change > day && (!next || change < *next)) next = change;
  };
  for (const v1::Designation& entry : entries) {
    if (const auto from = base::ParseDay(entry.valid_from()); from.ok()) consider(*from);
    if (const auto to = base::ParseDay(entry.valid_to()); to.ok()) consider(*to + 1);
  }
  return next;
}

absl::StatusOr<v1::PublishDesignationsResponse> PublishDesignations(ledger::Operation& operation,
                                                                    const v1::PublishDesignationsRequest& request) {
  if (absl::Status status = CheckEntries(request); !status.ok()) return status;
  for (const v1::Designation& entry : request.designations()) {
    if (!operation.caller().IsOfficerOf(entry.region_code())) return base::NotFound("region", entry.region_code());
    auto existing = operation.transaction().Get(RegionKey(entry));
    if (!existing.ok()) return existing.status();
    if (*existing) {
      return base::AlreadyExists("designation",
                                 base::StrCat(entry.programme(), " ", entry.list_version(), " ", entry.region_code()));
    }
    operation.transaction().Put(RegionKey(entry), entry.SerializeAsString());
    operation.transaction().Put(ListKey(entry), entry.SerializeAsString());
  }
  v1::PublishDesignationsResponse response;
  response.set_published_count(request.designations_size());
  return response;
}

absl::StatusOr<store::Page<v1::ListDesignationsResponse>> ListDesignations(store::Reader& reader,
                                                                           const v1::ListDesignationsRequest& request,
                                                                           const store::PageRequest& page) {
  base::FieldErrors errors;
  if (!request.programme().empty() && !RequireId(errors, request.programme(), "programme")) return errors.ToStatus();
  const std::string prefix = request.programme().empty() ? KeyPrefix(kDesignationListTable)
                                                         : KeyPrefix(kDesignationListTable, request.programme());
  store::Page<v1::ListDesignationsResponse> listed;
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto entry = ParseRow<v1::Designation>(row.key, row.value);
    if (!entry.ok()) return entry.status();
    *listed.response.add_designations() = *std::move(entry);
    return true;
  });
  if (!last.ok()) return last.status();
  listed.last_key = *std::move(last);
  return listed;
}

absl::StatusOr<v1::CheckEligibilityResponse> CheckEligibility(store::Reader& reader,
                                                              const v1::CheckEligibilityRequest& request) {
  base::FieldErrors errors;
  RequireRegion(errors, request.region_code(), "region_code");
  const auto day = base::ParseDay(request.day());
  errors.Require(day.ok(), "day", "must be a day as YYYY-MM-DD");
  if (!errors.empty()) return errors.ToStatus();
  auto found = DesignationsOf(reader, request.region_code(), *day);
  if (!found.ok()) return found.status();
  v1::CheckEligibilityResponse response;
  for (v1::Designation& entry : *found) *response.add_designations() = std::move(entry);
  return response;
}

}  // namespace zhuxiao::directory
