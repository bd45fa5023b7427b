#include "services/api/check.h"

#include <string>
#include <unordered_map>
#include <vector>

#include "services/base/strings.h"
#include "services/base/text.h"

namespace zhuxiao::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The way to a field, spelt out only where the field is bad.
struct Step {
  const Step* before;  // null at the request itself
  const FieldDescriptor* field;
  int index;  // in a repeated field

  std::string Path() const {
    const std::string name = before == nullptr ? field->name() : before->Path() + "." + field->name();
    return field->is_repeated() ? base::StrCat(name, "[", index, "]") : name;
  }
};

void CheckText(const std::string& text, const Step& step, base::FieldErrors& errors) {
  if (text.size() > kMaxTextBytes) {
    errors.Add(step.Path(), base::StrCat("is longer than ", kMaxTextBytes, " bytes"));
  } else if (!base::IsCleanText(text)) {
    errors.Add(step.Path(), "holds control characters or is not UTF-8");
  }
}

void CheckEnum(int number, const Step& step, base::FieldErrors& errors) {
  const google::protobuf::EnumDescriptor* type = step.field->enum_type();
  if (type->FindValueByNumber(number) == nullptr) {
    errors.Add(step.Path(), base::StrCat("is no ", type->name(), ": ", number));
  }
}

// The fields of a type that can be bad: texts, enums, and messages with such.
struct FieldsToCheck {
  bool are_known = false;  // not while those of a type that contains itself are being found
  std::vector<const FieldDescriptor*> fields;
};

const FieldsToCheck& FieldsOf(const google::protobuf::Descriptor* type);

bool CanBeBad(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field->type() != FieldDescriptor::TYPE_BYTES;  // a file, which its reader checks
    case FieldDescriptor::CPPTYPE_ENUM:
      return true;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const FieldsToCheck& inner = FieldsOf(field->message_type());
      return !inner.are_known || !inner.fields.empty();
    }
    default:
      return false;
  }
}

// Found once for each type and thread: every write passes here, and most fields are numbers and times.
const FieldsToCheck& FieldsOf(const google::protobuf::Descriptor* type) {
  thread_local std::unordered_map<const google::protobuf::Descriptor*, FieldsToCheck> fields_by_type;
  const auto [found, is_new] = fields_by_type.try_emplace(type);
  FieldsToCheck& result = found->second;
  if (!is_new) return result;
  for (int i = 0; i < type->field_count(); ++i) {
    if (CanBeBad(type->field(i))) result.fields.push_back(type->field(i));
  }
  result.are_known = true;
  return result;
}

void CheckMessage(const Message& message, const Step* before, base::FieldErrors& errors);

void CheckField(const Message& message, const Reflection& reflection, const Step& step, base::FieldErrors& errors) {
  const FieldDescriptor* field = step.field;
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      CheckText(repeated ? reflection.GetRepeatedStringReference(message, field, step.index, &scratch)
                         : reflection.GetStringReference(message, field, &scratch),
                step, errors);
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      CheckEnum(repeated ? reflection.GetRepeatedEnumValue(message, field, step.index)
                         : reflection.GetEnumValue(message, field),
                step, errors);
      break;
    default:
      if (repeated) {
        CheckMessage(reflection.GetRepeatedMessage(message, field, step.index), &step, errors);
      } else if (reflection.HasField(message, field)) {
        CheckMessage(reflection.GetMessage(message, field), &step, errors);
      }
      break;
  }
}

// The fields are walked as the descriptor has them: listing those set would make a vector for each message.
void CheckMessage(const Message& message, const Step* before, base::FieldErrors& errors) {
  const Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message.GetDescriptor()).fields) {
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int index = 0; index < size; ++index) CheckField(message, reflection, {before, field, index}, errors);
  }
}

}  // namespace

void CheckRequest(const Message& request, base::FieldErrors& errors) { CheckMessage(request, nullptr, errors); }

}  // namespace zhuxiao::api
