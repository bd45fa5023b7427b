#include "services/document/html.h"

#include "services/base/strings.h"

namespace zhuxiao::document {
namespace {

std::string Row(std::string_view cell_tag, const std::vector<std::string>& cells) {
  std::string row = "<tr>";
  for (const std::string& cell : cells) row += Element(cell_tag, cell);
  return row + "</tr>\n";
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped.push_back(c);
    }
  }
  return escaped;
}

std::string Element(std::string_view tag, std::string_view text) {
  return base::StrCat("<", tag, ">", Escape(text), "</", tag, ">");
}

std::string FactTable(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string table = "<table class=\"facts\">\n";
  for (const auto& [name, value] : facts) {
    base::StrAppend(&table, "<tr>", Element("th", name), Element("td", value), "</tr>\n");
  }
  return table + "</table>\n";
}

std::string Table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::string table = "<table>\n" + Row("th", header);
  for (const std::vector<std::string>& row : rows) table += Row("td", row);
  return table + "</table>\n";
}

}  // namespace zhuxiao::document
