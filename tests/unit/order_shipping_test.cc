// Shipping together: all contracts leave or none, marks by load and goods, certificates for the load as a whole.
#include "services/order/shipping.h"

#include "tests/support/payment_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InstitutionOf;
using testing::SupplierOf;

class ShippingTest : public testing::PaymentFixture {
 protected:
  // Signed contracts over `jin` jin of eggs each, for school and hospital in turn.
  std::vector<order::v1::Contract> SignedEggs(const std::vector<int64_t>& jin) {
    listing_id_ = List(kEggFarm, Eggs(10'000));
    std::vector<order::v1::Contract> contracts;
    for (const int64_t units : jin) {
      const auto placed = Place(contracts.size() % 2 == 0 ? kSchool : kHospital, EggOrder(units));
      EXPECT_TRUE(placed.ok()) << placed.status();
      contracts.push_back(placed->contracts(0));
      EXPECT_TRUE(Sign(contracts.back()).ok());
    }
    return contracts;
  }

  shipping::v1::ShipTogetherRequest Load(const std::vector<order::v1::Contract>& contracts, int64_t capacity_g,
                                         int64_t covered_base) {
    shipping::v1::ShipTogetherRequest request;
    for (const order::v1::Contract& contract : contracts) request.add_contract_ids(contract.contract_id());
    request.set_capacity_g(capacity_g);
    request.set_vehicle("晋C12345");
    *request.mutable_certificates() = Shipment(contracts.front()).certificates();
    request.mutable_certificates(0)->set_quantity_base(covered_base);
    return request;
  }

  auto ShipAll(const shipping::v1::ShipTogetherRequest& request) {
    return Do(SupplierOf(kEggFarm), order::ShipTogether, request);
  }
};

TEST_F(ShippingTest, AFullLoadOfFreshGoodsTakesTheGreenChannel) {
  const auto contracts = SignedEggs({500, 300});  // 400 kg
  const auto shipped = ShipAll(Load(contracts, 500'000, 400'000));
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  const order::v1::Shipment& shipment = shipped->shipment();
  EXPECT_EQ(shipment.load_g(), 400'000);
  EXPECT_EQ(shipment.load_ppm(), 800'000);
  EXPECT_TRUE(shipment.is_full_load()) << "80 % is enough";
  EXPECT_TRUE(shipment.is_green_channel());
  EXPECT_EQ(shipment.destination_county(), kCity);
  for (const order::v1::Contract& contract : contracts) {
    const order::v1::Contract now = ContractNow(contract.contract_id());
    EXPECT_EQ(now.state(), order::v1::CONTRACT_STATE_SHIPPED);
    EXPECT_EQ(now.shipment_id(), shipment.shipment_id());
  }
  EXPECT_EQ(testing::BrokenRules(store_), "");

  shipping::v1::GetShipmentRequest get;
  get.set_shipment_id(shipment.shipment_id());
  const auto read = [&](const base::Caller& caller) {
    return See([&](store::Reader& reader) { return order::ReadShipment(reader, caller, get); });
  };
  EXPECT_EQ(read(SupplierOf(kEggFarm))->shipment().contract_ids_size(), 2);
  EXPECT_THAT(read(InstitutionOf(kHospital))->shipment().contract_ids(), ElementsAre(contracts[1].contract_id()));
  EXPECT_THAT(read(SupplierOf(kCattleFarm)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(ShippingTest, AGramLighterIsNoFullLoadAndGrainIsNotFresh) {
  order::v1::Contract eggs;
  eggs.set_commodity_code("egg");
  eggs.set_ordered_units(799'999);
  eggs.set_sale_unit_base(1);
  order::v1::Contract millet = eggs;
  millet.set_commodity_code("millet");
  millet.set_ordered_units(1);
  const auto marks = [](const std::vector<order::v1::Contract>& contracts) {
    order::v1::Shipment shipment;
    shipment.set_capacity_g(1'000'000);
    order::Mark(contracts, *base::ParseDay("2020-03-02"), shipment);
    return std::pair(shipment.is_full_load(), shipment.is_green_channel());
  };
  EXPECT_EQ(marks({eggs}), std::pair(false, false));
  EXPECT_EQ(marks({eggs, millet}), std::pair(true, false));
  order::v1::Contract juice = eggs;
  juice.set_commodity_code("sea-buckthorn-juice");
  EXPECT_FALSE(order::IsFresh(juice));
  EXPECT_TRUE(order::IsFresh(eggs));
}

TEST_F(ShippingTest, AllLeaveOrNone) {
  auto contracts = SignedEggs({500, 300});
  EXPECT_THAT(ShipAll(Load(contracts, 500'000, 399'999)), HasReason(ErrorReason::ERROR_REASON_CERTIFICATE_MISSING))
      << "each is covered, both are not";
  EXPECT_THAT(BadFieldsOf(ShipAll(Load(contracts, 399'999, 400'000)).status()), ElementsAre("capacity_g"));
  const auto unsigned_one = Place(kSchool, EggOrder(10));
  contracts.push_back(unsigned_one->contracts(0));
  EXPECT_THAT(ShipAll(Load(contracts, 500'000, 405'000)), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(ContractNow(contracts[0].contract_id()).state(), order::v1::CONTRACT_STATE_SIGNED);
  shipping::v1::ShipTogetherRequest twice = Load({contracts[0], contracts[0]}, 0, 500'000);
  twice.clear_vehicle();
  EXPECT_THAT(BadFieldsOf(ShipAll(twice).status()), ElementsAre("contract_ids", "capacity_g", "vehicle"));
  shipping::v1::ShipTogetherRequest heavy = Load(contracts, 1, 405'000);
  heavy.clear_vehicle();
  EXPECT_THAT(BadFieldsOf(ShipAll(heavy).status()), ElementsAre("vehicle", "capacity_g"));
  EXPECT_THAT(Do(SupplierOf(kCattleFarm), order::ShipTogether, Load({contracts[0]}, 500'000, 500'000)),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(ShippingTest, OnlyCertificatesThatHoldCoverTheLoad) {
  const auto contracts = SignedEggs({500, 300});
  shipping::v1::ShipTogetherRequest request = Load(contracts, 500'000, 250'000);
  order::v1::Certificate& second = *request.add_certificates();
  second = request.certificates(0);
  second.set_number("C-2");
  second.set_quantity_base(150'000);
  *second.mutable_issue_time() = base::ToProto(clock_.Now() - absl::Hours(72));
  *second.mutable_valid_until() = base::ToProto(clock_.Now() - absl::Seconds(1));
  const auto expired = ShipAll(request);
  EXPECT_THAT(expired, HasReason(ErrorReason::ERROR_REASON_CERTIFICATE_MISSING));
  EXPECT_EQ(base::MetadataOf(expired.status(), "kinds"), "CERTIFICATE_KIND_COMPLIANCE_PROMISE");
  *second.mutable_issue_time() = base::ToProto(clock_.Now() + absl::Seconds(1));
  *second.mutable_valid_until() = base::ToProto(clock_.Now() + absl::Hours(72));
  EXPECT_THAT(ShipAll(request), HasReason(ErrorReason::ERROR_REASON_CERTIFICATE_MISSING)) << "not issued yet";
  *second.mutable_issue_time() = base::ToProto(clock_.Now());
  EXPECT_TRUE(ShipAll(request).ok()) << "two cover together what neither does";
}

TEST_F(ShippingTest, ACertificateIsNamedOnce) {
  const auto contracts = SignedEggs({500, 300});
  shipping::v1::ShipTogetherRequest request = Load(contracts, 500'000, 250'000);
  *request.add_certificates() = request.certificates(0);
  EXPECT_THAT(BadFieldsOf(ShipAll(request).status()), ElementsAre("certificates[3].number"));
  order::v1::ShipContractRequest one = Shipment(contracts[0]);
  *one.add_certificates() = one.certificates(0);
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), order::Ship, one).status()), ElementsAre("certificates[3].number"));
}

TEST_F(ShippingTest, ThePlanGroupsByDestination) {
  const auto contracts = SignedEggs({500, 300});
  order::v1::Order elsewhere = EggOrder(100);
  elsewhere.set_destination_code("140106");
  const auto placed = Place(kSchool, elsewhere);
  ASSERT_TRUE(Sign(placed->contracts(0)).ok());
  shipping::v1::PlanShipmentsRequest request;
  request.set_capacity_g(500'000);
  const auto plan = See(
      [&](store::Reader& reader) { return order::PlanShipments(reader, SupplierOf(kEggFarm), clock_.Now(), request); });
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->shipments_size(), 2);
  EXPECT_EQ(plan->shipments(0).destination_county(), "140105");
  EXPECT_EQ(plan->shipments(0).load_g(), 400'000);
  EXPECT_TRUE(plan->shipments(0).is_green_channel());
  EXPECT_EQ(plan->shipments(1).load_g(), 50'000);
  EXPECT_FALSE(plan->shipments(1).is_full_load());
}

}  // namespace
}  // namespace zhuxiao
