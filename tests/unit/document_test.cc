// Documents: never changed once issued, corrected by new ones, genuine by their digest, masked where a reader lacks the
// role.
#include "services/document/documents.h"

#include "absl/strings/escaping.h"
#include "services/base/digest.h"
#include "services/document/document.h"
#include "services/document/html.h"
#include "services/document/pages.h"
#include "services/document/qr_code.h"
#include "tests/support/payment_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using document::v1::DOCUMENT_KIND_ACCEPTANCE_SHEET;
using document::v1::DOCUMENT_KIND_DELIVERY_NOTE;
using document::v1::DOCUMENT_KIND_MONTHLY_STATEMENT;
using order::v1::PAYMENT_MODE_GOODS_FIRST;
using testing::BadFieldsOf;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::InstitutionOf;
using ::testing::Not;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

class DocumentTest : public testing::PaymentFixture {
 protected:
  auto Issue(const base::Caller& caller, document::v1::DocumentKind kind, const std::string& contract_id,
             const std::string& month = "") {
    document::v1::IssueDocumentRequest request;
    request.set_kind(kind);
    request.set_contract_id(contract_id);
    request.set_month(month);
    return Do(caller, document::Issue, request);
  }

  absl::StatusOr<document::v1::GetDocumentResponse> Get(const base::Caller& caller, const std::string& number) {
    document::v1::GetDocumentRequest request;
    request.set_document_number(number);
    return See([&](store::Reader& reader) { return document::Read(reader, caller, request); });
  }

  absl::StatusOr<document::v1::CheckDocumentResponse> Check(const std::string& number, const std::string& digest) {
    document::v1::CheckDocumentRequest request;
    request.set_document_number(number);
    request.set_digest(digest);
    return See([&](store::Reader& reader) { return document::Check(reader, request); });
  }

  // The digest of the article as a reader of the page computes it.
  static std::string DigestOfArticle(const std::string& html) {
    constexpr std::string_view kEnd = "</article>";
    const size_t begin = html.find("<article");
    const size_t end = html.find(kEnd) + kEnd.size();
    return absl::BytesToHexString(base::View(base::Sha256(html.substr(begin, end - begin))));
  }

  order::v1::Contract BuyWithAddress() {
    listing_id_ = List(kEggFarm, Eggs(1'000));
    order::v1::Order order = EggOrder(100);
    order.set_address("Gate 2, ask for <Wang>");
    const auto placed = Place(kSchool, order);
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed->contracts(0);
  }
};

TEST_F(DocumentTest, ADeliveryNoteStaysAsItWasIssued) {
  const order::v1::Contract contract = BuyWithAddress();
  const std::string& id = contract.contract_id();
  EXPECT_THAT(Issue(SupplierOf(kEggFarm), DOCUMENT_KIND_DELIVERY_NOTE, id),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  const auto issued = Issue(SupplierOf(kEggFarm), DOCUMENT_KIND_DELIVERY_NOTE, id);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_TRUE(issued->is_new());
  const std::string& number = issued->document().document_number();
  EXPECT_EQ(number, "DN-" + id + "-1");
  const auto first = Get(SupplierOf(kEggFarm), number);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(DigestOfArticle(first->html()), issued->document().digest());
  EXPECT_THAT(first->html(), HasSubstr(document::CodeText(issued->document())));
  EXPECT_THAT(first->html(), HasSubstr(document::QrCodeSvg(document::CodeText(issued->document()))));
  EXPECT_THAT(first->html(), HasSubstr("ask for &lt;Wang&gt;"));

  clock_.Advance(absl::Hours(5));
  ASSERT_TRUE(Accept(contract, 100).ok());
  const auto again = Issue(InstitutionOf(kSchool), DOCUMENT_KIND_DELIVERY_NOTE, id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->is_new()) << "it still says what was shipped";
  EXPECT_EQ(again->document().SerializeAsString(), issued->document().SerializeAsString());
  EXPECT_EQ(Get(SupplierOf(kEggFarm), number)->html(), first->html());
}

TEST_F(DocumentTest, WhatTurnsOutDifferentIsANewDocument) {
  const order::v1::Contract contract = BuyAndAccept(100, PAYMENT_MODE_GOODS_FIRST);
  const std::string& id = contract.contract_id();
  const auto first = Issue(InstitutionOf(kSchool), DOCUMENT_KIND_ACCEPTANCE_SHEET, id);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string before = Get(InstitutionOf(kSchool), first->document().document_number())->html();
  ASSERT_TRUE(Ask(contract, 30).ok());
  ASSERT_TRUE(Answer(SupplierOf(kEggFarm), id, true).ok());
  const auto second = Issue(InstitutionOf(kSchool), DOCUMENT_KIND_ACCEPTANCE_SHEET, id);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->is_new());
  EXPECT_EQ(second->document().document_number(), "AS-" + id + "-2");
  EXPECT_EQ(second->document().corrects(), first->document().document_number());
  EXPECT_EQ(first->document().amount().amount_fen(), 34'000);
  EXPECT_EQ(second->document().amount().amount_fen(), 23'800);
  EXPECT_EQ(Get(InstitutionOf(kSchool), first->document().document_number())->html(), before);

  const auto old = Check(first->document().document_number(), first->document().digest());
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ(old->corrected_by(), second->document().document_number());
  EXPECT_EQ(Check(second->document().document_number(), second->document().digest())->corrected_by(), "");
  EXPECT_THAT(Check(first->document().document_number(), second->document().digest()),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Check("AS-none-1", first->document().digest()), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(DocumentTest, OthersSeeItMaskedOrNotAtAll) {
  const order::v1::Contract contract = BuyWithAddress();
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  const auto issued = Issue(SupplierOf(kEggFarm), DOCUMENT_KIND_DELIVERY_NOTE, contract.contract_id());
  ASSERT_TRUE(issued.ok()) << issued.status();
  const std::string& number = issued->document().document_number();
  for (const base::Caller& caller :
       {SupplierOf(kEggFarm), InstitutionOf(kSchool), testing::Officer("140321", "county")}) {
    const auto read = Get(caller, number);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_FALSE(read->is_masked());
    EXPECT_THAT(read->html(), HasSubstr("Gate 2"));
  }
  const auto masked = Get(testing::Auditor(), number);
  ASSERT_TRUE(masked.ok()) << masked.status();
  EXPECT_TRUE(masked->is_masked());
  EXPECT_THAT(masked->html(), Not(HasSubstr("Gate 2")));
  EXPECT_THAT(masked->html(), HasSubstr(contract.contract_id()));
  for (const base::Caller& stranger :
       {SupplierOf(kCattleFarm), InstitutionOf(kHospital), testing::Officer("141032", "county")}) {
    EXPECT_THAT(Get(stranger, number), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
    EXPECT_FALSE(Issue(stranger, DOCUMENT_KIND_DELIVERY_NOTE, contract.contract_id()).ok());
  }
}

TEST_F(DocumentTest, AStatementSaysWhatAMonthOfShanghaiHad) {
  GoTo("2020-12-31", absl::Hours(23));
  const order::v1::Contract december = BuyAndAccept(100, PAYMENT_MODE_GOODS_FIRST);
  GoTo("2021-01-01", absl::Minutes(1));
  const order::v1::Contract january = BuyAndAccept(10, PAYMENT_MODE_GOODS_FIRST);
  ASSERT_TRUE(Settle(december).ok());
  ASSERT_TRUE(Ask(december, 40).ok());
  ASSERT_TRUE(Answer(SupplierOf(kEggFarm), december.contract_id(), true).ok());
  EXPECT_THAT(BadFieldsOf(Issue(InstitutionOf(kSchool), DOCUMENT_KIND_MONTHLY_STATEMENT, "", "2021-01").status()),
              UnorderedElementsAre("month"))
      << "not over";
  const auto first = Issue(InstitutionOf(kSchool), DOCUMENT_KIND_MONTHLY_STATEMENT, "", "2020-12");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->document().amount().amount_fen(), 34'000) << "the return came in January";
  GoTo("2021-02-01", absl::ZeroDuration());
  const auto second = Issue(InstitutionOf(kSchool), DOCUMENT_KIND_MONTHLY_STATEMENT, "", "2021-01");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->document().amount().amount_fen(), 3'400 - 13'600);
  const std::string html = Get(InstitutionOf(kSchool), second->document().document_number())->html();
  EXPECT_THAT(html, HasSubstr(january.contract_id()));
  EXPECT_THAT(html, HasSubstr("-102.00"));
  EXPECT_FALSE(Issue(InstitutionOf(kSchool), DOCUMENT_KIND_MONTHLY_STATEMENT, "", "2020-12")->is_new());
  EXPECT_FALSE(Get(SupplierOf(kEggFarm), second->document().document_number()).ok()) << "it is the buyer's";
  EXPECT_THAT(Issue(SupplierOf(kEggFarm), DOCUMENT_KIND_MONTHLY_STATEMENT, "", "2020-12"),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(Issue(InstitutionOf(kHospital), DOCUMENT_KIND_MONTHLY_STATEMENT, "", "2020-12"),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(DocumentTest, EveryBadFieldIsNamed) {
  document::v1::IssueDocumentRequest request;
  request.set_month("2020-13");
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), document::Issue, request).status()),
              UnorderedElementsAre("kind", "contract_id", "month"));
}

TEST_F(DocumentTest, TextIsEscapedAndCodesDiffer) {
  EXPECT_EQ(document::Escape("<a href='\"&\"'>"), "&lt;a href=&#39;&quot;&amp;&quot;&#39;&gt;");
  EXPECT_NE(document::QrCodeSvg("zhuxiao:document:DN-1-1:aa"), document::QrCodeSvg("zhuxiao:document:DN-1-1:ab"));
}

}  // namespace
}  // namespace zhuxiao
