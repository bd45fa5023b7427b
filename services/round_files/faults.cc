#include "services/round_files/faults.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/matching/row_faults.h"

namespace zhuxiao::round_files {

Faults::OfFile& Faults::Of(std::string_view file) {
  const auto known = std::find_if(files_.begin(), files_.end(), [&](const OfFile& of) { return of.file == file; });
  return known != files_.end() ? *known : files_.emplace_back(OfFile{.file = std::string(file)});
}

void Faults::Add(std::string_view file, int64_t line, std::string_view column, std::string_view what) {
  ++total_;
  OfFile& of = Of(file);
  ++of.total;
  if (of.named.size() >= kMaxNamedFaults) return;
  std::string place(file);
  if (line > 0) base::StrAppend(&place, ":", line);
  if (!column.empty()) base::StrAppend(&place, ":", column);
  of.named.emplace_back(std::move(place), what);
}

void Faults::Append(const Faults& other) {
  total_ += other.total_;
  for (const OfFile& theirs : other.files_) {
    OfFile& ours = Of(theirs.file);
    ours.total += theirs.total;
    const size_t room = kMaxNamedFaults - ours.named.size();
    const auto end = theirs.named.begin() + static_cast<int64_t>(std::min(room, theirs.named.size()));
    ours.named.insert(ours.named.end(), theirs.named.begin(), end);
  }
}

absl::Status Faults::ToStatus() const {
  base::FieldErrors errors;
  for (const OfFile& of : files_) {
    for (const auto& [place, what] : of.named) errors.Add(place, what);
    if (of.total > static_cast<int64_t>(of.named.size())) {
      errors.Add(of.file, matching::MoreFaults(of.total, of.named.size()));
    }
  }
  return errors.ToStatus();
}

}  // namespace zhuxiao::round_files
