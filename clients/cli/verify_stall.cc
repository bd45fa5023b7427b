// Checks the books from outside: stall cases, against the moves of their listings.
#include <algorithm>

#include "clients/cli/verify.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using base::StrCat;
using stall::v1::StallCase;
using stall::v1::StallFigures;

bool IsOver(int state) {
  return state == stall::v1::STALL_CASE_STATE_CLEARED || state == stall::v1::STALL_CASE_STATE_SPOILED ||
         state == stall::v1::STALL_CASE_STATE_DISMISSED;
}

bool IsCaseStep(int from, int to) {
  using namespace stall::v1;
  if (from == STALL_CASE_STATE_UNSPECIFIED) return to == STALL_CASE_STATE_REPORTED || to == STALL_CASE_STATE_DETECTED;
  if (IsOver(from)) return false;
  if (from == to || to == STALL_CASE_STATE_CLEARED || to == STALL_CASE_STATE_SPOILED) return true;
  switch (from) {
    case STALL_CASE_STATE_REPORTED:
    case STALL_CASE_STATE_DETECTED:
      return to == STALL_CASE_STATE_VERIFIED || to == STALL_CASE_STATE_DISMISSED;
    case STALL_CASE_STATE_VERIFIED:
      return to == STALL_CASE_STATE_DISPATCHED || to == STALL_CASE_STATE_PARTLY_SOLD;
    case STALL_CASE_STATE_DISPATCHED:
      return to == STALL_CASE_STATE_PARTLY_SOLD;
    default:
      return false;
  }
}

std::string Say(const StallFigures& figures) {
  return StrCat("sold ", figures.sold_units(), ", spoiled ", figures.spoiled_units(), ", withdrawn ",
                figures.withdrawn_units(), ", left ", figures.left_units());
}

// Both say the same.
bool AreSame(const StallFigures& a, const StallFigures& b) {
  return a.sold_units() == b.sold_units() && a.spoiled_units() == b.spoiled_units() &&
         a.withdrawn_units() == b.withdrawn_units() && a.left_units() == b.left_units();
}

// None of what only grows has shrunk. What was sold may come back.
bool Grew(const StallFigures& before, const StallFigures& after) {
  return before.spoiled_units() <= after.spoiled_units() && before.withdrawn_units() <= after.withdrawn_units();
}

}  // namespace

void BookCheck::AddStallCase(const StallCase& stall_case) {
  const std::string& id = stall_case.case_id();
  touched_.stall_cases.insert(id);
  std::set<std::string>& open = open_cases_[stall_case.listing_id()];
  if (IsOver(stall_case.state())) {
    open.erase(id);
  } else {
    open.insert(id);
  }
  stall_cases_[id] = stall_case;
}

// Where a case opens or closes, its figures are those of the listing at that very event.
void BookCheck::TakeStallCase(const audit::v1::Event& event) {
  const StallCase& now = event.stall_case();
  const std::string& id = now.case_id();
  touched_.stall_cases.insert(id);
  StallCase& last = stall_events_[id];
  Require(IsCaseStep(last.state(), now.state()), Rule::kStallCase, id,
          StrCat(stall::v1::StallCaseState_Name(last.state()), " to ", stall::v1::StallCaseState_Name(now.state())));
  const Units& units = moved_[now.listing_id()];
  StallFigures true_figures;
  true_figures.set_left_units(units[1] + units[2] + units[3]);
  true_figures.set_sold_units(units[4]);
  true_figures.set_spoiled_units(units[5]);
  true_figures.set_withdrawn_units(units[6]);
  const auto require = [&](const StallFigures& figures, std::string_view when) {
    Require(AreSame(figures, true_figures), Rule::kStallCase, id,
            StrCat("when ", when, ": ", Say(figures), "; listing: ", Say(true_figures)));
  };
  if (last.case_id().empty()) require(now.opening(), "opened");
  if (now.has_closing() && !last.has_closing()) require(now.closing().figures(), "closed");
  last = now;
}

void BookCheck::CheckStallClosing(const StallCase& stall_case) {
  const stall::v1::StallClosing& closing = stall_case.closing();
  const StallFigures& from = stall_case.opening();
  const StallFigures& to = closing.figures();
  const int64_t saved = std::max<int64_t>(0, to.sold_units() - from.sold_units());
  const int64_t lost = to.spoiled_units() - from.spoiled_units() + to.withdrawn_units() - from.withdrawn_units();
  Require(closing.saved_units() == saved && closing.lost_units() == lost && saved >= 0 && lost >= 0, Rule::kStallCase,
          stall_case.case_id(),
          StrCat("saved ", closing.saved_units(), ", lost ", closing.lost_units(), "; recomputed ", saved, ", ", lost));
}

void BookCheck::CheckStallCases() {
  for (const std::string& id : touched_.stall_cases) {
    const auto stall_case = stall_cases_.find(id);
    if (stall_case != stall_cases_.end()) {
      CheckStallCase(stall_case->second);
      continue;
    }
    Require(!stall_events_.contains(id), Rule::kStallCase, id, "is on the feed and in no book");
  }
}

void BookCheck::CheckStallCase(const StallCase& stall_case) {
  const std::string& id = stall_case.case_id();
  const auto require = [&](bool holds, std::string_view what) {
    Require(holds, Rule::kStallCase, id, std::string(what));
  };
  require(listings_.contains(stall_case.listing_id()), StrCat("no listing ", stall_case.listing_id()));
  if (!IsOver(stall_case.state())) {
    const std::string& first = *open_cases_[stall_case.listing_id()].begin();
    require(first == id, StrCat("its listing has an open case already: ", first));
  }
  const bool is_closed = IsOver(stall_case.state()) && stall_case.state() != stall::v1::STALL_CASE_STATE_DISMISSED;
  require(is_closed == stall_case.has_closing(), "says how it ended though it has not, or does not though it has");
  if (stall_case.has_closing()) CheckStallClosing(stall_case);
  const StallFigures* before = &stall_case.opening();
  for (const stall::v1::StallDay& day : stall_case.days()) {
    require(Grew(*before, day.figures()), StrCat("on ", day.day(), " less was lost than before"));
    before = &day.figures();
  }
  const auto last = stall_events_.find(id);
  require(last != stall_events_.end() && last->second.SerializeAsString() == stall_case.SerializeAsString(),
          "the book is not what the feed says last");
}

}  // namespace zhuxiao::cli
