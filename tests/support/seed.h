// The seed of a random test: a new one each run, or the one a failure printed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace zhuxiao {

// ZHUXIAO_TEST_SEED where it is set, else a random number. Failures must print it.
inline uint64_t TestSeed() {
  if (const char* text = std::getenv("ZHUXIAO_TEST_SEED")) return std::strtoull(text, nullptr, 10);
  return std::random_device()();
}

}  // namespace zhuxiao
