// The offline calculator.
#include "services/reward/offline/compute.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "services/base/strings.h"
#include "services/reward/engine/applicant.h"
#include "services/reward/offline/csv_cells.h"
#include "services/reward/offline/intake_pass.h"
#include "services/reward/offline/out_file.h"
#include "services/reward/offline/refund_pass.h"

namespace zhuxiao::reward::offline {
namespace {

// Runs `body` once for each thread number and returns the first error.
absl::Status InParallel(size_t threads, const std::function<absl::Status(size_t)>& body) {
  std::vector<absl::Status> statuses(threads);
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back([&, i] { statuses[i] = body(i); });
  statuses[0] = body(0);
  for (std::thread& other : others) other.join();
  for (absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<SaleColumns> ReadHeader(const BlockReader& input, const std::string& file, FaultList& faults) {
  const auto bytes = input.ReadAt(0, static_cast<size_t>(std::min<int64_t>(input.size(), kMaxRecordBytes)));
  if (!bytes.ok()) return bytes.status();
  std::string_view text = *bytes;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const bool is_utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  CsvCutter cutter(text, 1);
  const bool has_header = cutter.Next() && cutter.error().empty();
  std::vector<std::string> mistakes;
  SaleColumns columns(has_header ? cutter.cells() : std::vector<std::string_view>(), mistakes);
  if (is_utf16) {
    mistakes = {"the file is UTF-16; save it as UTF-8"};
  } else if (!has_header) {
    mistakes = {"the file has no header"};
  }
  for (std::string& mistake : mistakes) faults.Add({file, 1, std::move(mistake)});
  return columns;
}

// One computation, pass after pass.
class Computation {
 public:
  Computation(const engine::Policy& policy, const std::vector<engine::Designation>& designations,
              const ComputeRequest& request, FaultList& faults)
      : policy_(policy), judge_(policy, designations), request_(request), faults_(faults) {}

  absl::StatusOr<Computed> Run() {
    auto input = BlockReader::Open(request_.sales_path, request_.out_directory);
    if (!input.ok()) return input.status();
    auto columns = ReadHeader(**input, request_.sales_path, faults_);
    if (!columns.ok()) return columns.status();
    if (!faults_.empty()) return Refusal();
    // Whoever applies is in the statement, with sales or without.
    if (request_.applicants) {
      for (const auto& [claimant, applicant] : *request_.applicants) claimants_.IdOf(claimant);
    }
    auto split = KeySplit::Sample(**input, *columns);
    if (!split.ok()) return split.status();
    Spill sales(split->count(), request_.out_directory, kSpillMemoryBytes);
    Spill refunds(split->count(), request_.out_directory, kSpillMemoryBytes / 4);
    if (absl::Status status = TakeIn(**input, *columns, *split, sales, refunds); !status.ok()) return status;
    const Repeats repeats(**input, *columns, request_.sales_path, faults_);
    if (absl::Status status = SendRefunds(*split, repeats, sales, refunds); !status.ok()) return status;
    passes_.clear();
    return SettleAndWrite(repeats, sales);
  }

 private:
  static absl::Status Refusal() { return absl::FailedPreconditionError("the input has mistakes; nothing was written"); }

  absl::Status TakeIn(BlockReader& input, const SaleColumns& columns, const KeySplit& split, Spill& sales,
                      Spill& refunds) {
    const IntakeContext context{input, columns, policy_,    judge_, split, request_.sales_path,
                                sales, refunds, claimants_, faults_};
    for (size_t i = 0; i < request_.threads; ++i) passes_.push_back(std::make_unique<IntakePass>(context));
    return InParallel(request_.threads, [&](size_t i) { return passes_[i]->Run(); });
  }

  absl::Status SendRefunds(const KeySplit& split, const Repeats& repeats, Spill& sales, Spill& refunds) {
    int64_t refund_count = 0;
    std::vector<const OrderIndex*> orders;
    for (const auto& pass : passes_) {
      refund_count += pass->refund_count();
      orders.push_back(&pass->orders());
    }
    if (refund_count == 0) return absl::OkStatus();
    std::atomic<size_t> next = 0;
    return InParallel(request_.threads, [&](size_t) -> absl::Status {
      RefundPass pass(orders, split, repeats, sales);
      for (size_t partition = next++; partition < refunds.partitions(); partition = next++) {
        const auto bytes = refunds.Take(partition);
        if (!bytes.ok()) return bytes.status();
        std::vector<Line> lines = DecodeLines(*bytes);
        if (absl::Status status = pass.Take(lines); !status.ok()) return status;
      }
      repeated_refunds_ += pass.repeated_count();
      return pass.Flush();
    });
  }

  absl::StatusOr<Computed> SettleAndWrite(const Repeats& repeats, Spill& sales) {
    auto lines_file = OutFile::Create(request_.out_directory, "lines.csv");
    if (!lines_file.ok()) return lines_file.status();
    std::vector<std::unique_ptr<Settlement>> settlements;
    for (size_t i = 0; i < request_.threads; ++i) {
      settlements.push_back(std::make_unique<Settlement>(policy_, repeats, request_.sales_path, faults_));
    }
    std::atomic<size_t> next = 0;
    const absl::Status settled = InParallel(request_.threads, [&](size_t i) {
      const absl::Status status = SettlePartitions(*settlements[i], sales, next, **lines_file);
      if (!status.ok()) (*lines_file)->Abandon();
      return status;
    });
    if (!settled.ok()) return settled;
    return Conclude(settlements, **lines_file);
  }

  static absl::Status SettlePartitions(Settlement& settlement, Spill& sales, std::atomic<size_t>& next,
                                       OutFile& lines_file) {
    for (size_t partition = next++; partition < sales.partitions(); partition = next++) {
      const auto bytes = sales.Take(partition);
      if (!bytes.ok()) return bytes.status();
      std::vector<Line> lines = DecodeLines(*bytes);
      std::string rows = partition == 0 ? "line,state,reason\n" : "";
      if (absl::Status status = settlement.Settle(partition, lines, rows); !status.ok()) return status;
      if (absl::Status status = lines_file.WritePart(partition, rows); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Computed> Conclude(const std::vector<std::unique_ptr<Settlement>>& settlements, OutFile& lines_file) {
    Computed computed{.lines = {.repeated = repeated_refunds_}};
    std::vector<Sums> sums;
    std::vector<TimedDraw> draws;
    for (const auto& settlement : settlements) {
      if (settlement->sums().size() > sums.size()) sums.resize(settlement->sums().size());
      for (size_t i = 0; i < settlement->sums().size(); ++i) sums[i].Add(settlement->sums()[i]);
      draws.insert(draws.end(), settlement->draws().begin(), settlement->draws().end());
      computed.lines.counted += settlement->counts().counted;
      computed.lines.excluded += settlement->counts().excluded;
      computed.lines.pending += settlement->counts().pending;
      computed.lines.repeated += settlement->counts().repeated;
    }
    const UnmetByClaimant unmet = Unmet();
    auto rows = MakeStatement(policy_, claimants_.codes(), unmet, sums, std::move(draws), request_.sales_path, faults_);
    if (!faults_.empty()) return Refusal();
    if (!rows.ok()) return rows.status();
    computed.statement = *std::move(rows);
    auto statement_file = OutFile::Create(request_.out_directory, "statement.csv");
    if (!statement_file.ok()) return statement_file.status();
    absl::Status status = (*statement_file)->WritePart(0, FormatStatement(computed.statement));
    if (status.ok()) status = WriteConditions(unmet);
    // The statement comes last: where it stands, its lines do too.
    if (status.ok()) status = lines_file.Publish();
    if (status.ok()) status = (*statement_file)->Publish();
    if (!status.ok()) return status;
    return computed;
  }

  // Claimants that do not meet what the policy asks of applicants, with what.
  UnmetByClaimant Unmet() const {
    UnmetByClaimant unmet;
    if (!request_.applicants) return unmet;
    for (const std::string& claimant : claimants_.codes()) {
      const auto shown = request_.applicants->find(claimant);
      const engine::Applicant applicant = shown == request_.applicants->end() ? engine::Applicant() : shown->second;
      std::vector<std::string> conditions = engine::UnmetConditions(policy_.applicant, applicant);
      if (!conditions.empty()) unmet.emplace(claimant, std::move(conditions));
    }
    return unmet;
  }

  absl::Status WriteConditions(const UnmetByClaimant& unmet) const {
    if (!request_.applicants) return absl::OkStatus();
    std::string text = "claimant,unmet\n";
    for (const auto& [claimant, conditions] : unmet) {
      for (const std::string& condition : conditions) {
        AppendCell(claimant, text);
        text.push_back(',');
        AppendCell(condition, text);
        text.push_back('\n');
      }
    }
    auto file = OutFile::Create(request_.out_directory, "conditions.csv");
    if (!file.ok()) return file.status();
    const absl::Status status = (*file)->WritePart(0, text);
    return status.ok() ? (*file)->Publish() : status;
  }

  const engine::Policy& policy_;
  const engine::ScopeJudge judge_;
  const ComputeRequest& request_;
  FaultList& faults_;
  Claimants claimants_;
  std::vector<std::unique_ptr<IntakePass>> passes_;
  std::atomic<int64_t> repeated_refunds_ = 0;
};

}  // namespace

absl::StatusOr<Computed> Compute(const engine::Policy& policy, const std::vector<engine::Designation>& designations,
                                 const ComputeRequest& request, FaultList& faults) {
  std::error_code error;
  std::filesystem::create_directories(request.out_directory, error);
  if (error) return absl::InternalError(base::StrCat("cannot make ", request.out_directory, ": ", error.message()));
  return Computation(policy, designations, request, faults).Run();
}

}  // namespace zhuxiao::reward::offline
