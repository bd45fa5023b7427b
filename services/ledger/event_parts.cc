#include "services/ledger/event_parts.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace zhuxiao::ledger {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr int kMaxFieldNumber = 63;

}  // namespace

EventParts::EventParts(std::initializer_list<int> field_numbers) {
  for (const int number : field_numbers) wanted_ |= uint64_t{1} << number;
}

bool EventParts::Parse(std::string_view payload, audit::v1::Event& event) {
  kept_.clear();
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(payload.data()),
                                               static_cast<int>(payload.size()));
  size_t begin = 0;
  while (const uint32_t tag = input.ReadTag()) {
    if (!WireFormatLite::SkipField(&input, tag)) return false;
    const auto end = static_cast<size_t>(input.CurrentPosition());
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    if (number <= kMaxFieldNumber && (wanted_ >> number & 1) != 0) kept_.append(payload.substr(begin, end - begin));
    begin = end;
  }
  return begin == payload.size() && event.ParseFromString(kept_);
}

}  // namespace zhuxiao::ledger
