// Checks the books from outside: shipments stand as they left, with each contract in one shipment that names it.
#include <algorithm>

#include "clients/cli/verify.h"
#include "services/base/region.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {

using base::StrCat;

void BookCheck::AddShipment(const order::v1::Shipment& shipment) {
  touched_.shipments.insert(shipment.shipment_id());
  order::v1::Shipment& kept = shipments_[shipment.shipment_id()];
  touched_.contracts.insert(kept.contract_ids().begin(), kept.contract_ids().end());
  kept = shipment;
}

void BookCheck::CheckShipments() {
  for (const std::string& id : touched_.shipments) {
    const auto shipment = shipments_.find(id);
    if (shipment != shipments_.end()) {
      CheckShipment(shipment->second);
      continue;
    }
    Require(!left_.contains(id), Rule::kShipment, id, "is on the feed and in no book");
  }
  for (const std::string& id : touched_.contracts) {
    const auto found = contracts_.find(id);
    if (found == contracts_.end() || found->second.shipment_id().empty()) continue;
    const order::v1::Contract& contract = found->second;
    const auto shipment = shipments_.find(contract.shipment_id());
    const bool is_named = shipment != shipments_.end() && std::count(shipment->second.contract_ids().begin(),
                                                                     shipment->second.contract_ids().end(), id) == 1;
    Require(is_named, Rule::kShipment, contract.shipment_id(), StrCat("does not name its contract ", id, " once"));
  }
}

void BookCheck::CheckShipment(const order::v1::Shipment& shipment) {
  const auto require = [&](bool holds, const std::string& what) {
    Require(holds, Rule::kShipment, shipment.shipment_id(), what);
  };
  const auto left = left_.find(shipment.shipment_id());
  require(left != left_.end() && left->second.SerializeAsString() == shipment.SerializeAsString(), "is not what left");
  int64_t load_g = 0;
  for (const std::string& id : shipment.contract_ids()) {
    const auto found = contracts_.find(id);
    if (found == contracts_.end()) {
      require(false, StrCat("its contract ", id, " is in no book"));
      continue;
    }
    const order::v1::Contract& contract = found->second;
    require(contract.shipment_id() == shipment.shipment_id(), StrCat("contract ", id, " left with another"));
    require(contract.supplier_uscc() == shipment.supplier_uscc() &&
                base::IsInside(contract.destination_code(), shipment.destination_county()),
            StrCat("contract ", id, " is of another supplier or goes elsewhere"));
    require(contract.ship_time().seconds() == shipment.ship_time().seconds(),
            StrCat("contract ", id, " was shipped at another time"));
    const int64_t unit_g = contract.nominal_weight_g() > 0 ? contract.nominal_weight_g() : contract.sale_unit_base();
    load_g += contract.ordered_units() * unit_g;
  }
  require(shipment.load_g() <= shipment.capacity_g(),
          StrCat("loaded ", shipment.load_g(), " g on ", shipment.capacity_g()));
  require(shipment.load_g() == load_g, StrCat("load ", shipment.load_g(), " g, its contracts weigh ", load_g));
}

}  // namespace zhuxiao::cli
