#include "services/rpc/codec.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "services/base/errors.h"
#include "services/base/personal.h"
#include "services/base/strings.h"

namespace zhuxiao::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

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

// Replaces the bytes that are not UTF-8; true where there are any.
bool MarkBadText(char* text, size_t size) {
  bool is_bad = false;
  for (size_t at = 0; at < size;) {
    const size_t length = CharacterLength({text + at, size - at});
    if (length == 0) {
      text[at] = kBadTextMark;
      is_bad = true;
    }
    at += std::max<size_t>(length, 1);
  }
  return is_bad;
}

// Reads the wire format without a schema, which checks no text, and then asks the descriptor which fields are text.
// Marks what is bad in the bytes themselves: no length on the wire changes by it.
class BadTextMarker {
 public:
  explicit BadTextMarker(base::FieldErrors& errors) : errors_(errors) {}

  void Walk(char* bytes, int size, const Descriptor& descriptor, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) return;
    CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes), size);
    std::map<int, int> next_index;
    while (const uint32_t tag = in.ReadTag()) {
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormatLite::SkipField(&in, tag)) return;
        continue;
      }
      int length = 0;
      if (!in.ReadVarintSizeAsInt(&length)) return;
      char* const value = bytes + in.CurrentPosition();
      if (!in.Skip(length)) return;
      const FieldDescriptor* known = descriptor.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (known == nullptr) continue;
      std::string path = prefix + known->name();
      if (known->is_repeated()) absl::StrAppend(&path, "[", next_index[known->number()]++, "]");
      Look(value, length, *known, path, depth);
    }
  }

 private:
  void Look(char* value, int length, const FieldDescriptor& field, const std::string& path, int depth) {
    if (field.type() == FieldDescriptor::TYPE_STRING) {
      if (!MarkBadText(value, static_cast<size_t>(length))) return;
      if (errors_.violations().size() < kMaxNamedFields) errors_.Add(path, "is not valid UTF-8");
    } else if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      Walk(value, length, *field.message_type(), path + ".", depth + 1);
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

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message, BadText bad_text) {
  const auto reason = base::ErrorReason::ERROR_REASON_INVALID_FIELDS;
  if (!bytes.Valid()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, reason, "the call carries no request message");
  }
  if (Parse(bytes, message)) return absl::OkStatus();
  base::FieldErrors errors;
  std::string marked = ToString(bytes);
  const int size = static_cast<int>(marked.size());
  BadTextMarker(errors).Walk(marked.data(), size, *message.GetDescriptor(), "", 0);
  if (!errors.empty() && bad_text == BadText::kRefused) return errors.ToStatus();
  if (!errors.empty() && message.ParseFromArray(marked.data(), size)) return absl::OkStatus();
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
