// Fields of requests as options of commands and columns of files.
#include "clients/cli/fields.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/cli/values.h"
#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "zhuxiao/common/v1/common.pb.h"

namespace zhuxiao::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::array kSuffixes = {"_basis_points", "_code", "_uscc", "_time", "_base", "_ppm", "_g"};

// Days given for these mean their last second: "until the 5th" includes the 5th.
bool MeansEndOfDay(const std::string& name) {
  return absl::StrContains(name, "until") || absl::StartsWith(name, "last_") || absl::StartsWith(name, "deliver_by") ||
         absl::StartsWith(name, "expire");
}

std::string EnumPrefix(const google::protobuf::EnumDescriptor& type) {
  return std::string(absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED"));
}

std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 1; i < type.value_count(); ++i) words.push_back(EnumWord(*type.value(i)));
  return words;
}

absl::StatusOr<const EnumValueDescriptor*> ParseEnum(const google::protobuf::EnumDescriptor& type,
                                                     std::string_view text) {
  for (int i = 1; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (text == EnumWord(*value) || text == value->name() || text == Say(Language::kChinese, value->name()) ||
        text == Say(Language::kEnglish, value->name())) {
      return value;
    }
  }
  return absl::InvalidArgumentError(base::View("must be one of " + absl::StrJoin(EnumWords(type), ", ")));
}

const FieldDescriptor* FieldByOption(const Descriptor& message, std::string_view name) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (OptionNameOf(*message.field(i)) == name || message.field(i)->name() == name) return message.field(i);
  }
  return nullptr;
}

absl::Status SetPairs(Message& message, std::string_view text) {
  std::vector<std::string> wrong;
  for (const FieldPair& pair : SplitPairs(*message.GetDescriptor(), text)) {
    if (pair.field == nullptr) {
      wrong.push_back("'" + pair.text + "' is no key=value of this message");
    } else if (const absl::Status status = SetField(message, pair.field->name(), pair.text); !status.ok()) {
      wrong.push_back(pair.name + " " + std::string(status.message()));
    }
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(base::View(absl::StrJoin(wrong, "; ")));
}

absl::Status SetInteger(Message& message, const FieldDescriptor& field, absl::StatusOr<int64_t> value) {
  if (!value.ok()) return value.status();
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    reflection->SetInt64(&message, &field, *value);
  } else if (*value != static_cast<int32_t>(*value)) {
    return absl::InvalidArgumentError("is too large");
  } else {
    reflection->SetInt32(&message, &field, static_cast<int32_t>(*value));
  }
  return absl::OkStatus();
}

absl::Status SetQuantity(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto quantity = ParseQuantity(text);
  return quantity.ok() ? SetInteger(message, field, quantity->base) : quantity.status();
}

absl::Status SetFlag(Message& message, const FieldDescriptor& field, std::string_view text) {
  if (text != "true" && text != "false") return absl::InvalidArgumentError("must be true or false");
  message.GetReflection()->SetBool(&message, &field, text == "true");
  return absl::OkStatus();
}

absl::Status SetText(Message& message, const FieldDescriptor& field, std::string_view text) {
  if (!base::IsCleanText(text)) return absl::InvalidArgumentError("must be UTF-8 without control characters");
  if (field.is_repeated()) {
    message.GetReflection()->AddString(&message, &field, std::string(text));
  } else {
    message.GetReflection()->SetString(&message, &field, std::string(text));
  }
  return absl::OkStatus();
}

absl::Status SetEnum(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto value = ParseEnum(*field.enum_type(), text);
  if (!value.ok()) return value.status();
  if (field.is_repeated()) {
    message.GetReflection()->AddEnum(&message, &field, *value);
  } else {
    message.GetReflection()->SetEnum(&message, &field, *value);
  }
  return absl::OkStatus();
}

Message& Child(Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  return field.is_repeated() ? *reflection->AddMessage(&message, &field)
                             : *reflection->MutableMessage(&message, &field);
}

absl::Status SetMoney(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto amount_fen = base::ParseYuan(text);
  if (!amount_fen.ok()) return absl::InvalidArgumentError("must be yuan with at most two decimals, such as 3.40");
  static_cast<common::v1::Money&>(Child(message, field)).set_amount_fen(*amount_fen);
  return absl::OkStatus();
}

absl::Status SetTime(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto time = ParseTime(text, MeansEndOfDay(field.name()));
  if (!time.ok()) return time.status();
  static_cast<google::protobuf::Timestamp&>(Child(message, field)) = base::ToProto(*time);
  return absl::OkStatus();
}

absl::Status SetValue(Message& message, const FieldDescriptor& field, std::string_view text) {
  switch (KindOf(field)) {
    case FieldKind::kText:
      return SetText(message, field, text);
    case FieldKind::kFlag:
      return SetFlag(message, field, text);
    case FieldKind::kInteger:
      return SetInteger(message, field, ParseInteger(text));
    case FieldKind::kMoney:
      return SetMoney(message, field, text);
    case FieldKind::kQuantity:
      return SetQuantity(message, field, text);
    case FieldKind::kWeight:
      return SetInteger(message, field, ParseWeight(text));
    case FieldKind::kPpm:
      return SetInteger(message, field, ParseRate(text, base::kPpm));
    case FieldKind::kBasisPoints:
      return SetInteger(message, field, ParseRate(text, base::kBasisPoints));
    case FieldKind::kTime:
      return SetTime(message, field, text);
    case FieldKind::kEnum:
      return SetEnum(message, field, text);
    case FieldKind::kMessage:
      return SetPairs(Child(message, field), text);
  }
  return absl::InternalError("no such kind");
}

std::string MessageHint(const Descriptor& message) {
  std::vector<std::string> keys;
  keys.reserve(message.field_count());
  for (int i = 0; i < message.field_count(); ++i) keys.push_back(OptionNameOf(*message.field(i)) + "=…");
  return absl::StrJoin(keys, ",");
}

}  // namespace

FieldKind KindOf(const FieldDescriptor& field) {
  const std::string& name = field.name();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type() == common::v1::Money::descriptor()) return FieldKind::kMoney;
      if (field.message_type() == google::protobuf::Timestamp::descriptor()) return FieldKind::kTime;
      return FieldKind::kMessage;
    case FieldDescriptor::CPPTYPE_ENUM:
      return FieldKind::kEnum;
    case FieldDescriptor::CPPTYPE_BOOL:
      return FieldKind::kFlag;
    case FieldDescriptor::CPPTYPE_STRING:
      return FieldKind::kText;
    default:
      if (absl::EndsWith(name, "_km_base")) return FieldKind::kInteger;
      if (absl::EndsWith(name, "_base")) return FieldKind::kQuantity;
      if (absl::EndsWith(name, "_g")) return FieldKind::kWeight;
      if (absl::EndsWith(name, "_ppm")) return FieldKind::kPpm;
      if (absl::EndsWith(name, "_basis_points")) return FieldKind::kBasisPoints;
      return FieldKind::kInteger;
  }
}

std::string OptionNameOf(const FieldDescriptor& field) {
  absl::string_view name = field.name();
  for (const char* suffix : kSuffixes) {
    if (absl::ConsumeSuffix(&name, suffix)) break;
  }
  if (field.is_repeated()) absl::ConsumeSuffix(&name, "s");
  absl::ConsumePrefix(&name, "is_");
  return absl::StrReplaceAll(name, {{"_", "-"}});
}

const FieldDescriptor* FindField(const Descriptor& message, std::string_view path) {
  const Descriptor* at = &message;
  const FieldDescriptor* field = nullptr;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(base::View(path), '.'))) {
    field = at == nullptr ? nullptr : at->FindFieldByName(part);
    if (field == nullptr) return nullptr;
    at = field->message_type();
  }
  return field;
}

std::vector<FieldPair> SplitPairs(const Descriptor& message, std::string_view text) {
  std::vector<FieldPair> pairs;
  for (const std::string& pair : std::vector<std::string>(absl::StrSplit(base::View(text), ','))) {
    const std::vector<std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    const FieldDescriptor* field = parts.size() == 2 ? FieldByOption(message, parts[0]) : nullptr;
    pairs.push_back({field, parts[0], field == nullptr ? pair : parts[1]});
  }
  return pairs;
}

std::string EnumWord(const EnumValueDescriptor& value) {
  const absl::string_view word = absl::StripPrefix(value.name(), EnumPrefix(*value.type()));
  return absl::StrReplaceAll(absl::AsciiStrToLower(word), {{"_", "-"}});
}

std::string HintOf(const FieldDescriptor& field) {
  switch (KindOf(field)) {
    case FieldKind::kText:
      return "TEXT";
    case FieldKind::kFlag:
      return "";
    case FieldKind::kInteger:
      return "N";
    case FieldKind::kMoney:
      return "YUAN";
    case FieldKind::kQuantity:
      return "QUANTITY";
    case FieldKind::kWeight:
      return "WEIGHT";
    case FieldKind::kPpm:
    case FieldKind::kBasisPoints:
      return "PERCENT%";
    case FieldKind::kTime:
      return "DAY";
    case FieldKind::kEnum:
      return absl::StrJoin(EnumWords(*field.enum_type()), "|");
    case FieldKind::kMessage:
      return MessageHint(*field.message_type());
  }
  return "";
}

absl::Status SetField(Message& message, std::string_view path, std::string_view text) {
  Message* at = &message;
  const std::vector<std::string> parts = absl::StrSplit(base::View(path), '.');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    at = &Child(*at, *at->GetDescriptor()->FindFieldByName(parts[i]));
  }
  return SetValue(*at, *at->GetDescriptor()->FindFieldByName(parts.back()), text);
}

}  // namespace zhuxiao::cli
