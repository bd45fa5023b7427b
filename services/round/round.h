// Clearing rounds in the service: all standing orders against all open goods at once. States stand in states.h, the
// methods of MatchingService in operations.h, reading.h and explain.h, the work between two states in work.h.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "services/store/store.h"
#include "zhuxiao/matching/v1/matching.pb.h"

namespace zhuxiao::round {

namespace v1 = ::zhuxiao::matching::v1;

// The round without progress; NOT_FOUND where there is none, DATA_LOSS where the row is damaged.
absl::StatusOr<v1::Round> GetRound(store::Reader& reader, std::string_view round_id);

}  // namespace zhuxiao::round
