// Sales and their refunds as rows of the offline calculator's SALES.csv. Private to the module.
#pragma once

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/reward/claim_input.h"

namespace zhuxiao::reward {

// Sales of one file: ten times what the largest firm at the reward's edge sells in parcels of 20 yuan; about 1 GB,
// which the calculator reads in some ten seconds.
inline constexpr int64_t kMaxSaleRows = 5'000'000;

// An instant as files have it, in the time of Shanghai; empty where it is not set.
std::string TimeText(bool is_set, const google::protobuf::Timestamp& time);

// Writes one file, row by row. Not thread-safe.
class SaleRows {
 public:
  // `subject` names what the file is made for.
  SaleRows(const std::string& path, std::string subject);

  // Adds a sale and each of its refunds. STATE_NOT_ALLOWED beyond kMaxSaleRows sales.
  absl::Status Add(const FrozenSale& frozen);

  // After the last one. INTERNAL where not all could be written.
  absl::Status Close();

 private:
  void AddRow(std::initializer_list<std::string> cells);

  std::ofstream file_;
  const std::string subject_;
  std::string row_;
  int64_t sale_count_ = 0;
};

}  // namespace zhuxiao::reward
