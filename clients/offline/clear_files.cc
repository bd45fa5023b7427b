#include "clients/offline/clear_files.h"

#include <algorithm>

#include "services/base/process.h"
#include "services/base/strings.h"
#include "services/matching/check_clearing.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::offline {
namespace {

// However late it is, a clearing is given this long.
constexpr double kLeastSeconds = 0.1;

absl::StatusOr<matching::Clearing> Clear(const round_files::RoundInput& round, const ClearFilesOptions& options,
                                         double time_limit_seconds) {
  matching::ClearOptions clear_options = {.threads = options.threads,
                                          .target_gap_ppm = options.target_gap_ppm,
                                          .time_limit_seconds = time_limit_seconds,
                                          .on_progress = options.on_progress,
                                          .now_seconds = base::SteadySeconds};
  if (options.warm_start.empty()) return matching::Clear(round.book, round.policy, clear_options);
  const auto earlier = round_files::ReadEarlierPrices(options.warm_start, round.ids);
  if (!earlier.ok()) return earlier.status();
  clear_options.warm_start = &*earlier;
  return matching::Clear(round.book, round.policy, clear_options);
}

// Proving the bound anew, by plain code, takes as long as half the clearing; for a round of more orders than this, a
// fifth of the nation, it is left to clear-check.
constexpr size_t kBoundCheckOrders = 300'000;

// The independent check: the contracts and their welfare always, the bound unless time is limited or the round large.
absl::Status Check(const round_files::RoundInput& round, const matching::Clearing& clearing, int threads,
                   bool is_brief) {
  if (!is_brief) {
    return matching::CheckClearing(round.book, round.policy, clearing.contracts, clearing.prices,
                                   {.welfare_fen = clearing.welfare_fen, .bound_fen = clearing.bound_fen}, threads)
        .ToStatus();
  }
  const matching::ClearingCheck check = matching::CheckContracts(round.book, round.policy, clearing.contracts);
  if (absl::Status status = check.ToStatus(); !status.ok()) return status;
  if (check.welfare_fen != clearing.welfare_fen || check.welfare_fen > clearing.bound_fen) {
    return absl::InternalError(base::StrCat("the welfare is ", check.welfare_fen, " fen, claimed ",
                                            clearing.welfare_fen, ", the bound ", clearing.bound_fen));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClearedFiles> ClearFiles(const ClearFilesOptions& options) {
  std::vector<std::pair<std::string, double>> seconds;
  double since = base::SteadySeconds();
  const auto lap = [&](const char* phase) {
    const double now = base::SteadySeconds();
    seconds.emplace_back(phase, now - since);
    since = now;
  };
  const auto round = round_files::ReadRound(options.in);
  if (!round.ok()) return round.status();
  lap("read");
  const bool is_limited = options.time_limit_seconds > 0;
  // Writing takes no longer than reading did.
  const double left_seconds = options.time_limit_seconds - 2 * seconds.back().second;
  const auto clearing = Clear(*round, options, is_limited ? std::max(left_seconds, kLeastSeconds) : 0);
  if (!clearing.ok()) return clearing.status();
  for (const matching::Clearing::Phase& phase : clearing->phases) seconds.emplace_back(phase.name, phase.seconds);
  lap("clear");
  const bool is_brief = is_limited || round->book.orders.size() > kBoundCheckOrders;
  const absl::Status checked = Check(*round, *clearing, options.threads, is_brief);
  if (!checked.ok()) return checked;
  lap("check");
  ClearedFiles cleared = {.report = round_files::Summarise(round->ids, clearing->contracts, clearing->prices),
                          .is_cut_short = clearing->is_cut_short};
  lap("digest");
  cleared.report.welfare_fen = clearing->welfare_fen;
  cleared.report.bound_fen = clearing->bound_fen;
  cleared.report.gap_ppm = clearing->GapPpm();
  cleared.report.seconds = std::move(seconds);
  cleared.report.peak_memory_mib = base::PeakMemoryMib();
  const absl::Status written =
      round_files::WriteClearing(options.out, round->ids, clearing->contracts, clearing->prices, cleared.report);
  if (!written.ok()) return written;
  return cleared;
}

}  // namespace zhuxiao::offline
