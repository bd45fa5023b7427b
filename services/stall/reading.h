// The reads of StallService: who may see which case, and what of it.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/base/errors.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// The case as the caller is shown it: with its listing and the office on duty as of `now`, without what is personal or
// not for buyers. Does not ask whether the caller may see it.
absl::StatusOr<v1::StallCase> Show(store::Reader& reader, const base::Caller& caller, absl::Time now,
                                   const v1::StallCase& stall_case);

// Whose cases a caller sees, looked up once: a supplier its own, an officer those of the region, auditors and operators
// all, institutions and platforms those sent to their channel or to them. `shown` is what Show answered.
class Sight {
 public:
  static absl::StatusOr<Sight> Of(store::Reader& reader, const base::Caller& caller);
  bool Sees(const v1::StallCase& shown) const;
  const base::Caller& caller() const { return caller_; }

 private:
  base::Caller caller_;
  directory::v1::Channel channel_ = directory::v1::CHANNEL_UNSPECIFIED;
};

// True where a shown case is inside the region and at the level or above.
bool IsAsked(const v1::StallCase& shown, const std::string& region_prefix, listing::v1::StallLevel min_level);

// INVALID_FIELDS where a region prefix is none.
void CheckRegion(const std::string& region_prefix, base::FieldErrors& errors);

absl::StatusOr<v1::GetStallCaseResponse> ReadCase(store::Reader& reader, const base::Caller& caller, absl::Time now,
                                                  const v1::GetStallCaseRequest& request);
absl::StatusOr<store::Page<v1::ListStallCasesResponse>> ListCases(store::Reader& reader, const base::Caller& caller,
                                                                  absl::Time now,
                                                                  const v1::ListStallCasesRequest& request,
                                                                  const store::PageRequest& page);
absl::StatusOr<v1::GetStallRulesResponse> ReadRules(absl::Time now, const v1::GetStallRulesRequest& request);

}  // namespace zhuxiao::stall
