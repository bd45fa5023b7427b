// The signed record of a claim's statement (services/reward/record): what it rests on as that stood, and what came of
// it, so that anyone can compute it again.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/reward/record/signing_key.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Writes the record of the claim's statement, signed with `key`, at `path`; the same bytes whenever it is asked for.
// The sales are those of the claim's epoch (claim_input.h), with the lists they were eligible by when they were
// reported. Where a pool or places are shared, the record holds the sales of all claims published together. Before it
// is signed the computation is made by the offline engine and compared with what the claim says: DATA_LOSS where the
// two differ. `key` may be null: there is none. Other errors stand in the proto.
absl::Status ExportClaimRecord(store::Reader& reader, const base::Caller& caller, const record::SigningKey* key,
                               const v1::ExportClaimRecordRequest& request, const std::string& path);

absl::StatusOr<v1::GetRecordKeyResponse> GetRecordKey(const record::SigningKey* key);

}  // namespace zhuxiao::reward
