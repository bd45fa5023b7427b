// The methods of DocumentService as functions; what they do and refuse is in
// zhuxiao/document/v1/document_service.proto. A document is stored as the bytes it was issued with and is never written
// again.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/document/v1/document_service.pb.h"

namespace zhuxiao::document {

// Contracts of one statement: a canteen buys some dozens a month, and a page of these stays below a megabyte.
inline constexpr size_t kMaxStatementContracts = 1'000;

absl::StatusOr<v1::IssueDocumentResponse> Issue(ledger::Operation& operation, const v1::IssueDocumentRequest& request);
absl::StatusOr<v1::GetDocumentResponse> Read(store::Reader& reader, const base::Caller& caller,
                                             const v1::GetDocumentRequest& request);
absl::StatusOr<store::Page<v1::ListDocumentsResponse>> List(store::Reader& reader, const base::Caller& caller,
                                                            const v1::ListDocumentsRequest& request,
                                                            const store::PageRequest& page);
absl::StatusOr<v1::CheckDocumentResponse> Check(store::Reader& reader, const v1::CheckDocumentRequest& request);

}  // namespace zhuxiao::document
