#include "services/api/check.h"

#include <string>
#include <vector>

#include "services/base/strings.h"
#include "services/base/text.h"

namespace zhuxiao::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void CheckText(const std::string& text, const std::string& path, base::FieldErrors& errors) {
  if (text.size() > kMaxTextBytes) {
    errors.Add(path, base::StrCat("is longer than ", kMaxTextBytes, " bytes"));
  } else if (!base::IsCleanText(text)) {
    errors.Add(path, "holds control characters or is not UTF-8");
  }
}

void CheckEnum(const google::protobuf::EnumDescriptor* type, int number, const std::string& path,
               base::FieldErrors& errors) {
  if (type->FindValueByNumber(number) == nullptr) {
    errors.Add(path, base::StrCat("is no ", type->name(), ": ", number));
  }
}

void CheckMessage(const Message& message, const std::string& prefix, base::FieldErrors& errors);

void CheckField(const Message& message, const FieldDescriptor* field, int index, const std::string& path,
                base::FieldErrors& errors) {
  const Reflection* reflection = message.GetReflection();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      CheckText(repeated ? reflection->GetRepeatedStringReference(message, field, index, &scratch)
                         : reflection->GetStringReference(message, field, &scratch),
                path, errors);
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      CheckEnum(
          field->enum_type(),
          repeated ? reflection->GetRepeatedEnumValue(message, field, index) : reflection->GetEnumValue(message, field),
          path, errors);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      CheckMessage(
          repeated ? reflection->GetRepeatedMessage(message, field, index) : reflection->GetMessage(message, field),
          path + ".", errors);
      break;
    default:
      break;
  }
}

void CheckMessage(const Message& message, const std::string& prefix, base::FieldErrors& errors) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = prefix + field->name();
    if (!field->is_repeated()) {
      CheckField(message, field, 0, path, errors);
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, field);
    for (int i = 0; i < size; ++i) CheckField(message, field, i, base::StrCat(path, "[", i, "]"), errors);
  }
}

}  // namespace

void CheckRequest(const Message& request, base::FieldErrors& errors) { CheckMessage(request, "", errors); }

}  // namespace zhuxiao::api
