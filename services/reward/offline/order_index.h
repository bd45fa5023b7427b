// Which orders there are, so that a refund's reference can be read before its order is settled.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace zhuxiao::reward::offline {

// Eight bytes an order: a 64-bit hash. A hash shared by chance could only make a refund look for its sale in the wrong
// order and be shown as pending; it can never count one wrongly, since settling compares whole keys. Add and Seal by
// one thread; then immutable and thread-safe.
class OrderIndex {
 public:
  // `order` is an OrderPart of a key. Lines of one order that come together are kept once.
  void Add(std::string_view order) {
    const uint64_t hash = HashOf(order);
    if (hashes_.empty() || hashes_.back() != hash) hashes_.push_back(hash);
  }

  void Seal() { std::sort(hashes_.begin(), hashes_.end()); }

  // Hashes are evenly spread, so the search looks first where one of that value should stand, give or take eight
  // standard deviations.
  bool Has(std::string_view order) const {
    const uint64_t wanted = HashOf(order);
    const auto guess = static_cast<size_t>(static_cast<UInt128>(wanted) * hashes_.size() >> 64);
    const auto slack = static_cast<size_t>(8 * std::sqrt(static_cast<double>(hashes_.size())) + 1);
    auto begin = hashes_.begin() + static_cast<ptrdiff_t>(guess - std::min(guess, slack));
    auto end = hashes_.begin() + static_cast<ptrdiff_t>(std::min(hashes_.size(), guess + slack));
    if (begin != hashes_.begin() && *begin > wanted) begin = hashes_.begin();
    if (end != hashes_.end() && *end <= wanted) end = hashes_.end();
    return std::binary_search(begin, end, wanted);
  }

 private:
  __extension__ using UInt128 = unsigned __int128;

  static uint64_t HashOf(std::string_view order) { return std::hash<std::string_view>()(order); }

  std::vector<uint64_t> hashes_;
};

}  // namespace zhuxiao::reward::offline
