// Declarations: the table of their states against a second writing of it, every call in every state by every role, and
// what rules, windows, canteens and waivers do.
#include "services/quota/declaration_states.h"
#include "tests/support/state_table.h"
#include "tests/unit/quota_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using base::Role;
using quota::v1::Declaration;
using quota::v1::DeclarationState;
using testing::BadFieldsOf;
using testing::HasReason;
using testing::InstitutionOf;
using testing::Officer;
using testing::Operator;
using ::testing::UnorderedElementsAre;

TEST(DeclarationStatesTest, TheTableIsThis) {
  using namespace quota::v1;
  testing::ExpectedMoves moves;
  for (const int open : {DECLARATION_STATE_DRAFT, DECLARATION_STATE_RETURNED}) {
    moves[{open, "save", Role::ROLE_INSTITUTION}] = open;
    moves[{open, "submit", Role::ROLE_INSTITUTION}] = DECLARATION_STATE_SUBMITTED;
  }
  for (const Role officer : {Role::ROLE_OFFICER, Role::ROLE_OPERATOR}) {
    moves[{DECLARATION_STATE_SUBMITTED, "pass on", officer}] = DECLARATION_STATE_REVIEWED;
    moves[{DECLARATION_STATE_SUBMITTED, "return", officer}] = DECLARATION_STATE_RETURNED;
    moves[{DECLARATION_STATE_REVIEWED, "return", officer}] = DECLARATION_STATE_RETURNED;
    moves[{DECLARATION_STATE_REVIEWED, "confirm", officer}] = DECLARATION_STATE_CONFIRMED;
    moves[{DECLARATION_STATE_CORRECTING, "grant the correction", officer}] = DECLARATION_STATE_CORRECTED;
    moves[{DECLARATION_STATE_CORRECTING, "refuse the correction", officer}] = DECLARATION_STATE_LOCKED;
  }
  moves[{DECLARATION_STATE_CONFIRMED, "reach the end of the window", base::kTime}] = DECLARATION_STATE_LOCKED;
  for (const int firm : {DECLARATION_STATE_LOCKED, DECLARATION_STATE_CORRECTED}) {
    moves[{firm, "ask for a correction", Role::ROLE_INSTITUTION}] = DECLARATION_STATE_CORRECTING;
    moves[{firm, "reach the end of corrections", base::kTime}] = DECLARATION_STATE_CLOSED;
  }
  moves[{DECLARATION_STATE_CORRECTING, "reach the end of corrections", base::kTime}] = DECLARATION_STATE_CLOSED;
  testing::ExpectMoves(quota::DeclarationStates(), moves);
}

class DeclarationCallsTest : public testing::QuotaFixture {
 protected:
  struct Call {
    std::string step;
    std::string method;
    std::function<absl::Status(const base::Caller&, const std::string&)> make;
  };

  std::vector<Call> Calls() {
    const auto by_officer = [this](auto judge, bool is_accepted) {
      return [=, this](const base::Caller& who, const std::string& uscc) {
        return (this->*judge)(uscc, 2020, is_accepted, who).status();
      };
    };
    using F = DeclarationCallsTest;
    return {
        {"save", "SaveDeclaration",
         [this](const auto& who, const auto&) { return Save(who, Figures(2020, kBaseFen)).status(); }},
        {"submit", "SubmitDeclaration", [this](const auto& who, const auto&) { return Submit(who, 2020).status(); }},
        {"pass on", "ReviewDeclaration", by_officer(&F::Review, true)},
        {"confirm", "ConfirmDeclaration", by_officer(&F::Confirm, true)},
        {"ask for a correction", "CorrectDeclaration",
         [this](const auto& who, const auto&) { return Correct(who, 2020, kBaseFen + 1).status(); }},
        {"grant the correction", "DecideCorrection", by_officer(&F::Decide, true)},
        {"refuse the correction", "DecideCorrection", by_officer(&F::Decide, false)},
    };
  }

  // A fresh institution with a declaration in that state.
  std::string UnitIn(DeclarationState state) {
    using namespace quota::v1;
    clock_.Set(base::StartOfDay(*base::ParseDay("2020-03-02")));
    const std::string uscc = testing::Uscc("12", 100 + count_++);
    Register(uscc);
    SetLimit(uscc, 1'000'000'000);
    EXPECT_TRUE(Save(InstitutionOf(uscc), Figures(2020, kBaseFen)).ok());
    if (state >= DECLARATION_STATE_SUBMITTED) {
      EXPECT_TRUE(Submit(InstitutionOf(uscc), 2020).ok());
    }
    if (state == DECLARATION_STATE_RETURNED) {
      EXPECT_TRUE(Review(uscc, 2020, false).ok());
    }
    if (state >= DECLARATION_STATE_REVIEWED) {
      EXPECT_TRUE(Review(uscc, 2020).ok());
    }
    if (state >= DECLARATION_STATE_CONFIRMED) {
      EXPECT_TRUE(Confirm(uscc, 2020).ok());
    }
    if (state >= DECLARATION_STATE_LOCKED) SetDay("2020-04-01");
    Age();
    if (state == DECLARATION_STATE_CORRECTING || state == DECLARATION_STATE_CORRECTED) {
      EXPECT_TRUE(Correct(InstitutionOf(uscc), 2020, kBaseFen * 2).ok());
    }
    if (state == DECLARATION_STATE_CORRECTED) {
      EXPECT_TRUE(Decide(uscc, 2020, true).ok());
    }
    if (state == DECLARATION_STATE_CLOSED) SetDay("2021-02-01");
    Age();
    EXPECT_EQ(DeclarationOf(uscc, 2020).state(), state);
    return uscc;
  }

  static base::Caller CallerOf(Role role, const std::string& uscc) {
    if (role == Role::ROLE_INSTITUTION) return InstitutionOf(uscc);
    if (role == Role::ROLE_SUPPLIER) return testing::SupplierOf(kEggFarm);
    if (role == Role::ROLE_PLATFORM) return testing::PlatformOf(testing::Uscc("91", 5));
    return {.role = role, .organisation = "", .region = "", .token_id = "token"};
  }

  int count_ = 0;
};

TEST_F(DeclarationCallsTest, EveryCallInEveryStateByEveryRole) {
  for (int state = quota::v1::DECLARATION_STATE_DRAFT; state <= quota::v1::DeclarationState_MAX; ++state) {
    std::string uscc = UnitIn(static_cast<DeclarationState>(state));
    for (const Call& call : Calls()) {
      for (const Role role : testing::AllActors()) {
        if (role == base::kTime) continue;
        const std::string where = base::StrCat(quota::v1::DeclarationState_Name(static_cast<DeclarationState>(state)),
                                               " ", call.step, " ", common::v1::Role_Name(role));
        const auto next = quota::DeclarationStates().Next(state, call.step, role, "");
        const Declaration before = DeclarationOf(uscc, 2020);
        const absl::Status made = call.make(CallerOf(role, uscc), uscc);
        const Declaration after = DeclarationOf(uscc, 2020);
        if (next.ok()) {
          EXPECT_TRUE(made.ok()) << where << ": " << made;
          EXPECT_EQ(after.state(), *next) << where;
          uscc = UnitIn(static_cast<DeclarationState>(state));
          continue;
        }
        EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString()) << where;
        const ErrorReason reason = base::ReasonOf(made);
        if (base::ReasonOf(next.status()) == ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED) {
          EXPECT_EQ(reason, ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED) << where << ": " << made;
        } else {
          // To whom the step never belongs the declaration may not even be there.
          EXPECT_TRUE(reason == ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED ||
                      reason == ErrorReason::ERROR_REASON_NOT_FOUND)
              << where << ": " << made;
        }
      }
    }
  }
}

TEST_F(DeclarationCallsTest, AMethodAdmitsTheRolesOfTheTable) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("zhuxiao.quota.v1.QuotaService");
  ASSERT_NE(service, nullptr);
  for (const Call& call : Calls()) {
    std::set<int> of_table;
    for (const base::Transition& row : quota::DeclarationStates().transitions()) {
      if (row.action == call.step) of_table.insert(row.actors.begin(), row.actors.end());
    }
    const auto& rule = service->FindMethodByName(call.method)->options().GetExtension(common::v1::access);
    EXPECT_EQ(std::set<int>(rule.roles().begin(), rule.roles().end()), of_table) << call.method;
  }
}

class DeclarationTest : public testing::QuotaFixture {};

TEST_F(DeclarationTest, TheTargetFollowsFromRuleAndBase) {
  // 10 % of 1,000,000.01 yuan is 100,000.001: rounded up to the fen.
  Declare(kSchool, Figures(2020, 100'000'001));
  EXPECT_EQ(QuotaOf(kSchool).target().amount_fen(), 10'000'001);
  EXPECT_EQ(QuotaOf(kSchool).declared_base().amount_fen(), 100'000'001);
  EXPECT_EQ(QuotaOf(kSchool).progress().rule_status(), quota::v1::RULE_STATUS_SATISFIED);
  EXPECT_EQ(QuotaOf(kSchool).limit().amount_fen(), 10'000'000'00) << "the limit stays where none is declared";
  // 30 % more than last year's 1,000,000.01 yuan.
  Declare(kHospital, Figures(2020, 100'000'001, quota::v1::QUOTA_KIND_GROWTH));
  EXPECT_EQ(QuotaOf(kHospital).target().amount_fen(), 130'000'002);
}

TEST_F(DeclarationTest, AnInstitutionMaySetItselfMore) {
  Declaration declaration = Figures(2020, kBaseFen);
  declaration.mutable_figures()->mutable_target()->set_amount_fen(kBaseFen / 10 + 1);
  Declare(kSchool, declaration);
  EXPECT_EQ(QuotaOf(kSchool).target().amount_fen(), kBaseFen / 10 + 1);
  declaration.mutable_figures()->mutable_target()->set_amount_fen(kBaseFen / 10 - 1);
  Declare(kHospital, declaration);
  EXPECT_EQ(QuotaOf(kHospital).target().amount_fen(), kBaseFen / 10) << "never less than the rule asks for";
}

TEST_F(DeclarationTest, WithoutAQuotaTheDeclarationNamesTheLimit) {
  const std::string fresh = testing::Uscc("12", 77);
  Register(fresh);
  ASSERT_TRUE(Save(InstitutionOf(fresh), Figures(2020, kBaseFen)).ok());
  EXPECT_THAT(BadFieldsOf(Submit(InstitutionOf(fresh), 2020).status()), UnorderedElementsAre("declaration.limit"));
  Declaration declaration = Figures(2020, kBaseFen);
  declaration.mutable_limit()->set_amount_fen(kBaseFen / 2);
  Declare(fresh, declaration);
  EXPECT_EQ(QuotaOf(fresh).limit().amount_fen(), kBaseFen / 2);
}

TEST_F(DeclarationTest, WhoReviewedMayNotDecide) {
  ASSERT_TRUE(Save(InstitutionOf(kSchool), Figures(2020, kBaseFen)).ok());
  ASSERT_TRUE(Submit(InstitutionOf(kSchool), 2020).ok());
  EXPECT_THAT(Review(kSchool, 2020, true, Officer("4201")), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Review(kSchool, 2020).ok());
  EXPECT_THAT(Confirm(kSchool, 2020, true, kReviewer), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  EXPECT_THAT(Confirm(kSchool, 2020, false, kReviewer), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  EXPECT_TRUE(Confirm(kSchool, 2020).ok());
}

TEST_F(DeclarationTest, BaseAndTargetFollowFromADeclarationInForceAlone) {
  Declare(kSchool, Figures(2020, kBaseFen));
  quota::v1::SetQuotaRequest set;
  *set.mutable_quota() = QuotaOf(kSchool);
  set.mutable_quota()->mutable_limit()->set_amount_fen(5'000'000'00);
  EXPECT_TRUE(Do(Operator(), quota::Set, set).ok()) << "the limit is another matter";
  *set.mutable_quota() = QuotaOf(kSchool);
  set.mutable_quota()->mutable_target()->set_amount_fen(1);
  EXPECT_THAT(Do(Operator(), quota::Set, set), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  quota::v1::DeclareBaseRequest base;
  base.set_year(2020);
  base.mutable_base()->set_amount_fen(1);
  EXPECT_THAT(Do(InstitutionOf(kSchool), quota::DeclareBase, base),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(DeclarationTest, TheWindowOpensAndEndsWithItsDays) {
  const Declaration growth = Figures(2020, kBaseFen, quota::v1::QUOTA_KIND_GROWTH);
  clock_.Set(base::StartOfDay(*base::ParseDay("2020-02-20")) - absl::Nanoseconds(1));
  EXPECT_THAT(Save(InstitutionOf(kSchool), growth), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  SetDay("2020-02-20");
  EXPECT_TRUE(Save(InstitutionOf(kSchool), growth).ok());
  clock_.Set(base::StartOfDay(*base::ParseDay("2020-07-01")) - absl::Nanoseconds(1));
  EXPECT_TRUE(Save(InstitutionOf(kSchool), growth).ok());
  SetDay("2020-07-01");
  EXPECT_THAT(Submit(InstitutionOf(kSchool), 2020), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  EXPECT_THAT(Save(InstitutionOf(kHospital), growth), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
}

TEST_F(DeclarationTest, WhatIsReturnedMayComeAgainAfterTheWindow) {
  ASSERT_TRUE(Save(InstitutionOf(kSchool), Figures(2020, kBaseFen)).ok());
  ASSERT_TRUE(Submit(InstitutionOf(kSchool), 2020).ok());
  SetDay("2020-04-05");
  ASSERT_TRUE(Review(kSchool, 2020, false).ok());
  ASSERT_TRUE(Save(InstitutionOf(kSchool), Figures(2020, kBaseFen * 2)).ok());
  ASSERT_TRUE(Submit(InstitutionOf(kSchool), 2020).ok());
  ASSERT_TRUE(Review(kSchool, 2020).ok());
  ASSERT_TRUE(Confirm(kSchool, 2020).ok());
  Age();
  EXPECT_EQ(DeclarationOf(kSchool, 2020).state(), quota::v1::DECLARATION_STATE_LOCKED) << "the window has ended";
}

TEST_F(DeclarationTest, CorrectionsGoOnIntoTheNextYearAndEndThere) {
  Declare(kSchool, Figures(2020, kBaseFen));
  Declare(kHospital, Figures(2020, kBaseFen));
  SetDay("2020-04-01");
  Age();
  clock_.Set(base::StartOfDay(*base::ParseDay("2021-02-01")) - absl::Nanoseconds(1));
  ASSERT_TRUE(Correct(InstitutionOf(kSchool), 2020, kBaseFen * 2).ok());
  ASSERT_TRUE(Correct(InstitutionOf(kHospital), 2020, kBaseFen * 2).ok());
  EXPECT_EQ(QuotaIn(kSchool, 2020).target().amount_fen(), kBaseFen / 10) << "until it is granted nothing changes";
  ASSERT_TRUE(Decide(kSchool, 2020, true).ok());
  EXPECT_EQ(QuotaIn(kSchool, 2020).target().amount_fen(), kBaseFen / 5);
  EXPECT_EQ(DeclarationOf(kSchool, 2020).figures().base().amount_fen(), kBaseFen * 2);
  ASSERT_TRUE(Decide(kHospital, 2020, false).ok());
  EXPECT_EQ(QuotaIn(kHospital, 2020).target().amount_fen(), kBaseFen / 10);
  SetDay("2021-02-01");
  EXPECT_THAT(Correct(InstitutionOf(kHospital), 2020, kBaseFen), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  Age();
  EXPECT_EQ(DeclarationOf(kSchool, 2020).state(), quota::v1::DECLARATION_STATE_CLOSED);
}

TEST_F(DeclarationTest, ARuleHoldsOnceAnotherHasApprovedItAndForWhatComesAfter) {
  Declare(kSchool, Figures(2020, kBaseFen));
  quota::v1::ProposeQuotaRuleRequest propose;
  quota::v1::QuotaRule& rule = *propose.mutable_rule();
  rule.set_year(2020);
  rule.set_region_code("1401");
  rule.set_kind(quota::v1::QUOTA_KIND_SHARE);
  rule.set_ratio_basis_points(3'000);
  rule.set_opens_on("2020-03-01");
  rule.set_closes_on("2020-05-31");
  rule.set_correctable_until("2020-04-30");
  rule.set_source("a city's own rule");
  EXPECT_THAT(BadFieldsOf(Do(kReviewer, quota::ProposeRule, propose).status()),
              UnorderedElementsAre("rule.correctable_until"));
  rule.set_correctable_until("2020-12-31");
  EXPECT_THAT(Do(Officer("4201"), quota::ProposeRule, propose), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Do(kReviewer, quota::ProposeRule, propose).ok());
  EXPECT_THAT(Do(kReviewer, quota::ProposeRule, propose), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));

  Declare(kHospital, Figures(2020, kBaseFen));
  EXPECT_EQ(QuotaOf(kHospital).target().amount_fen(), kBaseFen / 10) << "a proposal does not hold";
  quota::v1::ApproveQuotaRuleRequest approve;
  approve.set_year(2020);
  approve.set_region_code("1401");
  approve.set_kind(quota::v1::QUOTA_KIND_SHARE);
  approve.set_version(1);
  EXPECT_THAT(Do(kReviewer, quota::ApproveRule, approve), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  ASSERT_TRUE(Do(kConfirmer, quota::ApproveRule, approve).ok());
  EXPECT_THAT(Do(kConfirmer, quota::ApproveRule, approve), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));

  const std::string later = testing::Uscc("12", 78);
  Register(later);
  SetLimit(later, kBaseFen);
  Declare(later, Figures(2020, kBaseFen));
  EXPECT_EQ(QuotaOf(later).target().amount_fen(), kBaseFen * 3 / 10);
  EXPECT_EQ(QuotaOf(kSchool).progress().rule().ratio_basis_points(), 1'000) << "the rule it was judged by";
  SetDay("2020-04-01");
  Age();
  EXPECT_EQ(DeclarationOf(kSchool, 2020).state(), quota::v1::DECLARATION_STATE_LOCKED);
  EXPECT_EQ(DeclarationOf(later, 2020).state(), quota::v1::DECLARATION_STATE_CONFIRMED) << "its window is open";
}

TEST_F(DeclarationTest, TheRepresentativeAloneDeclares) {
  ASSERT_TRUE(SetCanteen(kSchool, directory::v1::CANTEEN_MODE_SHARED, kSchool).ok());
  ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_SHARED, kSchool).ok());
  EXPECT_THAT(Save(InstitutionOf(kHospital), Figures(2020, kBaseFen)),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  Declare(kSchool, Figures(2020, kBaseFen));
  const Declaration declared = DeclarationOf(kSchool, 2020);
  ASSERT_EQ(declared.represented_usccs_size(), 1);
  EXPECT_EQ(declared.represented_usccs(0), kHospital);
}

TEST_F(DeclarationTest, OutsourcedDeclaresAndNoCanteenDoesNot) {
  ASSERT_TRUE(SetCanteen(kSchool, directory::v1::CANTEEN_MODE_OUTSOURCED).ok());
  Declare(kSchool, Figures(2020, kBaseFen));
  ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_NONE).ok());
  EXPECT_THAT(Save(InstitutionOf(kHospital), Figures(2020, kBaseFen)),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
}

TEST_F(DeclarationTest, AWaiverNeedsItsDocumentAndBothOfficers) {
  Declaration declaration = Figures(2020, kBaseFen);
  declaration.mutable_waiver()->set_reason("the canteen is being rebuilt");
  EXPECT_THAT(BadFieldsOf(Save(InstitutionOf(kSchool), declaration).status()),
              UnorderedElementsAre("declaration.figures", "declaration.waiver.document_no",
                                   "declaration.waiver.document_sha256"));
  declaration.clear_figures();
  declaration.mutable_waiver()->set_document_no("教财〔2020〕12号");
  declaration.mutable_waiver()->set_document_sha256(std::string(64, 'a'));
  ASSERT_TRUE(Save(InstitutionOf(kSchool), declaration).ok());
  ASSERT_TRUE(Submit(InstitutionOf(kSchool), 2020).ok());
  ASSERT_TRUE(Review(kSchool, 2020).ok());
  EXPECT_FALSE(QuotaOf(kSchool).is_waived());
  ASSERT_TRUE(Confirm(kSchool, 2020).ok());
  EXPECT_TRUE(QuotaOf(kSchool).is_waived());
  EXPECT_EQ(QuotaOf(kSchool).target().amount_fen(), 0);
  SetDay("2020-04-01");
  Age();
  ASSERT_TRUE(Correct(InstitutionOf(kSchool), 2020, kBaseFen).ok());
  ASSERT_TRUE(Decide(kSchool, 2020, true).ok());
  EXPECT_FALSE(QuotaOf(kSchool).is_waived()) << "corrected to a base";
  EXPECT_EQ(QuotaOf(kSchool).target().amount_fen(), kBaseFen / 10);
}

TEST_F(DeclarationTest, EveryBadFieldIsNamedAtOnce) {
  Declaration declaration = Figures(1999, 0, quota::v1::QUOTA_KIND_UNSPECIFIED);
  declaration.mutable_figures()->mutable_target()->set_amount_fen(-1);
  declaration.mutable_limit()->set_amount_fen(-1);
  EXPECT_THAT(BadFieldsOf(Save(InstitutionOf(kSchool), declaration).status()),
              UnorderedElementsAre("declaration.year", "declaration.kind", "declaration.limit",
                                   "declaration.figures.base", "declaration.figures.target"));
  EXPECT_THAT(Save(InstitutionOf(kSchool), Figures(2099, kBaseFen)),
              HasReason(ErrorReason::ERROR_REASON_POLICY_MISSING));
}

TEST_F(DeclarationTest, WhoMovesIsListedWhereItIsNow) {
  Declare(kSchool, Figures(2020, kBaseFen));
  Declare(kHospital, Figures(2020, kBaseFen));
  const auto listed = [this](const base::Caller& caller, const std::string& region_prefix) {
    quota::v1::ListDeclarationsRequest request;
    request.set_year(2020);
    request.set_region_prefix(region_prefix);
    const auto page = See([&](store::Reader& reader) {
      return quota::ListDeclarations(reader, caller, request, store::PageRequest{.size = 50, .after = ""});
    });
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> codes;
    for (const auto& declaration : page->response.declarations()) codes.push_back(declaration.institution_uscc());
    return codes;
  };
  EXPECT_THAT(listed(kReviewer, "14"), UnorderedElementsAre(kSchool, kHospital));
  Move(kSchool, "420106");
  EXPECT_THAT(listed(kReviewer, "14"), UnorderedElementsAre(kHospital));
  EXPECT_THAT(listed(Operator(), "4201"), UnorderedElementsAre(kSchool));
  EXPECT_THAT(listed(Officer("4201"), ""), UnorderedElementsAre(kSchool));
}

TEST_F(DeclarationTest, AnothersDeclarationLooksUnknown) {
  Declare(kSchool, Figures(2020, kBaseFen));
  quota::v1::GetDeclarationRequest request;
  request.set_institution_uscc(kSchool);
  request.set_year(2020);
  for (const base::Caller& caller : {InstitutionOf(kHospital), Officer("4201")}) {
    EXPECT_THAT(See([&](store::Reader& reader) { return quota::GetDeclaration(reader, caller, request); }),
                HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  }
}

}  // namespace
}  // namespace zhuxiao
