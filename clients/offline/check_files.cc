#include "clients/offline/check_files.h"

#include "services/base/strings.h"
#include "services/matching/check_clearing.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::offline {
namespace {

std::string IdOf(const round_files::RoundIds& ids, const matching::ClearingPlace& place) {
  std::string id;
  const auto add = [&id](const round_files::IdTable& table, uint32_t row) {
    if (row == matching::kNoRow) return;
    if (!id.empty()) id += " / ";
    id += table[row];
  };
  add(ids.orders, place.order);
  add(ids.listings, place.listing);
  add(ids.institutions, place.institution);
  return id;
}

void CompareReport(const round_files::ClearingReport& claimed, FilesCheck& check) {
  const round_files::ClearingReport& actual = check.recomputed;
  const auto compare = [&](const char* name, const auto& said, const auto& is) {
    if (said == is) return;
    ++check.fault_count;
    check.faults.push_back({"report", "", base::StrCat(name, " is ", is, ", claimed ", said)});
  };
  compare("contracts", claimed.contracts, actual.contracts);
  compare("orders_served", claimed.orders_served, actual.orders_served);
  compare("villages_served", claimed.villages_served, actual.villages_served);
  compare("digest", claimed.digest, actual.digest);
}

// The gap follows from the welfare and the bound, which may be claimed a little higher than the check's.
int64_t ClaimedGapPpm(const round_files::ClearingReport& claimed) {
  if (claimed.bound_fen <= 0) return 0;
  const __int128 gap_fen = static_cast<__int128>(claimed.bound_fen) - claimed.welfare_fen;
  return gap_fen <= 0 ? 0 : static_cast<int64_t>((gap_fen * 1'000'000 + claimed.bound_fen - 1) / claimed.bound_fen);
}

}  // namespace

absl::StatusOr<FilesCheck> CheckFiles(const std::string& in, const std::string& out, int threads) {
  const auto round = round_files::ReadRound(in);
  if (!round.ok()) return round.status();
  const auto outcome = round_files::ReadOutcome(out, round->ids);
  if (!outcome.ok()) return outcome.status();
  const auto claimed = round_files::ReadReport(out);
  if (!claimed.ok()) return claimed.status();
  const matching::ClearingCheck check =
      matching::CheckClearing(round->book, round->policy, outcome->contracts, outcome->prices,
                              {.welfare_fen = claimed->welfare_fen, .bound_fen = claimed->bound_fen}, threads);
  FilesCheck result = {.recomputed = round_files::Summarise(round->ids, outcome->contracts, outcome->prices),
                       .fault_count = check.fault_count};
  result.recomputed.welfare_fen = check.welfare_fen;
  result.recomputed.bound_fen = check.bound_fen;
  result.recomputed.gap_ppm = check.gap_ppm;
  for (const matching::ClearingFault& fault : check.faults) {
    result.faults.push_back({std::string(matching::NameOf(fault.rule)), IdOf(round->ids, fault.place), fault.what});
  }
  CompareReport(*claimed, result);
  if (claimed->gap_ppm != ClaimedGapPpm(*claimed)) {
    ++result.fault_count;
    result.faults.push_back({"report", "",
                             base::StrCat("gap_ppm is ", ClaimedGapPpm(*claimed),
                                          " by its own welfare and bound, claimed ", claimed->gap_ppm)});
  }
  return result;
}

}  // namespace zhuxiao::offline
