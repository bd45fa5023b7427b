// Writes what a round decided as open files, and reads them back:
//   contracts.csv           order_id, listing_id, units
//   listing_prices.csv      listing_id, tranche (1: the units with the bonus, 2: the rest), price_fen (decimal, a unit)
//   institution_prices.csv  institution_id, price (decimal, fen of welfare per fen of the limit)
//   report.json             report_file.h
// Rows stand in ascending order of their ids; lines end in CRLF; cells are quoted only where they must be; decimals
// have no trailing zeros. So the same outcome gives the same bytes, and its digest is the SHA-256 of the three CSV
// files one after another: `cat contracts.csv listing_prices.csv institution_prices.csv | sha256sum`. Files of another
// form with the same rows have that digest too: it is of what they say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/matching/round_book.h"
#include "services/round_files/faults.h"
#include "services/round_files/lines.h"
#include "services/round_files/read_round.h"
#include "services/round_files/report_file.h"
#include "services/round_files/round_ids.h"

namespace zhuxiao::round_files {

inline constexpr std::string_view kListingPricesFile = "listing_prices.csv";

// What a round decided, by positions in its book.
struct Outcome {
  std::vector<matching::RoundContract> contracts;
  matching::RoundPrices prices;
};

// Gives the three CSV files to `sink`, piece by piece. Contracts must be sorted by (order, listing).
void FormatOutcome(const RoundIds& ids, const std::vector<matching::RoundContract>& contracts,
                   const matching::RoundPrices& prices, FileSink sink);

// The digest as 64 hexadecimal digits. Contracts must be sorted by (order, listing).
std::string DigestOf(const RoundIds& ids, const std::vector<matching::RoundContract>& contracts,
                     const matching::RoundPrices& prices);

// Counts of the report that follow from the contracts: contracts, orders_served, villages_served; and the digest.
ClearingReport Summarise(const RoundIds& ids, const std::vector<matching::RoundContract>& contracts,
                         const matching::RoundPrices& prices);

// Writes the four files into `dir`, which is made where it is not there; all of them or none.
absl::Status WriteClearing(const std::string& dir, const RoundIds& ids,
                           const std::vector<matching::RoundContract>& contracts, const matching::RoundPrices& prices,
                           const ClearingReport& report);

// Reads the three CSV files of `dir`. Columns may stand in any order, and rows too; a price that is not named is 0.
// INVALID_ARGUMENT naming every fault: ids that are not the round's, units below 1, prices below 0 or with more
// decimals than kPriceParts and kLambdaParts hold, a price or contract that stands twice.
absl::StatusOr<Outcome> ReadOutcome(const std::string& dir, const RoundIds& ids);

// The same as far as the files can be read, for a check that is to name all that is wrong: rows with a fault are left
// out and named in `malformed`; a contract that stands twice is kept twice. `missing` gets each tranche of a listing
// that has units, and each institution, without a price in a file that can be read; it counts as 0.
Outcome ReadOutcomeOf(const std::string& dir, const RoundInput& round, Faults& malformed, Faults& missing);

// Reads only the prices, of an earlier round: rows whose ids are not this round's are passed over, and what has no row
// has kNoPrice.
absl::StatusOr<matching::RoundPrices> ReadEarlierPrices(const std::string& dir, const RoundIds& ids);

}  // namespace zhuxiao::round_files
