// Random worlds of policies and sales, and a slow and obvious calculator of what they pay: plain maps and loops over
// all rows, written from the rules and not from the product's way of computing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "services/reward/engine/policy.h"
#include "services/reward/engine/scope.h"

namespace zhuxiao::reward {

// A row of SALES.csv as it was meant.
struct WorldRow {
  std::string platform, order_no, line_no, claimant, origin, destination, commodity;
  bool is_refund = false;
  int64_t amount_fen = 0;
  int64_t parcels = 0;
  int64_t parcel_fee_fen = 0;
  std::vector<std::optional<int64_t>> seconds = std::vector<std::optional<int64_t>>(4);  // since 1970 UTC, by clock
  std::string refund_of;                                                                 // as written
  int sale = -1;  // of a refund: index of its sale, or -1 where there is none
  bool is_sent_by_another = false;
};

struct World {
  engine::Policy policy;
  std::vector<engine::Designation> lists;
  std::vector<WorldRow> rows;
};

// A number of [low, high].
int64_t Draw(std::mt19937_64& rng, int64_t low, int64_t high);

World MakeWorld(std::mt19937_64& rng);

// The world's rows as a file, in the given order of indices, which may repeat; the
// same row is always written alike.
std::string CsvOf(const World& world, const std::vector<size_t>& order);

// The two result files as the model has them, but for the reasons of awards: "claimant,counted,refunded,net,reward" and
// "line,state,reason".
struct ModelResult {
  std::vector<std::string> statement;
  std::vector<std::string> lines;  // sorted
};

class RewardWorldModel {
 public:
  explicit RewardWorldModel(const World& world) : world_(world) {}

  ModelResult Compute();

 private:
  struct Tally {
    int64_t counted_fen = 0;
    int64_t refunded_fen = 0;
    int64_t units = 0;
    int64_t value_fen = 0;
    int64_t wanted_fen = 0;
    int64_t paid_fen = 0;
  };
  struct Payment {
    int64_t second = 0;
    std::string place;
    std::string claimant;
    int64_t value_fen = 0;
  };
  using Quarter = std::string;

  std::string ReasonOf(const WorldRow& row) const;
  std::optional<Quarter> QuarterOf(const WorldRow& row) const;
  bool IsListed(const WorldRow& row) const;
  void CountSales();
  void CountUnits();
  void WantAll(std::map<std::string, Tally>& tallies) const;
  void WantTiers(std::map<std::string, Tally>& tallies) const;
  int64_t PayAll(std::map<std::string, Tally>& tallies, std::vector<Payment>& payments, int64_t fund_fen) const;
  bool MeetsThresholds(const Tally& tally) const;

  const World& world_;
  std::map<Quarter, std::map<std::string, Tally>> tallies_;
  std::map<Quarter, std::vector<Payment>> payments_;
};

}  // namespace zhuxiao::reward
