// Rows of the stall module; private to it.
#pragma once

#include <string>
#include <string_view>

#include "services/base/clock.h"
#include "services/ledger/operation.h"
#include "services/store/keys.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

inline constexpr std::string_view kCaseTable = "stall_case";               // <id> -> StallCase without its listing
inline constexpr std::string_view kOfListing = "stall_case_of";            // <listing> -> id of its newest case
inline constexpr std::string_view kDue = "stall_case_due";                 // <next review>/<id> -> empty
inline constexpr std::string_view kBySupplier = "stall_case_by_supplier";  // <uscc>/<id> -> empty

inline std::string DueKey(const v1::StallCase& stall_case) {
  return store::Key(kDue, store::OrderedTime(base::FromProto(stall_case.next_review_time())), stall_case.case_id());
}

// Stores the case and tells of it in the event, without who reported it.
inline void PutCase(ledger::Operation& operation, const v1::StallCase& stall_case) {
  operation.transaction().Put(store::Key(kCaseTable, stall_case.case_id()), stall_case.SerializeAsString());
  v1::StallCase& told = *operation.event().mutable_stall_case();
  told = stall_case;
  told.clear_reporter();
  if (told.has_report()) told.mutable_report()->clear_contact();
}

}  // namespace zhuxiao::stall
