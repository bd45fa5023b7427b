// The market that benchmarks trade in, made through the API, and calls on it as cheap for the client as can be: answers
// are left unparsed and only their status is looked at, because the load shares the server's machine.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/client.h"
#include "tests/bench/market_setup.h"

namespace zhuxiao::bench {

// Thread-safe once it is made.
class TradeLoad {
 public:
  using Done = std::function<void(bool is_ok)>;

  // Makes the market on the first of `ports`, which servers of one store listen on. `tokens` is their file of tokens.
  TradeLoad(std::string tokens, const std::vector<int>& ports);

  // From now on calls go to the first `count` servers in turn; at first, to all.
  void UseServers(int count);

  // From now on calls go to `port`, where a server of the same store listens; no call is under way.
  void MoveTo(int port);

  // Each starts a call of a lane and calls `done` once when it has ended.
  void Echo(int lane, Done done);
  // An order that is met by one of many listings, or by the same one each time.
  void PlaceSpread(int lane, Done done);
  void PlaceHot(int lane, Done done);
  // A page of 20 listings.
  void ListPage(int lane, Done done);

 private:
  // Makes the connections to `ports`, and forgets those before.
  void Open(const std::vector<int>& ports);
  void SetUpListings(const client::Client& seller, const std::string& county, bool with_eggs);
  order::v1::PlaceOrderRequest MakeOrder(const directory::v1::Commodity& commodity, const std::string& destination,
                                         int64_t limit_fen) const;

  // One asynchronous call, its context and bytes kept until it has ended.
  template <typename Request>
  void Start(int lane, const std::string& method, const Request& request, Done done);
  void Place(int lane, order::v1::PlaceOrderRequest request, Done done);

  std::vector<std::shared_ptr<grpc::Channel>> channels_;  // those of the first server first
  std::atomic<size_t> channels_used_ = 0;
  std::unique_ptr<MarketSetup> market_;
  std::vector<client::Client> buyers_;
  order::v1::PlaceOrderRequest hot_;
  std::vector<order::v1::PlaceOrderRequest> spread_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace zhuxiao::bench
