#include "services/forward/reading.h"

#include "services/base/errors.h"
#include "services/base/region.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/forward/forward.h"
#include "services/forward/parts.h"
#include "services/forward/records.h"

namespace zhuxiao::forward {
namespace {

using base::Caller;
using base::Role;

bool MaySee(const Caller& caller, const v1::Forward& forward) {
  return caller.ReadsEverything() || caller.Is(Role::ROLE_INSTITUTION, forward.institution_uscc()) ||
         caller.Is(Role::ROLE_SUPPLIER, forward.supplier_uscc()) || caller.IsOfficerOf(forward.origin_code()) ||
         caller.IsOfficerOf(forward.destination_code());
}

// Whose rows are walked: the caller's own, those of a side that is asked for, or (empty) all.
std::string OwnerOf(const Caller& caller, const std::string& asked) {
  const bool is_side = caller.role == Role::ROLE_INSTITUTION || caller.role == Role::ROLE_SUPPLIER;
  return is_side ? caller.organisation : asked;
}

bool IsAskedFor(const v1::Forward& forward, const v1::ListForwardsRequest& request) {
  const std::string& side = request.organisation_uscc();
  return (request.state() == v1::FORWARD_STATE_UNSPECIFIED || request.state() == forward.state()) &&
         (request.commodity_code().empty() || request.commodity_code() == forward.commodity_code()) &&
         (side.empty() || side == forward.institution_uscc() || side == forward.supplier_uscc()) &&
         base::IsInside(forward.origin_code(), request.region_prefix());
}

}  // namespace

absl::StatusOr<v1::GetForwardResponse> ReadForward(store::Reader& reader, const Caller& caller,
                                                   const v1::GetForwardRequest& request) {
  auto forward = GetForward(reader, request.forward_id());
  if (!forward.ok()) return forward.status();
  if (!MaySee(caller, *forward)) return base::NotFound("forward contract", request.forward_id());
  auto contracts = ContractsOf(reader, *forward);
  if (!contracts.ok()) return contracts.status();
  v1::GetForwardResponse response;
  *forward->mutable_figures() = FiguresOf(*forward, *contracts);
  *response.mutable_forward() = *std::move(forward);
  response.mutable_contracts()->Assign(contracts->begin(), contracts->end());
  return response;
}

absl::StatusOr<store::Page<v1::ListForwardsResponse>> ListForwards(store::Reader& reader, const Caller& caller,
                                                                   const v1::ListForwardsRequest& request,
                                                                   const store::PageRequest& page) {
  base::FieldErrors errors;
  directory::RequireUsccOrNone(errors, request.organisation_uscc(), "organisation_uscc");
  directory::RequireCommodityOrNone(errors, request.commodity_code(), "commodity_code");
  directory::RequireRegionOrNone(errors, request.region_prefix(), "region_prefix");
  if (!errors.empty()) return errors.ToStatus();
  const std::string owner = OwnerOf(caller, request.organisation_uscc());
  const std::string prefix = owner.empty() ? store::Key(kForwardTable, "") : store::Key(kForwardByParty, owner, "");
  store::Page<v1::ListForwardsResponse> listed;
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto forward = GetForward(reader, row.key.substr(row.key.rfind('/') + 1));
    if (!forward.ok()) return forward.status();
    if (!MaySee(caller, *forward) || !IsAskedFor(*forward, request)) return false;
    if (absl::Status counted = SetFigures(reader, *forward); !counted.ok()) return counted;
    if (request.is_short() && forward->figures().shortfall_units() == 0) return false;
    *listed.response.add_forwards() = *std::move(forward);
    return true;
  });
  if (!last.ok()) return last.status();
  listed.last_key = *std::move(last);
  return listed;
}

}  // namespace zhuxiao::forward
