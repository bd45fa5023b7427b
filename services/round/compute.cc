#include "services/round/compute.h"

#include "services/matching/check_clearing.h"
#include "services/round/archive.h"

namespace zhuxiao::round {

absl::StatusOr<matching::Clearing> ClearAndCheck(const round_files::RoundInput& input,
                                                 const matching::ClearOptions& options) {
  auto clearing = matching::Clear(input.book, input.policy, options);
  if (!clearing.ok()) return clearing;
  const absl::Status checked =
      matching::CheckClearing(input.book, input.policy, clearing->contracts, clearing->prices,
                              {.welfare_fen = clearing->welfare_fen, .bound_fen = clearing->bound_fen}, options.threads)
          .ToStatus();
  if (!checked.ok()) return checked;
  return clearing;
}

void Describe(const Frozen& frozen, v1::Round& round) {
  const round_files::RoundInput& input = frozen.input;
  round.set_policy_version(input.policy.weights.version);
  round.set_input_digest(InputDigestOf(input));
  round.set_listing_count(static_cast<int64_t>(input.book.listings.size()));
  round.set_order_count(static_cast<int64_t>(input.book.orders.size()));
  round.set_institution_count(static_cast<int64_t>(input.book.institutions.size()));
  round.set_left_out_count(static_cast<int64_t>(frozen.left_out.size()));
}

void Describe(const matching::Clearing& clearing, const round_files::ClearingReport& report, v1::Round& round) {
  round.set_welfare_fen(clearing.welfare_fen);
  round.set_bound_fen(clearing.bound_fen);
  round.set_gap_ppm(clearing.GapPpm());
  round.set_is_cut_short(clearing.is_cut_short);
  round.set_result_digest(report.digest);
  round.set_line_count(static_cast<int64_t>(clearing.contracts.size()));
}

}  // namespace zhuxiao::round
