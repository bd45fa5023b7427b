// The check of the books from outside finds each way a forward contract or a shipment may come to disagree with the
// contracts it names, and nothing in books as they are.
#include "tests/support/forward_fixture.h"

namespace zhuxiao {
namespace {

using audit::v1::ExportBooksResponse;
using ::testing::HasSubstr;
using testing::SupplierOf;

struct Breakage {
  const char* name;
  const char* finding;  // part of what is found
  std::function<void(ExportBooksResponse&)> apply;
};

std::vector<Breakage> Breakages() {
  const auto of_forward = [](auto change) {
    return [change](ExportBooksResponse& row) {
      if (row.has_forward()) change(*row.mutable_forward());
    };
  };
  const auto of_shipment = [](auto change) {
    return [change](ExportBooksResponse& row) {
      if (row.has_shipment()) change(*row.mutable_shipment());
    };
  };
  const auto of_contract = [](auto change) {
    return [change](ExportBooksResponse& row) {
      if (row.has_contract()) change(*row.mutable_contract());
    };
  };
  return {
      {"fewer units agreed than called off", "forward", of_forward([](auto& row) { row.set_units(399); })},
      {"a floor above the price paid", "price 340",
       of_forward([](auto& row) { row.mutable_floor_price()->set_amount_fen(341); })},
      {"a ceiling below it", "ceiling 339",
       of_forward([](auto& row) { row.mutable_ceiling_price()->set_amount_fen(339); })},
      {"another supplier", "other sides", of_forward([](auto& row) { row.set_supplier_uscc("S"); })},
      {"a contract named twice", "does not name its contract",
       of_forward([](auto& row) { row.add_contract_ids(row.contract_ids(0)); })},
      {"a contract that is nowhere", "is in no book", of_forward([](auto& row) { row.add_contract_ids("nowhere"); })},
      {"a window that was over", "after the window", of_forward([](auto& row) { row.set_last_day("2020-12-19"); })},
      {"another state than the feed says", "is not what the feed last said",
       of_forward([](auto& row) { row.set_state(forward::v1::FORWARD_STATE_ENDED); })},
      {"a contract of another forward contract", "forward other",
       of_contract([](auto& row) { row.set_forward_id("other"); })},
      {"a load that is not its contracts'", "its contracts weigh",
       of_shipment([](auto& row) { row.set_load_g(row.load_g() - 1); })},
      {"more than the lorry carries", "loaded", of_shipment([](auto& row) { row.set_capacity_g(1); })},
      {"a contract that did not go with it", "does not name its contract",
       of_shipment([](auto& row) { row.clear_contract_ids(); })},
      {"another destination", "goes elsewhere", of_shipment([](auto& row) { row.set_destination_county("140321"); })},
      {"a contract that left with another", "shipment other",
       of_contract([](auto& row) { row.set_shipment_id("other"); })},
      {"another number plate than what left", "is not what left", of_shipment([](auto& row) { row.set_vehicle("X"); })},
  };
}

class ForwardVerifyTest : public testing::ForwardFixture {
 protected:
  // A part called off and shipped in a lorry.
  void SetUp() override {
    ForwardFixture::SetUp();
    const std::string id = Agree(Winter());
    GoTo("2020-12-20");
    const auto called = CallOff(Part(id, 400));
    ASSERT_TRUE(called.ok()) << called.status();
    shipping::v1::ShipTogetherRequest ship;
    ship.add_contract_ids(called->contract().contract_id());
    ship.set_capacity_g(1'000'000);
    ship.set_vehicle("晋C12345");
    *ship.mutable_certificates() = Shipment(called->contract()).certificates();
    ASSERT_TRUE(Do(SupplierOf(kEggFarm), order::ShipTogether, ship).ok());
  }
};

TEST_F(ForwardVerifyTest, FindsWhatIsBrokenAndNothingElse) {
  ASSERT_EQ(testing::BrokenRules(store_), "");
  for (const Breakage& breakage : Breakages()) {
    EXPECT_THAT(testing::BrokenRules(store_, breakage.apply), HasSubstr(breakage.finding)) << breakage.name;
  }
}

TEST_F(ForwardVerifyTest, RowsThatAreGoneAreMissed) {
  for (const auto kind : {ExportBooksResponse::kForward, ExportBooksResponse::kShipment}) {
    const auto drop = [kind](ExportBooksResponse& row) {
      if (row.row_case() == kind) row.clear_row();
    };
    EXPECT_THAT(testing::BrokenRules(store_, drop), HasSubstr("is on the feed and in no book")) << kind;
  }
}

}  // namespace
}  // namespace zhuxiao
