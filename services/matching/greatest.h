// The greatest of several hundred figures of which one at a time changes. Internal to the matching module.
#pragma once

#include <cstddef>

#include "absl/container/inlined_vector.h"
#include "services/matching/clearing/search.h"

namespace zhuxiao::matching {

// Figures that are not negative, or -1. Not thread-safe.
class Greatest {
 public:
  // Room for so many figures, for the caller to fill and then call Build.
  explicit Greatest(size_t count) : values_((count + kPart - 1) / kPart * kPart, -1), tops_(values_.size() / kPart) {}
  float* data() { return values_.data(); }
  void Build() {
    for (size_t part = 0; part < tops_.size(); ++part) Renew(part);
    Find();
  }

  void Set(size_t at, float value) {
    values_[at] = value;
    Renew(at / kPart);
    Find();
  }

  // The greatest figure and, the first of equal ones, its place. Of none at all: -1.
  float value() const { return value_; }
  size_t place() const { return place_; }

 private:
  static constexpr size_t kPart = 64;

  void Renew(size_t part) {
    const float* const values = &values_[part * kPart];
    tops_[part] = values[clearing::GreatestOf(values, kPart)];
  }

  void Find() {
    if (tops_.empty()) return;
    const size_t part = clearing::GreatestOf(tops_.data(), tops_.size());
    place_ = part * kPart + clearing::GreatestOf(&values_[part * kPart], kPart);
    value_ = values_[place_];
  }

  absl::InlinedVector<float, 768> values_;
  absl::InlinedVector<float, 12> tops_;
  size_t place_ = 0;
  float value_ = -1;
};

}  // namespace zhuxiao::matching
