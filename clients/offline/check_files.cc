#include "clients/offline/check_files.h"

#include "services/base/errors.h"
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

// Adds what is wrong with files.
void AddFaults(const absl::Status& status, int64_t total, FilesCheck& check) {
  base::FieldErrors errors;
  errors.Absorb(status);
  check.fault_count += total;
  for (const auto& [place, what] : errors.violations()) check.faults.push_back({"files", place, what});
}

matching::ClearingCheck CheckRules(const round_files::RoundInput& round, const round_files::Outcome& outcome,
                                   const absl::StatusOr<round_files::ClearingReport>& claimed, bool is_readable,
                                   int threads) {
  if (!is_readable) return matching::CheckContracts(round.book, round.policy, outcome.contracts);
  return matching::CheckClearing(round.book, round.policy, outcome.contracts, outcome.prices,
                                 {.welfare_fen = claimed->welfare_fen, .bound_fen = claimed->bound_fen}, threads);
}

}  // namespace

absl::StatusOr<FilesCheck> CheckFiles(const std::string& in, const std::string& out, int threads) {
  const auto round = round_files::ReadRound(in);
  if (!round.ok()) return round.status();
  round_files::Faults malformed;
  round_files::Faults missing;
  const round_files::Outcome outcome = round_files::ReadOutcomeOf(out, *round, malformed, missing);
  const auto claimed = round_files::ReadReport(out);
  FilesCheck result = {.recomputed = round_files::Summarise(round->ids, outcome.contracts, outcome.prices),
                       .is_readable = malformed.empty() && claimed.ok()};
  AddFaults(malformed.ToStatus(), malformed.total(), result);
  AddFaults(missing.ToStatus(), missing.total(), result);
  AddFaults(claimed.status(), claimed.ok() ? 0 : 1, result);
  const matching::ClearingCheck check = CheckRules(*round, outcome, claimed, result.is_readable, threads);
  result.fault_count += check.fault_count;
  result.recomputed.welfare_fen = check.welfare_fen;
  result.recomputed.bound_fen = check.bound_fen;
  result.recomputed.gap_ppm = check.gap_ppm;
  for (const matching::ClearingFault& fault : check.faults) {
    result.faults.push_back({std::string(matching::NameOf(fault.rule)), IdOf(round->ids, fault.place), fault.what});
  }
  if (!result.is_readable) return result;
  CompareReport(*claimed, result);
  const int64_t gap_ppm = matching::GapPpm(claimed->welfare_fen, claimed->bound_fen);
  if (claimed->gap_ppm != gap_ppm) {
    ++result.fault_count;
    result.faults.push_back(
        {"report", "",
         base::StrCat("gap_ppm is ", gap_ppm, " by its own welfare and bound, claimed ", claimed->gap_ppm)});
  }
  return result;
}

}  // namespace zhuxiao::offline
