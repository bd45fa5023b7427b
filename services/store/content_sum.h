// A sum over rows and events that tells whether two stores hold the same, kept up to date change by change. It finds
// damage, by chance missed once in 2^64; against an attacker the hashes of the shared log stand, not this.
//
// A sum of digests modulo 2^64: AdHash (Bellare and Micciancio, EUROCRYPT 1997) with a short modulus.
#pragma once

#include <cstdint>
#include <string_view>

namespace zhuxiao::store {

// Thread-compatible. The same for the same contents, in whatever order they came and went.
class ContentSum {
 public:
  ContentSum() = default;
  explicit ContentSum(uint64_t value) : value_(value) {}

  void AddRow(std::string_view key, std::string_view value);
  void RemoveRow(std::string_view key, std::string_view value);
  // `row_key` is FeedLog::RowKey of the event's sequence.
  void AddEvent(std::string_view row_key, std::string_view payload);

  uint64_t value() const { return value_; }
  bool operator==(const ContentSum&) const = default;

 private:
  uint64_t value_ = 0;
};

}  // namespace zhuxiao::store
