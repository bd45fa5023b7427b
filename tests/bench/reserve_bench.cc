// What the prices of a round do for the orders after it: the same instance is cleared, and then served one order at a
// time, in a random order, without and with those prices as reserve. Time of the processor for each match, and the
// welfare as a share of the round's bound. Prints JSON; it judges nothing.
//   reserve_bench [scale] [reserves in ppm, ...] [option, ...]
//     orders=N               only the first so many orders are served, and the share of the bound then says nothing
//     times=N                every match is made so many times, and the least time counts: memory is warm then
//     round=DIR outcome=DIR  instead of a scale: what clear-gen or the server wrote, and what `zhuxiao clear` made of
//     it
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "clients/offline/generate.h"
#include "services/base/process.h"
#include "services/matching/check_match.h"
#include "services/matching/clear.h"
#include "services/matching/match.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/read_round.h"
#include "services/round_files/report_file.h"
#include "tests/property/matching_market.h"

namespace zhuxiao::matching {
namespace {

constexpr uint64_t kSeed = 7;
// Every so many matches one is judged by the independent check.
constexpr size_t kCheckEvery = 16;

struct Options {
  double scale = 0.01;
  std::vector<int64_t> reserves_ppm;
  size_t most_orders = std::numeric_limits<size_t>::max();
  int times = 1;
  std::string round;
  std::string outcome;
};

double CpuMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// A round's tables as the market has them.
class Shop {
 public:
  Shop(const round_files::RoundInput& input, const RoundPrices& prices)
      : input_(input), book_(RealCounties()), limits_(input.book.institutions.size()) {
    const RoundBook& round = input.book;
    for (size_t i = 0; i < round.commodities.size(); ++i) {
      const RoundCommodity& row = round.commodities[i];
      const BookCommodity commodity{.code = std::string(input.ids.commodities[i]),
                                    .reference_price_fen = row.reference_price_fen,
                                    .reference_base = row.reference_base,
                                    .transport_microfen_per_km_base = row.transport_microfen_per_km_base,
                                    .min_life_days = row.min_life_days};
      if (!book_.SetCommodity(commodity).ok()) std::abort();
    }
    for (size_t i = 0; i < round.listings.size(); ++i) Stock(i, prices);
    for (size_t i = 0; i < limits_.size(); ++i) limits_[i] = round.institutions[i].limit_fen;
  }

  struct Served {
    double cpu_us = 0;
    int64_t welfare_fen = 0;
    int64_t contracts = 0;
  };

  // Matches one order, and takes its goods and money.
  Served Serve(size_t at, const MatchPolicy& policy, int times, bool is_checked) {
    const MatchOrder order = OrderOf(at);
    Served served{.cpu_us = std::numeric_limits<double>::max()};
    absl::StatusOr<MatchResult> result;
    for (int i = 0; i < times; ++i) {
      const double start = CpuMicroseconds();
      result = Match(book_, policy, order);
      served.cpu_us = std::min(served.cpu_us, CpuMicroseconds() - start);
    }
    if (!result.ok() || (is_checked && !CheckMatch(book_, policy, order, *result).ok())) std::abort();
    served.welfare_fen = result->welfare_fen;
    served.contracts = static_cast<int64_t>(result->proposals.size());
    limits_[input_.book.orders[at].institution] -= result->amount_fen;
    for (const MatchProposal& proposal : result->proposals) {
      if (!book_.AddAvailable(proposal.listing_id, -proposal.units).ok()) std::abort();
    }
    return served;
  }

 private:
  void Stock(size_t i, const RoundPrices& prices) {
    const RoundListing& row = input_.book.listings[i];
    BookListing listing;
    listing.listing_id = std::string(input_.ids.listings[i]);
    listing.supplier_id = "S";
    listing.origin_code = std::string(input_.ids.counties[row.county]);
    listing.commodity = std::string(input_.ids.commodities[row.commodity]);
    listing.sale_unit_base = listing.value_base = listing.weight_base = listing.price_base = row.unit_base;
    listing.unit_price_fen = listing.price_fen = row.unit_price_fen;
    listing.listed_units = listing.available_units = row.units;
    listing.min_lot_units = std::min(row.min_lot_units, row.units);
    listing.ready_day = std::min(row.ready_day, row.last_sale_day);
    listing.last_sale_day = row.last_sale_day;
    listing.linkage_ppm = row.linkage_ppm;
    listing.stall_level = row.stall_level;
    listing.price = {.first_fen = prices.first_tranche[i] / kPriceParts,
                     .rest_fen = prices.second_tranche[i] / kPriceParts,
                     .day = input_.policy.today};
    if (absl::Status stocked = book_.Upsert(listing); !stocked.ok()) {
      std::fprintf(stderr, "%s\n", stocked.ToString().c_str());
      std::exit(1);
    }
  }

  MatchOrder OrderOf(size_t at) const {
    const RoundOrder& row = input_.book.orders[at];
    MatchOrder order;
    order.order_id = std::string(input_.ids.orders[at]);
    order.institution_id = "B";
    order.commodity = std::string(input_.ids.commodities[row.commodity]);
    order.quantity_base = row.quantity_base;
    order.limit_price_fen = row.limit_price_fen;
    order.limit_base = row.limit_base;
    order.destination_code = std::string(input_.ids.counties[row.county]);
    order.today = order.deliver_from_day = input_.policy.today;
    order.deliver_by_day = row.deliver_by_day;
    order.allow_partial = row.is_partial_allowed;
    order.quota_gap_ppm = input_.book.institutions[row.institution].quota_gap_ppm;
    order.remaining_limit_fen = limits_[row.institution];
    order.explain = false;
    return order;
  }

  const round_files::RoundInput& input_;
  Book book_;
  std::vector<int64_t> limits_;
};

// What one reading of the clock costs: it is part of every time printed.
double ClockMicroseconds() {
  constexpr int kReadings = 10'000;
  const double start = CpuMicroseconds();
  for (int i = 0; i < kReadings; ++i) CpuMicroseconds();
  return (CpuMicroseconds() - start) / kReadings;
}

// What is served, and what a round made of it.
struct Scene {
  round_files::RoundInput input;
  RoundPrices prices;
  double welfare_fen = 0;
  double bound_fen = 0;
};

void Serve(const Scene& scene, int64_t reserve_ppm, const Options& options) {
  Shop shop(scene.input, scene.prices);
  MatchPolicy policy = scene.input.policy.weights;
  policy.reserve_ppm = reserve_ppm;
  std::vector<size_t> order(scene.input.book.orders.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 rng(kSeed);
  std::shuffle(order.begin(), order.end(), rng);
  order.resize(std::min(order.size(), options.most_orders));
  std::vector<double> us;
  double welfare_fen = 0;
  int64_t contracts = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto served = shop.Serve(order[i], policy, options.times, i % kCheckEvery == 0);
    us.push_back(served.cpu_us);
    welfare_fen += static_cast<double>(served.welfare_fen);
    contracts += served.contracts;
  }
  const double total_us = std::accumulate(us.begin(), us.end(), 0.0);
  std::sort(us.begin(), us.end());
  const auto at = [&](double share) { return us[static_cast<size_t>(share * static_cast<double>(us.size() - 1))]; };
  std::printf(
      "{\"reserve_ppm\": %ld, \"orders\": %zu, \"contracts\": %ld, \"welfare_fen\": %.0f, \"cpu_us\": {\"mean\": "
      "%.2f, \"p50\": %.2f, \"p90\": %.2f, \"p99\": %.2f, \"max\": %.1f, \"of_the_clock\": %.2f}, "
      "\"welfare_share_of_bound\": %.4f}\n",
      reserve_ppm, us.size(), contracts, welfare_fen, total_us / static_cast<double>(us.size()), at(0.5), at(0.9),
      at(0.99), us.back(), ClockMicroseconds(), welfare_fen / scene.bound_fen);
  std::fflush(stdout);
}

absl::StatusOr<Scene> Generated(double scale) {
  auto input = offline::Generate(offline::ShapeOfScale(std::llround(scale * 1e6), kSeed));
  if (!input.ok()) return input.status();
  auto clearing = Clear(input->book, input->policy, {.now_seconds = base::SteadySeconds});
  if (!clearing.ok()) return clearing.status();
  return Scene{.input = *std::move(input),
               .prices = std::move(clearing->prices),
               .welfare_fen = static_cast<double>(clearing->welfare_fen),
               .bound_fen = static_cast<double>(clearing->bound_fen)};
}

absl::StatusOr<Scene> Read(const std::string& round, const std::string& outcome) {
  auto input = round_files::ReadRound(round);
  if (!input.ok()) return input.status();
  auto cleared = round_files::ReadOutcome(outcome, input->ids);
  if (!cleared.ok()) return cleared.status();
  const auto report = round_files::ReadReport(outcome);
  if (!report.ok()) return report.status();
  return Scene{.input = *std::move(input),
               .prices = std::move(cleared->prices),
               .welfare_fen = static_cast<double>(report->welfare_fen),
               .bound_fen = static_cast<double>(report->bound_fen)};
}

absl::Status Run(const Options& options) {
  const auto scene = options.round.empty() ? Generated(options.scale) : Read(options.round, options.outcome);
  if (!scene.ok()) return scene.status();
  std::printf("{\"listings\": %zu, \"round_welfare_share_of_bound\": %.4f}\n", scene->input.book.listings.size(),
              scene->welfare_fen / scene->bound_fen);
  for (const int64_t reserve_ppm : options.reserves_ppm) Serve(*scene, reserve_ppm, options);
  return absl::OkStatus();
}

Options Parse(int argc, char** argv) {
  Options options;
  const auto value_of = [](std::string_view argument, std::string_view name) -> std::optional<std::string> {
    if (!argument.starts_with(name)) return std::nullopt;
    return std::string(argument.substr(name.size()));
  };
  bool has_scale = false;
  for (int i = 1; i < argc; ++i) {
    if (const auto orders = value_of(argv[i], "orders=")) {
      options.most_orders = static_cast<size_t>(std::atol(orders->c_str()));
    } else if (const auto times = value_of(argv[i], "times=")) {
      options.times = std::max(1, std::atoi(times->c_str()));
    } else if (const auto round = value_of(argv[i], "round=")) {
      options.round = *round;
      has_scale = true;
    } else if (const auto outcome = value_of(argv[i], "outcome=")) {
      options.outcome = *outcome;
    } else if (!has_scale) {
      options.scale = std::atof(argv[i]);
      has_scale = true;
    } else {
      options.reserves_ppm.push_back(std::atol(argv[i]));
    }
  }
  if (options.reserves_ppm.empty()) options.reserves_ppm = {0, 850'000};
  return options;
}

}  // namespace
}  // namespace zhuxiao::matching

int main(int argc, char** argv) {
  // Debian's Abseil looks for lock cycles on every lock; the server turns that off, and so must its measure.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const absl::Status status = zhuxiao::matching::Run(zhuxiao::matching::Parse(argc, argv));
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
