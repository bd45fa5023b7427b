// A clearing round of the whole country in the service: `zhuxiao clear-gen`'s market in the commodities the product
// ships with, made through the API of a zhuxiaod of its own, then a round from opening to contracts, each step timed
// while a canteen goes on ordering for itself. Prints JSON; it judges nothing.
//   round_bench [scale = 0.01] [buyers = 500]
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "clients/offline/generate.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "tests/bench/daemon.h"
#include "tests/bench/market_setup.h"
#include "tests/support/callers.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::bench {
namespace {

constexpr uint64_t kSeed = 7;
// Callers that load the market, each waiting for its answer.
constexpr int kLoaders = 48;
constexpr double kPpm = 1e6;
constexpr int64_t kCanteenLimitFen = 1'000'000'000'000;  // never reached
constexpr int64_t kCanteenPortions = 20;                 // of what its limit price is for
constexpr int kCanteenDays = 20;
constexpr absl::Duration kCanteenPause = absl::Milliseconds(5);

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::shared_ptr<grpc::Channel> Dial(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(base::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), arguments);
}

// Does `work` for 0 .. count - 1 by kLoaders threads.
void InParallel(size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kLoaders; ++i) {
    threads.emplace_back([&] {
      for (size_t at = next++; at < count; at = next++) work(at);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Orders for itself, one after the other, on a connection of its own, and says how long each took.
class Canteen {
 public:
  Canteen(client::Client client, order::v1::Order order) : client_(std::move(client)), order_(std::move(order)) {}

  // While `work` runs.
  double P99MillisecondsDuring(const std::function<void()>& work) {
    std::atomic<bool> is_over = false;
    std::vector<double> milliseconds;
    std::thread thread([&] {
      while (!is_over) {
        order::v1::PlaceOrderRequest request;
        *request.mutable_order() = order_;
        const auto begin = Clock::now();
        const absl::Status status = client_.Call<order::v1::PlaceOrderResponse>(request).status();
        if (!status.ok() && refused_++ < 3) std::cerr << status << std::endl;
        milliseconds.push_back(SecondsSince(begin) * 1e3);
        absl::SleepFor(kCanteenPause);
      }
    });
    work();
    is_over = true;
    thread.join();
    if (milliseconds.empty()) return 0;
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds[milliseconds.size() * 99 / 100];
  }

 private:
  const client::Client client_;
  const order::v1::Order order_;
  int refused_ = 0;
};

class Bench {
 public:
  Bench(double scale, int buyers) : setup_(directory_.path() + "/tokens", Dial(daemon_.port())) {
    const auto scale_ppm = static_cast<int64_t>(scale * kPpm);
    offline::InstanceShape shape = offline::ShapeOfScale(scale_ppm, kSeed);
    shape.commodities = static_cast<int>(directory::Catalogue().size());
    input_ = Must(offline::Generate(shape));
    buyers_.resize(std::min<size_t>(buyers, input_.book.institutions.size()));
  }

  void Run() {
    auto begin = Clock::now();
    MakeSellers();
    MakeBuyers();
    std::printf("{\"organisations_s\": %.1f, ", SecondsSince(begin));
    begin = Clock::now();
    InParallel(input_.book.listings.size(), [this](size_t at) { List(at); });
    std::printf("\"listings_s\": %.1f, ", SecondsSince(begin));
    begin = Clock::now();
    InParallel(input_.book.orders.size(), [this](size_t at) { Place(at); });
    std::printf("\"orders_s\": %.1f, \"refused_listings\": %d, \"refused_orders\": %d, \"rss_mib\": %ld,\n",
                SecondsSince(begin), refused_listings_.load(), refused_orders_.load(), ResidentMib());
    std::fflush(stdout);
    HoldRound();
  }

  void Stop() {
    daemon_.Kill();
    std::filesystem::remove_all(directory_.path());
  }

 private:
  long ResidentMib() const { return static_cast<long>(daemon_.ResidentMib()); }
  absl::Time At(base::Day day) const {
    return base::StartOfDay(base::DayOf(setup_.clock().Now()) + day - input_.policy.today);
  }

  void MakeSellers() {
    std::map<uint32_t, int> counties;
    for (const matching::RoundListing& listing : input_.book.listings) counties[listing.county] = 0;
    std::vector<uint32_t> order;
    for (const auto& [county, unused] : counties) order.push_back(county);
    sellers_.resize(input_.book.counties.size());
    InParallel(order.size(), [&](size_t at) {
      const uint32_t county = order[at];
      sellers_[county] = std::make_unique<client::Client>(
          setup_.MakeSeller(std::string(input_.ids.counties[county]), static_cast<int>(at) + 1));
    });
  }

  void MakeBuyers() {
    std::vector<int64_t> limits_fen(buyers_.size());
    std::vector<uint32_t> counties(buyers_.size());
    for (size_t i = 0; i < input_.book.institutions.size(); ++i) {
      limits_fen[i % buyers_.size()] += input_.book.institutions[i].limit_fen;
    }
    for (const matching::RoundOrder& order : input_.book.orders)
      counties[order.institution % buyers_.size()] = order.county;
    InParallel(buyers_.size(), [&](size_t at) {
      buyers_[at] = std::make_unique<client::Client>(
          setup_.MakeBuyer(std::string(input_.ids.counties[counties[at]]), static_cast<int>(at) + 1, limits_fen[at]));
    });
  }

  bool IsByWeight(uint32_t commodity) const {
    return directory::FindCommodity(std::string(input_.ids.commodities[commodity]))->is_catch_weight();
  }

  void List(size_t at) {
    const matching::RoundListing& from = input_.book.listings[at];
    if (IsByWeight(from.commodity)) return;  // not part of rounds
    listing::v1::CreateListingRequest request;
    listing::v1::Listing& listing = *request.mutable_listing();
    listing.set_commodity_code(std::string(input_.ids.commodities[from.commodity]));
    listing.set_title("goods");
    listing.set_origin_code(std::string(input_.ids.counties[from.county]));
    listing.set_sale_unit("unit");
    listing.set_sale_unit_base(from.unit_base);
    listing.set_listed_units(from.units);
    listing.set_min_lot_units(from.min_lot_units);
    listing.mutable_unit_price()->set_amount_fen(from.unit_price_fen);
    *listing.mutable_ready_time() = base::ToProto(At(from.ready_day));
    *listing.mutable_last_sale_time() = base::ToProto(At(from.last_sale_day + 1) - absl::Seconds(1));
    Count(sellers_[from.county]->Call<listing::v1::CreateListingResponse>(request).status(), refused_listings_);
  }

  order::v1::Order OrderOf(size_t at) const {
    const matching::RoundOrder& from = input_.book.orders[at];
    order::v1::Order order;
    order.set_commodity_code(std::string(input_.ids.commodities[from.commodity]));
    order.set_quantity_base(from.quantity_base);
    order.mutable_limit_price()->set_amount_fen(from.limit_price_fen);
    order.set_limit_base(from.limit_base);
    order.set_destination_code(std::string(input_.ids.counties[from.county]));
    *order.mutable_deliver_by_time() = base::ToProto(At(from.deliver_by_day + 1) - absl::Seconds(1));
    order.set_allow_partial(from.is_partial_allowed);
    return order;
  }

  void Place(size_t at) {
    order::v1::PlaceOrderRequest request;
    *request.mutable_order() = OrderOf(at);
    request.mutable_order()->set_awaits_round(true);
    *request.mutable_order()->mutable_standing_until() = request.order().deliver_by_time();
    const client::Client& buyer = *buyers_[input_.book.orders[at].institution % buyers_.size()];
    Count(buyer.Call<order::v1::PlaceOrderResponse>(request).status(), refused_orders_);
  }

  static void Count(const absl::Status& status, std::atomic<int>& refused) {
    if (!status.ok() && refused++ < 3) std::cerr << status << std::endl;
  }

  void HoldRound() {
    const client::Client officer = setup_.Connect(testing::Operator());
    matching::v1::OpenRoundRequest open;
    round_id_ = Must(officer.Call<matching::v1::OpenRoundResponse>(open)).round().round_id();
    Canteen canteen(MakeCanteen());
    Step<matching::v1::CloseRoundRequest, matching::v1::CloseRoundResponse>("close", officer, canteen);
    Step<matching::v1::ClearRoundRequest, matching::v1::ClearRoundResponse>("clear", officer, canteen);
    Step<matching::v1::SettleRoundRequest, matching::v1::SettleRoundResponse>("settle", officer, canteen);
    std::printf("%s}\n", round_.ShortDebugString().c_str());
  }

  // One that never runs out of money and asks for little, at a price and a time that many can meet.
  Canteen MakeCanteen() {
    size_t at = 0;
    while (IsByWeight(input_.book.orders[at].commodity)) ++at;
    const std::string county(input_.ids.counties[input_.book.orders[at].county]);
    order::v1::Order order = OrderOf(at);
    order.set_quantity_base(kCanteenPortions * order.limit_base());
    order.mutable_limit_price()->set_amount_fen(2 * order.limit_price().amount_fen());
    *order.mutable_deliver_by_time() = base::ToProto(At(input_.policy.today + kCanteenDays));
    order.set_allow_partial(true);
    return Canteen(setup_.MakeBuyer(county, static_cast<int>(buyers_.size()) + 1, kCanteenLimitFen), std::move(order));
  }

  template <typename Request, typename Response>
  void Step(const char* name, const client::Client& officer, Canteen& canteen) {
    double seconds = 0;
    const double p99_ms = canteen.P99MillisecondsDuring([&] {
      const auto begin = Clock::now();
      Request request;
      request.set_round_id(round_id_);
      Must(officer.Call<Response>(request));
      matching::v1::WatchRoundRequest watch;
      watch.set_round_id(round_id_);
      watch.set_until_rest(true);
      const absl::Status watched =
          officer.ReadAll<matching::v1::WatchRoundResponse>(watch, [this](matching::v1::WatchRoundResponse& response) {
            round_ = response.round();
            return absl::OkStatus();
          });
      if (!watched.ok()) std::cerr << watched << std::endl;
      seconds = SecondsSince(begin);
    });
    std::printf("\"%s_s\": %.2f, \"%s_order_p99_ms\": %.1f, \"%s_rss_mib\": %ld,\n", name, seconds, name, p99_ms, name,
                ResidentMib());
    std::fflush(stdout);
  }

  ScratchDirectory directory_;
  Daemon daemon_{directory_.path()};
  MarketSetup setup_;
  round_files::RoundInput input_;
  std::vector<std::unique_ptr<client::Client>> sellers_;  // by county
  std::vector<std::unique_ptr<client::Client>> buyers_;
  std::atomic<int> refused_listings_ = 0;
  std::atomic<int> refused_orders_ = 0;
  std::string round_id_;
  matching::v1::Round round_;
};

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const double scale = argc > 1 ? std::atof(argv[1]) : 0.01;
  const int buyers = argc > 2 ? std::atoi(argv[2]) : 500;
  auto* const bench = new zhuxiao::bench::Bench(scale, buyers);
  bench->Run();
  bench->Stop();
  std::fflush(nullptr);
  std::_Exit(0);
}
