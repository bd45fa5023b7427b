// An independent check of a match: recomputes feasibility and every term from the listings and the policy, sharing no
// code with the match itself. Always on wherever proposals become contracts.
#pragma once

#include "absl/status/status.h"
#include "services/matching/match.h"

namespace zhuxiao::matching {

// OK where every proposal is one the policy and the order allow and every figure is right. ABORTED where a listing
// changed or went since the match: match again. INTERNAL, saying what is wrong, where the match is false. Judges
// availability by what the match saw; the listing's own ledger has the last word. It does not judge optimality, the
// refusal summary, nor whether an order that allows no partial fill is filled far enough. Microseconds a proposal.
absl::Status CheckMatch(const Book& book, const MatchPolicy& policy, const MatchOrder& order,
                        const MatchResult& result);

}  // namespace zhuxiao::matching
