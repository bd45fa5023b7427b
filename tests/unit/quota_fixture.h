// A small market whose canteens declare, share canteens and have contracts re-bound; the books are verified after each
// test.
#pragma once

#include <string>

#include "services/quota/bindings.h"
#include "services/quota/declarations.h"
#include "services/quota/rule_book.h"
#include "tests/support/market_fixture.h"
#include "tests/support/verified_books.h"

namespace zhuxiao::testing {

class QuotaFixture : public MarketFixture {
 protected:
  inline static const base::Caller kReviewer = Officer("1401", "reviewer");
  inline static const base::Caller kConfirmer = Officer("14", "confirmer");
  static constexpr int64_t kBaseFen = 100'000'000;

  void TearDown() override { EXPECT_EQ(BrokenRules(store_), ""); }

  static quota::v1::Declaration Figures(int year, int64_t base_fen,
                                        quota::v1::QuotaKind kind = quota::v1::QUOTA_KIND_SHARE) {
    quota::v1::Declaration declaration;
    declaration.set_year(year);
    declaration.set_kind(kind);
    declaration.mutable_figures()->mutable_base()->set_amount_fen(base_fen);
    return declaration;
  }

  quota::v1::Declaration DeclarationOf(const std::string& uscc, int year) {
    quota::v1::GetDeclarationRequest request;
    request.set_institution_uscc(uscc);
    request.set_year(year);
    const auto read = See([&](store::Reader& reader) { return quota::GetDeclaration(reader, Auditor(), request); });
    return read.ok() ? read->declaration() : quota::v1::Declaration();
  }

  auto Save(const base::Caller& caller, quota::v1::Declaration declaration) {
    quota::v1::SaveDeclarationRequest request;
    declaration.set_etag(DeclarationOf(caller.organisation, declaration.year()).etag());
    *request.mutable_declaration() = std::move(declaration);
    return Do(caller, quota::SaveDeclaration, request);
  }

  auto Submit(const base::Caller& caller, int year) {
    quota::v1::SubmitDeclarationRequest request;
    request.set_year(year);
    return Do(caller, quota::SubmitDeclaration, request);
  }

  template <typename Request, typename Function>
  auto Judge(Function function, const base::Caller& caller, const std::string& uscc, int year, bool is_accepted) {
    Request request;
    request.set_institution_uscc(uscc);
    request.set_year(year);
    request.set_is_accepted(is_accepted);
    request.set_remark("seen");
    return Do(caller, function, request);
  }
  auto Review(const std::string& uscc, int year, bool is_accepted = true, const base::Caller& caller = kReviewer) {
    return Judge<quota::v1::ReviewDeclarationRequest>(quota::ReviewDeclaration, caller, uscc, year, is_accepted);
  }
  auto Confirm(const std::string& uscc, int year, bool is_accepted = true, const base::Caller& caller = kConfirmer) {
    return Judge<quota::v1::ConfirmDeclarationRequest>(quota::ConfirmDeclaration, caller, uscc, year, is_accepted);
  }
  auto Decide(const std::string& uscc, int year, bool is_accepted, const base::Caller& caller = kReviewer) {
    return Judge<quota::v1::DecideCorrectionRequest>(quota::DecideCorrection, caller, uscc, year, is_accepted);
  }

  auto Correct(const base::Caller& caller, int year, int64_t base_fen) {
    quota::v1::CorrectDeclarationRequest request;
    request.set_year(year);
    request.mutable_correction()->mutable_figures()->mutable_base()->set_amount_fen(base_fen);
    request.mutable_correction()->set_document_no("晋财购〔2020〕7号");
    request.mutable_correction()->set_cause("an invoice was counted twice");
    return Do(caller, quota::CorrectDeclaration, request);
  }

  // A declaration from its draft to its confirmation.
  void Declare(const std::string& uscc, const quota::v1::Declaration& declaration) {
    const int year = declaration.year();
    const auto saved = Save(InstitutionOf(uscc), declaration);
    ASSERT_TRUE(saved.ok()) << saved.status();
    ASSERT_TRUE(Submit(InstitutionOf(uscc), year).ok());
    ASSERT_TRUE(Review(uscc, year).ok());
    const auto confirmed = Confirm(uscc, year);
    ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  }

  // What time does to declarations now.
  void Age() {
    const auto names = quota::DueDeclarations(*store_.Latest(), clock_.Now(), 100);
    for (const std::string& name : *names) {
      const absl::Status aged = Do(base::Caller(), quota::AgeDeclaration, name);
      EXPECT_TRUE(aged.ok()) << aged;
    }
  }

  void SetDay(const char* day) { clock_.Set(base::StartOfDay(*base::ParseDay(day))); }

  quota::v1::Quota QuotaIn(const std::string& uscc, int year) {
    const auto quota = See([&](store::Reader& reader) -> absl::StatusOr<quota::v1::Quota> {
      auto row = quota::Find(reader, uscc, year);
      if (!row.ok() || !*row) return absl::NotFoundError(uscc);
      return quota::WithSpending(reader, (*row)->SerializeAsString());
    });
    EXPECT_TRUE(quota.ok()) << quota.status();
    return quota.value_or(quota::v1::Quota());
  }

  auto Propose(const base::Caller& caller, const std::string& contract_id, const std::string& to_uscc) {
    quota::v1::ProposeRebindingRequest request;
    request.set_contract_id(contract_id);
    request.set_to_uscc(to_uscc);
    request.set_cause("bought for the other kitchen");
    return Do(caller, quota::ProposeRebinding, request);
  }
  auto DecideRebinding(const base::Caller& caller, const std::string& contract_id, bool is_accepted) {
    quota::v1::DecideRebindingRequest request;
    request.set_contract_id(contract_id);
    request.set_is_accepted(is_accepted);
    request.set_remark("seen");
    return Do(caller, quota::DecideRebinding, request);
  }
};

}  // namespace zhuxiao::testing
