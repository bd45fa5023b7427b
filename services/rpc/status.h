// The product's errors as gRPC carries them.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace zhuxiao::rpc {

// A client refuses trailers over 8 KB as a whole and would see nothing of the error; base64 adds a third, and the
// message travels twice. Beyond this the last violations of a BadRequest are left out, then whole details.
inline constexpr size_t kMaxDetailBytes = 4096;
inline constexpr size_t kMaxMessageBytes = 512;

// `status` with its payloads as the details of a google.rpc.Status (grpc-status-details-bin). A message or details
// over the limits above are cut, and the message says so.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace zhuxiao::rpc
