// A slow and obvious model of online sales, refunds and the yearly reward: plain maps, one entry after another, every
// statement by going over every sale. Written without a look at the product's way of counting.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// A rule on the sales of one year.
struct YearlyRule {
  int year = 0;
  int64_t threshold_fen = 0;
  int64_t rate_basis_points = 0;
  int64_t cap_fen = 0;
  std::vector<std::string> programmes;
};

class RewardModel {
 public:
  // What became of all entries so far, as in the response.
  struct Counts {
    int64_t taken = 0;
    int64_t duplicate = 0;
    int64_t pending = 0;
    int64_t rejected = 0;
    bool operator==(const Counts&) const = default;
  };

  struct Result {
    int64_t gross_fen = 0;
    int64_t refunded_fen = 0;
    int64_t reward_fen = 0;
    int64_t counted_count = 0;
    int64_t excluded_count = 0;
    bool operator==(const Result&) const = default;
  };

  void Designate(directory::v1::Designation designation) { designations_.push_back(std::move(designation)); }

  // Entries are well formed; their numbers, sums and order may be anything.
  void Take(const v1::SaleEntry& entry);

  const Counts& counts() const { return counts_; }

  Result StatementOf(const std::string& claimant_uscc, const YearlyRule& rule) const;

 private:
  struct KnownSale {
    v1::OnlineSale sale;
    int64_t refunded_fen = 0;
  };

  void TakeSale(const v1::OnlineSale& sale);
  void TakeRefund(const v1::SaleRefund& refund);
  // True where the rule names a programme whose list holds the sale's origin on its day.
  bool IsDesignated(const v1::OnlineSale& sale, const YearlyRule& rule) const;

  std::vector<directory::v1::Designation> designations_;
  std::map<std::string, KnownSale> sales_;
  std::map<std::string, v1::SaleRefund> refunds_;
  std::vector<v1::SaleRefund> waiting_;
  Counts counts_;
};

}  // namespace zhuxiao::reward
