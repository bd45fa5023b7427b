// Errors on their way from the wire to the caller: the inverse of what the server does with an absl::Status.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace zhuxiao::client {

// The same code and message; each google.rpc detail becomes a payload under its type URL, so that base::ReasonOf and
// base::MetadataOf read a status from a server as they read one made here. Details that do not parse are dropped.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace zhuxiao::client
