// Builds requests from what people typed.
#include "clients/cli/request.h"

#include "clients/cli/fields.h"
#include "google/protobuf/field_mask.pb.h"

namespace zhuxiao::cli {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::Message;

std::string LeafOf(const std::string& path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

std::string TextOption(const Arguments& arguments, std::string_view name) {
  const auto it = arguments.find(name);
  return it == arguments.end() ? "" : it->second.back();
}

std::string ShownName(const google::protobuf::Descriptor& message, const OptionSpec& option) {
  const std::string name = NameOf(message, option);
  return option.need == Need::kPositional ? name : "--" + name;
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::vector<const OptionSpec*> Fill(Message& message, const std::vector<OptionSpec>& options,
                                    const Arguments& arguments, base::FieldErrors& errors) {
  std::vector<const OptionSpec*> given;
  for (const OptionSpec& option : options) {
    const std::string shown = ShownName(*message.GetDescriptor(), option);
    const auto it = arguments.find(NameOf(*message.GetDescriptor(), option));
    if (it == arguments.end() || it->second.empty()) {
      errors.Require(option.need == Need::kOptional, shown, "is required");
      continue;
    }
    given.push_back(&option);
    for (const std::string& text : it->second) {
      const absl::Status status = SetField(message, option.path, text);
      if (!status.ok()) errors.Add(shown, std::string(status.message()));
    }
  }
  return given;
}

std::unique_ptr<Message> BuildRequest(const VerbSpec& verb, const Arguments& arguments, base::FieldErrors& errors) {
  const auto& type = *MethodOf(verb).input_type();
  std::unique_ptr<Message> request = NewMessage(type);
  FieldMask mask;
  for (const OptionSpec* option : Fill(*request, verb.options, arguments, errors)) {
    if (option->is_mask) mask.add_paths(LeafOf(option->path));
  }
  const auto* field = type.FindFieldByName("update_mask");
  if (field != nullptr) request->GetReflection()->MutableMessage(request.get(), field)->CopyFrom(mask);
  return request;
}

}  // namespace zhuxiao::cli
