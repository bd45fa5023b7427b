// What applicants have shown.
#include "services/reward/offline/applicant_file.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward::offline {
namespace {

enum Column : size_t { kClaimant, kRegisteredOn, kDocuments, kColumnCount };
constexpr std::array<std::string_view, kColumnCount> kNames = {"claimant_uscc", "registered_on", "documents"};
constexpr char kBetweenDocuments = ';';

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, FaultList& faults)
      : cutter_(text, 1), file_(file), faults_(faults) {}

  Applicants Read() {
    Applicants applicants;
    if (!ReadHeader()) return applicants;
    while (cutter_.Next()) {
      if (!cutter_.error().empty()) {
        Note(cutter_.error());
      } else if (cutter_.cells().size() != width_) {
        Note(base::StrCat("has ", cutter_.cells().size(), " cells where the header has ", width_));
      } else {
        TakeRow(applicants);
      }
    }
    return applicants;
  }

 private:
  bool ReadHeader() {
    if (!cutter_.Next() || !cutter_.error().empty()) {
      Note("has no header");
      return false;
    }
    const auto& header = cutter_.cells();
    width_ = header.size();
    bool is_complete = true;
    for (size_t column = 0; column < kColumnCount; ++column) {
      const auto found = std::find(header.begin(), header.end(), kNames[column]);
      places_[column] = static_cast<size_t>(found - header.begin());
      if (found != header.end()) continue;
      Note(base::StrCat(kNames[column], ": the header lacks this column"));
      is_complete = false;
    }
    return is_complete;
  }

  void TakeRow(Applicants& applicants) {
    const std::string claimant(Cell(kClaimant));
    if (claimant.empty() || !base::IsCleanText(claimant)) Note("claimant_uscc: is required");
    const auto [place, is_new] = applicants.try_emplace(claimant);
    if (!is_new) return Note(base::StrCat("claimant_uscc: ", claimant, " stands twice"));
    if (const std::string_view text = Cell(kRegisteredOn); !text.empty()) {
      const auto day = base::ParseDay(text);
      if (!day.ok()) return Note("registered_on: must be a day as YYYY-MM-DD");
      place->second.registered_on = *day;
    }
    if (!base::IsCleanText(Cell(kDocuments))) Note("documents: must be UTF-8 without control characters");
    for (const std::string& name :
         std::vector<std::string>(absl::StrSplit(base::View(Cell(kDocuments)), kBetweenDocuments, absl::SkipEmpty()))) {
      place->second.documents.push_back(name);
    }
  }

  std::string_view Cell(Column column) const { return cutter_.cells()[places_[column]]; }
  void Note(std::string_view what) { faults_.Add({file_, std::max<int64_t>(1, cutter_.line()), std::string(what)}); }

  CsvCutter cutter_;
  const std::string& file_;
  FaultList& faults_;
  size_t width_ = 0;
  std::array<size_t, kColumnCount> places_ = {};
};

}  // namespace

Applicants ReadApplicants(std::string_view text, const std::string& file, FaultList& faults) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Reader(text, file, faults).Read();
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
