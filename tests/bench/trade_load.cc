#include "tests/bench/trade_load.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <cstdio>
#include <utility>

#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "tests/bench/daemon.h"

namespace zhuxiao::bench {
namespace {

// Connections of the load to each server, which admits 100 calls on each.
constexpr int kConnections = 4;
constexpr int kBuyers = 64;
constexpr char kBuyersCounty[] = "140105";
constexpr int64_t kLimitFen = 1'000'000'000'000;  // never reached
// Listings of the spread market: one for each of this many counties and each commodity counted in grams.
constexpr int kCounties = 12;
constexpr int64_t kUnits = 100'000'000;

void Complain(const grpc::Status& status) {
  static std::atomic<int> said = 0;
  if (said++ < 3) std::fprintf(stderr, "%d %s\n", status.error_code(), status.error_message().c_str());
}

}  // namespace

TradeLoad::TradeLoad(std::string tokens, const std::vector<int>& ports) {
  Open(ports);
  market_ = std::make_unique<MarketSetup>(std::move(tokens), channels_.front());
  for (int i = 0; i < kBuyers; ++i) buyers_.push_back(market_->MakeBuyer(kBuyersCounty, i + 1, kLimitFen));
  // Goods come from where their seller is.
  for (int i = 0; i < kCounties; ++i) {
    const std::string& county = directory::Counties().counties()[i * 200].code;
    SetUpListings(market_->MakeSeller(county, i + 1), county, /*with_eggs=*/i == 0);
  }
}

void TradeLoad::MoveTo(int port) { Open({port}); }

void TradeLoad::Open(const std::vector<int>& ports) {
  channels_.clear();
  for (size_t i = 0; i < kConnections * ports.size(); ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channels_.push_back(grpc::CreateCustomChannel(base::StrCat("127.0.0.1:", ports[i / kConnections]),
                                                  grpc::InsecureChannelCredentials(), arguments));
  }
  UseServers(static_cast<int>(ports.size()));
}

void TradeLoad::UseServers(int count) { channels_used_ = static_cast<size_t>(kConnections) * count; }

// Fresh eggs stand alone, in one hot listing; every other commodity counted in grams has one for each county.
void TradeLoad::SetUpListings(const client::Client& seller, const std::string& county, bool with_eggs) {
  for (const directory::v1::Commodity& commodity : directory::Catalogue()) {
    const bool is_egg = commodity.code() == "egg";
    if (commodity.base_unit() != directory::v1::BASE_UNIT_GRAM || (is_egg && !with_eggs)) continue;
    const int64_t price = commodity.reference_price().amount_fen() * 500 / commodity.reference_base();
    listing::v1::CreateListingRequest request;
    listing::v1::Listing& listing = *request.mutable_listing();
    listing.set_commodity_code(commodity.code());
    listing.set_title("goods");
    listing.set_origin_code(county);
    listing.set_sale_unit("jin");
    listing.set_sale_unit_base(500);
    listing.set_listed_units(kUnits);
    listing.mutable_unit_price()->set_amount_fen(price);
    *listing.mutable_ready_time() = base::ToProto(market_->clock().Now());
    *listing.mutable_last_sale_time() = base::ToProto(market_->clock().Now() + absl::Hours(24 * 700));
    Must(seller.Call<listing::v1::CreateListingResponse>(request));
    if (is_egg) hot_ = MakeOrder(commodity, county, price);
    if (!is_egg) spread_.push_back(MakeOrder(commodity, county, price));
  }
}

order::v1::PlaceOrderRequest TradeLoad::MakeOrder(const directory::v1::Commodity& commodity,
                                                  const std::string& destination, int64_t limit_fen) const {
  order::v1::PlaceOrderRequest request;
  order::v1::Order& order = *request.mutable_order();
  order.set_commodity_code(commodity.code());
  order.set_quantity_base(500);
  order.mutable_limit_price()->set_amount_fen(limit_fen);
  order.set_limit_base(500);
  order.set_destination_code(destination);
  *order.mutable_deliver_by_time() = base::ToProto(market_->clock().Now() + absl::Hours(24 * 5));
  order.set_allow_partial(true);
  return request;
}

template <typename Request>
void TradeLoad::Start(int lane, const std::string& method, const Request& request, Done done) {
  struct State {
    explicit State(const std::shared_ptr<grpc::Channel>& channel) : stub(channel) {}
    grpc::TemplatedGenericStub<Request, grpc::ByteBuffer> stub;
    grpc::ClientContext context;
    grpc::ByteBuffer response;
  };
  auto state = std::make_shared<State>(channels_[lane % kBuyers % channels_used_]);
  buyers_[lane % kBuyers].Prepare(state->context, absl::Seconds(30));
  // The request is serialized before the call returns.
  state->stub.UnaryCall(&state->context, method, {}, &request, &state->response,
                        [state, done = std::move(done)](const grpc::Status& status) {
                          if (!status.ok()) Complain(status);
                          done(status.ok());
                        });
}

void TradeLoad::Echo(int lane, Done done) {
  Start(lane, "/zhuxiao.diagnostics.v1.DiagnosticsService/Echo", diagnostics::v1::EchoRequest(), std::move(done));
}

void TradeLoad::Place(int lane, order::v1::PlaceOrderRequest request, Done done) {
  request.set_request_id(buyers_[lane % kBuyers].NewRequestId());
  Start(lane, "/zhuxiao.order.v1.OrderService/PlaceOrder", request, std::move(done));
}
void TradeLoad::PlaceHot(int lane, Done done) { Place(lane, hot_, std::move(done)); }
void TradeLoad::PlaceSpread(int lane, Done done) { Place(lane, spread_[next_++ % spread_.size()], std::move(done)); }

void TradeLoad::ListPage(int lane, Done done) {
  listing::v1::ListListingsRequest request;
  request.set_page_size(20);
  Start(lane, "/zhuxiao.listing.v1.ListingService/ListListings", request, std::move(done));
}

}  // namespace zhuxiao::bench
