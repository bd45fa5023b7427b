#include "services/round_files/faults.h"

#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::round_files {

void Faults::Add(std::string_view file, int64_t line, std::string_view column, std::string_view what) {
  ++total_;
  if (named_.size() >= kMaxNamedFaults) return;
  std::string place(file);
  if (line > 0) base::StrAppend(&place, ":", line);
  if (!column.empty()) base::StrAppend(&place, ":", column);
  named_.emplace_back(std::move(place), what);
}

void Faults::Append(const Faults& other) {
  total_ += other.total_;
  for (const auto& fault : other.named_) {
    if (named_.size() < kMaxNamedFaults) named_.push_back(fault);
  }
}

absl::Status Faults::ToStatus() const {
  base::FieldErrors errors;
  for (const auto& [place, what] : named_) errors.Add(place, what);
  if (total_ > static_cast<int64_t>(named_.size())) {
    errors.Add("all files", base::StrCat("have ", total_, " faults; the first ", named_.size(), " are named"));
  }
  return errors.ToStatus();
}

}  // namespace zhuxiao::round_files
