// Messages to and from gRPC's byte buffers, with errors that name what is wrong in a request.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/base/caller.h"

namespace zhuxiao::rpc {

// A request with more bad text fields than this is told of the first ones: the caller has one bug, not a thousand.
inline constexpr size_t kMaxNamedFields = 20;

// What becomes of a request whose text fields hold bytes that are not UTF-8.
enum class BadText {
  kRefused,  // it is an error that names these fields, and no others
  kMarked,  // each such byte becomes kBadTextMark: for a handler that names text with control characters, all other bad
            // fields with it, before anything has an effect
};

// DEL: a control character, and one byte like those it stands for.
inline constexpr char kBadTextMark = '\x7F';

// Parses `bytes` into `message`. INVALID_ARGUMENT (INVALID_FIELDS): where text fields hold bytes that are not
// UTF-8 and `bad_text` refuses them, a BadRequest names each by its path ("listing.photos[2].caption"); where the bytes
// are no such message at all, the error says so.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message,
                          BadText bad_text = BadText::kRefused);

// The bytes of `message`.
grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message);

// The bytes of an answer as `role` may be told it: personal data is masked, by the marks of the proto. Every answer of
// every method passes here.
grpc::ByteBuffer AnswerOf(const google::protobuf::Message& message, base::Role role);

// The same of an answer of this type that is at hand as bytes; DATA_LOSS where they are no such message.
absl::StatusOr<grpc::ByteBuffer> AnswerOf(std::string_view bytes, const google::protobuf::Descriptor& type,
                                          base::Role role);

// Already serialized bytes as a buffer, and a buffer as one string.
grpc::ByteBuffer ToByteBuffer(std::string_view bytes);
std::string ToString(const grpc::ByteBuffer& bytes);

}  // namespace zhuxiao::rpc
