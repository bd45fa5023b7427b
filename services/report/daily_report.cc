#include "services/report/daily_report.h"

#include <map>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"

namespace zhuxiao::report {
namespace {

constexpr size_t kProvinceDigits = 2;
constexpr size_t kCityDigits = 4;
constexpr size_t kCountyDigits = 6;

// Tells under which key a fact counts, and whether it is asked for. Not thread-safe.
class Keys {
 public:
  Keys(store::Reader& reader, v1::ReportGrouping grouping, std::string region, std::string commodity)
      : reader_(reader), grouping_(grouping), region_(std::move(region)), commodity_(std::move(commodity)) {}

  // The key of the fact, or nullopt where its place or goods are not asked for.
  std::optional<std::string> Of(const Fact& fact) {
    const bool is_asked =
        base::IsInside(fact.origin_code, region_) && (commodity_.empty() || fact.commodity_code == commodity_);
    if (!is_asked) return std::nullopt;
    switch (grouping_) {
      case v1::REPORT_GROUPING_PROVINCE:
        return std::string(fact.origin_code.substr(0, kProvinceDigits));
      case v1::REPORT_GROUPING_CITY:
        return std::string(fact.origin_code.substr(0, kCityDigits));
      case v1::REPORT_GROUPING_COUNTY:
        return std::string(fact.origin_code.substr(0, kCountyDigits));
      case v1::REPORT_GROUPING_COMMODITY:
        return std::string(fact.commodity_code);
      default:
        return ChannelOf(fact);
    }
  }

  // OK, or why the directory could not be read.
  const absl::Status& status() const { return status_; }

 private:
  // The name of the channel's enum value; that of UNSPECIFIED where nobody bought.
  std::string ChannelOf(const Fact& fact) {
    if (fact.is_online) return directory::v1::Channel_Name(directory::v1::CHANNEL_ECOMMERCE);
    const std::string buyer(fact.buyer_uscc);
    const auto known = channels_.find(buyer);
    if (known != channels_.end()) return known->second;
    directory::v1::Channel channel = directory::v1::CHANNEL_UNSPECIFIED;
    if (!buyer.empty()) {
      auto institution = directory::GetInstitution(reader_, buyer);
      if (institution.ok()) channel = institution->channel();
      if (!institution.ok() && !absl::IsNotFound(institution.status())) status_ = institution.status();
    }
    return channels_.emplace(buyer, directory::v1::Channel_Name(channel)).first->second;
  }

  store::Reader& reader_;
  const v1::ReportGrouping grouping_;
  const std::string region_;
  const std::string commodity_;
  absl::flat_hash_map<std::string, std::string> channels_;  // by buyer
  absl::Status status_;
};

struct Sum {
  int64_t count = 0;
  int64_t amount_fen = 0;
};
using Sums = std::map<v1::ReportFigure, Sum>;

void Add(const Fact& fact, Sums& sums) {
  Sum& sum = sums[fact.figure];
  ++sum.count;
  sum.amount_fen = base::CheckedAdd(sum.amount_fen, fact.amount_fen).value_or(INT64_MAX);
}

template <typename Cells>
void SetCells(const Sums& sums, Cells& cells) {
  for (const auto& [figure, sum] : sums) {
    v1::ReportCell& cell = *cells.Add();
    cell.set_figure(figure);
    cell.set_count(sum.count);
    cell.mutable_amount()->set_amount_fen(sum.amount_fen);
  }
}

// The part of `asked` the caller may read: an officer's own region where nothing, or more, is asked for. nullopt where
// the two have nothing in common.
std::optional<std::string> RegionFor(const base::Caller& caller, const std::string& asked) {
  if (caller.ReadsEverything() || base::IsInside(asked, caller.region)) return asked;
  if (base::IsInside(caller.region, asked)) return caller.region;
  return std::nullopt;
}

// What both requests have in common, checked.
template <typename Request>
absl::StatusOr<base::Day> CheckQuery(const Request& request, base::FieldErrors& errors) {
  const auto day = base::ParseDay(request.day());
  errors.Require(day.ok(), "day", "must be YYYY-MM-DD");
  errors.Require(request.group_by() != v1::REPORT_GROUPING_UNSPECIFIED, "group_by", "is required");
  directory::RequireRegionOrNone(errors, request.region_prefix(), "region_prefix");
  directory::RequireCommodityOrNone(errors, request.commodity_code(), "commodity_code");
  return day;
}

}  // namespace

absl::StatusOr<v1::GetDailyReportResponse> DailyReport(store::Reader& reader, const base::Caller& caller,
                                                       const DailyFacts& facts,
                                                       const v1::GetDailyReportRequest& request) {
  base::FieldErrors errors;
  const auto day = CheckQuery(request, errors);
  if (!errors.empty()) return errors.ToStatus();
  v1::GetDailyReportResponse response;
  response.set_day(request.day());
  const auto region = RegionFor(caller, request.region_prefix());
  Keys keys(reader, request.group_by(), region.value_or(""), request.commodity_code());
  std::map<std::string, Sums> rows;
  Sums total;
  const store::Position position = facts.ForEach(*day, [&](const Fact& fact) {
    const auto key = region ? keys.Of(fact) : std::nullopt;
    if (!key) return;
    Add(fact, rows[*key]);
    Add(fact, total);
  });
  if (!keys.status().ok()) return keys.status();
  response.set_feed_epoch(static_cast<int64_t>(position.epoch));
  response.set_feed_sequence(static_cast<int64_t>(position.sequence));
  for (const auto& [key, sums] : rows) {
    v1::ReportRow& row = *response.add_rows();
    row.set_key(key);
    SetCells(sums, *row.mutable_cells());
  }
  SetCells(total, *response.mutable_total());
  return response;
}

absl::StatusOr<store::Page<v1::ListReportEntriesResponse>> ReportEntries(store::Reader& reader,
                                                                         const base::Caller& caller,
                                                                         const DailyFacts& facts,
                                                                         const v1::ListReportEntriesRequest& request,
                                                                         const store::PageRequest& page) {
  base::FieldErrors errors;
  const auto day = CheckQuery(request, errors);
  errors.Require(request.figure() != v1::REPORT_FIGURE_UNSPECIFIED, "figure", "is required");
  int64_t after = 0;
  errors.Require(page.after.empty() || absl::SimpleAtoi(page.after, &after), "page_token", "is of another query");
  if (!errors.empty()) return errors.ToStatus();
  const auto region = RegionFor(caller, request.region_prefix());
  Keys keys(reader, request.group_by(), region.value_or(""), request.commodity_code());
  store::Page<v1::ListReportEntriesResponse> result;
  int64_t number = 0;
  facts.ForEach(*day, [&](const Fact& fact) {
    if (!region || fact.figure != request.figure()) return;
    const auto key = keys.Of(fact);
    if (!key || (!request.key().empty() && *key != request.key())) return;
    if (++number <= after) return;
    if (result.response.entries_size() == page.size) {
      result.last_key = base::StrCat(after + page.size);
      return;
    }
    v1::ReportEntry& entry = *result.response.add_entries();
    entry.set_id(std::string(fact.id));
    entry.mutable_amount()->set_amount_fen(fact.amount_fen);
  });
  if (!keys.status().ok()) return keys.status();
  return result;
}

}  // namespace zhuxiao::report
