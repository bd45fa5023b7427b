// Reports online sales and refunds in batches.
#include "clients/cpp/sales_report.h"

#include <utility>

namespace zhuxiao::client {

SalesReport::SalesReport(const Client& client) : client_(client) { client.Prepare(context_, kStreamDeadline); }

SalesReport::~SalesReport() {
  if (writer_ == nullptr || is_finished_) return;
  context_.TryCancel();
  writer_->Finish().ok();
}

bool SalesReport::Add(reward::v1::SaleEntry entry) {
  *batch_.add_entries() = std::move(entry);
  return batch_.entries_size() < kSalesBatchEntries || Send();
}

bool SalesReport::Send() {
  if (writer_ == nullptr) writer_ = client_.stub<reward::v1::RewardService>().ReportSales(&context_, &response_);
  const bool is_sent = writer_->Write(batch_);
  batch_.Clear();
  return is_sent;
}

absl::StatusOr<reward::v1::ReportSalesResponse> SalesReport::Finish() {
  if (batch_.entries_size() > 0) Send();
  is_finished_ = true;
  if (writer_ == nullptr) return response_;
  // Where the stream broke, WritesDone fails too and Finish has the reason.
  writer_->WritesDone();
  const absl::Status status = FromGrpc(writer_->Finish());
  if (!status.ok()) return status;
  return response_;
}

}  // namespace zhuxiao::client
