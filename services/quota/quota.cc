#include "services/quota/quota.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/quota/operations.h"
#include "services/quota/records.h"
#include "services/store/page.h"

namespace zhuxiao::quota {
namespace {

using base::ErrorReason;

absl::Status Missing(std::string_view uscc, int year) {
  return base::Refuse(ErrorReason::ERROR_REASON_QUOTA_MISSING, uscc,
                      base::StrCat("no quota is set for the year ", year));
}

// Reads the quota's limit; quotas change a few times a year, so holding the row in the read set costs no retries.
absl::StatusOr<v1::Quota> RequireQuota(store::Reader& reader, std::string_view uscc, int year) {
  auto quota = Find(reader, uscc, year);
  if (!quota.ok()) return quota.status();
  if (!*quota) return Missing(uscc, year);
  return **std::move(quota);
}

void Tell(ledger::Operation& operation, std::string_view uscc, int year, int64_t held_fen, int64_t settled_fen,
          std::string_view contract_id) {
  audit::v1::QuotaMove& move = *operation.event().add_quota_moves();
  move.set_institution_uscc(std::string(uscc));
  move.set_year(year);
  move.set_held_fen(held_fen);
  move.set_settled_fen(settled_fen);
  move.set_contract_id(std::string(contract_id));
}

}  // namespace

absl::StatusOr<Room> PeekRoom(store::Transaction& transaction, std::string_view institution_uscc, int year) {
  auto quota = RequireQuota(transaction, institution_uscc, year);
  if (!quota.ok()) return quota.status();
  auto spending = transaction.PeekCounter(SpendingKey(year, institution_uscc));
  if (!spending.ok()) return spending.status();
  const int64_t used = (*spending)[kUsedField];
  Room room;
  room.remaining_fen = std::max<int64_t>(0, quota->limit().amount_fen() - used);
  const int64_t target = quota->target().amount_fen();
  if (target > used) room.gap_ppm = base::MulDivFloor(target - used, base::kPpm, target).value_or(0);
  return room;
}

absl::Status Hold(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                  std::string_view contract_id) {
  if (amount_fen == 0) return absl::OkStatus();
  auto quota = RequireQuota(operation.transaction(), institution_uscc, year);
  if (!quota.ok()) return quota.status();
  absl::Status added = operation.transaction().Add(SpendingKey(year, institution_uscc), kUsedField, amount_fen,
                                                   {.min = 0, .max = quota->limit().amount_fen()});
  if (absl::IsOutOfRange(added)) {
    return base::Refuse(
        ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, institution_uscc,
        base::StrCat("the spending limit of ", year, ", ", base::FormatYuan(quota->limit().amount_fen()),
                     " yuan, does not cover it"),
        {{"limit_fen", std::to_string(quota->limit().amount_fen())}, {"amount_fen", std::to_string(amount_fen)}});
  }
  if (!added.ok()) return added;
  Tell(operation, institution_uscc, year, amount_fen, 0, contract_id);
  return absl::OkStatus();
}

absl::Status Release(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                     std::string_view contract_id) {
  if (amount_fen == 0) return absl::OkStatus();
  absl::Status added = operation.transaction().Add(SpendingKey(year, institution_uscc), kUsedField, -amount_fen, {});
  if (absl::IsOutOfRange(added)) return base::DataLoss("more quota is released than was held");
  if (!added.ok()) return added;
  Tell(operation, institution_uscc, year, -amount_fen, 0, contract_id);
  return absl::OkStatus();
}

absl::Status Settle(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                    std::string_view contract_id) {
  absl::Status added = operation.transaction().Add(SpendingKey(year, institution_uscc), kSettledField, amount_fen, {});
  if (!added.ok()) return added;
  Tell(operation, institution_uscc, year, -amount_fen, amount_fen, contract_id);
  return absl::OkStatus();
}

absl::Status Refund(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                    std::string_view contract_id) {
  if (amount_fen == 0) return absl::OkStatus();
  for (const size_t field : {kUsedField, kSettledField}) {
    absl::Status added = operation.transaction().Add(SpendingKey(year, institution_uscc), field, -amount_fen, {});
    if (absl::IsOutOfRange(added)) return base::DataLoss("more quota is refunded than was settled");
    if (!added.ok()) return added;
  }
  Tell(operation, institution_uscc, year, 0, -amount_fen, contract_id);
  return absl::OkStatus();
}

bool IsQuotaExceeded(const absl::Status& status) {
  return base::ReasonOf(status) == ErrorReason::ERROR_REASON_QUOTA_EXCEEDED;
}

absl::Status ForEach(store::Reader& reader, const std::function<absl::Status(const v1::Quota&)>& visit) {
  return store::WalkAll(reader, store::Key(kQuotaTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto quota = WithSpending(reader, row.value);
    return quota.ok() ? visit(*quota) : quota.status();
  });
}

}  // namespace zhuxiao::quota
