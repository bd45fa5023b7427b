// Turns a bearer token into a caller. An interface, so that tests and other identity sources can stand in.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/caller.h"

namespace zhuxiao::rpc {

// Implementations are thread-safe and cheap: they are asked on every call, on the threads that serve all calls,
// so they answer from memory and never wait for a network.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Who holds `bearer_token` (without the word Bearer). UNAUTHENTICATED (TOKEN_INVALID) where it is unknown,
  // revoked or expired; the three look the same.
  virtual absl::StatusOr<base::Caller> Authenticate(std::string_view bearer_token) = 0;
};

}  // namespace zhuxiao::rpc
