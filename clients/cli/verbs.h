// The verbs of the command line: which method each calls and which fields of the request it takes from options.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace zhuxiao::cli {

enum class Need { kPositional, kRequired, kOptional };

// One option (or positional argument) of a verb.
struct OptionSpec {
  std::string path;  // of the field in the request: "order.limit_price"
  Need need = Need::kOptional;
  std::string name = {};  // empty: OptionNameOf the field
  bool is_mask = true;    // named in the update_mask of an update where it was given
};

// One verb that makes one unary call.
struct VerbSpec {
  std::string group;  // empty for a verb that stands alone
  std::string name;
  std::string method;  // "order.PlaceOrder": rpc PlaceOrder of zhuxiao.order.v1.OrderService
  std::vector<OptionSpec> options = {};
};

// Every verb, by group. Fields request_id, page_size, page_token and update_mask are not named: each verb whose request
// has them serves them by itself.
const std::vector<VerbSpec>& Verbs();

// The verb of `group` and `name`. Requires that it exists.
const VerbSpec& FindVerb(std::string_view group, std::string_view name);

// The method a verb calls.
const google::protobuf::MethodDescriptor& MethodOf(const VerbSpec& verb);

// The name of an option that sets a field of `message`.
std::string NameOf(const google::protobuf::Descriptor& message, const OptionSpec& option);

}  // namespace zhuxiao::cli
