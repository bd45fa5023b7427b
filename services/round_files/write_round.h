// Writes a round into files that ReadRound reads back as the same round.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/round_files/lines.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::round_files {

// Gives the six files of `input` to `sink`, piece by piece: commodities.csv, counties.csv, listings.csv,
// institutions.csv, orders.csv, policy.toml.
void FormatRound(const RoundInput& input, FileSink sink);

// Writes the six files of `input` into `dir`, which is made where it is not there; all of them or none. Coordinates are
// written with as many digits as give the same number back. The same round gives the same bytes.
absl::Status WriteRound(const std::string& dir, const RoundInput& input);

}  // namespace zhuxiao::round_files
