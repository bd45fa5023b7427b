#include "tests/support/workbook_reader.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace zhuxiao::testing {
namespace {

// Places in the records of a zip archive (PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
constexpr std::string_view kEndMark("PK\x05\x06", 4);
constexpr std::string_view kEntryMark("PK\x01\x02", 4);
constexpr std::string_view kLocalMark("PK\x03\x04", 4);
constexpr size_t kEntrySize = 46;
constexpr size_t kLocalSize = 30;
constexpr uint64_t kStored = 0;
constexpr uint64_t kDeflated = 8;
constexpr size_t kMaxColumns = 16'384;  // of a sheet

// The little-endian number of `size` bytes at `at`; 0 past the end.
uint64_t Number(std::string_view bytes, size_t at, size_t size) {
  uint64_t number = 0;
  for (size_t i = 0; i < size && at + i < bytes.size(); ++i) {
    number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

std::optional<std::string> Inflate(std::string_view packed, size_t size) {
  std::string plain(size, '\0');
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;
  std::string input(packed);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  const bool is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  return is_whole ? std::optional(plain) : std::nullopt;
}

std::optional<std::string> Unpack(std::string_view bytes, std::string_view entry) {
  const uint64_t local = Number(entry, 42, 4);
  if (bytes.substr(local, 4) != kLocalMark) return std::nullopt;
  const uint64_t start = local + kLocalSize + Number(bytes, local + 26, 2) + Number(bytes, local + 28, 2);
  const std::string_view packed = bytes.substr(start, Number(entry, 20, 4));
  const uint64_t method = Number(entry, 10, 2);
  std::optional<std::string> plain;
  if (method == kStored) plain = std::string(packed);
  if (method == kDeflated) plain = Inflate(packed, Number(entry, 24, 4));
  if (!plain) return std::nullopt;
  const uLong sum = crc32(0, reinterpret_cast<const Bytef*>(plain->data()), static_cast<uInt>(plain->size()));
  return sum == Number(entry, 16, 4) ? plain : std::nullopt;
}

// The text between the next `begin` at or after `at` and the `end` behind it; `at` moves behind that. nullopt at the
// end.
std::optional<std::string_view> Between(std::string_view xml, std::string_view begin, std::string_view end,
                                        size_t& at) {
  const size_t from = xml.find(begin, at);
  if (from == std::string_view::npos) return std::nullopt;
  const size_t to = xml.find(end, from + begin.size());
  if (to == std::string_view::npos) return std::nullopt;
  at = to + end.size();
  return xml.substr(from + begin.size(), to - from - begin.size());
}

std::string Plain(std::string_view xml) {
  static constexpr std::array<std::pair<std::string_view, char>, 4> kEntities = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&amp;", '&'}}};
  std::string text;
  for (size_t i = 0; i < xml.size();) {
    bool is_entity = false;
    for (const auto& [entity, character] : kEntities) {
      if (xml.substr(i, entity.size()) != entity) continue;
      text += character;
      i += entity.size();
      is_entity = true;
      break;
    }
    if (!is_entity) text += xml[i++];
  }
  return text;
}

// What stands inside the tags of `element`, behind its own attributes.
std::string_view Content(std::string_view element) {
  return element.substr(std::min(element.size(), element.find('>') + 1));
}

// The column of a cell's reference, from 0: 1 for r="B7". What is empty has no cell.
size_t ColumnOf(std::string_view attributes) {
  size_t column = 0;
  for (size_t i = attributes.find("r=\"") + 3; i < attributes.size() && attributes[i] >= 'A'; ++i) {
    column = column * 26 + static_cast<size_t>(attributes[i] - 'A') + 1;
  }
  return column - 1;
}

std::vector<std::string> SharedTexts(std::string_view xml) {
  std::vector<std::string> texts;
  size_t at = 0;
  while (const auto item = Between(xml, "<si>", "</si>", at)) {
    size_t inside = 0;
    const auto text = Between(*item, "<t", "</t>", inside);
    texts.push_back(text ? Plain(Content(*text)) : "");
  }
  return texts;
}

}  // namespace

std::optional<std::string> ReadZipMember(std::string_view bytes, std::string_view name) {
  const size_t end = bytes.rfind(kEndMark);
  if (end == std::string_view::npos) return std::nullopt;
  uint64_t at = Number(bytes, end + 16, 4);
  for (uint64_t left = Number(bytes, end + 10, 2); left > 0; --left) {
    const std::string_view entry = bytes.substr(std::min<size_t>(at, bytes.size()));
    if (entry.substr(0, 4) != kEntryMark) return std::nullopt;
    const uint64_t name_size = Number(entry, 28, 2);
    if (entry.substr(kEntrySize, name_size) == name) return Unpack(bytes, entry);
    at += kEntrySize + name_size + Number(entry, 30, 2) + Number(entry, 32, 2);
  }
  return std::nullopt;
}

std::optional<std::vector<std::vector<SheetCell>>> ReadSheet(std::string_view bytes, std::string_view sheet) {
  const auto xml = ReadZipMember(bytes, sheet);
  if (!xml) return std::nullopt;
  const std::vector<std::string> texts = SharedTexts(ReadZipMember(bytes, "xl/sharedStrings.xml").value_or(""));
  std::vector<std::vector<SheetCell>> rows;
  size_t at = 0;
  while (const auto row = Between(*xml, "<row ", "</row>", at)) {
    std::vector<SheetCell>& cells = rows.emplace_back();
    size_t inside = 0;
    while (const auto cell = Between(*row, "<c ", "</c>", inside)) {
      size_t value_at = 0;
      const auto value = Between(*cell, "<v>", "</v>", value_at);
      if (!value) return std::nullopt;
      const std::string_view attributes = cell->substr(0, cell->find('>'));
      if (ColumnOf(attributes) > kMaxColumns) return std::nullopt;
      cells.resize(ColumnOf(attributes));
      if (attributes.find("t=\"s\"") == std::string_view::npos) {
        cells.push_back({std::string(*value), true});
        continue;
      }
      const size_t index = std::strtoul(std::string(*value).c_str(), nullptr, 10);
      if (index >= texts.size()) return std::nullopt;
      cells.push_back({texts[index], false});
    }
  }
  return rows;
}

}  // namespace zhuxiao::testing
