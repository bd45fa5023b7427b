// Checks the books from outside: documents stand as they were issued, and corrections follow one another.
#include <set>

#include "clients/cli/verify.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {

void BookCheck::CheckDocuments() {
  std::set<std::string> corrected;
  for (const auto& [number, document] : documents_) {
    const auto require = [&](bool holds, std::string_view what) {
      Require(holds, Rule::kDocument, number, std::string(what));
    };
    const auto issued = issued_.find(number);
    require(issued != issued_.end() && issued->second.SerializeAsString() == document.SerializeAsString(),
            "is not what was issued");
    const bool is_of_contract = document.kind() != document::v1::DOCUMENT_KIND_MONTHLY_STATEMENT;
    require(!is_of_contract || contracts_.contains(document.subject()), "its contract is in no book");
    if (document.corrects().empty()) continue;
    const auto former = documents_.find(document.corrects());
    require(former != documents_.end() && former->second.kind() == document.kind() &&
                former->second.subject() == document.subject(),
            "corrects what is no document of its subject");
    require(corrected.insert(document.corrects()).second, "corrects what another corrects");
  }
  for (const auto& [number, document] : issued_) {
    Require(documents_.contains(number), Rule::kDocument, number, "is on the feed and in no book");
  }
}

}  // namespace zhuxiao::cli
