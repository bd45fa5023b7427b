#include "services/base/personal.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/strings.h"
#include "zhuxiao/common/v1/personal.pb.h"

namespace zhuxiao::base {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsMarked(const FieldDescriptor& field) { return field.options().HasExtension(common::v1::personal); }

bool Sees(const FieldDescriptor& field, Role role) {
  const auto& seen_by = field.options().GetExtension(common::v1::personal).seen_by();
  return std::find(seen_by.begin(), seen_by.end(), role) != seen_by.end();
}

// Looks for a field that `is_wanted`. Types may hold themselves: `seen` are those on the way.
bool Search(const Descriptor& type, const std::function<bool(const FieldDescriptor&)>& is_wanted,
            std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (is_wanted(field)) return true;
    if (field.message_type() != nullptr && Search(*field.message_type(), is_wanted, seen)) return true;
  }
  return false;
}

void MaskField(Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    return reflection.SetString(&message, &field, MaskText(reflection.GetString(message, &field)));
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    reflection.SetRepeatedString(&message, &field, i, MaskText(reflection.GetRepeatedString(message, &field, i)));
  }
}

}  // namespace

std::string MaskText(std::string_view text) {
  if (text.empty()) return "";
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return StrCat(text.substr(0, length), "**");
}

bool HoldsPersonal(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  return Search(type, IsMarked, seen);
}

bool HidesFrom(const Descriptor& type, Role role) {
  // Asked for every message of every answer, so each thread remembers for itself.
  thread_local absl::flat_hash_map<std::pair<const Descriptor*, int>, bool> known;
  const auto [it, is_new] = known.try_emplace({&type, role});
  if (is_new) {
    std::set<const Descriptor*> seen;
    it->second = Search(
        type, [role](const FieldDescriptor& field) { return IsMarked(field) && !Sees(field, role); }, seen);
  }
  return it->second;
}

void MaskPersonal(Message& message, Role role) {
  if (!HidesFrom(*message.GetDescriptor(), role)) return;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsMarked(*field) && !Sees(*field, role)) MaskField(message, *field);
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      MaskPersonal(*reflection.MutableMessage(&message, field), role);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      MaskPersonal(*reflection.MutableRepeatedMessage(&message, field, i), role);
    }
  }
}

}  // namespace zhuxiao::base
