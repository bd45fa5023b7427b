// Measures trade end to end against a zhuxiaod of its own on a fresh embedded store, every answer durable (fsync):
// PlaceOrder over spread listings and over one hot listing, pages of ListListings, each as a ratio to the empty echo
// call of the same binary in the same run, and start to serving. Beside each rate stands the server's own processor
// time a call, which is steadier than the rate where other programs run. The load shares the server's machine, so it
// does as little as it can: it leaves answers unparsed and only looks at their status. Prints JSON.
//   trade_bench [seconds per measurement = 3] [calls in flight = 1 16 64 256]
#include <grpcpp/generic/generic_stub.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "clients/cpp/client.h"
#include "services/base/clock.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/rpc/token_file.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/daemon.h"
#include "tests/support/callers.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::bench {
namespace {

// Connections of the load: a server admits 100 calls on each.
constexpr int kConnections = 4;
constexpr int kBuyers = 64;
// Listings of the spread market: one for each of this many counties and each commodity counted in grams.
constexpr int kCounties = 12;
constexpr int64_t kUnits = 100'000'000;

// What a closed loop measured, and what the server spent meanwhile.
struct Measured : Figures {
  double server_cpu_us = 0;  // a call
};

class Bench {
 public:
  Bench(double seconds, std::vector<int> levels) : seconds_(seconds), levels_(std::move(levels)) {
    idle_mib_ = daemon_->ResidentMib();
    for (int i = 0; i < kConnections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      channels_.push_back(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(daemon_->port()),
                                                    grpc::InsecureChannelCredentials(), arguments));
    }
  }

  // Ends the server and removes its data.
  void Stop() {
    daemon_.reset();
    std::filesystem::remove_all(directory_.path());
  }

  void Run() {
    SetUp();
    std::printf("{\"start_s\": %.3f, \"idle_rss_mib\": %ld, \"seconds_each\": %.1f, \"runs\": [\n", daemon_->start_s(),
                static_cast<long>(idle_mib_), seconds_);
    for (const int concurrency : levels_) {
      // Echo before and after, so that a drift of the machine's speed shows and is halved.
      const Measured before = Measure(concurrency, [this](auto&&... args) { Echo(args...); });
      const Measured spread = Measure(concurrency, [this](auto&&... args) { PlaceSpread(args...); });
      const Measured hot = Measure(concurrency, [this](auto&&... args) { PlaceHot(args...); });
      const Measured list = Measure(concurrency, [this](auto&&... args) { ListPage(args...); });
      const Measured after = Measure(concurrency, [this](auto&&... args) { Echo(args...); });
      const double echo = (before.calls_per_s + after.calls_per_s) / 2;
      Print("echo", concurrency, before, echo, ",");
      Print("place_order_spread", concurrency, spread, echo, ",");
      Print("place_order_hot", concurrency, hot, echo, ",");
      Print("list_listings_page_of_20", concurrency, list, echo, concurrency == levels_.back() ? "" : ",");
      std::fflush(stdout);
    }
    std::printf("], \"rss_mib\": %ld}\n", static_cast<long>(daemon_->ResidentMib()));
  }

 private:
  client::Client Connect(int index, const base::Caller& caller) {
    const auto token = Must(rpc::CreateToken(directory_.path() + "/tokens", caller, absl::Hours(1), clock_, random_));
    return client::Client(channels_[index % kConnections], {.token = token.secret}, clock_, random_);
  }

  void Record(const client::Client& officer, const std::string& uscc, directory::v1::OrganisationKind kind) {
    directory::v1::CreateOrganisationRequest request;
    request.mutable_organisation()->set_uscc(uscc);
    request.mutable_organisation()->set_name("Organisation " + uscc);
    request.mutable_organisation()->set_kind(kind);
    request.mutable_organisation()->set_region_code("140105");
    Must(officer.Call(&directory::v1::DirectoryService::Stub::CreateOrganisation, request));
  }

  void SetUp() {
    const client::Client officer = Connect(0, testing::Officer("14", ""));
    const client::Client county = Connect(0, testing::Officer("140105", ""));
    const std::string farm = testing::Uscc("93", 1);
    Record(officer, farm, directory::v1::ORGANISATION_KIND_COOPERATIVE);
    const client::Client seller = Connect(0, testing::SupplierOf(farm));
    directory::v1::ApplySupplierRequest apply;
    apply.mutable_supplier()->set_uscc(farm);
    apply.mutable_supplier()->set_village_code("140105");
    Must(seller.Call(&directory::v1::DirectoryService::Stub::ApplySupplier, apply));
    directory::v1::RecommendSupplierRequest recommend;
    recommend.set_uscc(farm);
    Must(county.Call(&directory::v1::DirectoryService::Stub::RecommendSupplier, recommend));
    directory::v1::ActivateSupplierRequest activate;
    activate.set_uscc(farm);
    Must(officer.Call(&directory::v1::DirectoryService::Stub::ActivateSupplier, activate));
    for (int i = 0; i < kBuyers; ++i) SetUpBuyer(officer, testing::Uscc("12", i + 1), i);
    SetUpListings(seller);
  }

  void SetUpBuyer(const client::Client& officer, const std::string& uscc, int index) {
    Record(officer, uscc, directory::v1::ORGANISATION_KIND_PUBLIC_BODY);
    directory::v1::RegisterInstitutionRequest institution;
    institution.mutable_institution()->set_uscc(uscc);
    institution.mutable_institution()->set_channel(directory::v1::CHANNEL_SCHOOL);
    institution.mutable_institution()->set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
    Must(officer.Call(&directory::v1::DirectoryService::Stub::RegisterInstitution, institution));
    quota::v1::SetQuotaRequest quota;
    quota.mutable_quota()->set_institution_uscc(uscc);
    quota.mutable_quota()->set_year(base::YearOf(clock_.Now()));
    quota.mutable_quota()->mutable_target()->set_amount_fen(1'000'000'000'000);
    quota.mutable_quota()->mutable_limit()->set_amount_fen(1'000'000'000'000);
    Must(officer.Call(&quota::v1::QuotaService::Stub::SetQuota, quota));
    buyers_.push_back(Connect(index, testing::InstitutionOf(uscc)));
  }

  // Fresh eggs stand alone, in one hot listing; every other commodity counted in grams has one for each county.
  void SetUpListings(const client::Client& seller) {
    for (const directory::v1::Commodity& commodity : directory::Catalogue()) {
      if (commodity.base_unit() != directory::v1::BASE_UNIT_GRAM) continue;
      const int64_t price = commodity.reference_price().amount_fen() * 500 / commodity.reference_base();
      const int counties = commodity.code() == "egg" ? 1 : kCounties;
      for (int i = 0; i < counties; ++i) {
        const std::string& county = directory::Counties().counties()[i * 200].code;
        listing::v1::CreateListingRequest request;
        listing::v1::Listing& listing = *request.mutable_listing();
        listing.set_commodity_code(commodity.code());
        listing.set_title("goods");
        listing.set_origin_code(county);
        listing.set_sale_unit("jin");
        listing.set_sale_unit_base(500);
        listing.set_listed_units(kUnits);
        listing.mutable_unit_price()->set_amount_fen(price);
        *listing.mutable_ready_time() = base::ToProto(clock_.Now());
        *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 700));
        Must(seller.Call(&listing::v1::ListingService::Stub::CreateListing, request));
        if (commodity.code() == "egg") hot_ = MakeOrder(commodity, county, price);
        if (commodity.code() != "egg") spread_.push_back(MakeOrder(commodity, county, price));
      }
    }
  }

  order::v1::PlaceOrderRequest MakeOrder(const directory::v1::Commodity& commodity, const std::string& destination,
                                         int64_t limit_fen) const {
    order::v1::PlaceOrderRequest request;
    order::v1::Order& order = *request.mutable_order();
    order.set_commodity_code(commodity.code());
    order.set_quantity_base(500);
    order.mutable_limit_price()->set_amount_fen(limit_fen);
    order.set_limit_base(500);
    order.set_destination_code(destination);
    *order.mutable_deliver_by_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 5));
    order.set_allow_partial(true);
    return request;
  }

  Measured Measure(int concurrency, const StartCall& start) {
    std::make_shared<ClosedLoop>(concurrency, start)->Run(seconds_ / 4);
    const double cpu_begin = daemon_->CpuSeconds();
    Measured measured{std::make_shared<ClosedLoop>(concurrency, start)->Run(seconds_)};
    measured.server_cpu_us = (daemon_->CpuSeconds() - cpu_begin) * 1e6 / static_cast<double>(measured.calls);
    return measured;
  }

  // One asynchronous call, its context and bytes kept until it has ended.
  template <typename Request>
  void Start(int lane, const std::string& method, const Request& request, std::function<void(bool)> done) {
    struct State {
      explicit State(const std::shared_ptr<grpc::Channel>& channel) : stub(channel) {}
      grpc::TemplatedGenericStub<Request, grpc::ByteBuffer> stub;
      grpc::ClientContext context;
      grpc::ByteBuffer response;
    };
    auto state = std::make_shared<State>(channels_[lane % kBuyers % kConnections]);
    buyers_[lane % kBuyers].Prepare(state->context, absl::Seconds(30));
    // The request is serialized before the call returns.
    state->stub.UnaryCall(&state->context, method, {}, &request, &state->response,
                          [state, done = std::move(done)](const grpc::Status& status) {
                            if (!status.ok()) Complain(status);
                            done(status.ok());
                          });
  }

  static void Complain(const grpc::Status& status) {
    static std::atomic<int> said = 0;
    if (said++ < 3) std::fprintf(stderr, "%d %s\n", status.error_code(), status.error_message().c_str());
  }

  void Echo(int lane, std::function<void(bool)> done) {
    Start(lane, "/zhuxiao.diagnostics.v1.DiagnosticsService/Echo", diagnostics::v1::EchoRequest(), std::move(done));
  }

  void Place(int lane, order::v1::PlaceOrderRequest request, std::function<void(bool)> done) {
    request.set_request_id(buyers_[lane % kBuyers].NewRequestId());
    Start(lane, "/zhuxiao.order.v1.OrderService/PlaceOrder", request, std::move(done));
  }
  void PlaceHot(int lane, std::function<void(bool)> done) { Place(lane, hot_, std::move(done)); }
  void PlaceSpread(int lane, std::function<void(bool)> done) {
    Place(lane, spread_[next_++ % spread_.size()], std::move(done));
  }

  void ListPage(int lane, std::function<void(bool)> done) {
    listing::v1::ListListingsRequest request;
    request.set_page_size(20);
    Start(lane, "/zhuxiao.listing.v1.ListingService/ListListings", request, std::move(done));
  }

  static void Print(const char* call, int concurrency, const Measured& figures, double echo, const char* end) {
    std::printf(
        "  {\"call\": \"%s\", \"in_flight\": %d, \"per_s\": %.0f, \"of_echo\": %.3f, \"p50_ms\": %.3f, "
        "\"p99_ms\": %.3f, \"server_cpu_us\": %.1f, \"failed\": %ld}%s\n",
        call, concurrency, figures.calls_per_s, figures.calls_per_s / echo, figures.p50_ms, figures.p99_ms,
        figures.server_cpu_us, static_cast<long>(figures.failed), end);
  }

  const double seconds_;
  const std::vector<int> levels_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  ScratchDirectory directory_;
  std::unique_ptr<Daemon> daemon_ = std::make_unique<Daemon>(directory_.path());
  int64_t idle_mib_ = 0;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<client::Client> buyers_;
  order::v1::PlaceOrderRequest hot_;
  std::vector<order::v1::PlaceOrderRequest> spread_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  // As the server does: the detector costs as much as the locks of gRPC that it watches.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::vector<int> levels;
  for (int i = 2; i < argc; ++i) levels.push_back(std::atoi(argv[i]));
  if (levels.empty()) levels = {1, 16, 64, 256};
  auto* const bench = new zhuxiao::bench::Bench(argc > 1 ? std::atof(argv[1]) : 3.0, std::move(levels));
  bench->Run();
  bench->Stop();
  // The connections are left to the end of the process: threads of gRPC may still be leaving the last callbacks.
  std::fflush(nullptr);
  std::_Exit(0);
}
