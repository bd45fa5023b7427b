#include "services/round/settled_share.h"

#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round/records.h"

namespace zhuxiao::round {
namespace {

// Lines told one by one.
constexpr int kMaxShrunkLines = 100;

absl::StatusOr<v1::RoundLine> LineAt(store::Reader& reader, const std::string& round_id, int64_t number) {
  const std::string key = LineKey(round_id, number);
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  v1::RoundLine line;
  if (!*row || !line.ParseFromString(**row)) return base::DataLoss(base::StrCat(key, " cannot be read"));
  return line;
}

}  // namespace

absl::Status TellSettled(store::Reader& reader, const v1::Round& round, const std::vector<int64_t>& numbers,
                         bool is_in_base, v1::ExplainRoundResponse& response) {
  if (round.decided_line_count() == 0) return absl::OkStatus();
  int64_t settled = 0;
  int64_t lost = 0;
  for (const int64_t number : numbers) {
    auto line = LineAt(reader, round.round_id(), number);
    if (!line.ok()) return line.status();
    if (line->state() == v1::ROUND_LINE_STATE_PENDING) continue;
    const int64_t size = is_in_base ? line->sale_unit_base() : 1;
    settled += line->contract_units() * size;
    lost += (line->units() - line->contract_units()) * size;
    if (line->units() == line->contract_units() || response.shrunk_lines_size() == kMaxShrunkLines) continue;
    *response.add_shrunk_lines() = *std::move(line);
  }
  response.set_settled(settled);
  if (lost > response.offered() - response.cleared()) {
    response.set_reason(v1::ROUND_REASON_SHRUNK_AT_SETTLING);
    response.clear_change();
  }
  return absl::OkStatus();
}

}  // namespace zhuxiao::round
