#include "services/reward/pending.h"

#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/reward/records.h"
#include "zhuxiao/storage/v1/reward.pb.h"

namespace zhuxiao::reward {
namespace {

using store::Key;

// The platform a request means, where the caller may see what it reported.
absl::StatusOr<std::string> VisiblePlatform(store::Reader& reader, const base::Caller& caller,
                                            const std::string& platform_uscc) {
  const std::string& platform = platform_uscc.empty() ? caller.organisation : platform_uscc;
  base::FieldErrors errors;
  errors.Require(base::IsValidUscc(platform), "platform_uscc",
                 "must be a unified social credit code of 18 characters, or empty for the caller's own");
  if (!errors.empty()) return errors.ToStatus();
  if (caller.Is(base::Role::ROLE_PLATFORM, platform)) return platform;
  auto organisation = directory::GetOrganisation(reader, platform);
  if (absl::IsNotFound(organisation.status())) return base::NotFound("platform", platform);
  if (!organisation.ok()) return organisation.status();
  if (caller.ReadsEverything() || caller.IsOfficerOf(organisation->region_code())) return platform;
  return base::NotFound("platform", platform);
}

// Visits the rows of `table` that are the platform's, each parsed as a `Pending`, and says where the page ended.
template <typename Pending, typename Visit>
absl::StatusOr<std::string> WalkPending(store::Reader& reader, const base::Caller& caller, std::string_view table,
                                        const std::string& platform_uscc, const store::PageRequest& page,
                                        const Visit& visit) {
  auto platform = VisiblePlatform(reader, caller, platform_uscc);
  if (!platform.ok()) return platform.status();
  return store::WalkPage(reader, Key(table, *platform, ""), page,
                         [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                           Pending pending;
                           if (!pending.ParseFromString(row.value)) {
                             return base::DataLoss(base::StrCat(row.key, " cannot be read"));
                           }
                           visit(pending);
                           return true;
                         });
}

}  // namespace

absl::StatusOr<store::Page<v1::ListPendingRefundsResponse>> ListPendingRefunds(
    store::Reader& reader, const base::Caller& caller, const v1::ListPendingRefundsRequest& request,
    const store::PageRequest& page) {
  store::Page<v1::ListPendingRefundsResponse> result;
  auto last = WalkPending<storage::v1::PendingRefunds>(
      reader, caller, kPendingTable, request.platform_uscc(), page,
      [&](const storage::v1::PendingRefunds& row) { result.response.mutable_refunds()->MergeFrom(row.refunds()); });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<store::Page<v1::ListPendingWaybillsResponse>> ListPendingWaybills(
    store::Reader& reader, const base::Caller& caller, const v1::ListPendingWaybillsRequest& request,
    const store::PageRequest& page) {
  store::Page<v1::ListPendingWaybillsResponse> result;
  auto last = WalkPending<storage::v1::PendingWaybills>(
      reader, caller, kPendingWaybillTable, request.platform_uscc(), page,
      [&](const storage::v1::PendingWaybills& row) { result.response.mutable_waybills()->MergeFrom(row.waybills()); });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

}  // namespace zhuxiao::reward
