// Leases as one row each; the row outlives its holder so that the fence never falls back.
#include "services/store/lease.h"

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/store/keys.h"
#include "services/store/run_transaction.h"
#include "zhuxiao/storage/v1/store.pb.h"

namespace zhuxiao::store {
namespace {

using ::zhuxiao::storage::v1::LeaseRecord;

std::string RowKey(const std::string& name) { return Key("lease", name); }

// The row of `name`, empty where there is none; joins the read set.
absl::StatusOr<LeaseRecord> Load(Transaction& transaction, const std::string& name) {
  absl::StatusOr<std::optional<std::string>> row = transaction.Get(RowKey(name));
  if (!row.ok()) return row.status();
  LeaseRecord record;
  if (row->has_value() && !record.ParseFromString(**row)) {
    return base::DataLoss(base::StrCat("unreadable lease ", name));
  }
  return record;
}

bool IsHeld(const LeaseRecord& record, const Lease& lease) {
  return record.holder() == lease.holder && record.fence() == lease.fence;
}

}  // namespace

absl::StatusOr<Lease> AcquireLease(Store& store, const std::string& name, const std::string& holder, absl::Time now,
                                   absl::Duration ttl) {
  Lease lease{name, holder, 0, now + ttl};
  absl::Status status = RunTransaction(store, [&](Transaction& transaction) -> absl::Status {
    absl::StatusOr<LeaseRecord> record = Load(transaction, name);
    if (!record.ok()) return record.status();
    const bool is_own = record->holder() == holder;
    if (!is_own && !record->holder().empty() && base::FromProto(record->expire_time()) > now) {
      return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, name,
                          base::StrCat("the lease is held by ", record->holder()), {{"holder", record->holder()}});
    }
    if (!is_own) record->set_fence(record->fence() + 1);
    record->set_holder(holder);
    *record->mutable_expire_time() = base::ToProto(lease.expires);
    lease.fence = record->fence();
    transaction.Put(RowKey(name), record->SerializeAsString());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return lease;
}

absl::Status CheckLease(Transaction& transaction, const Lease& lease) {
  absl::StatusOr<LeaseRecord> record = Load(transaction, lease.name);
  if (!record.ok()) return record.status();
  if (IsHeld(*record, lease)) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kAborted, base::ErrorReason::ERROR_REASON_CONFLICT,
                         base::StrCat("the lease ", lease.name, " is held by another now"));
}

absl::Status ReleaseLease(Store& store, const Lease& lease) {
  return RunTransaction(store, [&lease](Transaction& transaction) -> absl::Status {
    absl::StatusOr<LeaseRecord> record = Load(transaction, lease.name);
    if (!record.ok()) return record.status();
    if (!IsHeld(*record, lease)) return absl::OkStatus();
    record->clear_holder();
    record->clear_expire_time();
    transaction.Put(RowKey(lease.name), record->SerializeAsString());
    return absl::OkStatus();
  });
}

}  // namespace zhuxiao::store
