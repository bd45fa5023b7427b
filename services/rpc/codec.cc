#include "services/rpc/codec.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <map>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "services/base/errors.h"
#include "services/base/personal.h"
#include "services/base/strings.h"

namespace zhuxiao::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// protobuf's own limit of nesting; a deeper message has failed to parse for that reason.
constexpr int kMaxDepth = 100;

// The number of bytes of the well-formed character (RFC 3629, table 3-7 of Unicode) at the front, or 0.
size_t CharacterLength(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const auto follows = [&](size_t i) { return (at(i) & 0xC0) == 0x80; };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if ((first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Reads the wire format without a schema, which checks no text, and then asks the descriptor which fields are text.
class BadTextFinder {
 public:
  explicit BadTextFinder(base::FieldErrors& errors) : errors_(errors) {}

  void Walk(std::string_view bytes, const Descriptor& descriptor, const std::string& prefix, int depth) {
    UnknownFieldSet fields;
    if (depth > kMaxDepth || !fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    std::map<int, int> next_index;
    for (int i = 0; i < fields.field_count(); ++i) {
      const UnknownField& field = fields.field(i);
      const FieldDescriptor* known = descriptor.FindFieldByNumber(field.number());
      if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
      std::string path = prefix + known->name();
      if (known->is_repeated()) absl::StrAppend(&path, "[", next_index[field.number()]++, "]");
      Look(field.length_delimited(), *known, path, depth);
    }
  }

 private:
  void Look(const std::string& bytes, const FieldDescriptor& field, const std::string& path, int depth) {
    if (errors_.violations().size() >= kMaxNamedFields) return;
    if (field.type() == FieldDescriptor::TYPE_STRING) {
      errors_.Require(IsUtf8(bytes), path, "is not valid UTF-8");
    } else if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      Walk(bytes, *field.message_type(), path + ".", depth + 1);
    }
  }

  base::FieldErrors& errors_;
};

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  grpc::ByteBuffer copy(bytes);  // shares the slices
  grpc::ProtoBufferReader reader(&copy);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  const auto reason = base::ErrorReason::ERROR_REASON_INVALID_FIELDS;
  if (!bytes.Valid()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, reason, "the call carries no request message");
  }
  if (Parse(bytes, message)) return absl::OkStatus();
  base::FieldErrors errors;
  BadTextFinder(errors).Walk(ToString(bytes), *message.GetDescriptor(), "", 0);
  if (!errors.empty()) return errors.ToStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason,
                         base::StrCat("the request is not a well-formed ", message.GetDescriptor()->full_name()));
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer AnswerOf(const google::protobuf::Message& message, base::Role role) {
  if (!base::HasHidden(message, role)) return SerializeMessage(message);
  const std::unique_ptr<google::protobuf::Message> masked(message.New());
  masked->CopyFrom(message);
  base::MaskPersonal(*masked, role);
  return SerializeMessage(*masked);
}

absl::StatusOr<grpc::ByteBuffer> AnswerOf(std::string_view bytes, const google::protobuf::Descriptor& type,
                                          base::Role role) {
  if (!base::HidesFrom(type, role)) return ToByteBuffer(bytes);
  const std::unique_ptr<google::protobuf::Message> masked(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  if (!masked->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return base::DataLoss("an answer cannot be read");
  }
  base::MaskPersonal(*masked, role);
  return SerializeMessage(*masked);
}

grpc::ByteBuffer ToByteBuffer(std::string_view bytes) {
  grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& bytes) {
  std::string text;
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return text;
  text.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

}  // namespace zhuxiao::rpc
