#include "clients/offline/clear_files.h"

#include <sys/resource.h>

#include <chrono>

#include "services/matching/check_clearing.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::offline {
namespace {

double NowSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int64_t PeakMemoryMib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;  // Linux counts KiB
}

absl::StatusOr<matching::Clearing> Clear(const round_files::RoundInput& round, const ClearFilesOptions& options) {
  matching::ClearOptions clear_options = {.threads = options.threads,
                                          .target_gap_ppm = options.target_gap_ppm,
                                          .time_limit_seconds = options.time_limit_seconds,
                                          .on_progress = options.on_progress,
                                          .now_seconds = NowSeconds};
  if (options.warm_start.empty()) return matching::Clear(round.book, round.policy, clear_options);
  const auto earlier = round_files::ReadEarlierPrices(options.warm_start, round.ids);
  if (!earlier.ok()) return earlier.status();
  clear_options.warm_start = &*earlier;
  return matching::Clear(round.book, round.policy, clear_options);
}

}  // namespace

absl::StatusOr<ClearedFiles> ClearFiles(const ClearFilesOptions& options) {
  std::vector<std::pair<std::string, double>> seconds;
  double since = NowSeconds();
  const auto lap = [&](const char* phase) {
    const double now = NowSeconds();
    seconds.emplace_back(phase, now - since);
    since = now;
  };
  const auto round = round_files::ReadRound(options.in);
  if (!round.ok()) return round.status();
  lap("read");
  const auto clearing = Clear(*round, options);
  if (!clearing.ok()) return clearing.status();
  for (const matching::Clearing::Phase& phase : clearing->phases) seconds.emplace_back(phase.name, phase.seconds);
  lap("clear");
  const absl::Status checked =
      matching::CheckClearing(round->book, round->policy, clearing->contracts, clearing->prices,
                              {.welfare_fen = clearing->welfare_fen, .bound_fen = clearing->bound_fen}, options.threads)
          .ToStatus();
  if (!checked.ok()) return checked;
  lap("check");
  ClearedFiles cleared = {.report = round_files::Summarise(round->ids, clearing->contracts, clearing->prices),
                          .is_cut_short = clearing->is_cut_short};
  lap("digest");
  cleared.report.welfare_fen = clearing->welfare_fen;
  cleared.report.bound_fen = clearing->bound_fen;
  cleared.report.gap_ppm = clearing->GapPpm();
  cleared.report.seconds = std::move(seconds);
  cleared.report.peak_memory_mib = PeakMemoryMib();
  const absl::Status written =
      round_files::WriteClearing(options.out, round->ids, clearing->contracts, clearing->prices, cleared.report);
  if (!written.ok()) return written;
  return cleared;
}

}  // namespace zhuxiao::offline
