#include "services/round/preview.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/process.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/round/compute.h"
#include "services/round/lines.h"
#include "services/round_files/clearing_files.h"

namespace zhuxiao::round {
namespace {

absl::Status CheckFields(const v1::PreviewRoundRequest& request) {
  base::FieldErrors errors;
  directory::RequireRegionOrNone(errors, request.region_code(), "region_code");
  errors.Require(request.target_gap_ppm() >= 0 && request.target_gap_ppm() <= base::kPpm, "target_gap_ppm",
                 "must be 0 to 1,000,000");
  errors.Require(request.time_limit_seconds() >= 0 && request.time_limit_seconds() <= kMaxPreviewSeconds,
                 "time_limit_seconds", "must be 0 to 60");
  errors.Require(request.max_lines() >= 0 && request.max_lines() <= kMaxPreviewLines, "max_lines", "must be 0 to 1000");
  return errors.ToStatus();
}

// The `count` lines of the most welfare, from the highest; ties by number.
std::vector<v1::RoundLine> Best(std::vector<v1::RoundLine> lines, size_t count) {
  const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(std::min(count, lines.size()));
  std::partial_sort(lines.begin(), middle, lines.end(), [](const v1::RoundLine& a, const v1::RoundLine& b) {
    const int64_t first = a.match_reason().welfare_fen();
    const int64_t second = b.match_reason().welfare_fen();
    return first != second ? first > second : a.number() < b.number();
  });
  lines.erase(middle, lines.end());
  return lines;
}

}  // namespace

absl::StatusOr<v1::PreviewRoundResponse> Preview(const std::shared_ptr<store::Snapshot>& snapshot,
                                                 order::Market& market, const base::Caller& caller, absl::Time now,
                                                 const v1::PreviewRoundRequest& request) {
  if (absl::Status checked = CheckFields(request); !checked.ok()) return checked;
  if (!caller.IsOfficerOf(request.region_code())) return base::NotFound("region", request.region_code());
  auto frozen = Freeze(snapshot, market, request.region_code(), now);
  if (!frozen.ok()) return frozen.status();
  const round_files::RoundInput& input = frozen->input;
  const int32_t seconds = request.time_limit_seconds() > 0 ? request.time_limit_seconds() : kPreviewSeconds;
  auto clearing = ClearAndCheck(input, {.threads = kComputeThreads,
                                        .target_gap_ppm = request.target_gap_ppm(),
                                        .time_limit_seconds = static_cast<double>(seconds),
                                        .now_seconds = base::SteadySeconds});
  if (!clearing.ok()) return clearing.status();
  const round_files::ClearingReport report = round_files::Summarise(input.ids, clearing->contracts, clearing->prices);

  v1::PreviewRoundResponse response;
  v1::Round& round = *response.mutable_round();
  round.set_region_code(request.region_code());
  round.set_state(v1::ROUND_STATE_CLEARED);
  *round.mutable_close_time() = base::ToProto(now);
  round.set_target_gap_ppm(request.target_gap_ppm());
  round.set_time_limit_seconds(seconds);
  Describe(*frozen, round);
  Describe(*clearing, report, round);
  response.set_orders_served(report.orders_served);
  response.set_villages_served(report.villages_served);
  std::set<uint32_t> listings;
  for (const matching::RoundContract& contract : clearing->contracts) listings.insert(contract.listing);
  response.set_listings_served(static_cast<int64_t>(listings.size()));
  const int32_t count = request.max_lines() > 0 ? request.max_lines() : kPreviewLines;
  for (v1::RoundLine& line : Best(MakeLines(input, clearing->contracts), static_cast<size_t>(count))) {
    *response.add_lines() = std::move(line);
  }
  return response;
}

}  // namespace zhuxiao::round
