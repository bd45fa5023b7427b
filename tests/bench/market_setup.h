// The organisations that benchmarks trade with, made through the API of a zhuxiaod, and the clients that act for them.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "clients/cpp/client.h"
#include "services/base/caller.h"
#include "services/base/clock.h"
#include "services/base/ids.h"

namespace zhuxiao::bench {

// Every call that fails ends the program. Thread-safe, and outlives its clients.
class MarketSetup {
 public:
  // `tokens` is the server's file of tokens.
  MarketSetup(std::string tokens, std::shared_ptr<grpc::Channel> channel);

  client::Client Connect(const base::Caller& caller);

  // A cooperative of the county, admitted. Each `number` once.
  client::Client MakeSeller(const std::string& county, int number);
  // A school whose spending limit and target of this year are `limit_fen`. Each `number` once.
  client::Client MakeBuyer(const std::string& county, int number, int64_t limit_fen);

  const base::Clock& clock() const { return clock_; }

 private:
  void Record(const std::string& uscc, directory::v1::OrganisationKind kind, const std::string& county);

  const std::string tokens_;
  const std::shared_ptr<grpc::Channel> channel_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  const client::Client officer_;
};

}  // namespace zhuxiao::bench
