// The methods of QuotaService as functions; what they do and refuse is in zhuxiao/quota/v1/quota.proto.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// Years a quota may be set for.
inline constexpr int kFirstYear = 2020;
inline constexpr int kLastYear = 2099;

absl::StatusOr<v1::SetQuotaResponse> Set(ledger::Operation& operation, const v1::SetQuotaRequest& request);
absl::StatusOr<v1::DeclareBaseResponse> DeclareBase(ledger::Operation& operation,
                                                    const v1::DeclareBaseRequest& request);
absl::StatusOr<v1::GetQuotaResponse> Read(store::Reader& reader, const base::Caller& caller, absl::Time now,
                                          const v1::GetQuotaRequest& request);

absl::StatusOr<store::Page<v1::ListQuotasResponse>> List(store::Reader& reader, const base::Caller& caller,
                                                         absl::Time now, const v1::ListQuotasRequest& request,
                                                         const store::PageRequest& page);

// The stored quota without spending, or nullopt.
absl::StatusOr<std::optional<v1::Quota>> Find(store::Reader& reader, std::string_view institution_uscc, int year);

// A stored row with what is held and settled.
absl::StatusOr<v1::Quota> WithSpending(store::Reader& reader, const std::string& row);

}  // namespace zhuxiao::quota
