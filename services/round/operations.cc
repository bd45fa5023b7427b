#include "services/round/operations.h"

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/round/records.h"

namespace zhuxiao::round {
namespace {

using base::ErrorReason;

// Stores a new round and the rows it is found by.
void Begin(ledger::Operation& operation, v1::Round round) {
  round.set_round_id(operation.NewId());
  round.set_state(v1::ROUND_STATE_OPEN);
  *round.mutable_open_time() = base::ToProto(operation.now());
  store::Transaction& transaction = operation.transaction();
  transaction.Put(store::Key(kRoundWork, round.round_id()), "");
  transaction.Put(RegionKey(round), round.round_id());
  RoundRecord record;
  *record.mutable_round() = std::move(round);
  PutChanged(operation, record);
}

// Notes on a round that it keeps the schedule from a slot. The round's id where that is new, else nothing.
absl::StatusOr<std::string> NoteBlocked(ledger::Operation& operation, const std::string& round_id,
                                        const std::string& slot) {
  auto record = GetRecord(operation.transaction(), round_id);
  if (!record.ok()) return record.status();
  v1::Round& round = *record->mutable_round();
  if (round.last_blocked_slot() == slot) return "";
  round.set_last_blocked_slot(slot);
  round.set_blocked_slot_count(round.blocked_slot_count() + 1);
  PutChanged(operation, *record);
  return round_id;
}

template <typename Response>
absl::StatusOr<Response> TakeAsked(ledger::Operation& operation, const std::string& round_id, std::string_view step,
                                   const std::string& cause = "") {
  auto record = GetRecord(operation.transaction(), round_id);
  if (!record.ok()) return record.status();
  if (!cause.empty()) record->mutable_round()->set_cancel_cause(cause);
  if (absl::Status taken = TakeStep(operation, *record, step); !taken.ok()) return taken;
  Response response;
  *response.mutable_round() = std::move(*record->mutable_round());
  return response;
}

}  // namespace

absl::StatusOr<v1::OpenRoundResponse> Open(ledger::Operation& operation, const v1::OpenRoundRequest& request) {
  base::FieldErrors errors;
  directory::RequireRegionOrNone(errors, request.region_code(), "region_code");
  errors.Require(request.target_gap_ppm() >= 0 && request.target_gap_ppm() <= base::kPpm, "target_gap_ppm",
                 "must be 0 to 1,000,000");
  errors.Require(request.time_limit_seconds() >= 0 && request.time_limit_seconds() <= kMaxTimeLimitSeconds,
                 "time_limit_seconds", "must be 0 to 3600");
  if (!errors.empty()) return errors.ToStatus();
  if (!operation.caller().IsOfficerOf(request.region_code())) return base::NotFound("region", request.region_code());
  v1::Round round;
  round.set_region_code(request.region_code());
  round.set_is_automatic(request.is_automatic());
  round.set_target_gap_ppm(request.target_gap_ppm());
  round.set_time_limit_seconds(request.time_limit_seconds());
  auto other = operation.transaction().Get(RegionKey(round));
  if (!other.ok()) return other.status();
  if (*other) return base::AlreadyExists("round", **other);
  Begin(operation, std::move(round));
  v1::OpenRoundResponse response;
  *response.mutable_round() = operation.event().round();
  return response;
}

absl::StatusOr<v1::CloseRoundResponse> Close(ledger::Operation& operation, const v1::CloseRoundRequest& request) {
  return TakeAsked<v1::CloseRoundResponse>(operation, request.round_id(), kCloseStep);
}

absl::StatusOr<v1::ClearRoundResponse> Clear(ledger::Operation& operation, const v1::ClearRoundRequest& request) {
  return TakeAsked<v1::ClearRoundResponse>(operation, request.round_id(), kClearStep);
}

absl::StatusOr<v1::SettleRoundResponse> Settle(ledger::Operation& operation, const v1::SettleRoundRequest& request) {
  return TakeAsked<v1::SettleRoundResponse>(operation, request.round_id(), kSettleStep);
}

absl::StatusOr<v1::CancelRoundResponse> Cancel(ledger::Operation& operation, const v1::CancelRoundRequest& request) {
  base::FieldErrors errors;
  errors.Require(base::CodePointCount(request.cause()) <= base::kMaxRemarkCodePoints, "cause",
                 "must have at most 500 characters");
  if (!errors.empty()) return errors.ToStatus();
  return TakeAsked<v1::CancelRoundResponse>(operation, request.round_id(), kCancelStep, request.cause());
}

absl::StatusOr<std::string> OpenScheduled(ledger::Operation& operation, absl::Time slot, absl::Time since) {
  store::Transaction& transaction = operation.transaction();
  const std::string slot_key = store::Key(kRoundSlot, store::OrderedTime(slot));
  auto opened = transaction.Get(slot_key);
  if (!opened.ok()) return opened.status();
  if (*opened) return "";
  const std::string slots = store::Key(kRoundSlot, "");
  auto earlier = transaction.Scan(slots, store::PrefixEnd(slots), 1);
  if (!earlier.ok()) return earlier.status();
  if (earlier->empty() && slot < since) return "";
  v1::Round round;
  auto other = transaction.Get(RegionKey(round));
  if (!other.ok()) return other.status();
  const std::string name = absl::FormatTime("%Y-%m-%d %H:%M", slot, base::Shanghai());
  if (*other) return NoteBlocked(operation, **other, name);
  round.set_is_automatic(true);
  round.set_slot(name);
  Begin(operation, std::move(round));
  transaction.Put(slot_key, operation.event().round().round_id());
  return "";
}

}  // namespace zhuxiao::round
