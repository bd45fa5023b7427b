#include "clients/cli/document_commands.h"

#include <fstream>

#include "services/base/strings.h"
#include "zhuxiao/document/v1/document_service.grpc.pb.h"

namespace zhuxiao::cli {
namespace {

using document::v1::DocumentService;
using document::v1::GetDocumentRequest;

int Get(const Session& session, const Arguments& arguments) {
  GetDocumentRequest request;
  request.set_document_number(arguments.at("number").back());
  const auto response = session.client().Call(&DocumentService::Stub::GetDocument, request);
  if (!response.ok()) return session.Fail(response.status());
  if (response->is_masked()) session.environment().err << session.Say("document.masked") << "\n";
  const auto out = arguments.find("out");
  if (out == arguments.end() || out->second.empty()) {
    session.environment().out << response->html();
    return kExitOk;
  }
  const std::string& path = out->second.back();
  std::ofstream file(path, std::ios::binary);
  file << response->html();
  if (!file.flush()) return session.Fail(absl::InternalError(base::StrCat(path, ": cannot be written")));
  session.environment().err << session.Say("file.written", {path}) << "\n";
  return kExitOk;
}

}  // namespace

std::vector<Command> DocumentCommands() {
  return {{"document",
           "get",
           {{.name = "number", .need = Need::kPositional, .hint = "TEXT", .label = "field.document_number"},
            {.name = "out", .hint = "FILE", .label = "option.out"}},
           Get}};
}

}  // namespace zhuxiao::cli
