// What a settled round leaves as reserves of single orders: the prices of goods that others of the round did buy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/round/round.h"
#include "services/round_files/lines.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// The file of it, published with the others once a round is settled: listing_id, first_fen (a unit of the first
// tranche), rest_fen (of the rest), whole fen rounded down; rows only of listings that have one, by id.
inline constexpr std::string_view kReservesFile = "reserves.csv";

struct Reserve {
  std::string listing_id;
  int64_t first_fen = 0;
  int64_t rest_fen = 0;
};

// Of a round whose lines are all decided. A tranche has its price for a reserve only where every unit of it went into a
// contract: what is left of it nobody of the round wanted at that price, and what a dropped line was to have is wanted
// no more. As long as the round's files and lines take to read. DATA_LOSS where they cannot be.
absl::StatusOr<std::vector<Reserve>> ReservesOf(store::Reader& reader, const v1::Round& round);

void FormatReserves(const std::vector<Reserve>& reserves, round_files::FileSink sink);

}  // namespace zhuxiao::round
