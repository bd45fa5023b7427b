// What the clients of a crash test share: where the server is, the things they trade in, and a record of every answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/fault/balance_history.h"
#include "tests/fault/server_process.h"
#include "tests/fault/wire.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/order/v1/order.pb.h"
#include "zhuxiao/partner/v1/partner.pb.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::testing {

// For Pile::Draw.
inline constexpr uint64_t kKeepAlways = 1;
inline constexpr uint64_t kKeepSeldom = 8;
inline constexpr uint64_t kKeepNever = UINT64_MAX;

// Things that clients put down and draw again at random. Thread-safe.
template <typename T>
class Pile {
 public:
  void Put(T thing) {
    const std::lock_guard lock(mutex_);
    things_.push_back(std::move(thing));
  }

  // One of them, or nothing where there is none. It stays on the pile once in `keep_one_in` draws, so that now and then
  // two clients work on the same thing.
  std::optional<T> Draw(std::mt19937_64& random, uint64_t keep_one_in) {
    const std::lock_guard lock(mutex_);
    if (things_.empty()) return std::nullopt;
    std::swap(things_[random() % things_.size()], things_.back());
    if (random() % keep_one_in == 0) return things_.back();
    T thing = std::move(things_.back());
    things_.pop_back();
    return thing;
  }

 private:
  std::mutex mutex_;
  std::vector<T> things_;
};

// Lines and counts that several threads add to. Thread-safe.
class Tally {
 public:
  void Count(const std::string& name) {
    const std::lock_guard lock(mutex_);
    ++counts_[name];
  }
  std::map<std::string, int64_t> counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int64_t> counts_;
};

// A hold of a platform, and whether its goods are settled by weight.
struct HeldStock {
  partner::v1::Hold hold;
  bool is_cattle = false;
};

struct TradingFloor {
  explicit TradingFloor(const ServerProcess& process) : server(process) {}

  const ServerProcess& server;
  std::map<std::string, std::string> tokens;  // by organisation
  std::string refunded_order_no;              // a large old sale, which the traders refund bit by bit
  std::atomic<bool> is_closing = false;

  Pile<order::v1::Contract> proposed, signed_by_farm, shipped, accepted;
  Pile<order::v1::Order> standing;
  Pile<listing::v1::Listing> listings;
  Pile<HeldStock> holds;

  AnswerLog answers;
  BalanceHistory history;
  Pile<reward::v1::ReportSalesRequest> reports;  // those answered
  Tally outcomes;                                // answers by method and reason
  Tally surprises;                               // answers that no request of a trader should get
  std::atomic<int64_t> unknown_count = 0;        // attempts without an answer
};

}  // namespace zhuxiao::testing
