// The steps of a random world around quotas: canteens that are shared and parted, rules, declarations in every state,
// and contracts re-bound to other quotas.
#include "services/base/clock.h"
#include "services/directory/directory.h"
#include "services/directory/institutions.h"
#include "services/quota/bindings.h"
#include "services/quota/declarations.h"
#include "services/quota/rule_book.h"
#include "tests/property/trade_world.h"

namespace zhuxiao::testing {
namespace {

using quota::v1::Declaration;

const base::Caller kCity = Officer("1401", "city");
const base::Caller kProvince = Officer("14", "province");

Declaration DeclarationOf(store::Reader& reader, const std::string& uscc, int year) {
  quota::v1::GetDeclarationRequest request;
  request.set_institution_uscc(uscc);
  request.set_year(year);
  const auto read = quota::GetDeclaration(reader, Auditor(), request);
  return read.ok() ? read->declaration() : Declaration();
}

}  // namespace

void TradeWorld::WorkOnQuota() {
  const int64_t draw = Draw(1, 100);
  if (draw <= 12) return ChangeCanteen();
  if (draw <= 20) return ChangeRule();
  if (draw > 65) return ReBind();
  // Several at once, so that declarations come to their end in worlds of two weeks.
  for (int i = 0; i < 4; ++i) MoveDeclaration();
}

void TradeWorld::ChangeCanteen() {
  directory::v1::UpdateInstitutionRequest request;
  directory::v1::Institution& institution = *request.mutable_institution();
  institution = *directory::GetInstitution(*memory_.Latest(), Pick(institutions_));
  const int64_t draw = Draw(1, 10);
  institution.set_canteen_mode(draw <= 6   ? directory::v1::CANTEEN_MODE_SHARED
                               : draw <= 8 ? directory::v1::CANTEEN_MODE_OWN
                               : draw == 9 ? directory::v1::CANTEEN_MODE_OUTSOURCED
                                           : directory::v1::CANTEEN_MODE_NONE);
  institution.clear_representative_uscc();
  if (draw <= 6) institution.set_representative_uscc(draw <= 2 ? institution.uscc() : Pick(institutions_));
  institution.set_parent_uscc(Chance(50) ? "" : Pick(institutions_));
  for (const char* path : {"canteen_mode", "representative_uscc", "parent_uscc"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  Try<directory::v1::UpdateInstitutionResponse, directory::v1::UpdateInstitutionRequest>(
      Chance(80) ? kProvince : InstitutionOf(institution.uscc()), "UpdateInstitution", request,
      directory::UpdateInstitution);
}

// Windows that open and end within days, so that short worlds live through them.
void TradeWorld::ChangeRule() {
  const base::Day today = base::DayOf(clock_.Now());
  const int year = base::YearOf(clock_.Now()) + (Chance(10) ? 1 : 0);
  quota::v1::ProposeQuotaRuleRequest propose;
  quota::v1::QuotaRule& rule = *propose.mutable_rule();
  rule.set_year(year);
  rule.set_region_code(Chance(50) ? "1401" : "140105");
  rule.set_kind(Chance(70) ? quota::v1::QUOTA_KIND_SHARE : quota::v1::QUOTA_KIND_GROWTH);
  rule.set_ratio_basis_points(Draw(0, 10'000));
  const auto closes = static_cast<base::Day>(today + Draw(0, 3));
  rule.set_opens_on(base::FormatDay(static_cast<base::Day>(today - Draw(0, 3))));
  rule.set_closes_on(base::FormatDay(closes));
  rule.set_correctable_until(base::FormatDay(static_cast<base::Day>(closes + Draw(1, 8))));
  rule.set_source("a world's own rule");
  const auto proposed = Do<quota::v1::ProposeQuotaRuleResponse, quota::v1::ProposeQuotaRuleRequest>(
      kCity, "ProposeQuotaRule", propose, quota::ProposeRule);
  quota::v1::ApproveQuotaRuleRequest approve;
  approve.set_year(year);
  approve.set_region_code(rule.region_code());
  approve.set_kind(rule.kind());
  approve.set_version(proposed.ok() ? proposed->rule().version() : 1);
  Try<quota::v1::ApproveQuotaRuleResponse, quota::v1::ApproveQuotaRuleRequest>(
      Chance(80) ? kProvince : kCity, "ApproveQuotaRule", approve, quota::ApproveRule);
}

void TradeWorld::SaveDeclaration(const std::string& uscc, int year, const std::string& etag) {
  quota::v1::SaveDeclarationRequest request;
  Declaration& declaration = *request.mutable_declaration();
  declaration.set_year(year);
  declaration.set_kind(Chance(70) ? quota::v1::QUOTA_KIND_SHARE : quota::v1::QUOTA_KIND_GROWTH);
  declaration.set_etag(etag);
  if (Chance(15)) {
    declaration.mutable_waiver()->set_document_no("W-1");
    declaration.mutable_waiver()->set_document_sha256(std::string(64, '0'));
    declaration.mutable_waiver()->set_reason("the kitchen is closed for the year");
  } else {
    declaration.mutable_figures()->mutable_base()->set_amount_fen(Draw(1, 500'000'000));
    if (Chance(20)) declaration.mutable_figures()->mutable_target()->set_amount_fen(Draw(0, 500'000'000));
  }
  if (Chance(60)) declaration.mutable_limit()->set_amount_fen(Draw(1'000, 3'000'000) * 100);
  Try<quota::v1::SaveDeclarationResponse, quota::v1::SaveDeclarationRequest>(InstitutionOf(uscc), "SaveDeclaration",
                                                                             request, quota::SaveDeclaration);
}

// Mostly the step that fits the state, sometimes one that does not.
void TradeWorld::MoveDeclaration() {
  using namespace quota::v1;
  const std::string& uscc = Chance(60) ? institutions_.front() : Pick(institutions_);
  const int year = base::YearOf(clock_.Now()) - (Chance(15) ? 1 : 0);
  const Declaration now = DeclarationOf(*memory_.Latest(), uscc, year);
  const int state = Chance(90) ? now.state() : static_cast<int>(Draw(0, DeclarationState_MAX));
  const auto judged = [&](auto request) {
    request.set_institution_uscc(uscc);
    request.set_year(year);
    request.set_is_accepted(Chance(80));
    request.set_remark("looked at");
    return request;
  };
  const base::Caller& officer = Chance(50) ? kCity : kProvince;
  if (state == DECLARATION_STATE_SUBMITTED) {
    Try<ReviewDeclarationResponse, ReviewDeclarationRequest>(
        officer, "ReviewDeclaration", judged(ReviewDeclarationRequest()), quota::ReviewDeclaration);
  } else if (state == DECLARATION_STATE_REVIEWED) {
    Try<ConfirmDeclarationResponse, ConfirmDeclarationRequest>(
        officer, "ConfirmDeclaration", judged(ConfirmDeclarationRequest()), quota::ConfirmDeclaration);
  } else if (state == DECLARATION_STATE_CORRECTING) {
    Try<DecideCorrectionResponse, DecideCorrectionRequest>(officer, "DecideCorrection",
                                                           judged(DecideCorrectionRequest()), quota::DecideCorrection);
  } else if (state >= DECLARATION_STATE_CONFIRMED) {
    CorrectDeclarationRequest request;
    request.set_year(year);
    request.mutable_correction()->mutable_figures()->mutable_base()->set_amount_fen(Draw(1, 500'000'000));
    request.mutable_correction()->set_document_no("C-1");
    request.mutable_correction()->set_cause("counted again");
    Try<CorrectDeclarationResponse, CorrectDeclarationRequest>(InstitutionOf(uscc), "CorrectDeclaration", request,
                                                               quota::CorrectDeclaration);
  } else if (state != DECLARATION_STATE_UNSPECIFIED && Chance(70)) {
    SubmitDeclarationRequest request;
    request.set_year(year);
    Try<SubmitDeclarationResponse, SubmitDeclarationRequest>(InstitutionOf(uscc), "SubmitDeclaration", request,
                                                             quota::SubmitDeclaration);
  } else {
    SaveDeclaration(uscc, year, now.etag());
  }
}

void TradeWorld::ReBind() {
  if (contracts_.empty()) return;
  const std::string& id = Pick(contracts_);
  quota::v1::ProposeRebindingRequest propose;
  propose.set_contract_id(id);
  propose.set_to_uscc(Pick(institutions_));
  propose.set_cause("bought for another");
  Try<quota::v1::ProposeRebindingResponse, quota::v1::ProposeRebindingRequest>(kCity, "ProposeRebinding", propose,
                                                                               quota::ProposeRebinding);
  if (Chance(20)) return;
  quota::v1::DecideRebindingRequest decide;
  decide.set_contract_id(id);
  decide.set_is_accepted(Chance(80));
  decide.set_remark("looked at");
  Try<quota::v1::DecideRebindingResponse, quota::v1::DecideRebindingRequest>(
      Chance(90) ? kProvince : kCity, "DecideRebinding", decide, quota::DecideRebinding);
}

}  // namespace zhuxiao::testing
