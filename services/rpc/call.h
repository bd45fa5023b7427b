// What a handler knows of the call it serves, beside the request.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/base/caller.h"

namespace zhuxiao::rpc {

struct Call {
  base::Caller caller;  // role ROLE_UNSPECIFIED where a public method was called without a token
  absl::Time deadline = absl::InfiniteFuture();  // when the client stops waiting
  std::string_view method;  // "zhuxiao.order.v1.OrderService.PlaceOrder"; lives as long as the server
  std::string peer;         // "ipv4:127.0.0.1:40000", for logs only
};

}  // namespace zhuxiao::rpc
