#include "services/round/reading.h"

#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/round/records.h"

namespace zhuxiao::round {
namespace {

using base::Role;

bool MaySee(const base::Caller& caller, const v1::Round& round, const v1::RoundLine& line) {
  return ReadsAllOf(caller, round) || caller.Is(Role::ROLE_SUPPLIER, line.supplier_uscc()) ||
         caller.Is(Role::ROLE_INSTITUTION, line.institution_uscc());
}

bool IsAsked(const v1::ListRoundLinesRequest& request, const v1::RoundLine& line) {
  return (request.listing_id().empty() || request.listing_id() == line.listing_id()) &&
         (request.order_id().empty() || request.order_id() == line.order_id()) &&
         (request.state() == v1::ROUND_LINE_STATE_UNSPECIFIED || request.state() == line.state());
}

}  // namespace

bool ReadsAllOf(const base::Caller& caller, const v1::Round& round) {
  return caller.ReadsEverything() || caller.IsOfficerOf(round.region_code());
}

absl::StatusOr<v1::Round> ReadRound(store::Reader& reader, const std::string& round_id) {
  auto round = GetRound(reader, round_id);
  if (!round.ok() || round->state() != v1::ROUND_STATE_CLEARING) return round;
  auto row = reader.Get(store::Key(kRoundProgress, round_id));
  if (!row.ok()) return row.status();
  if (*row && !round->mutable_progress()->ParseFromString(**row)) return base::DataLoss("a progress cannot be read");
  return round;
}

absl::StatusOr<store::Page<v1::ListRoundsResponse>> ListRounds(store::Reader& reader,
                                                               const v1::ListRoundsRequest& request,
                                                               const store::PageRequest& page) {
  base::FieldErrors errors;
  directory::RequireRegionOrNone(errors, request.region_code(), "region_code");
  if (!errors.empty()) return errors.ToStatus();
  store::Page<v1::ListRoundsResponse> result;
  auto last = store::WalkPage(reader, store::Key(kRoundTable, ""), page,
                              [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                                RoundRecord record;
                                if (!record.ParseFromString(row.value))
                                  return base::DataLoss(base::StrCat(row.key, " cannot be read"));
                                const v1::Round& round = record.round();
                                if (request.state() != v1::ROUND_STATE_UNSPECIFIED && request.state() != round.state())
                                  return false;
                                if (!request.region_code().empty() && request.region_code() != round.region_code())
                                  return false;
                                *result.response.add_rounds() = round;
                                return true;
                              });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<store::Page<v1::ListRoundLinesResponse>> ListRoundLines(store::Reader& reader,
                                                                       const base::Caller& caller,
                                                                       const v1::ListRoundLinesRequest& request,
                                                                       const store::PageRequest& page) {
  base::FieldErrors errors;
  errors.Require(request.listing_id().empty() || base::IsValidId(request.listing_id()), "listing_id", "is no id");
  errors.Require(request.order_id().empty() || base::IsValidId(request.order_id()), "order_id", "is no id");
  if (!errors.empty()) return errors.ToStatus();
  auto round = GetRound(reader, request.round_id());
  if (!round.ok()) return round.status();
  store::Page<v1::ListRoundLinesResponse> result;
  // A result that is still being written is nobody's yet.
  if (round->state() < v1::ROUND_STATE_CLEARED || !round->has_clear_time()) return result;
  auto last = store::WalkPage(reader, store::Key(kRoundLine, request.round_id(), ""), page,
                              [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                                v1::RoundLine line;
                                if (!line.ParseFromString(row.value))
                                  return base::DataLoss(base::StrCat(row.key, " cannot be read"));
                                if (!IsAsked(request, line) || !MaySee(caller, *round, line)) return false;
                                *result.response.add_lines() = std::move(line);
                                return true;
                              });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

}  // namespace zhuxiao::round
