// HTML as text: escaping and tables. Knows nothing of what a page says.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zhuxiao::document {

// `text` with & < > " ' as references, for use between tags and in attributes.
std::string Escape(std::string_view text);

// "<h1>…</h1>" and the like around escaped text.
std::string Element(std::string_view tag, std::string_view text);

// A table of two columns, name and value, of escaped text.
std::string FactTable(const std::vector<std::pair<std::string, std::string>>& facts);

// A table with a header row, of escaped text. Rows have as many cells as the header.
std::string Table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

}  // namespace zhuxiao::document
