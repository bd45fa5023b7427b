// Sends the rows of a file of sales to the server, several reports at a time: while one waits for the disk, the others
// are read and computed.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/sheet.h"
#include "clients/cpp/client.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::cli {

// Path ("" where it is about no field) and reason of each mistake of an entry, in English.
std::vector<std::pair<std::string, std::string>> ViolationsOf(const reward::v1::RejectedEntry& rejected);

// Of sales that were reported.
struct ReportCounts {
  int64_t taken = 0;
  int64_t repeated = 0;
  int64_t waiting = 0;
};

// Not thread-safe. `client` and the rows outlive it. Rows may be taken in another order than they stand in, which
// changes no sum; a row rejected for that alone (more refunds of one sale than may wait for it) is reported once more
// at the end.
class SalesImport {
 public:
  explicit SalesImport(const client::Client& client) : client_(client) {}

  // Takes a row to report. The error of an earlier report, after which nothing more is sent.
  absl::Status Add(const SheetRow& row, reward::v1::SaleEntry entry);
  // Reports what is left and waits for all answers.
  absl::Status Finish();

  const ReportCounts& counts() const { return counts_; }
  // In any order; mistakes by the paths of their fields in the entry.
  const std::vector<SheetRejection>& rejections() const { return rejections_; }

 private:
  using Entries = std::vector<std::pair<const SheetRow*, reward::v1::SaleEntry>>;
  using Answer = absl::StatusOr<reward::v1::ReportSalesResponse>;
  struct UnderWay {
    Entries entries;
    std::future<Answer> answer;
  };

  static Answer Report(const client::Client& client, const Entries& entries);
  void Send();
  // Waits for the oldest report.
  absl::Status Receive();
  // Takes an answer. An entry that is rejected itself, and not for what waited for it, is reported once more unless
  // `is_last`.
  absl::Status Take(const Entries& entries, const Answer& answer, bool is_last);

  const client::Client& client_;
  Entries next_;
  std::deque<UnderWay> under_way_;
  Entries again_;
  ReportCounts counts_;
  std::vector<SheetRejection> rejections_;
};

}  // namespace zhuxiao::cli
