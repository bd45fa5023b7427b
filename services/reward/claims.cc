// Reads of claims.
#include "services/reward/claims.h"

#include "services/base/errors.h"
#include "services/reward/claim_record.h"
#include "services/reward/records.h"
#include "services/reward/reward.h"

namespace zhuxiao::reward {

absl::StatusOr<v1::GetClaimResponse> GetClaim(store::Reader& reader, const base::Caller& caller,
                                              const v1::GetClaimRequest& request) {
  auto claim = FindClaim(reader, request.claim_id());
  if (!claim.ok()) return claim.status();
  if (!MaySeeClaim(caller, *claim)) return base::NotFound("claim", request.claim_id());
  v1::GetClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::StatusOr<store::Page<v1::ListClaimsResponse>> ListClaims(store::Reader& reader, const base::Caller& caller,
                                                               const v1::ListClaimsRequest& request,
                                                               const store::PageRequest& page) {
  store::Page<v1::ListClaimsResponse> result;
  auto last = store::WalkPage(
      reader, store::Key(kClaimTable, ""), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto claim = ParseClaim(row.key, row.value);
        if (!claim.ok()) return claim.status();
        const bool is_wanted = request.state() == v1::CLAIM_STATE_UNSPECIFIED || claim->state() == request.state();
        if (!is_wanted || !MaySeeClaim(caller, *claim)) return false;
        *result.response.add_claims() = *std::move(claim);
        return true;
      });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::Status ForEachClaim(store::Reader& reader, const std::function<absl::Status(const v1::Claim&)>& visit) {
  return store::WalkAll(reader, store::Key(kClaimTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto claim = ParseClaim(row.key, row.value);
    return claim.ok() ? visit(*claim) : claim.status();
  });
}

}  // namespace zhuxiao::reward
