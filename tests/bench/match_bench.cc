// What a match costs at national scale, and an update beside running matches. Prints one JSON object; it judges
// nothing. A realistic mix of orders, one where the limit price is below nearly every ask, one where hardly anything
// arrives in time, and one of buyers at the end of their spending limit.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/matching/check_match.h"
#include "services/matching/match.h"
#include "tests/property/matching_market.h"

namespace zhuxiao::matching {
namespace {

constexpr uint64_t kSeed = 20'200'220;

// Time on the processor, so that other programs on a shared machine are not counted; and time on the wall.
struct Cost {
  double cpu_us = 0;
  double wall_us = 0;
};

double MicrosecondsOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

Cost CostOf(const std::function<void()>& body) {
  const double wall_us = MicrosecondsOf(CLOCK_MONOTONIC);
  const double cpu_us = MicrosecondsOf(CLOCK_THREAD_CPUTIME_ID);
  body();
  return {MicrosecondsOf(CLOCK_THREAD_CPUTIME_ID) - cpu_us, MicrosecondsOf(CLOCK_MONOTONIC) - wall_us};
}

void PrintQuantiles(const std::string& name, const std::vector<Cost>& costs) {
  const auto print = [&](const char* clock, double Cost::*field) {
    std::vector<double> us;
    for (const Cost& cost : costs) us.push_back(cost.*field);
    std::sort(us.begin(), us.end());
    const auto at = [&](double share) { return us[static_cast<size_t>(share * static_cast<double>(us.size() - 1))]; };
    std::printf("\"%s_us\": {\"p50\": %.2f, \"p90\": %.2f, \"p99\": %.2f, \"max\": %.1f}", clock, at(0.5), at(0.9),
                at(0.99), us.back());
  };
  std::printf("  \"%s\": {\"count\": %zu, ", name.c_str(), costs.size());
  print("cpu", &Cost::cpu_us);
  std::printf(", ");
  print("wall", &Cost::wall_us);
  std::printf("},\n");
}

void MeasureMatches(const std::string& name, const Book& book, const MatchPolicy& policy,
                    const std::vector<MatchOrder>& orders) {
  std::vector<Cost> match_us;
  std::vector<Cost> check_us;
  int64_t filled = 0;
  int64_t proposals = 0;
  double welfare_fen = 0;
  for (const MatchOrder& order : orders) {
    absl::StatusOr<MatchResult> result;
    match_us.push_back(CostOf([&] { result = Match(book, policy, order); }));
    check_us.push_back(CostOf([&] {
      if (!CheckMatch(book, policy, order, *result).ok()) std::abort();
    }));
    filled += result->unfilled_base == 0;
    proposals += static_cast<int64_t>(result->proposals.size());
    welfare_fen += static_cast<double>(result->welfare_fen);
  }
  PrintQuantiles(name, match_us);
  PrintQuantiles(name + "_check", check_us);
  // The welfare tells whether a faster match is a worse one.
  std::printf("  \"%s_filled_share\": %.3f, \"%s_contracts_per_order\": %.2f, \"%s_welfare_yuan\": %.0f,\n",
              name.c_str(), static_cast<double>(filled) / static_cast<double>(orders.size()), name.c_str(),
              static_cast<double>(proposals) / static_cast<double>(orders.size()), name.c_str(), welfare_fen / 100);
}

std::vector<MatchOrder> DrawOrders(NationalMarket& market, int count, bool explain,
                                   const std::function<void(MatchOrder&)>& change) {
  std::vector<MatchOrder> orders;
  for (int i = 0; i < count; ++i) {
    orders.push_back(market.NextOrder());
    orders.back().explain = explain;
    change(orders.back());
  }
  return orders;
}

void MeasureUpdates(Book& book, const MatchPolicy& policy, NationalMarket& market,
                    const std::vector<MatchOrder>& orders, const std::vector<std::string>& ids) {
  std::atomic<bool> is_done = false;
  std::atomic<int64_t> matches = 0;
  std::thread reader([&] {
    for (size_t i = 0; !is_done; ++i, ++matches) (void)Match(book, policy, orders[i % orders.size()]);
  });
  Rng rng(kSeed + 2);
  std::vector<Cost> add_us;
  std::vector<Cost> upsert_us;
  for (int i = 0; i < 20'000; ++i) {
    const std::string& id = ids[static_cast<size_t>(Draw(rng, 0, static_cast<int64_t>(ids.size()) - 1))];
    add_us.push_back(CostOf([&] { (void)book.AddAvailable(id, -1); }));
    const BookListing listing = market.NextListing();
    upsert_us.push_back(CostOf([&] { (void)book.Upsert(listing); }));
    (void)book.Remove(listing.listing_id);
  }
  is_done = true;
  reader.join();
  PrintQuantiles("add_available_beside_a_reader", add_us);
  PrintQuantiles("upsert_beside_a_reader", upsert_us);
}

void Run(size_t listing_count, size_t commodity_count, int order_count) {
  NationalMarket market(commodity_count, kSeed);
  const size_t before = mallinfo2().uordblks;
  Book book(RealCounties());
  for (const auto& commodity : market.commodities()) (void)book.SetCommodity(commodity);
  std::vector<Cost> load_us;
  std::vector<std::string> ids;
  for (size_t i = 0; i < listing_count; ++i) {
    const BookListing listing = market.NextListing();
    load_us.push_back(CostOf([&] { (void)book.Upsert(listing); }));
    if (i % 16 == 0) ids.push_back(listing.listing_id);
  }
  const double mib = static_cast<double>(mallinfo2().uordblks - before) / (1 << 20);
  std::printf("{\n  \"listings\": %zu, \"commodities\": %zu, \"book_mib\": %.1f,\n", book.size(), commodity_count, mib);
  PrintQuantiles("load_upsert", load_us);

  const MatchPolicy policy = DefaultMatchPolicy();
  const auto as_drawn = [](MatchOrder&) {};
  const auto mixed = DrawOrders(market, order_count, false, as_drawn);
  // A day's first match of a commodity indexes it; a destination's first match computes its distances.
  std::vector<Cost> first_us;
  for (const MatchOrder& order : mixed) first_us.push_back(CostOf([&] { (void)Match(book, policy, order); }));
  PrintQuantiles("first_of_the_day", first_us);
  MeasureMatches("realistic", book, policy, mixed);
  MeasureMatches("realistic_explained", book, policy, DrawOrders(market, order_count, true, as_drawn));
  const auto cheap = [](MatchOrder& order) { order.limit_price_fen = order.limit_price_fen * 6 / 10; };
  const auto tight = [](MatchOrder& order) { order.deliver_by_day = order.today + 1; };
  const auto poor = [](MatchOrder& order) { order.remaining_limit_fen = order.quantity_base / 1'000 * 300; };
  MeasureMatches("limit_below_nearly_all", book, policy, DrawOrders(market, order_count, false, cheap));
  MeasureMatches("tight_dates", book, policy, DrawOrders(market, order_count, false, tight));
  MeasureMatches("short_of_money", book, policy, DrawOrders(market, order_count, false, poor));
  MeasureMatches("limit_below_nearly_all_explained", book, policy, DrawOrders(market, order_count / 5, true, cheap));
  MeasureUpdates(book, policy, market, mixed, ids);
  std::printf("  \"seed\": %lu\n}\n", kSeed);
}

}  // namespace
}  // namespace zhuxiao::matching

// match_bench [listings] [commodities] [orders]
int main(int argc, char** argv) {
  // Debian's Abseil looks for lock cycles on every lock; the server turns that off, and so must its measure.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto number = [&](int at, long otherwise) { return argc > at ? std::atol(argv[at]) : otherwise; };
  zhuxiao::matching::Run(static_cast<size_t>(number(1, 300'000)), static_cast<size_t>(number(2, 200)),
                         static_cast<int>(number(3, 20'000)));
  return 0;
}
