#include "clients/offline/chance.h"

#include <algorithm>
#include <array>

namespace zhuxiao::offline {
namespace {

// floor(2^32 * 2^(1/2)), floor(2^32 * 2^(1/4)), ... down to 2^(1/65536).
constexpr std::array<uint64_t, 16> kRootsOfTwo = {
    6074000999, 5107605667, 4683695047, 4485121743, 4389014833, 4341736423, 4318288543, 4306612133,
    4300785773, 4297875550, 4296421177, 4295694174, 4295330720, 4295149004, 4295058149, 4295012722};

constexpr int64_t kLog2OfEPpm = 1'442'695;

// value * 2^(exponent / 65536), at most 2^62.
int64_t TimesPowerOfTwo(int64_t value, int64_t exponent) {
  const int64_t whole = exponent >> 16;
  unsigned __int128 product = static_cast<unsigned __int128>(value) << 16;
  for (size_t i = 0; i < kRootsOfTwo.size(); ++i) {
    if ((exponent >> (15 - i) & 1) != 0) product = product * kRootsOfTwo[i] >> 32;
  }
  product = whole >= 0 ? product << std::min<int64_t>(whole, 62) : product >> std::min<int64_t>(-whole, 100);
  return static_cast<int64_t>(std::min<unsigned __int128>(product >> 16, int64_t{1} << 62));
}

}  // namespace

uint64_t Chance::Next() {
  state_ += 0x9E3779B97F4A7C15;
  uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return mixed ^ (mixed >> 31);
}

uint64_t Chance::Below(uint64_t count) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(Next()) * count >> 64);
}

int64_t Chance::Between(int64_t least, int64_t most) {
  return least + static_cast<int64_t>(Below(static_cast<uint64_t>(most - least) + 1));
}

int64_t Chance::LogNormal(int64_t median, int64_t sigma_ppm) {
  // Twelve uniforms of 16 bits have mean 6 * 65535 and, to a part in ten thousand, standard deviation 65536.
  int64_t normal = -6 * 65'535;
  for (int i = 0; i < 3; ++i) {
    for (uint64_t bits = Next(); bits != 0; bits >>= 16) normal += static_cast<int64_t>(bits & 0xFFFF);
  }
  const int64_t exponent = normal * sigma_ppm / 1'000 * kLog2OfEPpm / 1'000'000'000;
  return TimesPowerOfTwo(median, exponent);
}

Weights::Weights(const std::vector<int64_t>& weights) {
  uint64_t sum = 0;
  for (const int64_t weight : weights) sums_.push_back(sum += static_cast<uint64_t>(weight));
}

size_t Weights::Pick(Chance& chance) const {
  const uint64_t at = chance.Below(sums_.back());
  return static_cast<size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
}

}  // namespace zhuxiao::offline
