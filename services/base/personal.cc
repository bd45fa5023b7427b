#include "services/base/personal.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
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

// Where messages of a type may hold what a role is not told: fields by themselves, and fields with messages inside.
struct Hidden {
  struct Inner {
    const FieldDescriptor* field;
    const Hidden* type;
  };
  std::vector<const FieldDescriptor*> fields;
  std::vector<Inner> inner;
  bool is_anywhere = false;
};

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

bool MayHide(const Descriptor& type, Role role) {
  std::set<const Descriptor*> seen;
  return Search(
      type, [role](const FieldDescriptor& field) { return IsMarked(field) && !Sees(field, role); }, seen);
}

// Asked for every answer, so each thread remembers for itself. A type that holds itself finds its own entry.
const Hidden& HiddenOf(const Descriptor& type, Role role) {
  thread_local absl::node_hash_map<std::pair<const Descriptor*, int>, Hidden> known;
  const auto [it, is_new] = known.try_emplace({&type, role});
  Hidden& hidden = it->second;
  if (!is_new) return hidden;
  hidden.is_anywhere = MayHide(type, role);
  for (int i = 0; hidden.is_anywhere && i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsMarked(field) && !Sees(field, role)) hidden.fields.push_back(&field);
    if (field.message_type() == nullptr || !MayHide(*field.message_type(), role)) continue;
    hidden.inner.push_back({&field, &HiddenOf(*field.message_type(), role)});
  }
  return hidden;
}

bool Has(const Message& message, const Hidden& hidden) {
  const auto& reflection = *message.GetReflection();
  const auto is_set = [&](const FieldDescriptor* field) {
    return field->is_repeated() ? reflection.FieldSize(message, field) > 0 : reflection.HasField(message, field);
  };
  if (std::any_of(hidden.fields.begin(), hidden.fields.end(), is_set)) return true;
  for (const Hidden::Inner& inner : hidden.inner) {
    if (!is_set(inner.field)) continue;
    if (!inner.field->is_repeated()) {
      if (Has(reflection.GetMessage(message, inner.field), *inner.type)) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, inner.field); ++i) {
      if (Has(reflection.GetRepeatedMessage(message, inner.field, i), *inner.type)) return true;
    }
  }
  return false;
}

void MaskField(Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (!reflection.HasField(message, &field)) return;
    return reflection.SetString(&message, &field, MaskText(reflection.GetString(message, &field)));
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    reflection.SetRepeatedString(&message, &field, i, MaskText(reflection.GetRepeatedString(message, &field, i)));
  }
}

void Mask(Message& message, const Hidden& hidden) {
  const auto& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : hidden.fields) MaskField(message, *field);
  for (const Hidden::Inner& inner : hidden.inner) {
    if (!inner.field->is_repeated()) {
      if (reflection.HasField(message, inner.field))
        Mask(*reflection.MutableMessage(&message, inner.field), *inner.type);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, inner.field); ++i) {
      Mask(*reflection.MutableRepeatedMessage(&message, inner.field, i), *inner.type);
    }
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

bool HidesFrom(const Descriptor& type, Role role) { return HiddenOf(type, role).is_anywhere; }

bool HasHidden(const Message& message, Role role) { return Has(message, HiddenOf(*message.GetDescriptor(), role)); }

void MaskPersonal(Message& message, Role role) { Mask(message, HiddenOf(*message.GetDescriptor(), role)); }

}  // namespace zhuxiao::base
