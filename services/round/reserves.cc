#include "services/round/reserves.h"

#include <string>
#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round/archive.h"
#include "services/round/pair.h"
#include "services/round/records.h"
#include "services/store/page.h"

namespace zhuxiao::round {
namespace {

// Units in contracts by listing. The number of a line is the position of its contract.
absl::StatusOr<std::vector<int64_t>> SettledUnits(store::Reader& reader, const std::string& round_id,
                                                  const round_files::RoundInput& input,
                                                  const std::vector<matching::RoundContract>& contracts) {
  std::vector<int64_t> units(input.book.listings.size());
  absl::Status read =
      store::WalkAll(reader, store::Key(kRoundLine, round_id, ""), [&](const store::KeyValue& row) -> absl::Status {
        v1::RoundLine line;
        if (!line.ParseFromString(row.value) || line.number() < 0 ||
            line.number() >= static_cast<int64_t>(contracts.size())) {
          return base::DataLoss(base::StrCat(row.key, " cannot be read"));
        }
        units[contracts[static_cast<size_t>(line.number())].listing] += line.contract_units();
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return units;
}

}  // namespace

absl::StatusOr<std::vector<Reserve>> ReservesOf(store::Reader& reader, const v1::Round& round) {
  auto input = LoadInput(reader, round.round_id(), round.input_digest());
  if (!input.ok()) return input.status();
  auto outcome = LoadOutcome(reader, round.round_id(), input->ids);
  if (!outcome.ok()) return outcome.status();
  auto settled = SettledUnits(reader, round.round_id(), *input, outcome->contracts);
  if (!settled.ok()) return settled.status();
  std::vector<Reserve> reserves;
  for (size_t i = 0; i < settled->size(); ++i) {
    const matching::RoundListing& listing = input->book.listings[i];
    const int64_t first_units = FirstTrancheUnits(*input, listing);
    const int64_t sold = (*settled)[i];
    Reserve reserve;
    if (first_units > 0 && sold >= first_units) {
      reserve.first_fen = outcome->prices.first_tranche[i] / matching::kPriceParts;
    }
    if (sold > 0 && sold == listing.units) {
      reserve.rest_fen = outcome->prices.second_tranche[i] / matching::kPriceParts;
    }
    if (reserve.first_fen == 0 && reserve.rest_fen == 0) continue;
    reserve.listing_id = std::string(input->ids.listings[i]);
    reserves.push_back(std::move(reserve));
  }
  return reserves;
}

void FormatReserves(const std::vector<Reserve>& reserves, round_files::FileSink sink) {
  round_files::Lines lines(kReservesFile, "listing_id,first_fen,rest_fen", sink);
  for (const Reserve& reserve : reserves) {
    lines.Text(reserve.listing_id);
    lines.Integer(reserve.first_fen);
    lines.Integer(reserve.rest_fen);
    lines.End();
  }
}

}  // namespace zhuxiao::round
