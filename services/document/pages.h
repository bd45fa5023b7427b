// What documents say, as HTML: pure functions of the facts, so that the same facts give the same bytes. Both languages
// stand side by side, since a sheet of paper has one reader who knows either.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "zhuxiao/document/v1/document.pb.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::document {

// What a page is made of besides its contracts.
struct PageFacts {
  v1::Document document;                     // number, kind, subject, issue time, what it corrects
  std::map<std::string, std::string> names;  // of organisations, by credit code
  std::string destination;                   // of a contract's goods: the region in words
  std::string address;                       // in words; masked in a masked copy
};

// The article of a delivery note or an acceptance sheet.
std::string ContractArticle(const PageFacts& facts, const order::v1::Contract& contract, bool is_masked);

// The article of a statement over [begin, end): contracts accepted, goods returned and money moved in that time, with
// the quantities and amounts that held at its end. It has nothing to mask: no addresses, no words people wrote.
std::string StatementArticle(const PageFacts& facts, const std::vector<order::v1::Contract>& contracts,
                             absl::Time begin, absl::Time end);

// What the statement says is owed for goods accepted in the month: their amounts less returns of the month.
int64_t StatementFen(const std::vector<order::v1::Contract>& contracts, absl::Time begin, absl::Time end);

// True where the contract has something to say in a statement over [begin, end).
bool IsInStatement(const order::v1::Contract& contract, absl::Time begin, absl::Time end);

// The text of the code: "zhuxiao:document:<number>:<digest>".
std::string CodeText(const v1::Document& document);

// The whole page: the article, the code and the styles.
std::string Page(const v1::Document& document, std::string_view article);

}  // namespace zhuxiao::document
