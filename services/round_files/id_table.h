// Many short texts in one piece of memory, by position.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace zhuxiao::round_files {

// Texts in the order added. About 4 bytes a text besides its own. Not thread-safe to change.
class IdTable {
 public:
  // All texts together may have at most this many bytes: positions are 32 bits.
  static constexpr size_t kMaxBytes = UINT32_MAX;

  void Reserve(size_t count) { ends_.reserve(count); }
  // Requires that the texts stay within kMaxBytes.
  void Add(std::string_view text) {
    text_.append(text);
    ends_.push_back(static_cast<uint32_t>(text_.size()));
  }

  size_t size() const { return ends_.size(); }
  size_t byte_count() const { return text_.size(); }
  // Valid until the next Add.
  std::string_view operator[](size_t position) const {
    const uint32_t begin = position == 0 ? 0 : ends_[position - 1];
    return {text_.data() + begin, ends_[position] - begin};
  }

  // The positions in byte order of the texts, equal ones in order of position.
  std::vector<uint32_t> SortedPositions() const;
  // The table with the texts at `positions`, in that order.
  IdTable Picked(const std::vector<uint32_t>& positions) const;

 private:
  std::string text_;
  std::vector<uint32_t> ends_;
};

// Finds positions in a table, which must outlive it and must not change. About 5 bytes a text.
class IdIndex {
 public:
  // Of equal texts the first is found.
  explicit IdIndex(const IdTable& table);
  IdIndex(const IdIndex&) = delete;
  IdIndex& operator=(const IdIndex&) = delete;

  static constexpr uint32_t kNone = UINT32_MAX;
  // The position of `text`, or kNone.
  uint32_t Find(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    const IdTable* table;
    size_t operator()(uint32_t position) const { return (*this)((*table)[position]); }
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Equal {
    using is_transparent = void;
    const IdTable* table;
    bool operator()(uint32_t a, uint32_t b) const { return (*table)[a] == (*table)[b]; }
    bool operator()(std::string_view a, uint32_t b) const { return a == (*table)[b]; }
    bool operator()(uint32_t a, std::string_view b) const { return (*table)[a] == b; }
  };

  absl::flat_hash_set<uint32_t, Hash, Equal> positions_;
};

}  // namespace zhuxiao::round_files
