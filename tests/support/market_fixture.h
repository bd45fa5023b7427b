// A small market to test trade in: an egg cooperative, a cattle cooperative, two canteens with quotas, all admitted
// through the directory's own functions, and shortcuts for the steps most tests repeat.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "services/base/money.h"
#include "services/directory/designations.h"
#include "services/directory/directory.h"
#include "services/directory/institutions.h"
#include "services/directory/organisations.h"
#include "services/directory/suppliers.h"
#include "services/listing/listing.h"
#include "services/listing/operations.h"
#include "services/order/contract_steps.h"
#include "services/order/market.h"
#include "services/order/order.h"
#include "services/order/placing.h"
#include "services/quota/operations.h"
#include "tests/support/operation_fixture.h"

namespace zhuxiao::testing {

class MarketFixture : public OperationFixture {
 protected:
  inline static const std::string kEggFarm = Uscc("93", 1);
  inline static const std::string kCattleFarm = Uscc("93", 2);
  inline static const std::string kSchool = Uscc("12", 1);
  inline static const std::string kHospital = Uscc("12", 2);
  inline static const std::string kEggVillage = "140321105201";     // Pingding
  inline static const std::string kCattleVillage = "141032203206";  // Yonghe
  inline static const std::string kCity = "140105";                 // Xiaodian, Taiyuan

  void SetUp() override {
    auto market = order::Market::Load(store_, matching::DefaultMatchPolicy());
    ASSERT_TRUE(market.ok()) << market.status();
    market_ = *std::move(market);
    Admit(kEggFarm, kEggVillage);
    Admit(kCattleFarm, kCattleVillage);
    Register(kSchool);
    Register(kHospital);
    SetLimit(kSchool, 10'000'000'00);
    SetLimit(kHospital, 10'000'000'00);
  }

  void Record(const std::string& uscc, directory::v1::OrganisationKind kind, const std::string& region) {
    directory::v1::CreateOrganisationRequest request;
    request.mutable_organisation()->set_uscc(uscc);
    request.mutable_organisation()->set_name("Organisation " + uscc);
    request.mutable_organisation()->set_kind(kind);
    request.mutable_organisation()->set_region_code(region);
    auto created = Do(Operator(), directory::CreateOrganisation, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  void Admit(const std::string& uscc, const std::string& village,
             directory::v1::OrganisationKind kind = directory::v1::ORGANISATION_KIND_COOPERATIVE) {
    Record(uscc, kind, village);
    directory::v1::ApplySupplierRequest apply;
    apply.mutable_supplier()->set_uscc(uscc);
    apply.mutable_supplier()->set_village_code(village);
    ASSERT_TRUE(Do(SupplierOf(uscc), directory::ApplySupplier, apply).ok());
    directory::v1::RecommendSupplierRequest recommend;
    recommend.set_uscc(uscc);
    ASSERT_TRUE(Do(Officer(village.substr(0, 6), "county"), directory::RecommendSupplier, recommend).ok());
    directory::v1::ActivateSupplierRequest activate;
    activate.set_uscc(uscc);
    ASSERT_TRUE(Do(Officer("14", "province"), directory::ActivateSupplier, activate).ok());
  }

  void Suspend(const std::string& uscc) {
    directory::v1::SuspendSupplierRequest suspend;
    suspend.set_uscc(uscc);
    suspend.set_reason("inspection");
    ASSERT_TRUE(Do(Officer("14", "province"), directory::SuspendSupplier, suspend).ok());
  }

  void Register(const std::string& uscc) {
    Record(uscc, directory::v1::ORGANISATION_KIND_PUBLIC_BODY, kCity);
    directory::v1::RegisterInstitutionRequest request;
    request.mutable_institution()->set_uscc(uscc);
    request.mutable_institution()->set_channel(directory::v1::CHANNEL_SCHOOL);
    request.mutable_institution()->set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
    auto registered = Do(InstitutionOf(uscc), directory::RegisterInstitution, request);
    ASSERT_TRUE(registered.ok()) << registered.status();
  }

  // Changes canteen and representative of an institution, as the operator: it may not name another as representative.
  absl::Status SetCanteen(const std::string& uscc, directory::v1::CanteenMode mode,
                          const std::string& representative = "") {
    directory::v1::UpdateInstitutionRequest request;
    directory::v1::Institution& institution = *request.mutable_institution();
    institution = *See([&](store::Reader& reader) { return directory::GetInstitution(reader, uscc); });
    institution.set_canteen_mode(mode);
    institution.set_representative_uscc(representative);
    request.mutable_update_mask()->add_paths("canteen_mode");
    request.mutable_update_mask()->add_paths("representative_uscc");
    return Do(Operator(), directory::UpdateInstitution, request).status();
  }

  // Gives an organisation another seat.
  void Move(const std::string& uscc, const std::string& region) {
    directory::v1::UpdateOrganisationRequest request;
    directory::v1::Organisation& organisation = *request.mutable_organisation();
    organisation = *See([&](store::Reader& reader) { return directory::GetOrganisation(reader, uscc); });
    organisation.set_region_code(region);
    request.mutable_update_mask()->add_paths("region_code");
    ASSERT_TRUE(Do(Operator(), directory::UpdateOrganisation, request).ok());
  }

  // Puts a region on a programme's list from one day to another, "YYYY-MM-DD"; an empty `to` is without end.
  void Designate(const std::string& programme, const std::string& region, const std::string& from,
                 const std::string& to = "") {
    directory::v1::PublishDesignationsRequest request;
    directory::v1::Designation& entry = *request.add_designations();
    entry.set_programme(programme);
    entry.set_list_version(from);
    entry.set_region_code(region);
    entry.set_valid_from(from);
    entry.set_valid_to(to);
    const std::string former = std::exchange(action_, "PublishDesignations");
    const auto published = Do(Operator(), directory::PublishDesignations, request);
    action_ = former;
    ASSERT_TRUE(published.ok()) << published.status();
  }

  int year() const { return base::YearOf(clock_.Now()); }

  quota::v1::Quota QuotaOf(const std::string& uscc) {
    quota::v1::GetQuotaRequest request;
    request.set_institution_uscc(uscc);
    request.set_year(year());
    auto read = See([&](store::Reader& reader) { return quota::Read(reader, Operator(), clock_.Now(), request); });
    return read.ok() ? read->quota() : quota::v1::Quota();
  }

  void SetLimit(const std::string& uscc, int64_t limit_fen) {
    quota::v1::SetQuotaRequest request;
    request.mutable_quota()->set_institution_uscc(uscc);
    request.mutable_quota()->set_year(year());
    request.mutable_quota()->mutable_target()->set_amount_fen(limit_fen / 2);
    request.mutable_quota()->mutable_limit()->set_amount_fen(limit_fen);
    request.mutable_quota()->set_etag(QuotaOf(uscc).etag());
    auto set = Do(Operator(), quota::Set, request);
    ASSERT_TRUE(set.ok()) << set.status();
  }

  // Eggs by the jin, 3.40 yuan, for ten days.
  listing::v1::Listing Eggs(int64_t units) const {
    listing::v1::Listing listing;
    listing.set_commodity_code("egg");
    listing.set_title("Fresh eggs");
    listing.set_origin_code(kEggVillage);
    listing.set_sale_unit("jin");
    listing.set_sale_unit_base(500);
    listing.set_listed_units(units);
    listing.mutable_unit_price()->set_amount_fen(340);
    *listing.mutable_ready_time() = base::ToProto(clock_.Now());
    *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 10));
    return listing;
  }

  // Cattle by the head at 33.00 yuan a kilogram, 575 kg nominal, for thirty days.
  listing::v1::Listing Cattle(int64_t heads) const {
    listing::v1::Listing listing = Eggs(heads);
    listing.set_commodity_code("beef-cattle");
    listing.set_title("Beef cattle");
    listing.set_origin_code(kCattleVillage);
    listing.set_sale_unit("head");
    listing.set_sale_unit_base(1);
    listing.clear_unit_price();
    listing.mutable_price_per_kg()->set_amount_fen(3300);
    *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 30));
    return listing;
  }

  absl::StatusOr<listing::v1::CreateListingResponse> TryList(const std::string& supplier,
                                                             const listing::v1::Listing& listing) {
    listing::v1::CreateListingRequest request;
    *request.mutable_listing() = listing;
    return Do(SupplierOf(supplier), listing::Create, request);
  }

  std::string List(const std::string& supplier, const listing::v1::Listing& listing) {
    auto created = TryList(supplier, listing);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->listing().listing_id() : "";
  }

  listing::v1::Balances BalancesOf(const std::string& listing_id) {
    auto listing = See([&](store::Reader& reader) { return listing::Get(reader, listing_id); });
    EXPECT_TRUE(listing.ok()) << listing.status();
    return listing.ok() ? listing->balances() : listing::v1::Balances();
  }

  // `jin` jin of eggs at up to 4.00 yuan a jin within five days, partial fill allowed, immediate or cancel.
  order::v1::Order EggOrder(int64_t jin) const {
    order::v1::Order order;
    order.set_commodity_code("egg");
    order.set_quantity_base(jin * 500);
    order.mutable_limit_price()->set_amount_fen(400);
    order.set_limit_base(500);
    order.set_destination_code(kCity);
    *order.mutable_deliver_by_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 5));
    order.set_allow_partial(true);
    return order;
  }

  order::v1::Order CattleOrder(int64_t heads) const {
    order::v1::Order order = EggOrder(1);
    order.set_commodity_code("beef-cattle");
    order.set_quantity_base(heads);
    order.mutable_limit_price()->set_amount_fen(3500);
    order.set_limit_base(1000);
    return order;
  }

  absl::StatusOr<order::v1::PlaceOrderResponse> Place(const std::string& buyer, const order::v1::Order& order) {
    order::v1::PlaceOrderRequest request;
    *request.mutable_order() = order;
    return Do(
        InstitutionOf(buyer),
        [this](ledger::Operation& operation, const order::v1::PlaceOrderRequest& asked) {
          return order::Place(operation, *market_, asked);
        },
        request);
  }

  absl::StatusOr<order::v1::SignContractResponse> Sign(const order::v1::Contract& contract) {
    order::v1::SignContractRequest request;
    request.set_contract_id(contract.contract_id());
    return Do(SupplierOf(contract.supplier_uscc()), order::Sign, request);
  }

  order::v1::ShipContractRequest Shipment(const order::v1::Contract& contract) const {
    order::v1::ShipContractRequest request;
    request.set_contract_id(contract.contract_id());
    for (auto kind : {directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE, directory::v1::CERTIFICATE_KIND_QUARANTINE_B,
                      directory::v1::CERTIFICATE_KIND_QUARANTINE_A}) {
      order::v1::Certificate& certificate = *request.add_certificates();
      certificate.set_kind(kind);
      certificate.set_number("C-1");
      *certificate.mutable_issue_time() = base::ToProto(clock_.Now());
      *certificate.mutable_valid_until() = base::ToProto(clock_.Now() + absl::Hours(48));
      certificate.set_quantity_base(contract.ordered_units() * contract.sale_unit_base());
    }
    return request;
  }

  absl::StatusOr<order::v1::ShipContractResponse> Ship(const order::v1::Contract& contract) {
    return Do(SupplierOf(contract.supplier_uscc()), order::Ship, Shipment(contract));
  }

  absl::StatusOr<order::v1::AcceptContractResponse> Accept(
      const order::v1::Contract& contract, int64_t units, int64_t weight_g = 0,
      order::v1::RejectedGoods rejected = order::v1::REJECTED_GOODS_UNSPECIFIED) {
    order::v1::AcceptContractRequest request;
    request.set_contract_id(contract.contract_id());
    request.set_accepted_units(units);
    request.set_accepted_weight_g(weight_g);
    request.set_rejected_goods(rejected);
    return Do(InstitutionOf(contract.institution_uscc()), order::AcceptGoods, request);
  }

  absl::StatusOr<order::v1::SettleContractResponse> Settle(const order::v1::Contract& contract) {
    order::v1::SettleContractRequest request;
    request.set_contract_id(contract.contract_id());
    return Do(InstitutionOf(contract.institution_uscc()), order::Settle, request);
  }

  order::v1::Contract ContractNow(const std::string& contract_id) {
    auto contract = See([&](store::Reader& reader) { return order::GetContract(reader, contract_id); });
    EXPECT_TRUE(contract.ok()) << contract.status();
    return contract.ok() ? *contract : order::v1::Contract();
  }

  order::v1::Order OrderNow(const std::string& order_id) {
    auto order = See([&](store::Reader& reader) { return order::GetOrder(reader, order_id); });
    EXPECT_TRUE(order.ok()) << order.status();
    return order.ok() ? *order : order::v1::Order();
  }

  std::unique_ptr<order::Market> market_;
};

}  // namespace zhuxiao::testing
