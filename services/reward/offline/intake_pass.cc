// The first pass over the sales.
#include "services/reward/offline/intake_pass.h"

#include "services/base/strings.h"

namespace zhuxiao::reward::offline {

absl::Status IntakePass::Run() {
  for (;;) {
    auto block = context_.input.Next();
    if (!block.ok()) return block.status();
    if (block->bytes.empty()) break;
    if (absl::Status status = TakeBlock(*block); !status.ok()) return status;
  }
  orders_.Seal();
  if (absl::Status status = sales_.Flush(); !status.ok()) return status;
  return refunds_.Flush();
}

absl::Status IntakePass::TakeBlock(const Block& block) {
  CsvCutter cutter(block.bytes, block.first_line);
  bool is_header = block.first_line == 1;
  while (cutter.Next()) {
    if (is_header) {
      is_header = false;
    } else if (!cutter.error().empty()) {
      context_.faults.Add({context_.file, cutter.line(), std::string(cutter.error())});
    } else if (absl::Status status = TakeRecord(block, cutter); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status IntakePass::TakeRecord(const Block& block, const CsvCutter& cutter) {
  const SaleRow row = context_.columns.Parse(cutter.cells(), IsPlainAscii(cutter.record()), mistakes_);
  if (mistakes_.empty() && !context_.judge.IsKnownPlatform(row.platform)) {
    mistakes_.push_back(base::StrCat("platform: ", row.platform, " is none of the platforms the policy knows"));
  }
  if (!mistakes_.empty()) {
    for (std::string& mistake : mistakes_) context_.faults.Add({context_.file, cutter.line(), std::move(mistake)});
    mistakes_.clear();
    return absl::OkStatus();
  }
  LineFacts facts{.amount_fen = row.amount_fen,
                  .parcels = row.parcels,
                  .parcel_fee_fen = row.parcel_fee_fen,
                  .offset = block.offset + (cutter.record().data() - block.bytes.data()),
                  .line = cutter.line(),
                  .record_size = static_cast<uint32_t>(cutter.record().size()),
                  .claimant = row.claimant.empty() ? kNoClaimant : claimants_.IdOf(row.claimant),
                  .kind = row.kind};
  return Send(row, facts);
}

engine::Verdict IntakePass::Judge(const SaleRow& row) const {
  const engine::SaleFacts facts{
      .platform = row.platform,
      .origin = row.origin,
      .destination = row.destination,
      .commodity = row.commodity,
      .times_ns = row.times_ns,
      .is_shipper = row.shipper.empty() ? std::nullopt : std::optional(row.shipper == row.claimant)};
  if (!context_.columns.has_designations()) return context_.judge.Judge(facts);
  return engine::JudgeSale(context_.policy, facts, [&] {
    bool is_designated = false;
    EachDesignation(row.designations,
                    [&](std::string_view programme, std::string_view list_version, std::string_view region_code) {
                      is_designated = engine::CountsBy(context_.policy.scope, programme, list_version, region_code);
                      return !is_designated;
                    });
    return is_designated;
  });
}

absl::Status IntakePass::Send(const SaleRow& row, LineFacts facts) {
  KeyInto(row.platform, row.order_no, row.line_no, key_);
  if (row.kind == RowKind::kRefund) {
    const size_t partition = std::hash<std::string_view>()(key_) % context_.refunds.partitions();
    return refunds_.Write(partition, facts, row.refund_of, key_);
  }
  const engine::Verdict verdict = Judge(row);
  facts.reason = verdict.reason;
  facts.window = static_cast<uint16_t>(verdict.window);
  if (is_timed_) facts.time_ns = row.times_ns[static_cast<size_t>(context_.policy.period.clock)].value_or(0);
  const std::string_view order = OrderPart(key_);
  orders_.Add(order);
  return sales_.Write(context_.split.Of(order), facts, key_, "");
}

}  // namespace zhuxiao::reward::offline
