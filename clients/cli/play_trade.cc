// What the scenes of trade share.
#include "clients/cli/play_trade.h"

#include "services/base/clock.h"
#include "services/base/money.h"

namespace zhuxiao::cli {
namespace {

// Name of the supplier in the cast, or "".
std::string SupplierName(const std::string& uscc) {
  for (const Principal& principal : Cast()) {
    if (principal.uscc == uscc) return principal.name;
  }
  return "";
}

order::v1::Certificate MakeCertificate(const Stage& stage, const order::v1::Contract& contract,
                                       directory::v1::CertificateKind kind, const char* prefix) {
  order::v1::Certificate certificate;
  certificate.set_kind(kind);
  certificate.set_number(prefix + contract.contract_id());
  certificate.set_quantity_base(contract.ordered_units() * contract.sale_unit_base());
  // A quarantine certificate B holds on the day it was issued, so every certificate here is of today.
  const base::Day today = base::DayOf(stage.now());
  *certificate.mutable_issue_time() = base::ToProto(base::StartOfDay(today));
  *certificate.mutable_valid_until() = base::ToProto(base::StartOfDay(today + 1) - absl::Seconds(1));
  return certificate;
}

order::v1::ShipContractRequest Shipment(const Stage& stage, const order::v1::Contract& contract) {
  order::v1::ShipContractRequest request;
  request.set_contract_id(contract.contract_id());
  *request.add_certificates() =
      MakeCertificate(stage, contract, directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE, "CN-");
  if (contract.nominal_weight_g() > 0) {
    *request.add_certificates() = MakeCertificate(stage, contract, directory::v1::CERTIFICATE_KIND_QUARANTINE_B, "JB-");
  }
  return request;
}

order::v1::AcceptContractRequest Acceptance(const order::v1::Contract& contract, const Delivery& delivery) {
  order::v1::AcceptContractRequest request;
  request.set_contract_id(contract.contract_id());
  request.set_accepted_units(contract.ordered_units() - delivery.spoiled_units);
  request.set_accepted_weight_g(request.accepted_units() * delivery.weight_per_unit_g);
  if (delivery.spoiled_units > 0) {
    request.set_rejected_goods(order::v1::REJECTED_GOODS_SPOILED);
    request.set_cause("途中破损");
  }
  return request;
}

}  // namespace

order::v1::Order MakeOrder(const Stage& stage, std::string_view buyer, const std::string& commodity_code,
                           int64_t quantity_base, int64_t limit_fen, int64_t limit_base, int days) {
  order::v1::Order order;
  order.set_commodity_code(commodity_code);
  order.set_quantity_base(quantity_base);
  order.mutable_limit_price()->set_amount_fen(limit_fen);
  order.set_limit_base(limit_base);
  order.set_destination_code(Member(buyer).region);
  order.set_address(Member(buyer).title + "食堂");
  order.set_allow_partial(true);
  *order.mutable_deliver_by_time() =
      base::ToProto(base::StartOfDay(base::DayOf(stage.now()) + days + 1) - absl::Seconds(1));
  return order;
}

void Fulfil(Stage& stage, std::string_view buyer, const order::v1::PlaceOrderResponse& placed,
            const Delivery& delivery) {
  for (const order::v1::Contract& contract : placed.contracts()) {
    const std::string supplier = SupplierName(contract.supplier_uscc());
    if (supplier.empty()) continue;
    order::v1::SignContractRequest sign;
    sign.set_contract_id(contract.contract_id());
    stage.Call<order::v1::SignContractResponse>(supplier, sign);
    stage.Call<order::v1::ShipContractResponse>(supplier, Shipment(stage, contract));
    const auto accepted = stage.Call<order::v1::AcceptContractResponse>(buyer, Acceptance(contract, delivery));
    order::v1::SettleContractRequest settle;
    settle.set_contract_id(contract.contract_id());
    stage.Call<order::v1::SettleContractResponse>(buyer, settle);
    stage.Tell("play.settled",
               {Member(buyer).title, Digits(accepted.contract().accepted_units()), accepted.contract().sale_unit(),
                base::FormatYuan(accepted.contract().accepted_amount().amount_fen())});
  }
}

listing::v1::Listing ReadListing(Stage& stage, const std::string& listing_id) {
  listing::v1::GetListingRequest request;
  request.set_listing_id(listing_id);
  return stage.Call<listing::v1::GetListingResponse>("auditor", request).listing();
}

void ShowBalances(Stage& stage, const std::vector<std::pair<std::string, listing::v1::Listing>>& listings) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [label, listing] : listings) {
    const listing::v1::Balances& b = listing.balances();
    rows.push_back({label, Digits(b.listed()), Digits(b.available()), Digits(b.held()), Digits(b.contracted()),
                    Digits(b.sold()), Digits(b.spoiled()), Digits(b.withdrawn())});
  }
  stage.Show({"play.when", "field.listed", "field.available", "field.held", "field.contracted", "field.sold",
              "field.spoiled", "field.withdrawn"},
             rows);
}

quota::v1::Quota ReadQuota(Stage& stage, std::string_view institution) {
  quota::v1::GetQuotaRequest request;
  request.set_institution_uscc(Member(institution).uscc);
  request.set_year(base::YearOf(stage.now()));
  return stage.Call<quota::v1::GetQuotaResponse>(institution, request).quota();
}

}  // namespace zhuxiao::cli
