// Server credentials from PEM files.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"

namespace zhuxiao::rpc {

struct ServerOptions;

// Insecure credentials, or TLS 1.2 and 1.3 from the files of `options`, read again every minute. FAILED_PRECONDITION
// where a file cannot be read, is not PEM, or certificate and key do not belong together; gRPC itself would only fail
// each handshake.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const ServerOptions& options);

}  // namespace zhuxiao::rpc
