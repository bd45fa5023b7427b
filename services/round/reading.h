// What callers may read of rounds: figures anyone; lines their own, officers of the round's region, auditors and
// operators all.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/round/round.h"
#include "services/store/page.h"

namespace zhuxiao::round {

// The round with the progress of its work.
absl::StatusOr<v1::Round> ReadRound(store::Reader& reader, const std::string& round_id);

absl::StatusOr<store::Page<v1::ListRoundsResponse>> ListRounds(store::Reader& reader,
                                                               const v1::ListRoundsRequest& request,
                                                               const store::PageRequest& page);
absl::StatusOr<store::Page<v1::ListRoundLinesResponse>> ListRoundLines(store::Reader& reader,
                                                                       const base::Caller& caller,
                                                                       const v1::ListRoundLinesRequest& request,
                                                                       const store::PageRequest& page);

// True where the caller may read everything of the round.
bool ReadsAllOf(const base::Caller& caller, const v1::Round& round);

}  // namespace zhuxiao::round
