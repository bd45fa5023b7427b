// Reads of an event what a follower of the feed uses. Every order is told to several followers, and most of what it
// tells, the order and its contracts as changed, is for one of them or none.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::ledger {

// Thread-compatible.
class EventParts {
 public:
  // The fields of audit.v1.Event to read, by number (1 .. 63).
  explicit EventParts(std::initializer_list<int> field_numbers);

  // Makes `event` hold these fields of a serialized one, and no others. False where the payload is no event; what is
  // inside the fields left out is not looked at.
  bool Parse(std::string_view payload, audit::v1::Event& event);

 private:
  uint64_t wanted_ = 0;  // bit 1 << number
  std::string kept_;
};

}  // namespace zhuxiao::ledger
