#include "services/rpc/diagnostics_service.h"

#include <utility>

#include "zhuxiao/diagnostics/v1/diagnostics.pb.h"

namespace zhuxiao::rpc {

using diagnostics::v1::EchoRequest;
using diagnostics::v1::EchoResponse;
using diagnostics::v1::GetVersionRequest;
using diagnostics::v1::GetVersionResponse;

std::unique_ptr<Service> MakeDiagnosticsService(std::string version) {
  auto service = std::make_unique<Service>(FindService("zhuxiao.diagnostics.v1.DiagnosticsService"));
  service->Unary<EchoRequest, EchoResponse>(
      "Echo", [](const Call&, const EchoRequest& request, const Done<EchoResponse>& done) {
        EchoResponse response;
        response.set_payload(request.payload());
        done(std::move(response));
      });
  service->Unary<GetVersionRequest, GetVersionResponse>(
      "GetVersion",
      [version = std::move(version)](const Call&, const GetVersionRequest&, const Done<GetVersionResponse>& done) {
        GetVersionResponse response;
        response.set_version(version);
        done(std::move(response));
      });
  return service;
}

}  // namespace zhuxiao::rpc
