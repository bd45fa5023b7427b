// Reads a round from a directory of files: what it decides on, and the names of the rows.
//
// The files are CSV (RFC 4180, UTF-8, a byte order mark is taken) with a header, columns in any order:
//   listings.csv      listing_id, supplier_id, county_code, village_code, commodity, units, unit_base, unit_price_fen,
//                     ready_day, last_sale_day, linkage_ppm, stall_level, min_lot_units
//   orders.csv        order_id, institution_id, commodity, quantity_base, limit_price_fen, limit_base, county_code,
//                     deliver_by_day, allow_partial (0 or 1)
//   institutions.csv  institution_id, limit_fen, quota_gap_ppm
//   commodities.csv   commodity, reference_price_fen, reference_base, transport_microfen_per_km_base, min_life_days
//   counties.csv      code, longitude, latitude
// and policy.toml (policy_file.h). Ids (those ending in _id, and commodity) are any 1 to 256 bytes of UTF-8 without
// control characters, blanks at their ends included: ids are the same only where every byte is. A code of a county has
// 6 digits, one of a village 12; a listing whose village_code is empty counts for no village. Days are whole numbers
// counted from one same day. Columns of other names are ignored, but must be UTF-8 too. Ranges are those of
// matching/round_book.h.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/matching/round_book.h"
#include "services/round_files/round_ids.h"

namespace zhuxiao::round_files {

struct RoundInput {
  matching::RoundBook book;
  matching::ClearingPolicy policy;
  RoundIds ids;
};

// Reads the round in `dir`. INVALID_ARGUMENT naming every fault by file, line and column (faults.h), among them files
// that cannot be read, ids that stand twice, references to rows that are not there, and listings that no clearing could
// count (matching/range_faults.h), as far as the rows without other faults tell. Uses two threads. The same rows in
// another order give the same round.
absl::StatusOr<RoundInput> ReadRound(const std::string& dir);

// The same for files that this program wrote: what a clearing could not count is left for Clear to refuse, so that what
// is wrong with the goods is not taken for damaged files.
absl::StatusOr<RoundInput> ReadFrozenRound(const std::string& dir);

}  // namespace zhuxiao::round_files
