// Chance that is the same on every machine: a fixed integer generator, and distributions in integers alone. The
// distributions of the standard library, and logarithms in floating point, differ from one machine to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace zhuxiao::offline {

// SplitMix64 (Steele, Lea and Flood 2014). Not thread-safe.
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  // Uniform in [0, count). Requires count >= 1.
  uint64_t Below(uint64_t count);
  // Uniform in [least, most].
  int64_t Between(int64_t least, int64_t most);
  // True in `ppm` of a million cases.
  bool Happens(int64_t ppm) { return static_cast<int64_t>(Below(1'000'000)) < ppm; }
  // Log-normal with a median of `median` (1 .. 10^12) and a standard deviation of the logarithm of sigma_ppm / 10^6
  // (at most 3); the normal is a sum of twelve uniforms, so nothing lies beyond six standard deviations.
  int64_t LogNormal(int64_t median, int64_t sigma_ppm);

 private:
  uint64_t state_;
};

// Picks positions by weight.
class Weights {
 public:
  // Each weight >= 0, not all 0; their sum inside int64.
  explicit Weights(const std::vector<int64_t>& weights);
  size_t Pick(Chance& chance) const;

 private:
  std::vector<uint64_t> sums_;
};

}  // namespace zhuxiao::offline
