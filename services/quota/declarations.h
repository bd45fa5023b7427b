// The yearly declaration of an institution (预留份额填报): the methods of QuotaService about it, and what time does to
// it. Effects and errors of the methods are in zhuxiao/quota/v1/quota.proto.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// By the institution.
absl::StatusOr<v1::SaveDeclarationResponse> SaveDeclaration(ledger::Operation& operation,
                                                            const v1::SaveDeclarationRequest& request);
absl::StatusOr<v1::SubmitDeclarationResponse> SubmitDeclaration(ledger::Operation& operation,
                                                                const v1::SubmitDeclarationRequest& request);
absl::StatusOr<v1::CorrectDeclarationResponse> CorrectDeclaration(ledger::Operation& operation,
                                                                  const v1::CorrectDeclarationRequest& request);

// By officers of its region.
absl::StatusOr<v1::ReviewDeclarationResponse> ReviewDeclaration(ledger::Operation& operation,
                                                                const v1::ReviewDeclarationRequest& request);
absl::StatusOr<v1::ConfirmDeclarationResponse> ConfirmDeclaration(ledger::Operation& operation,
                                                                  const v1::ConfirmDeclarationRequest& request);
absl::StatusOr<v1::DecideCorrectionResponse> DecideCorrection(ledger::Operation& operation,
                                                              const v1::DecideCorrectionRequest& request);

absl::StatusOr<v1::GetDeclarationResponse> GetDeclaration(store::Reader& reader, const base::Caller& caller,
                                                          const v1::GetDeclarationRequest& request);
absl::StatusOr<store::Page<v1::ListDeclarationsResponse>> ListDeclarations(store::Reader& reader,
                                                                           const base::Caller& caller,
                                                                           const v1::ListDeclarationsRequest& request,
                                                                           const store::PageRequest& page);

// Up to `limit` declarations whose window has ended by `now`, as names that AgeDeclaration takes.
absl::StatusOr<std::vector<std::string>> DueDeclarations(store::Reader& reader, absl::Time now, size_t limit);

// Locks a confirmed declaration after the last day to declare, and closes it after the last day to correct. No effect
// where it is not due.
absl::Status AgeDeclaration(ledger::Operation& operation, const std::string& name);

// Calls `visit` with every declaration.
absl::Status ForEachDeclaration(store::Reader& reader,
                                const std::function<absl::Status(const v1::Declaration&)>& visit);

}  // namespace zhuxiao::quota
