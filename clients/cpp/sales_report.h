// Reports online sales and refunds through the client stream of RewardService, in batches.
#pragma once

#include <memory>

#include "clients/cpp/client.h"

namespace zhuxiao::client {

// Entries a batch: the most the server takes in one message.
inline constexpr int kSalesBatchEntries = 500;

// One report: Add entries, then Finish once. Not thread-safe; `client` outlives it. A report whose outcome is unknown
// may be made again as it was: the server counts each entry once by its number. Dropped without Finish it is cancelled;
// batches sent before may have been taken.
class SalesReport {
 public:
  explicit SalesReport(const Client& client) : client_(client) {}
  SalesReport(const SalesReport&) = delete;
  SalesReport& operator=(const SalesReport&) = delete;

  // Adds an entry; sends a full batch. False where the stream broke: Finish then says why.
  bool Add(reward::v1::SaleEntry entry);

  // Sends what is left and returns what became of every entry. An empty report makes no call.
  absl::StatusOr<reward::v1::ReportSalesResponse> Finish();

 private:
  bool Send();

  const Client& client_;
  grpc::ClientContext context_;
  reward::v1::ReportSalesRequest batch_;
  reward::v1::ReportSalesResponse response_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace zhuxiao::client
