// Consolidated shipments: contracts of one supplier that leave together for one county. What the calls do and refuse is
// in zhuxiao/shipping/v1/shipping.proto; each contract is shipped by contract_steps.h, all of them or none.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/base/clock.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/shipping/v1/shipping.pb.h"

namespace zhuxiao::order {

inline constexpr int kMaxTogether = 50;                // more than a lorry brings to one county
inline constexpr int64_t kMaxCapacityG = 100'000'000;  // a hundred tonnes: twice the heaviest lorry on the road
inline constexpr size_t kMaxVehicleCodePoints = 20;

// When a load is full. Data with its source (services/order/data/shipment_rules.csv).
struct ShipmentRule {
  base::Day valid_from = 0;
  int64_t full_load_ppm = 0;
  std::string source;
};

// Reads CSV with the header of the data file. INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<ShipmentRule>> ParseShipmentRules(std::string_view csv);

// What a contract weighs as ordered, in grams; goods counted in pieces by their nominal weight.
int64_t WeightG(const v1::Contract& contract);

// True for fresh goods: those that carry a promise of compliance and no production licence. Grain needs neither.
bool IsFresh(const v1::Contract& contract);

// Sets load and marks by the rule that holds on `day`. Without a capacity there are no marks.
void Mark(const std::vector<v1::Contract>& contracts, base::Day day, v1::Shipment& shipment);

absl::StatusOr<shipping::v1::ShipTogetherResponse> ShipTogether(ledger::Operation& operation,
                                                                const shipping::v1::ShipTogetherRequest& request);
absl::StatusOr<shipping::v1::PlanShipmentsResponse> PlanShipments(store::Reader& reader, const base::Caller& caller,
                                                                  absl::Time now,
                                                                  const shipping::v1::PlanShipmentsRequest& request);
absl::StatusOr<shipping::v1::GetShipmentResponse> ReadShipment(store::Reader& reader, const base::Caller& caller,
                                                               const shipping::v1::GetShipmentRequest& request);

// Calls `visit` with every shipment, in the order they left.
absl::Status ForEachShipment(store::Reader& reader, const std::function<absl::Status(const v1::Shipment&)>& visit);

}  // namespace zhuxiao::order
