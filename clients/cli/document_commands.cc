#include "clients/cli/document_commands.h"

#include <fstream>

#include "clients/cli/export_file.h"
#include "services/base/strings.h"
#include "zhuxiao/document/v1/document_service.pb.h"

namespace zhuxiao::cli {
namespace {

using document::v1::GetDocumentRequest;
using document::v1::GetDocumentResponse;

const google::protobuf::MethodDescriptor& GetMethod() {
  return *GetDocumentRequest::descriptor()->file()->service(0)->FindMethodByName("GetDocument");
}

int Get(const Session& session, const Arguments& arguments) {
  GetDocumentRequest request;
  request.set_document_number(arguments.at("number").back());
  GetDocumentResponse response;
  const absl::Status called = session.client().Call(GetMethod(), request, response);
  if (!called.ok()) return session.Fail(called);
  if (response.is_masked()) session.environment().err << session.Say("document.masked") << "\n";
  const auto out = arguments.find("out");
  if (out == arguments.end() || out->second.empty()) {
    session.environment().out << response.html();
    return kExitOk;
  }
  const std::string& path = out->second.back();
  std::ofstream file(path, std::ios::binary);
  file << response.html();
  if (!file.flush()) return session.Fail(absl::InternalError(base::StrCat(path, ": cannot be written")));
  TellFile(session, path, static_cast<int64_t>(response.html().size()), session.Say("file.written", {path}));
  return kExitOk;
}

}  // namespace

std::vector<Command> DocumentCommands() {
  std::vector<Command> commands = {
      {"document",
       "get",
       {{.name = "number", .need = Need::kPositional, .hint = "TEXT", .label = "field.document_number"},
        {.name = "out", .hint = "FILE", .label = "option.out"}},
       Get}};
  commands[0].json = "json.document-get";
  return commands;
}

}  // namespace zhuxiao::cli
