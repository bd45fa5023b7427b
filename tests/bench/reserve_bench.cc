// What the prices of a round do for the orders after it: the same instance is cleared, and then served one order at a
// time, in a random order, without and with those prices as reserve. Time of the processor for each match, and the
// welfare as a share of the round's bound. Prints JSON; it judges nothing.
//   reserve_bench [scale] [reserves in ppm, ...] [orders=N]     N: only the first so many orders are served,
// and the share of the bound then says nothing
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <numeric>
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
#include "tests/property/matching_market.h"

namespace zhuxiao::matching {
namespace {

constexpr uint64_t kSeed = 7;
// Every so many matches one is judged by the independent check.
constexpr size_t kCheckEvery = 16;
constexpr std::string_view kOrders = "orders=";

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
  Served Serve(size_t at, const MatchPolicy& policy, bool is_checked) {
    const MatchOrder order = OrderOf(at);
    const double start = CpuMicroseconds();
    auto result = Match(book_, policy, order);
    Served served{.cpu_us = CpuMicroseconds() - start};
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

void Serve(const round_files::RoundInput& input, const Clearing& clearing, int64_t reserve_ppm, size_t most_orders) {
  Shop shop(input, clearing.prices);
  MatchPolicy policy = input.policy.weights;
  policy.reserve_ppm = reserve_ppm;
  std::vector<size_t> order(input.book.orders.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 rng(kSeed);
  std::shuffle(order.begin(), order.end(), rng);
  order.resize(std::min(order.size(), most_orders));
  std::vector<double> us;
  double welfare_fen = 0;
  int64_t contracts = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto served = shop.Serve(order[i], policy, i % kCheckEvery == 0);
    us.push_back(served.cpu_us);
    welfare_fen += static_cast<double>(served.welfare_fen);
    contracts += served.contracts;
  }
  const double total_us = std::accumulate(us.begin(), us.end(), 0.0);
  std::sort(us.begin(), us.end());
  const auto at = [&](double share) { return us[static_cast<size_t>(share * static_cast<double>(us.size() - 1))]; };
  std::printf(
      "{\"reserve_ppm\": %ld, \"orders\": %zu, \"contracts\": %ld, \"cpu_us\": {\"mean\": %.2f, \"p50\": %.2f, "
      "\"p90\": %.2f, \"p99\": %.2f, \"max\": %.1f, \"of_the_clock\": %.2f}, \"welfare_share_of_bound\": %.4f}\n",
      reserve_ppm, us.size(), contracts, total_us / static_cast<double>(us.size()), at(0.5), at(0.9), at(0.99),
      us.back(), ClockMicroseconds(), welfare_fen / static_cast<double>(clearing.bound_fen));
  std::fflush(stdout);
}

void Run(double scale, const std::vector<int64_t>& reserves_ppm, size_t most_orders) {
  const auto input = offline::Generate(offline::ShapeOfScale(std::llround(scale * 1e6), kSeed));
  if (!input.ok()) std::exit(1);
  const auto clearing = Clear(input->book, input->policy, {.now_seconds = base::SteadySeconds});
  if (!clearing.ok()) std::exit(1);
  std::printf("{\"listings\": %zu, \"round_welfare_share_of_bound\": %.4f}\n", input->book.listings.size(),
              static_cast<double>(clearing->welfare_fen) / static_cast<double>(clearing->bound_fen));
  for (const int64_t reserve_ppm : reserves_ppm) Serve(*input, *clearing, reserve_ppm, most_orders);
}

}  // namespace
}  // namespace zhuxiao::matching

int main(int argc, char** argv) {
  // Debian's Abseil looks for lock cycles on every lock; the server turns that off, and so must its measure.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::vector<int64_t> reserves_ppm;
  size_t most_orders = std::numeric_limits<size_t>::max();
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(zhuxiao::matching::kOrders)) {
      most_orders = static_cast<size_t>(std::atol(argv[i] + zhuxiao::matching::kOrders.size()));
    } else {
      reserves_ppm.push_back(std::atol(argv[i]));
    }
  }
  if (reserves_ppm.empty()) reserves_ppm = {0, 850'000};
  zhuxiao::matching::Run(argc > 1 ? std::atof(argv[1]) : 0.01, reserves_ppm, most_orders);
  return 0;
}
