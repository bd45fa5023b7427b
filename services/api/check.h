// Checks every request passes, whatever it means: clean text and known enum values, by the message's own description.
#pragma once

#include "google/protobuf/message.h"
#include "services/base/errors.h"

namespace zhuxiao::api {

// Adds a violation for every string (not bytes) field, nested and repeated ones too, that holds control characters (as
// text that is not UTF-8 does by now, see rpc::BadText) or is longer than kMaxTextBytes, and for every enum field whose
// number the proto does not name.
void CheckRequest(const google::protobuf::Message& request, base::FieldErrors& errors);

// No text of the product is longer; single fields have tighter limits of their own.
inline constexpr size_t kMaxTextBytes = 4'096;

}  // namespace zhuxiao::api
