// What applicants have shown.
#include "services/reward/offline/applicant_file.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/reward/offline/csv_cells.h"
#include "services/reward/offline/table_reader.h"

namespace zhuxiao::reward::offline {
namespace {

// In the order in which the reader is told of them.
enum ApplicantColumn : size_t { kClaimantUscc, kRegisteredOn, kDocuments };
constexpr char kBetweenDocuments = ';';

void TakeRow(TableReader& table, Applicants& applicants) {
  const std::string claimant(table.Cell(kClaimantUscc));
  if (claimant.empty() || !base::IsCleanText(claimant)) table.Note("claimant_uscc: is required");
  const auto [place, is_new] = applicants.try_emplace(claimant);
  if (!is_new) return table.Note(base::StrCat("claimant_uscc: ", claimant, " stands twice"));
  if (const std::string_view text = table.Cell(kRegisteredOn); !text.empty()) {
    const auto day = base::ParseDay(text);
    if (!day.ok()) return table.Note("registered_on: must be a day as YYYY-MM-DD");
    place->second.registered_on = *day;
  }
  const std::string_view documents = table.Cell(kDocuments);
  if (!base::IsCleanText(documents)) table.Note("documents: must be UTF-8 without control characters");
  for (const auto name : absl::StrSplit(base::View(documents), kBetweenDocuments, absl::SkipEmpty())) {
    place->second.documents.emplace_back(name);
  }
}

}  // namespace

Applicants ReadApplicants(std::string_view text, const std::string& file, FaultList& faults) {
  Applicants applicants;
  TableReader table(text, file, {"claimant_uscc", "registered_on", "documents"}, faults);
  while (table.Next()) TakeRow(table, applicants);
  return applicants;
}

std::string FormatApplicants(const Applicants& applicants) {
  std::string text = "claimant_uscc,registered_on,documents\n";
  for (const auto& [claimant, applicant] : applicants) {
    AppendCell(claimant, text);
    base::StrAppend(&text, ",", applicant.registered_on ? base::FormatDay(*applicant.registered_on) : "", ",");
    AppendCell(absl::StrJoin(applicant.documents, ";"), text);
    text.push_back('\n');
  }
  return text;
}

}  // namespace zhuxiao::reward::offline
