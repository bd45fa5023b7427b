// Rows that carry a number met before.
#include "services/reward/offline/repeats.h"

#include "services/base/strings.h"
#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward::offline {

absl::Status Repeats::Check(const LineFacts& first, const LineFacts& later) const {
  const auto a = input_.ReadAt(first.offset, first.record_size);
  if (!a.ok()) return a.status();
  const auto b = input_.ReadAt(later.offset, later.record_size);
  if (!b.ok()) return b.status();
  if (*a == *b) return absl::OkStatus();
  CsvCutter first_cells(*a, first.line);
  CsvCutter later_cells(*b, later.line);
  first_cells.Next();
  later_cells.Next();
  if (!columns_.IsSame(first_cells.cells(), later_cells.cells())) {
    faults_.Add(
        {file_, later.line,
         base::StrCat("line_no: the same platform, order_no and line_no as line ", first.line, " with other content")});
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::reward::offline
