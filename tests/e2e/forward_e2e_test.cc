// Forward contracts, shipments and documents through a whole server, as a canteen and a cooperative work: by the
// command line in both languages and by the client, across a restart, with books that hold.
#include "tests/e2e/command_fixture.h"

namespace zhuxiao {
namespace {

using order::v1::Contract;
using testing::Auditor;
using ::testing::HasSubstr;
using testing::InstitutionOf;
using ::testing::Not;
using testing::Officer;
using testing::SupplierOf;

class ForwardE2eTest : public testing::CommandFixture {
 protected:
  std::vector<std::string> ProposeWords() {
    return {"forward",     "propose", kFarm,         "--commodity", "egg",     "--units",       "1000",
            "--sale-unit", "斤",      "--unit-size", "500g",        "--floor", "3.40",          "--ceiling",
            "4",           "--from",  Day(1),        "--to",        Day(30),   "--destination", "140105"};
  }

  // The only forward contract the school sees.
  forward::v1::Forward TheOne() {
    const auto listed =
        As(InstitutionOf(kSchool)).Call<forward::v1::ListForwardsResponse>(forward::v1::ListForwardsRequest());
    EXPECT_TRUE(listed.ok()) << listed.status();
    EXPECT_EQ(listed->forwards_size(), 1);
    return listed.ok() && listed->forwards_size() == 1 ? listed->forwards(0) : forward::v1::Forward();
  }

  order::v1::Certificate Promise(int64_t quantity_base) {
    order::v1::Certificate certificate;
    certificate.set_kind(directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE);
    certificate.set_number("C-1");
    *certificate.mutable_issue_time() = base::ToProto(clock_.Now());
    *certificate.mutable_valid_until() = base::ToProto(clock_.Now() + absl::Hours(48));
    certificate.set_quantity_base(quantity_base);
    return certificate;
  }

  Contract Signed(const std::string& buyer, int64_t jin) {
    const auto placed = As(InstitutionOf(buyer)).Call<order::v1::PlaceOrderResponse>(EggOrder(jin));
    EXPECT_TRUE(placed.ok() && placed->contracts_size() == 1) << placed.status();
    if (!placed.ok() || placed->contracts().empty()) return {};
    order::v1::SignContractRequest sign;
    sign.set_contract_id(placed->contracts(0).contract_id());
    const auto done = As(SupplierOf(kFarm)).Call<order::v1::SignContractResponse>(sign);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.ok() ? done->contract() : Contract();
  }
};

TEST_F(ForwardE2eTest, AHarvestIsReservedCalledOffAndShownShort) {
  std::vector<std::string> dry = ProposeWords();
  dry.push_back("--validate-only");
  ASSERT_EQ(Run(InstitutionOf(kSchool), dry), cli::kExitOk) << err_.str();
  ASSERT_EQ(Run(InstitutionOf(kSchool), ProposeWords(), "zh_CN.UTF-8"), cli::kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("待签"));
  const std::string id = TheOne().forward_id();
  EXPECT_EQ(Run(SupplierOf(kOtherFarm), {"forward", "sign", id}), cli::kExitNotFound) << "not theirs";
  ASSERT_EQ(Run(SupplierOf(kFarm), {"forward", "sign", id, "--etag", "1"}), cli::kExitOk) << err_.str();

  const std::vector<std::string> call_off = {"forward", "call-off",    id,     "--units", "400", "--price",
                                             "3.55",    "--last-sale", Day(40)};
  std::vector<std::string> look = call_off;
  look.push_back("--validate-only");
  ASSERT_EQ(Run(SupplierOf(kFarm), look), cli::kExitOk) << err_.str();
  EXPECT_EQ(QuotaOf(kSchool)->held().amount_fen(), 0);
  ASSERT_EQ(Run(SupplierOf(kFarm), call_off), cli::kExitOk) << err_.str();
  EXPECT_EQ(QuotaOf(kSchool)->held().amount_fen(), 400 * 355);
  EXPECT_EQ(Run(SupplierOf(kFarm), {"forward", "call-off", id, "--units", "601", "--last-sale", Day(40)}),
            cli::kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("600"));

  ASSERT_EQ(Run(SupplierOf(kFarm), {"forward", "ask-cancel", id, "--reason", "hail"}), cli::kExitOk) << err_.str();
  EXPECT_EQ(Run(SupplierOf(kFarm), {"forward", "answer-cancel", id, "--agree"}), cli::kExitRefused);
  EXPECT_THAT(err_.str(), HasSubstr("FOUR_EYES"));
  Restart();
  ASSERT_EQ(Run(InstitutionOf(kSchool), {"forward", "answer-cancel", id, "--agree"}), cli::kExitOk) << err_.str();
  ASSERT_EQ(Run(Officer("140321", "county"), {"forward", "list"}, "zh_CN.UTF-8"), cli::kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("已解除"));
  EXPECT_EQ(TheOne().figures().called_units(), 400) << "what was called off stands";
  ASSERT_EQ(Run(Auditor(), {"verify"}), cli::kExitOk) << out_.str() << err_.str();
}

TEST_F(ForwardE2eTest, TwoRequestsOfOneIdCallOffOnce) {
  ASSERT_EQ(Run(InstitutionOf(kSchool), ProposeWords()), cli::kExitOk) << err_.str();
  const std::string id = TheOne().forward_id();
  ASSERT_EQ(Run(SupplierOf(kFarm), {"forward", "sign", id}), cli::kExitOk) << err_.str();
  forward::v1::CallOffForwardRequest request;
  request.set_request_id("one-lorry");
  request.set_forward_id(id);
  request.set_units(300);
  *request.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 30));
  const auto first = As(SupplierOf(kFarm)).Call<forward::v1::CallOffForwardResponse>(request);
  ASSERT_TRUE(first.ok()) << first.status();
  Restart();
  const auto again = As(SupplierOf(kFarm)).Call<forward::v1::CallOffForwardResponse>(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(TheOne().figures().called_units(), 300);
  EXPECT_EQ(BalancesOf(first->listing().listing_id()).contracted(), 300);
}

TEST_F(ForwardE2eTest, ContractsShipTogetherAndDocumentsNeverChange) {
  List(kFarm, Eggs(5'000));
  const Contract for_school = Signed(kSchool, 500);
  const Contract for_hospital = Signed(kHospital, 300);
  shipping::v1::PlanShipmentsRequest plan;
  plan.set_capacity_g(450'000);
  const auto planned = As(SupplierOf(kFarm)).Call<shipping::v1::PlanShipmentsResponse>(plan);
  ASSERT_TRUE(planned.ok()) << planned.status();
  ASSERT_EQ(planned->shipments_size(), 1);
  EXPECT_EQ(planned->shipments(0).load_g(), 400'000);
  shipping::v1::ShipTogetherRequest ship;
  *ship.mutable_contract_ids() = planned->shipments(0).contract_ids();
  ship.set_capacity_g(plan.capacity_g());
  ship.set_vehicle("晋C12345");
  *ship.add_certificates() = Promise(399'999);
  EXPECT_TRUE(absl::IsFailedPrecondition(As(SupplierOf(kFarm)).Call<shipping::v1::ShipTogetherResponse>(ship).status()))
      << "papers for a gram less";
  ship.mutable_certificates(0)->set_quantity_base(400'000);
  const auto shipped = As(SupplierOf(kFarm)).Call<shipping::v1::ShipTogetherResponse>(ship);
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  EXPECT_TRUE(shipped->shipment().is_full_load() && shipped->shipment().is_green_channel());
  ASSERT_EQ(Run(InstitutionOf(kSchool), {"shipment", "get", shipped->shipment().shipment_id()}), cli::kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr(for_school.contract_id()));
  EXPECT_THAT(out_.str(), Not(HasSubstr(for_hospital.contract_id()))) << "another's goods on the same lorry";

  document::v1::IssueDocumentRequest issue;
  issue.set_kind(document::v1::DOCUMENT_KIND_DELIVERY_NOTE);
  issue.set_contract_id(for_school.contract_id());
  const auto note = As(SupplierOf(kFarm)).Call<document::v1::IssueDocumentResponse>(issue);
  ASSERT_TRUE(note.ok()) << note.status();
  document::v1::GetDocumentRequest get;
  get.set_document_number(note->document().document_number());
  const auto before = As(InstitutionOf(kSchool)).Call<document::v1::GetDocumentResponse>(get);
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_THAT(before->html(), HasSubstr("<svg"));
  order::v1::AcceptContractRequest accept;
  accept.set_contract_id(for_school.contract_id());
  accept.set_accepted_units(490);
  accept.set_rejected_goods(order::v1::REJECTED_GOODS_SPOILED);
  ASSERT_TRUE(As(InstitutionOf(kSchool)).Call<order::v1::AcceptContractResponse>(accept).ok());
  Restart();
  const auto after = As(InstitutionOf(kSchool)).Call<document::v1::GetDocumentResponse>(get);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->html(), before->html()) << "goods were refused since; the note says what left";
  EXPECT_TRUE(absl::IsNotFound(As(InstitutionOf(kHospital)).Call<document::v1::GetDocumentResponse>(get).status()));
  document::v1::CheckDocumentRequest check;
  check.set_document_number(note->document().document_number());
  check.set_digest(note->document().digest());
  EXPECT_TRUE(ClientWith("").Call<document::v1::CheckDocumentResponse>(check).ok()) << "whoever scans the code";
  ASSERT_EQ(Run(Auditor(), {"verify"}), cli::kExitOk) << out_.str() << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("shipment"));
}

}  // namespace
}  // namespace zhuxiao
