#include "services/base/personal.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
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

// Types may hold themselves: `seen` are those on the way.
bool Search(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsMarked(field)) return true;
    if (field.message_type() != nullptr && Search(*field.message_type(), seen)) return true;
  }
  return false;
}

struct Memory {
  absl::Mutex mutex;
  absl::flat_hash_map<const Descriptor*, bool> holds ABSL_GUARDED_BY(mutex);
};

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
  static auto& memory = *new Memory;
  const absl::MutexLock lock(&memory.mutex);
  const auto it = memory.holds.find(&type);
  if (it != memory.holds.end()) return it->second;
  std::set<const Descriptor*> seen;
  return memory.holds[&type] = Search(type, seen);
}

void MaskPersonal(Message& message, Role role) {
  if (!HoldsPersonal(*message.GetDescriptor())) return;
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
