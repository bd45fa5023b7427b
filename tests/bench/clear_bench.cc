// A clearing against exact solvers on the same instance in the same run: welfare, time and memory as ratios.
//   clear_bench [scale without limits, against LEMON] [scale with limits, against CLP]
// At 0.1 LEMON takes minutes and some 12 GB; at 0.01 CLP takes minutes. Prints JSON.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "clients/offline/generate.h"
#include "services/base/process.h"
#include "services/matching/clear.h"
#include "tests/bench/reference_solvers.h"

namespace zhuxiao {
namespace {

constexpr int64_t kNoLimitFen = 1'000'000'000'000'000;

struct Figures {
  double welfare_fen = 0;
  double bound_fen = 0;
  double pairs = 0;
  double seconds = 0;
  double memory_mib = 0;  // beyond the instance
};

// Runs `solve` in a process of its own, so that its memory is its own.
Figures Measure(const std::function<void(Figures&)>& solve) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    Figures figures;
    const int64_t before_kib = base::PeakMemoryKib();
    const double start = base::SteadySeconds();
    solve(figures);
    figures.seconds = base::SteadySeconds() - start;
    figures.memory_mib = static_cast<double>(base::PeakMemoryKib() - before_kib) / 1024;
    const bool is_written = write(ends[1], &figures, sizeof(figures)) == sizeof(figures);
    _exit(is_written ? 0 : 1);
  }
  Figures figures;
  close(ends[1]);
  const bool is_read = read(ends[0], &figures, sizeof(figures)) == sizeof(figures);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!is_read || status != 0) {
    std::fprintf(stderr, "a solver failed\n");
    std::exit(1);
  }
  return figures;
}

round_files::RoundInput Instance(double scale, bool has_limits) {
  auto input = offline::Generate(offline::ShapeOfScale(std::llround(scale * 1e6), 1));
  if (!input.ok()) std::exit(1);
  if (!has_limits) {
    for (auto& institution : input->book.institutions) institution.limit_fen = kNoLimitFen;
    for (auto& listing : input->book.listings) listing.min_lot_units = 1;
    for (auto& order : input->book.orders) order.is_partial_allowed = true;
  }
  return *std::move(input);
}

void Compare(const char* name, double scale, bool has_limits,
             matching::Reference (*reference)(const matching::RoundBook&, const matching::ClearingPolicy&)) {
  const round_files::RoundInput input = Instance(scale, has_limits);
  const Figures ours = Measure([&](Figures& figures) {
    const auto clearing = matching::Clear(input.book, input.policy, {.now_seconds = base::SteadySeconds});
    if (!clearing.ok()) std::abort();
    figures.welfare_fen = static_cast<double>(clearing->welfare_fen);
    figures.bound_fen = static_cast<double>(clearing->bound_fen);
  });
  const Figures exact = Measure([&](Figures& figures) {
    const matching::Reference solved = reference(input.book, input.policy);
    figures.welfare_fen = solved.welfare_fen;
    figures.pairs = static_cast<double>(solved.pairs);
  });
  std::printf(
      "{\"against\": \"%s\", \"scale\": %g, \"listings\": %zu, \"orders\": %zu, \"pairs\": %.0f, "
      "\"welfare_ratio\": %.6f, \"bound_ratio\": %.6f, \"times_faster\": %.1f, \"memory_ratio\": %.4f, "
      "\"seconds\": %.3f, \"reference_seconds\": %.3f, \"memory_mib\": %.0f, \"reference_memory_mib\": %.0f}\n",
      name, scale, input.book.listings.size(), input.book.orders.size(), exact.pairs,
      ours.welfare_fen / exact.welfare_fen, ours.bound_fen / exact.welfare_fen, exact.seconds / ours.seconds,
      ours.memory_mib / exact.memory_mib, ours.seconds, exact.seconds, ours.memory_mib, exact.memory_mib);
  std::fflush(stdout);
}

}  // namespace
}  // namespace zhuxiao

int main(int argc, char** argv) {
  const double lemon_scale = argc > 1 ? std::atof(argv[1]) : 0.01;
  const double clp_scale = argc > 2 ? std::atof(argv[2]) : 0.003;
  if (lemon_scale > 0) {
    zhuxiao::Compare("lemon-network-simplex", lemon_scale, false, zhuxiao::matching::SolveByNetworkSimplex);
  }
  if (clp_scale > 0) zhuxiao::Compare("clp", clp_scale, true, zhuxiao::matching::SolveByLinearProgram);
}
