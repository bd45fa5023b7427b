// Checks the books from outside: forward contracts take the steps there are, and what was called off is counted once,
// in contracts of the same sides, goods, price and window.
#include <algorithm>
#include <set>

#include "clients/cli/verify.h"
#include "clients/cli/verify_rules.h"
#include "services/base/clock.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using base::StrCat;

bool IsForwardStep(forward::v1::ForwardState from, forward::v1::ForwardState to) {
  using namespace forward::v1;
  switch (from) {
    case FORWARD_STATE_UNSPECIFIED:
      return to == FORWARD_STATE_PROPOSED;
    case FORWARD_STATE_PROPOSED:
      return to == FORWARD_STATE_AGREED || to == FORWARD_STATE_REFUSED || to == FORWARD_STATE_WITHDRAWN ||
             to == FORWARD_STATE_LAPSED;
    case FORWARD_STATE_AGREED:
      return to == from || to == FORWARD_STATE_CANCEL_ASKED || to == FORWARD_STATE_ENDED;
    case FORWARD_STATE_CANCEL_ASKED:
      return to == FORWARD_STATE_AGREED || to == FORWARD_STATE_CANCELLED;
    default:
      return false;
  }
}

// The price both sides agreed on is of a sale unit, or of a kilogram where goods are settled by weight.
int64_t AgreedPriceOf(const order::v1::Contract& contract) {
  return contract.has_price_per_kg() ? contract.price_per_kg().amount_fen() : contract.unit_price().amount_fen();
}

}  // namespace

void BookCheck::AddForward(const forward::v1::Forward& forward) {
  touched_.forwards.insert(forward.forward_id());
  forward::v1::Forward& kept = forwards_[forward.forward_id()];
  touched_.contracts.insert(kept.contract_ids().begin(), kept.contract_ids().end());
  kept = forward;
}

void BookCheck::TakeForward(const forward::v1::Forward& forward) {
  touched_.forwards.insert(forward.forward_id());
  forward::v1::Forward& last = forward_events_[forward.forward_id()];
  Require(
      IsForwardStep(last.state(), forward.state()), Rule::kForward, forward.forward_id(),
      StrCat(forward::v1::ForwardState_Name(last.state()), " to ", forward::v1::ForwardState_Name(forward.state())));
  const bool calls_off = forward.contract_ids_size() > last.contract_ids_size();
  Require(!calls_off || last.state() == forward::v1::FORWARD_STATE_AGREED, Rule::kForward, forward.forward_id(),
          "was called off before it was agreed on");
  last = forward;
}

void BookCheck::CheckForwards() {
  for (const std::string& id : touched_.forwards) {
    const auto found = forwards_.find(id);
    if (found == forwards_.end()) {
      Require(!forward_events_.contains(id), Rule::kForward, id, "is on the feed and in no book");
      continue;
    }
    const forward::v1::Forward& forward = found->second;
    Require(forward.SerializeAsString() == forward_events_[id].SerializeAsString(), Rule::kForward, id,
            "is not what the feed last said");
    CheckForward(forward);
  }
  for (const std::string& id : touched_.contracts) {
    const auto found = contracts_.find(id);
    if (found == contracts_.end() || found->second.forward_id().empty()) continue;
    const order::v1::Contract& contract = found->second;
    const auto forward = forwards_.find(contract.forward_id());
    const bool is_named = forward != forwards_.end() && std::count(forward->second.contract_ids().begin(),
                                                                   forward->second.contract_ids().end(), id) == 1;
    Require(is_named, Rule::kForward, contract.forward_id(), StrCat("does not name its contract ", id, " once"));
  }
}

void BookCheck::CheckForward(const forward::v1::Forward& forward) {
  const std::string& id = forward.forward_id();
  int64_t called = 0;
  for (const std::string& contract_id : forward.contract_ids()) {
    const auto contract = contracts_.find(contract_id);
    if (contract == contracts_.end()) {
      Break(Rule::kForward, id, StrCat("its contract ", contract_id, " is in no book"));
      continue;
    }
    called += CheckCalledOff(forward, contract->second);
  }
  Require(called <= forward.units(), Rule::kForward, id,
          StrCat("contracts of ", called, " units, agreed ", forward.units()));
  Require(forward.floor_price().amount_fen() <= forward.ceiling_price().amount_fen(), Rule::kForward, id,
          "its floor is above its ceiling");
}

// Checks one contract against what was agreed on; its units that count.
int64_t BookCheck::CheckCalledOff(const forward::v1::Forward& forward, const order::v1::Contract& contract) {
  const auto require = [&](bool holds, std::string_view what) {
    Require(holds, Rule::kForward, forward.forward_id(), StrCat("contract ", contract.contract_id(), ": ", what));
  };
  require(contract.forward_id() == forward.forward_id(), "is called off from another");
  require(contract.supplier_uscc() == forward.supplier_uscc() &&
              contract.institution_uscc() == forward.institution_uscc() &&
              contract.commodity_code() == forward.commodity_code() &&
              contract.sale_unit_base() == forward.sale_unit_base(),
          "other sides or goods than agreed on");
  const int64_t price_fen = AgreedPriceOf(contract);
  require(price_fen >= forward.floor_price().amount_fen() && price_fen <= forward.ceiling_price().amount_fen(),
          StrCat("price ", price_fen, " fen, floor ", forward.floor_price().amount_fen(), ", ceiling ",
                 forward.ceiling_price().amount_fen()));
  const absl::Time made = base::FromProto(contract.create_time());
  const auto last_day = base::ParseDay(forward.last_day());
  require(last_day.ok() && made < base::StartOfDay(*last_day + 1) && made >= base::FromProto(forward.sign_time()),
          "made before it was signed or after the window");
  return LiveUnits(contract);
}

}  // namespace zhuxiao::cli
