#include "services/document/document_service.h"

#include "services/document/documents.h"

namespace zhuxiao::document {

std::unique_ptr<rpc::Service> MakeDocumentService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.document.v1.DocumentService"));
  api::Write<v1::IssueDocumentRequest, v1::IssueDocumentResponse>(*service, "IssueDocument", environment, Issue);
  api::Read<v1::GetDocumentRequest, v1::GetDocumentResponse>(
      *service, "GetDocument", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetDocumentRequest& request) {
        return Read(reader, context.caller, request);
      });
  api::List<v1::ListDocumentsRequest, v1::ListDocumentsResponse>(
      *service, "ListDocuments", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListDocumentsRequest& request,
         const store::PageRequest& page) { return List(reader, context.caller, request, page); });
  api::Read<v1::CheckDocumentRequest, v1::CheckDocumentResponse>(
      *service, "CheckDocument", environment,
      [](store::Reader& reader, const api::ReadContext&, const v1::CheckDocumentRequest& request) {
        return Check(reader, request);
      });
  return service;
}

}  // namespace zhuxiao::document
