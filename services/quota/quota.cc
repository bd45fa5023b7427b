#include "services/quota/quota.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/quota/bindings.h"
#include "services/quota/canteens.h"
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

// A binding of a contract on the quota its buyer counts for now.
absl::StatusOr<v1::QuotaBinding> NewBinding(ledger::Operation& operation, std::string_view institution_uscc, int year,
                                            std::string_view contract_id) {
  auto unit = UnitOf(operation.transaction(), institution_uscc);
  if (!unit.ok()) return unit.status();
  v1::QuotaBinding binding;
  binding.set_contract_id(std::string(contract_id));
  binding.set_buyer_uscc(std::string(institution_uscc));
  binding.set_year(year);
  binding.set_first_uscc(*unit);
  binding.set_institution_uscc(*std::move(unit));
  return binding;
}

// The binding of a contract; where it holds nothing yet, a new one.
absl::StatusOr<v1::QuotaBinding> BindingFor(ledger::Operation& operation, std::string_view institution_uscc, int year,
                                            std::string_view contract_id) {
  auto found = FindBinding(operation.transaction(), contract_id);
  if (!found.ok()) return found.status();
  if (*found) return **std::move(found);
  return NewBinding(operation, institution_uscc, year, contract_id);
}

// Adds to what is used of a quota, within its limit.
absl::Status Use(ledger::Operation& operation, std::string_view unit_uscc, int year, int64_t amount_fen) {
  auto quota = RequireQuota(operation.transaction(), unit_uscc, year);
  if (!quota.ok()) return quota.status();
  absl::Status added = operation.transaction().Add(SpendingKey(year, unit_uscc), kUsedField, amount_fen,
                                                   {.min = 0, .max = quota->limit().amount_fen()});
  if (!absl::IsOutOfRange(added)) return added;
  return base::Refuse(
      ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, unit_uscc,
      base::StrCat("the spending limit of ", year, ", ", base::FormatYuan(quota->limit().amount_fen()),
                   " yuan, does not cover it"),
      {{"limit_fen", std::to_string(quota->limit().amount_fen())}, {"amount_fen", std::to_string(amount_fen)}});
}

// Holds an amount where the contract is bound.
absl::Status HoldAt(ledger::Operation& operation, v1::QuotaBinding binding, int year, int64_t amount_fen) {
  if (absl::Status added = Use(operation, binding.institution_uscc(), year, amount_fen); !added.ok()) return added;
  Tell(operation, binding.institution_uscc(), year, amount_fen, 0, binding.contract_id());
  return AddToBinding(operation, binding, amount_fen, 0);
}

}  // namespace

absl::StatusOr<Room> PeekRoom(store::Transaction& transaction, std::string_view institution_uscc, int year) {
  auto unit = UnitOf(transaction, institution_uscc);
  if (!unit.ok()) return unit.status();
  auto quota = RequireQuota(transaction, *unit, year);
  if (!quota.ok()) return quota.status();
  auto spending = transaction.PeekCounter(SpendingKey(year, *unit));
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
  auto binding = BindingFor(operation, institution_uscc, year, contract_id);
  if (!binding.ok()) return binding.status();
  return HoldAt(operation, *std::move(binding), year, amount_fen);
}

absl::Status HoldFirst(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                       std::string_view contract_id) {
  if (amount_fen == 0) return absl::OkStatus();
  auto binding = NewBinding(operation, institution_uscc, year, contract_id);
  if (!binding.ok()) return binding.status();
  return HoldAt(operation, *std::move(binding), year, amount_fen);
}

absl::Status Release(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                     std::string_view contract_id) {
  if (amount_fen == 0) return absl::OkStatus();
  auto binding = BindingFor(operation, institution_uscc, year, contract_id);
  if (!binding.ok()) return binding.status();
  const std::string& unit = binding->institution_uscc();
  absl::Status added = operation.transaction().Add(SpendingKey(year, unit), kUsedField, -amount_fen, {});
  if (absl::IsOutOfRange(added)) return base::DataLoss("more quota is released than was held");
  if (!added.ok()) return added;
  Tell(operation, unit, year, -amount_fen, 0, contract_id);
  return AddToBinding(operation, *binding, -amount_fen, 0);
}

absl::Status Settle(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                    std::string_view contract_id) {
  auto binding = BindingFor(operation, institution_uscc, year, contract_id);
  if (!binding.ok()) return binding.status();
  const std::string& unit = binding->institution_uscc();
  absl::Status added = operation.transaction().Add(SpendingKey(year, unit), kSettledField, amount_fen, {});
  if (!added.ok()) return added;
  Tell(operation, unit, year, -amount_fen, amount_fen, contract_id);
  return AddToBinding(operation, *binding, -amount_fen, amount_fen);
}

absl::Status MoveSpending(ledger::Operation& operation, std::string_view contract_id, int year,
                          std::string_view from_uscc, std::string_view to_uscc, int64_t held_fen, int64_t settled_fen) {
  store::Transaction& transaction = operation.transaction();
  for (const auto& [field, amount_fen] :
       {std::pair(kUsedField, held_fen + settled_fen), std::pair(kSettledField, settled_fen)}) {
    if (absl::Status added = transaction.Add(SpendingKey(year, from_uscc), field, -amount_fen, {}); !added.ok()) {
      return added;
    }
  }
  Tell(operation, from_uscc, year, -held_fen, -settled_fen, contract_id);
  if (absl::Status added = Use(operation, to_uscc, year, held_fen + settled_fen); !added.ok()) return added;
  absl::Status settled = transaction.Add(SpendingKey(year, to_uscc), kSettledField, settled_fen, {});
  if (!settled.ok()) return settled;
  Tell(operation, to_uscc, year, held_fen, settled_fen, contract_id);
  return absl::OkStatus();
}

absl::Status Refund(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                    std::string_view contract_id) {
  if (amount_fen == 0) return absl::OkStatus();
  auto binding = BindingFor(operation, institution_uscc, year, contract_id);
  if (!binding.ok()) return binding.status();
  const std::string& unit = binding->institution_uscc();
  for (const size_t field : {kUsedField, kSettledField}) {
    absl::Status added = operation.transaction().Add(SpendingKey(year, unit), field, -amount_fen, {});
    if (absl::IsOutOfRange(added)) return base::DataLoss("more quota is refunded than was settled");
    if (!added.ok()) return added;
  }
  Tell(operation, unit, year, 0, -amount_fen, contract_id);
  return AddToBinding(operation, *binding, 0, -amount_fen);
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
