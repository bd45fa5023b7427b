// Documents, as other modules read them. The methods of DocumentService stand in documents.h.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "services/store/store.h"
#include "zhuxiao/document/v1/document.pb.h"

namespace zhuxiao::document {

// Calls `visit` with every document, without its bytes, by number.
absl::Status ForEach(store::Reader& reader, const std::function<absl::Status(const v1::Document&)>& visit);

}  // namespace zhuxiao::document
