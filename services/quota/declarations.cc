// Declarations: what their institution does.
#include "services/quota/declarations.h"

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/directory/institutions.h"
#include "services/quota/canteens.h"
#include "services/quota/declaration_record.h"
#include "services/quota/declaration_states.h"
#include "services/quota/operations.h"
#include "services/quota/rule_book.h"
#include "services/quota/rules.h"

namespace zhuxiao::quota {
namespace {

using base::ErrorReason;

constexpr size_t kSha256HexDigits = 64;

template <typename Response>
Response Respond(v1::Declaration declaration) {
  Response response;
  *response.mutable_declaration() = std::move(declaration);
  return response;
}

bool IsSha256(const std::string& text) {
  return text.size() == kSha256HexDigits && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

void CheckWaiver(const v1::QuotaWaiver& waiver, base::FieldErrors& errors) {
  CheckText(waiver.document_no(), kMaxDocumentNoCodePoints, "declaration.waiver.document_no", errors);
  errors.Require(IsSha256(waiver.document_sha256()), "declaration.waiver.document_sha256",
                 "must be 64 hexadecimal characters");
  CheckText(waiver.reason(), base::kMaxRemarkCodePoints, "declaration.waiver.reason", errors);
}

void CheckDeclaration(const v1::Declaration& asked, base::FieldErrors& errors) {
  CheckYear(asked.year(), "declaration.year", errors);
  errors.Require(asked.kind() != v1::QUOTA_KIND_UNSPECIFIED, "declaration.kind", "is required");
  if (asked.has_limit()) CheckAmount(asked.limit(), "declaration.limit", errors);
  if (asked.has_waiver()) {
    CheckWaiver(asked.waiver(), errors);
    errors.Require(!asked.has_figures(), "declaration.figures", "must be absent where a waiver is asked for");
  } else {
    CheckFigures(asked.figures(), "declaration.figures.", errors);
  }
}

// REFERENCE_INVALID where the institution has nothing to declare.
absl::Status CheckDeclares(const directory::v1::Institution& institution) {
  if (institution.canteen_mode() == directory::v1::CANTEEN_MODE_NONE) {
    return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, institution.uscc(),
                        "an institution without a canteen declares nothing");
  }
  if (UnitOf(institution) == institution.uscc()) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, institution.uscc(),
                      base::StrCat("the representative of the shared canteen, ", UnitOf(institution),
                                   ", declares for the institution"));
}

// DEADLINE_PASSED outside the window. What was returned may come again while corrections may be asked for: the window
// may have ended at the officer's desk.
absl::Status CheckWindow(const v1::Declaration& declaration, const v1::QuotaRule& rule, absl::Time now) {
  const bool is_returned = declaration.state() == v1::DECLARATION_STATE_RETURNED;
  if (IsOpen(rule, now) || (is_returned && now < EndOf(rule.correctable_until()))) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, declaration.institution_uscc(),
                      base::StrCat("declarations of ", declaration.year(), " are taken from ", rule.opens_on(), " to ",
                                   rule.closes_on()),
                      {{"opens_on", rule.opens_on()}, {"closes_on", rule.closes_on()}});
}

// What the table says of the step, before rules and calendar are asked.
absl::Status CheckStep(const ledger::Operation& operation, const v1::Declaration& declaration, std::string_view step) {
  return DeclarationStates()
      .Next(declaration.state(), step, operation.caller().role, declaration.institution_uscc())
      .status();
}

// Notes what the declaration is judged by as of now: region, canteen, who is declared for, and the rule; refuses where
// the institution has nothing to declare, no rule holds or its window is not open.
absl::Status Judge(ledger::Operation& operation, v1::Declaration& declaration) {
  store::Transaction& transaction = operation.transaction();
  const std::string& uscc = declaration.institution_uscc();
  auto institution = directory::GetInstitution(transaction, uscc);
  if (!institution.ok()) return institution.status();
  if (absl::Status declares = CheckDeclares(*institution); !declares.ok()) return declares;
  auto region = RegionFor(transaction, operation.caller(), uscc);
  if (!region.ok()) return region.status();
  auto rule = RuleFor(transaction, declaration.year(), *region, declaration.kind(), uscc);
  if (!rule.ok()) return rule.status();
  if (absl::Status open = CheckWindow(declaration, *rule, operation.now()); !open.ok()) return open;
  auto represented = directory::RepresentedBy(transaction, uscc);
  if (!represented.ok()) return represented.status();
  declaration.set_region_code(*std::move(region));
  declaration.set_canteen_mode(institution->canteen_mode());
  declaration.mutable_represented_usccs()->Assign(represented->begin(), represented->end());
  *declaration.mutable_rule() = *std::move(rule);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SaveDeclarationResponse> SaveDeclaration(ledger::Operation& operation,
                                                            const v1::SaveDeclarationRequest& request) {
  const v1::Declaration& asked = request.declaration();
  base::FieldErrors errors;
  CheckDeclaration(asked, errors);
  if (!errors.empty()) return errors.ToStatus();
  const std::string& uscc = operation.caller().organisation;
  auto found = FindDeclaration(operation.transaction(), uscc, asked.year());
  if (!found.ok()) return found.status();
  v1::Declaration declaration = found->value_or(v1::Declaration());
  if (declaration.etag() != asked.etag()) return base::EtagMismatch("declaration", uscc);
  if (!*found) declaration.set_state(v1::DECLARATION_STATE_DRAFT);
  if (absl::Status allowed = CheckStep(operation, declaration, kSaveStep); !allowed.ok()) return allowed;

  declaration.set_institution_uscc(uscc);
  declaration.set_year(asked.year());
  declaration.set_kind(asked.kind());
  declaration.clear_figures();
  if (asked.has_figures()) *declaration.mutable_figures() = asked.figures();
  declaration.clear_limit();
  if (asked.has_limit()) *declaration.mutable_limit() = asked.limit();
  declaration.clear_waiver();
  if (asked.has_waiver()) *declaration.mutable_waiver() = asked.waiver();
  if (absl::Status judged = Judge(operation, declaration); !judged.ok()) return judged;
  if (absl::Status saved = Advance(operation, declaration, kSaveStep, ""); !saved.ok()) return saved;
  return Respond<v1::SaveDeclarationResponse>(std::move(declaration));
}

absl::StatusOr<v1::SubmitDeclarationResponse> SubmitDeclaration(ledger::Operation& operation,
                                                                const v1::SubmitDeclarationRequest& request) {
  auto declaration = GetOwn(operation, request.year());
  if (!declaration.ok()) return declaration.status();
  if (absl::Status allowed = CheckStep(operation, *declaration, kSubmitStep); !allowed.ok()) return allowed;
  if (absl::Status judged = Judge(operation, *declaration); !judged.ok()) return judged;
  auto quota = Find(operation.transaction(), declaration->institution_uscc(), request.year());
  if (!quota.ok()) return quota.status();
  base::FieldErrors errors;
  errors.Require(quota->has_value() || declaration->has_limit(), "declaration.limit",
                 "is required while no quota is set for the year");
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status submitted = Advance(operation, *declaration, kSubmitStep, ""); !submitted.ok()) return submitted;
  return Respond<v1::SubmitDeclarationResponse>(*std::move(declaration));
}

absl::StatusOr<v1::CorrectDeclarationResponse> CorrectDeclaration(ledger::Operation& operation,
                                                                  const v1::CorrectDeclarationRequest& request) {
  const v1::DeclarationCorrection& asked = request.correction();
  base::FieldErrors errors;
  CheckYear(request.year(), "year", errors);
  CheckFigures(asked.figures(), "correction.figures.", errors);
  CheckText(asked.document_no(), kMaxDocumentNoCodePoints, "correction.document_no", errors);
  CheckText(asked.cause(), base::kMaxRemarkCodePoints, "correction.cause", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto declaration = GetOwn(operation, request.year());
  if (!declaration.ok()) return declaration.status();
  if (absl::Status allowed = CheckStep(operation, *declaration, kCorrectStep); !allowed.ok()) return allowed;
  if (operation.now() >= EndOf(declaration->rule().correctable_until())) {
    return base::Refuse(
        ErrorReason::ERROR_REASON_DEADLINE_PASSED, declaration->institution_uscc(),
        base::StrCat("corrections of ", request.year(), " were taken until ", declaration->rule().correctable_until()));
  }
  *declaration->mutable_correction() = asked;
  if (absl::Status stepped = Advance(operation, *declaration, kCorrectStep, asked.cause()); !stepped.ok()) {
    return stepped;
  }
  return Respond<v1::CorrectDeclarationResponse>(*std::move(declaration));
}

}  // namespace zhuxiao::quota
