// Rows of the forward module; private to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/base/clock.h"
#include "services/ledger/operation.h"
#include "services/store/keys.h"
#include "zhuxiao/forward/v1/forward.pb.h"

namespace zhuxiao::forward {

inline constexpr std::string_view kForwardTable = "forward";             // <id> -> Forward without figures
inline constexpr std::string_view kForwardByParty = "forward_by_party";  // <uscc>/<id> -> empty, for both sides
inline constexpr std::string_view kForwardDue = "forward_due";           // <time>/<id> -> empty

// The first instant of a stored day. Requires a day of the calendar.
inline absl::Time StartOf(const std::string& day) { return base::StartOfDay(*base::ParseDay(day)); }
// The first instant after it.
inline absl::Time EndOf(const std::string& day) { return base::StartOfDay(*base::ParseDay(day) + 1); }

// When time takes the next step: unsigned at the sign deadline, asked about at the window's beginning, else at its end;
// nullopt where none comes.
inline std::optional<absl::Time> DueTime(const v1::Forward& forward) {
  switch (forward.state()) {
    case v1::FORWARD_STATE_PROPOSED:
      return base::FromProto(forward.sign_deadline());
    case v1::FORWARD_STATE_CANCEL_ASKED:
      return StartOf(forward.first_day());
    case v1::FORWARD_STATE_AGREED:
      return EndOf(forward.last_day());
    default:
      return std::nullopt;
  }
}

inline std::string DueKey(const v1::Forward& forward, absl::Time due) {
  return store::Key(kForwardDue, store::OrderedTime(due), forward.forward_id());
}

// Stores the row with the row upkeep finds it by, in place of that of `before`, and tells of it in the event.
inline void PutForward(ledger::Operation& operation, const v1::Forward& before, const v1::Forward& forward) {
  store::Transaction& transaction = operation.transaction();
  const auto former_due = DueTime(before);
  const auto due = DueTime(forward);
  if (former_due != due) {
    if (former_due) transaction.Delete(DueKey(before, *former_due));
    if (due) transaction.Put(DueKey(forward, *due), "");
  }
  transaction.Put(store::Key(kForwardTable, forward.forward_id()), forward.SerializeAsString());
  *operation.event().mutable_forward() = forward;
}

}  // namespace zhuxiao::forward
