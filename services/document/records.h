// Rows of the document module; private to it.
#pragma once

#include <string>
#include <string_view>

#include "services/store/keys.h"
#include "zhuxiao/document/v1/document.pb.h"

namespace zhuxiao::document {

inline constexpr std::string_view kDocumentTable = "document";             // <number> -> Document
inline constexpr std::string_view kDocumentPage = "document_page";         // <number> -> bytes as issued
inline constexpr std::string_view kDocumentMasked = "document_masked";     // <number> -> the masked copy
inline constexpr std::string_view kDocumentByParty = "document_by_party";  // <uscc>/<number> -> empty
inline constexpr std::string_view kDocumentNewest = "document_newest";     // <kind>/<subject> -> <number>

inline std::string NewestKey(v1::DocumentKind kind, std::string_view subject) {
  return store::Key(kDocumentNewest, v1::DocumentKind_Name(kind), subject);
}

}  // namespace zhuxiao::document
