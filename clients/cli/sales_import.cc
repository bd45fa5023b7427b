// Reports of a file's rows, several at a time.
#include "clients/cli/sales_import.h"

#include <algorithm>

#include "clients/cpp/sales_report.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

// Entries a call of ReportSales: the server names at most 1,000 rejected entries a call, so none stays unnamed.
constexpr size_t kEntriesPerReport = 1000;
// Reports at a time. More than these and the server waits for its cores instead of its disk.
constexpr size_t kMaxUnderWay = 4;

std::string NumberOf(const reward::v1::SaleEntry& entry) {
  if (entry.has_refund()) return entry.refund().refund_no();
  return entry.has_waybill() ? entry.waybill().waybill_no() : entry.sale().platform_order_no();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ViolationsOf(const reward::v1::RejectedEntry& rejected) {
  if (rejected.violations().empty()) return {{"", rejected.message()}};
  std::vector<std::pair<std::string, std::string>> mistakes;
  for (const auto& violation : rejected.violations()) {
    mistakes.emplace_back(violation.field(), violation.description());
  }
  return mistakes;
}

absl::Status SalesImport::Add(const SheetRow& row, reward::v1::SaleEntry entry) {
  next_.emplace_back(&row, std::move(entry));
  if (next_.size() < kEntriesPerReport) return absl::OkStatus();
  Send();
  return under_way_.size() < kMaxUnderWay ? absl::OkStatus() : Receive();
}

absl::Status SalesImport::Finish() {
  if (!next_.empty()) Send();
  absl::Status status;
  while (!under_way_.empty()) {
    const absl::Status received = Receive();
    if (status.ok()) status = received;
  }
  for (size_t begin = 0; begin < again_.size() && status.ok(); begin += kEntriesPerReport) {
    const size_t end = std::min(again_.size(), begin + kEntriesPerReport);
    const Entries part(again_.begin() + static_cast<ptrdiff_t>(begin), again_.begin() + static_cast<ptrdiff_t>(end));
    status = Take(part, Report(client_, part), /*is_last=*/true);
  }
  return status;
}

SalesImport::Answer SalesImport::Report(const client::Client& client, const Entries& entries) {
  client::SalesReport report(client);
  for (const auto& [row, entry] : entries) {
    if (!report.Add(entry)) break;
  }
  return report.Finish();
}

void SalesImport::Send() {
  under_way_.push_back({std::move(next_), {}});
  next_.clear();
  // The deque keeps the entries where they are while others come and go at its ends.
  const Entries& entries = under_way_.back().entries;
  under_way_.back().answer = std::async(std::launch::async, [this, &entries] { return Report(client_, entries); });
}

absl::Status SalesImport::Receive() {
  const Answer answer = under_way_.front().answer.get();
  const UnderWay done = std::move(under_way_.front());
  under_way_.pop_front();
  return Take(done.entries, answer, /*is_last=*/false);
}

absl::Status SalesImport::Take(const Entries& entries, const Answer& answer, bool is_last) {
  if (!answer.ok()) return answer.status();
  counts_.taken += answer->taken_count();
  counts_.repeated += answer->duplicate_count();
  counts_.waiting += answer->pending_count();
  for (const auto& rejected : answer->rejected()) {
    if (rejected.index() < 0 || rejected.index() >= static_cast<int64_t>(entries.size())) {
      return absl::InternalError("the server rejected an entry that was not sent");
    }
    const auto& [row, entry] = entries[static_cast<size_t>(rejected.index())];
    if (!is_last && rejected.number() == NumberOf(entry)) {
      again_.emplace_back(row, entry);
    } else {
      rejections_.push_back({row, ViolationsOf(rejected)});
    }
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::cli
