// What a test and a library in another process share: a page that says what is wrong there.
#pragma once

#include <atomic>
#include <cstdint>

namespace zhuxiao::testing {

struct FaultValues {
  std::atomic<int64_t> clock_offset_nanos = 0;  // of the clock of the day, not the steady one
  std::atomic<int> sync_error = 0;              // the errno of every fsync and fdatasync; 0 where they work
};

inline constexpr char kFaultPageVariable[] = "ZHUXIAO_FAULT_PAGE";

}  // namespace zhuxiao::testing
