// Reports online sales and refunds in batches.
#include "clients/cpp/sales_report.h"

#include <utility>

namespace zhuxiao::client {

bool SalesReport::Add(reward::v1::SaleEntry entry) {
  *batch_.add_entries() = std::move(entry);
  return batch_.entries_size() < kSalesBatchEntries || Send();
}

bool SalesReport::Send() {
  if (stream_ == nullptr) {
    stream_ = client_.Begin(*FindMethod(*batch_.GetDescriptor(), *response_.GetDescriptor()), context_);
  }
  const bool is_sent = stream_->Write(batch_);
  batch_.Clear();
  return is_sent;
}

absl::StatusOr<reward::v1::ReportSalesResponse> SalesReport::Finish() {
  if (batch_.entries_size() > 0) Send();
  if (stream_ == nullptr) return response_;
  // Where the stream broke, these fail too and Finish has the reason.
  if (stream_->WritesDone()) stream_->Read(response_);
  const absl::Status status = stream_->Finish();
  if (!status.ok()) return status;
  return response_;
}

}  // namespace zhuxiao::client
