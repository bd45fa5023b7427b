#include "services/order/shipping.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/order/certificate_gate.h"
#include "services/order/contract_parts.h"
#include "services/order/contract_steps.h"
#include "services/order/order.h"
#include "services/order/records.h"
#include "services/order/shipment_rules_data.h"
#include "services/store/page.h"

namespace zhuxiao::order {
namespace {

using base::Caller;
using base::Role;
using directory::v1::CertificateKind;

constexpr size_t kCountyDigits = 6;
constexpr size_t kShippingCellCount = 3;

const std::vector<ShipmentRule>& Rules() {
  static const auto* const rules = [] {
    auto parsed = ParseShipmentRules(kShipmentRulesCsv);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new std::vector<ShipmentRule>(*std::move(parsed));
  }();
  return *rules;
}

const ShipmentRule* RuleOf(base::Day day) {
  const ShipmentRule* found = nullptr;
  for (const ShipmentRule& rule : Rules()) {
    if (rule.valid_from <= day && (found == nullptr || rule.valid_from > found->valid_from)) found = &rule;
  }
  return found;
}

std::string CountyOf(const v1::Contract& contract) { return contract.destination_code().substr(0, kCountyDigits); }

int64_t QuantityBase(const v1::Contract& contract) { return contract.ordered_units() * contract.sale_unit_base(); }

// Adds what is wrong with the request whatever its contracts are.
void CheckRequest(const shipping::v1::ShipTogetherRequest& request, base::FieldErrors& errors) {
  const std::set<std::string> ids(request.contract_ids().begin(), request.contract_ids().end());
  errors.Require(
      !ids.empty() && ids.size() <= kMaxTogether && static_cast<int>(ids.size()) == request.contract_ids_size(),
      "contract_ids", "must be 1 to 50 contracts, each once");
  errors.Require(request.capacity_g() > 0 && request.capacity_g() <= kMaxCapacityG, "capacity_g",
                 "must be more than 0 and at most 100,000,000 grams");
  const size_t length = base::CodePointCount(request.vehicle());
  errors.Require(length >= 1 && length <= kMaxVehicleCodePoints, "vehicle", "must have 1 to 20 characters");
  CheckCertificates(request.certificates(), "certificates", errors);
}

// The contracts of the request, which are the caller's.
absl::StatusOr<std::vector<v1::Contract>> ContractsOf(ledger::Operation& operation,
                                                      const shipping::v1::ShipTogetherRequest& request) {
  std::vector<v1::Contract> contracts;
  for (const std::string& id : request.contract_ids()) {
    auto contract = GetOwn(operation, id, Role::ROLE_SUPPLIER);
    if (!contract.ok()) return contract.status();
    contracts.push_back(*std::move(contract));
  }
  return contracts;
}

// OK where the certificates of each kind that hold at `now` cover together what leaves of the goods that need it.
absl::Status CheckCovered(const std::vector<v1::Contract>& contracts, const Certificates& certificates, absl::Time now,
                          std::string_view shipment_id) {
  std::map<CertificateKind, int64_t> needed;
  for (const v1::Contract& contract : contracts) {
    const directory::v1::Commodity* commodity = directory::FindCommodity(contract.commodity_code());
    if (commodity == nullptr) return base::DataLoss("a contract's commodity is not in the catalogue");
    for (const CertificateKind kind : RequiredKinds(*commodity, contract.origin_code(), contract.destination_code())) {
      // A licence is the producer's and covers no quantity.
      if (kind != directory::v1::CERTIFICATE_KIND_PRODUCTION_LICENCE) needed[kind] += QuantityBase(contract);
    }
  }
  for (const v1::Certificate& certificate : certificates) {
    const auto it = needed.find(certificate.kind());
    if (it != needed.end() && Holds(certificate, now)) it->second -= certificate.quantity_base();
  }
  for (const auto& [kind, missing] : needed) {
    if (missing <= 0) continue;
    const std::string name = directory::v1::CertificateKind_Name(kind);
    return base::Refuse(base::ErrorReason::ERROR_REASON_CERTIFICATE_MISSING, shipment_id,
                        base::StrCat(name, " covers ", missing, " base units too few"), {{"kinds", name}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ShipmentRule>> ParseShipmentRules(std::string_view csv) {
  std::vector<ShipmentRule> rules;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, absl::MaxSplits(',', kShippingCellCount - 1));
    ShipmentRule rule;
    const auto day = base::ParseDay(cells[0]);
    const bool is_rule = cells.size() == kShippingCellCount && day.ok() &&
                         absl::SimpleAtoi(cells[1], &rule.full_load_ppm) && rule.full_load_ppm > 0 &&
                         rule.full_load_ppm <= base::kPpm && !cells[2].empty();
    if (!is_rule) {
      return absl::InvalidArgumentError(base::StrCat("shipment rules: line ", line_number, " is not a rule: ", line));
    }
    rule.valid_from = *day;
    rule.source = cells[2];
    rules.push_back(std::move(rule));
  }
  return rules;
}

int64_t WeightG(const v1::Contract& contract) {
  return contract.nominal_weight_g() > 0 ? contract.ordered_units() * contract.nominal_weight_g()
                                         : QuantityBase(contract);
}

bool IsFresh(const v1::Contract& contract) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(contract.commodity_code());
  if (commodity == nullptr) return false;
  const auto& kinds = commodity->required_certificates();
  const auto needs = [&](CertificateKind kind) { return std::count(kinds.begin(), kinds.end(), kind) > 0; };
  return needs(directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE) &&
         !needs(directory::v1::CERTIFICATE_KIND_PRODUCTION_LICENCE);
}

void Mark(const std::vector<v1::Contract>& contracts, base::Day day, v1::Shipment& shipment) {
  int64_t load_g = 0;
  for (const v1::Contract& contract : contracts) {
    load_g = base::CheckedAdd(load_g, WeightG(contract)).value_or(INT64_MAX);
  }
  shipment.set_load_g(load_g);
  const ShipmentRule* rule = RuleOf(day);
  if (shipment.capacity_g() <= 0 || rule == nullptr) return;
  shipment.set_load_ppm(base::MulDivFloor(load_g, base::kPpm, shipment.capacity_g()).value_or(INT64_MAX));
  shipment.set_is_full_load(shipment.load_ppm() >= rule->full_load_ppm && load_g <= shipment.capacity_g());
  shipment.set_is_green_channel(shipment.is_full_load() && std::all_of(contracts.begin(), contracts.end(), IsFresh));
  shipment.set_rule_source(rule->source);
}

absl::StatusOr<shipping::v1::ShipTogetherResponse> ShipTogether(ledger::Operation& operation,
                                                                const shipping::v1::ShipTogetherRequest& request) {
  base::FieldErrors errors;
  CheckRequest(request, errors);
  if (errors.Names("contract_ids")) return errors.ToStatus();
  auto contracts = ContractsOf(operation, request);
  if (!contracts.ok()) return errors.Else(contracts.status());
  shipping::v1::ShipTogetherResponse response;
  v1::Shipment& shipment = *response.mutable_shipment();
  shipment.set_shipment_id(operation.NewId());
  shipment.set_supplier_uscc(operation.caller().organisation);
  shipment.set_destination_county(CountyOf(contracts->front()));
  *shipment.mutable_contract_ids() = request.contract_ids();
  shipment.set_capacity_g(request.capacity_g());
  shipment.set_vehicle(request.vehicle());
  *shipment.mutable_ship_time() = base::ToProto(operation.now());
  Mark(*contracts, operation.today(), shipment);
  const bool is_one_place = std::all_of(contracts->begin(), contracts->end(), [&](const v1::Contract& contract) {
    return CountyOf(contract) == shipment.destination_county();
  });
  errors.Require(is_one_place, "contract_ids", "must go to one county");
  errors.Require(errors.Names("capacity_g") || shipment.load_g() <= shipment.capacity_g(), "capacity_g",
                 base::StrCat("is less than the load, ", shipment.load_g()));
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status covered = CheckCovered(*contracts, request.certificates(), operation.now(), shipment.shipment_id());
      !covered.ok()) {
    return covered;
  }
  for (const v1::Contract& contract : *contracts) {
    v1::ShipContractRequest one;
    one.set_contract_id(contract.contract_id());
    *one.mutable_certificates() = request.certificates();
    auto shipped = ShipWith(operation, one, shipment.shipment_id());
    if (!shipped.ok()) return shipped.status();
    *response.add_contracts() = *std::move(shipped);
  }
  operation.transaction().Put(store::Key(kShipmentTable, shipment.shipment_id()), shipment.SerializeAsString());
  *operation.event().mutable_shipment() = shipment;
  return response;
}

absl::StatusOr<shipping::v1::PlanShipmentsResponse> PlanShipments(store::Reader& reader, const Caller& caller,
                                                                  absl::Time now,
                                                                  const shipping::v1::PlanShipmentsRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.capacity_g() >= 0 && request.capacity_g() <= kMaxCapacityG, "capacity_g",
                 "must be 0 to 100,000,000 grams");
  if (!errors.empty()) return errors.ToStatus();
  std::map<std::string, std::vector<v1::Contract>> by_county;
  absl::Status walked = ForEachContractUnderWay(reader, caller.organisation, [&](const v1::Contract& contract) {
    const bool may_leave =
        contract.state() == v1::CONTRACT_STATE_SIGNED && base::FromProto(contract.last_sale_time()) >= now;
    auto& contracts = by_county[CountyOf(contract)];
    if (may_leave && contracts.size() < kMaxTogether) contracts.push_back(contract);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  shipping::v1::PlanShipmentsResponse response;
  for (const auto& [county, contracts] : by_county) {
    if (contracts.empty()) continue;
    v1::Shipment& shipment = *response.add_shipments();
    shipment.set_supplier_uscc(caller.organisation);
    shipment.set_destination_county(county);
    shipment.set_capacity_g(request.capacity_g());
    for (const v1::Contract& contract : contracts) shipment.add_contract_ids(contract.contract_id());
    Mark(contracts, base::DayOf(now), shipment);
  }
  return response;
}

absl::StatusOr<shipping::v1::GetShipmentResponse> ReadShipment(store::Reader& reader, const Caller& caller,
                                                               const shipping::v1::GetShipmentRequest& request) {
  auto row = reader.Get(store::Key(kShipmentTable, request.shipment_id()));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("shipment", request.shipment_id());
  shipping::v1::GetShipmentResponse response;
  v1::Shipment& shipment = *response.mutable_shipment();
  if (!shipment.ParseFromString(**row)) return base::DataLoss("a shipment cannot be read");
  if (caller.ReadsEverything() || caller.Is(Role::ROLE_SUPPLIER, shipment.supplier_uscc())) return response;
  google::protobuf::RepeatedPtrField<std::string> visible;
  for (const std::string& id : shipment.contract_ids()) {
    auto contract = GetContract(reader, id);
    if (!contract.ok()) return contract.status();
    const bool is_own =
        caller.Is(Role::ROLE_INSTITUTION, contract->institution_uscc()) || caller.IsOfficerOf(contract->origin_code());
    if (is_own) *visible.Add() = id;
  }
  if (visible.empty()) return base::NotFound("shipment", request.shipment_id());
  *shipment.mutable_contract_ids() = std::move(visible);
  return response;
}

absl::Status ForEachShipment(store::Reader& reader, const std::function<absl::Status(const v1::Shipment&)>& visit) {
  return store::WalkAll(reader, store::Key(kShipmentTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::Shipment shipment;
    if (!shipment.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    return visit(shipment);
  });
}

}  // namespace zhuxiao::order
