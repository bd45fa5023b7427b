#include "services/round/records.h"

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/ids.h"
#include "services/base/strings.h"

namespace zhuxiao::round {
namespace {

// The field that keeps when a step was taken, or null where none does.
google::protobuf::Timestamp* TimeOf(v1::Round& round) {
  switch (round.state()) {
    case v1::ROUND_STATE_CLEARED:
      return round.mutable_clear_time();
    case v1::ROUND_STATE_SETTLED:
      return round.mutable_settle_time();
    case v1::ROUND_STATE_CANCELLED:
      return round.mutable_cancel_time();
    default:
      return nullptr;
  }
}

}  // namespace

absl::StatusOr<RoundRecord> GetRecord(store::Reader& reader, std::string_view round_id) {
  if (!base::IsValidId(round_id)) return base::NotFound("round", round_id);
  auto row = reader.Get(store::Key(kRoundTable, round_id));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("round", round_id);
  RoundRecord record;
  if (!record.ParseFromString(**row)) return base::DataLoss(base::StrCat("round ", round_id, " cannot be read"));
  return record;
}

absl::StatusOr<v1::Round> GetRound(store::Reader& reader, std::string_view round_id) {
  auto record = GetRecord(reader, round_id);
  if (!record.ok()) return record.status();
  return std::move(*record->mutable_round());
}

void PutRecord(store::Transaction& transaction, const RoundRecord& record) {
  transaction.Put(store::Key(kRoundTable, record.round().round_id()), record.SerializeAsString());
}

void PutChanged(ledger::Operation& operation, RoundRecord& record) {
  record.mutable_round()->set_etag(base::NextEtag(record.round().etag()));
  PutRecord(operation.transaction(), record);
  *operation.event().mutable_round() = record.round();
}

absl::Status TakeStep(ledger::Operation& operation, RoundRecord& record, std::string_view step) {
  v1::Round& round = *record.mutable_round();
  const base::Caller& caller = operation.caller();
  if (caller.role != base::kTime && !caller.IsOfficerOf(round.region_code())) {
    return base::NotFound("round", round.round_id());
  }
  auto next = RoundStates().Next(round.state(), step, caller.role, round.round_id());
  if (!next.ok()) return next.status();
  round.set_state(static_cast<v1::RoundState>(*next));
  if (auto* time = TimeOf(round)) *time = base::ToProto(operation.now());
  if (IsOver(round.state())) {
    operation.transaction().Delete(store::Key(kRoundWork, round.round_id()));
    operation.transaction().Delete(RegionKey(round));
  }
  if (round.state() == v1::ROUND_STATE_SETTLED) operation.transaction().Put(SettledKey(round), round.round_id());
  PutChanged(operation, record);
  return absl::OkStatus();
}

}  // namespace zhuxiao::round
