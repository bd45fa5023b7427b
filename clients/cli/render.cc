// Answers for people.
#include "clients/cli/render.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/fields.h"
#include "clients/cli/table.h"
#include "clients/cli/values.h"
#include "clients/cli/width.h"
#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "zhuxiao/common/v1/common.pb.h"

namespace zhuxiao::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsNumber(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  const FieldKind kind = KindOf(field);
  return kind != FieldKind::kText && kind != FieldKind::kFlag && kind != FieldKind::kEnum && kind != FieldKind::kTime;
}

int64_t IntegerOf(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(reflection->GetUInt64(message, &field));
    default:
      return reflection->GetInt32(message, &field);
  }
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  return field.is_repeated() ? reflection->FieldSize(message, &field) > 0 : reflection->HasField(message, &field);
}

// The message and field at a dotted path, through item `item` of the list it leads through, or a null message where a
// part of the way is absent.
std::pair<const Message*, const FieldDescriptor*> Follow(const Message& message, const std::string& path, int item) {
  const Message* at = &message;
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  for (size_t i = 0;; ++i) {
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(parts[i]);
    if (i + 1 == parts.size()) return {at, field};
    if (!IsSet(*at, *field)) return {nullptr, nullptr};
    const auto* reflection = at->GetReflection();
    at = field->is_repeated() ? &reflection->GetRepeatedMessage(*at, field, item) : &reflection->GetMessage(*at, field);
  }
}

// How many lines a row takes: one for each item of the list a path leads through, and at least one.
int LinesOf(const Message& row, const std::vector<std::string>& paths) {
  int lines = 1;
  for (const std::string& path : paths) {
    const FieldDescriptor* head = row.GetDescriptor()->FindFieldByName(path.substr(0, path.find('.')));
    const bool is_list = head->is_repeated() && path.find('.') != std::string::npos;
    if (is_list) lines = std::max(lines, row.GetReflection()->FieldSize(row, head));
  }
  return lines;
}

// The key of a row that sums up: a channel goes by its name, all else is a code or a name as it is.
std::string KeyOf(Language language, const std::string& key) {
  directory::v1::Channel channel{};
  return directory::v1::Channel_Parse(key, &channel) ? Say(language, key) : key;
}

}  // namespace

std::string LabelOf(Language language, const FieldDescriptor& field) { return Say(language, "field." + field.name()); }

void Renderer::Notice(const Message& message) {
  if (message.GetDescriptor() == directory::v1::Commodity::descriptor()) commodity_.CopyFrom(message);
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("commodity_code");
  if (field == nullptr) return;
  const std::string code = message.GetReflection()->GetString(message, field);
  if (!code.empty() && code != commodity_.code()) commodity_ = commodities_(code);
}

std::string Renderer::Quantity(const FieldDescriptor& field, int64_t base) const {
  // Prices of goods settled by weight are for grams, though the goods are counted in pieces.
  const bool is_price_base = field.name() == "limit_base" || field.name() == "reference_base";
  const bool is_weight =
      commodity_.base_unit() == directory::v1::BASE_UNIT_GRAM || (is_price_base && commodity_.is_catch_weight());
  return is_weight ? FormatGrams(base) : std::to_string(base);
}

std::string Renderer::ListItem(const Message& message, const FieldDescriptor& field, int i) {
  const auto* reflection = message.GetReflection();
  if (KindOf(field) == FieldKind::kEnum) {
    return Say(language_, reflection->GetRepeatedEnum(message, &field, i)->name());
  }
  if (KindOf(field) == FieldKind::kText) return reflection->GetRepeatedString(message, &field, i);
  return std::to_string(reflection->GetRepeatedInt64(message, &field, i));
}

std::string Renderer::Value(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    std::vector<std::string> items;
    for (int i = 0; i < reflection->FieldSize(message, &field); ++i) items.push_back(ListItem(message, field, i));
    return absl::StrJoin(items, language_ == Language::kChinese ? "、" : ", ");
  }
  if (field.has_optional_keyword() && !reflection->HasField(message, &field)) return Say(language_, "unknown");
  switch (KindOf(field)) {
    case FieldKind::kText: {
      const std::string text = reflection->GetString(message, &field);
      return field.name() == "key" ? KeyOf(language_, text) : text;
    }
    case FieldKind::kFlag:
      return Say(language_, reflection->GetBool(message, &field) ? "yes" : "no");
    case FieldKind::kMoney:
      if (!reflection->HasField(message, &field)) return "";
      return base::FormatYuan(
          static_cast<const common::v1::Money&>(reflection->GetMessage(message, &field)).amount_fen());
    case FieldKind::kTime:
      if (!reflection->HasField(message, &field)) return "";
      return ShowTime(
          base::FromProto(static_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(message, &field))));
    case FieldKind::kEnum:
      return Say(language_, reflection->GetEnum(message, &field)->name());
    case FieldKind::kQuantity:
      return Quantity(field, IntegerOf(message, field));
    case FieldKind::kWeight:
      return FormatGrams(IntegerOf(message, field));
    case FieldKind::kPpm:
      return FormatRate(IntegerOf(message, field), base::kPpm);
    case FieldKind::kBasisPoints:
      return FormatRate(IntegerOf(message, field), base::kBasisPoints);
    case FieldKind::kInteger:
      if (absl::EndsWith(field.name(), "_fen")) return base::FormatYuan(IntegerOf(message, field));
      return std::to_string(IntegerOf(message, field));
    case FieldKind::kMessage:
      return "";
  }
  return "";
}

std::string Renderer::Rows(const Message& message, const FieldDescriptor& field, size_t indent) {
  const std::vector<std::string> paths = ColumnsOf(*field.message_type());
  std::vector<Column> columns;
  for (const std::string& path : paths) {
    const FieldDescriptor* leaf = FindField(*field.message_type(), path);
    columns.push_back({LabelOf(language_, *leaf), IsNumber(*leaf)});
  }
  Table table(std::move(columns));
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    const Message& row = reflection->GetRepeatedMessage(message, &field, i);
    Notice(row);
    for (int line = 0; line < LinesOf(row, paths); ++line) {
      std::vector<std::string> cells;
      for (const std::string& path : paths) {
        const auto [owner, leaf] = Follow(row, path, line);
        cells.push_back(owner == nullptr ? "" : Value(*owner, *leaf));
      }
      table.AddRow(std::move(cells));
    }
  }
  if (table.row_count() == 0) return std::string(indent, ' ') + Say(language_, "nothing") + "\n";
  return table.Draw(indent);
}

std::string Renderer::Block(const Message& message, size_t indent) {
  Notice(message);
  std::vector<const FieldDescriptor*> set;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (IsSet(message, *field)) set.push_back(field);
  }
  size_t width = 0;
  for (const auto* field : set) {
    if (KindOf(*field) != FieldKind::kMessage) width = std::max(width, DisplayWidth(LabelOf(language_, *field)));
  }
  std::string result;
  for (const auto* field : set) {
    const std::string label = LabelOf(language_, *field);
    if (KindOf(*field) != FieldKind::kMessage) {
      result += std::string(indent, ' ') + Pad(label, width) + "  " + Printable(Value(message, *field)) + "\n";
    } else if (field->is_repeated()) {
      result += std::string(indent, ' ') + label + ":\n" + Rows(message, *field, indent + 2);
    } else {
      result += std::string(indent, ' ') + label + ":\n" +
                Block(message.GetReflection()->GetMessage(message, field), indent + 2);
    }
  }
  return result;
}

std::string Renderer::Response(const Message& response) {
  std::string result;
  const auto* type = response.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->name() == "next_page_token") {
      if (IsSet(response, *field)) result += Say(language_, "more", {Value(response, *field)}) + "\n";
    } else if (KindOf(*field) == FieldKind::kMessage && !field->is_repeated()) {
      if (!IsSet(response, *field)) continue;
      if (type->field_count() > 1) result += LabelOf(language_, *field) + ":\n";
      result += Block(response.GetReflection()->GetMessage(response, field), type->field_count() > 1 ? 2 : 0);
    } else if (KindOf(*field) == FieldKind::kMessage) {
      if (type->field_count() > 2) result += LabelOf(language_, *field) + ":\n";
      result += Rows(response, *field);
    } else {
      result += LabelOf(language_, *field) + ": " + Printable(Value(response, *field)) + "\n";
    }
  }
  return result;
}

}  // namespace zhuxiao::cli
