// Fields of requests as options of commands and columns of files: their names, how they are typed, and how text is
// put into them. Everything follows from the names and types in the protos, so a new field needs no code here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/catalogue.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace zhuxiao::cli {

// How the value of a field is typed and shown.
enum class FieldKind { kText, kFlag, kInteger, kMoney, kQuantity, kWeight, kPpm, kBasisPoints, kTime, kEnum, kMessage };

// Money and Timestamp by their type; kPpm, kBasisPoints, kQuantity and kWeight by the suffixes _ppm, _basis_points,
// _base and _g of the name.
FieldKind KindOf(const google::protobuf::FieldDescriptor& field);

// The name of the option: the field's without the suffixes _code, _uscc, _time and of units, "is_" or the plural's s,
// with '-' for '_'. "commodity_code" becomes "commodity".
std::string OptionNameOf(const google::protobuf::FieldDescriptor& field);

// The field at a dotted path below `message`, or null.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& message, std::string_view path);

// The value of an enum as typed: ORDER_STATE_PARTLY_FILLED becomes "partly-filled".
std::string EnumWord(const google::protobuf::EnumValueDescriptor& value);

// What may be typed, for help: "YUAN", "own|shared|outsourced|none", "household=…,name=…,share=…".
std::string HintOf(const google::protobuf::FieldDescriptor& field);

// One "key=value" of a nested message as typed.
struct FieldPair {
  const google::protobuf::FieldDescriptor* field = nullptr;  // null where it is none of the message's
  std::string name;                                          // as typed
  std::string text;                                          // the value, or the whole where it is none
};
std::vector<FieldPair> SplitPairs(const google::protobuf::Descriptor& message, std::string_view text);

// Sets the field at `path` from `text`; a repeated field gets one more value. A nested message is typed as
// "key=value,key=value" with option names as keys. INVALID_ARGUMENT with what is wrong; `message` is then unspecified.
absl::Status SetField(google::protobuf::Message& message, std::string_view path, std::string_view text);

}  // namespace zhuxiao::cli
