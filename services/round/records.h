// Rows of the round module; private to it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/round/states.h"
#include "services/store/keys.h"
#include "zhuxiao/storage/v1/round.pb.h"

namespace zhuxiao::round {

inline constexpr std::string_view kRoundTable = "round";              // <id> -> RoundRecord
inline constexpr std::string_view kRoundWork = "round_work";          // <id> -> empty, while the round is not over
inline constexpr std::string_view kRoundOfRegion = "round_region";    // <region or "all"> -> id of the one not over
inline constexpr std::string_view kRoundSlot = "round_slot";          // <time> -> id of the round the schedule opened
inline constexpr std::string_view kRoundSettled = "round_settled";    // <region or "all"> -> id of the last settled
inline constexpr std::string_view kRoundFile = "round_file";          // <id>/<part>/<number> -> RoundFilePiece
inline constexpr std::string_view kRoundLine = "round_line";          // <id>/<number> -> RoundLine
inline constexpr std::string_view kRoundProgress = "round_progress";  // <id> -> RoundProgress

inline std::string LineKey(std::string_view round_id, int64_t number) {
  return store::Key(kRoundLine, round_id, store::OrderedNumber(number));
}
inline std::string RegionKey(const v1::Round& round) {
  return store::Key(kRoundOfRegion, round.region_code().empty() ? "all" : round.region_code());
}

inline std::string SettledKey(const v1::Round& round) {
  return store::Key(kRoundSettled, round.region_code().empty() ? "all" : round.region_code());
}

using storage::v1::RoundRecord;

// NOT_FOUND where there is none, DATA_LOSS where the row is damaged.
absl::StatusOr<RoundRecord> GetRecord(store::Reader& reader, std::string_view round_id);

// Stores the record; the event is not told.
void PutRecord(store::Transaction& transaction, const RoundRecord& record);

// Stores the record of a round that changed: new etag, and the event tells of it.
void PutChanged(ledger::Operation& operation, RoundRecord& record);

// Takes the step: state and time change, the rows that rounds are found by follow. NOT_FOUND where the caller may not;
// STATE_NOT_ALLOWED where the state does not admit it. The record is stored.
absl::Status TakeStep(ledger::Operation& operation, RoundRecord& record, std::string_view step);

}  // namespace zhuxiao::round
