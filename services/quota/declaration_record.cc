#include "services/quota/declaration_record.h"

#include <algorithm>

#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/quota/canteens.h"
#include "services/quota/declaration_states.h"
#include "services/quota/operations.h"
#include "services/quota/records.h"
#include "services/quota/rules.h"

namespace zhuxiao::quota {
namespace {

using base::ErrorReason;

// When time moves the declaration next; nullopt where it does not.
std::optional<absl::Time> DueOf(const v1::Declaration& declaration) {
  if (declaration.state() == v1::DECLARATION_STATE_CONFIRMED) return EndOf(declaration.rule().closes_on());
  if (!IsInForce(declaration) || DeclarationStates().IsFinal(declaration.state())) return std::nullopt;
  return EndOf(declaration.rule().correctable_until());
}

std::string DueKey(const v1::Declaration& declaration, absl::Time due) {
  return store::Key(kDeclarationDue, store::OrderedTime(due),
                    base::StrCat(YearPart(declaration.year()), "-", declaration.institution_uscc()));
}

void Note(const ledger::Operation& operation, v1::Declaration& declaration, std::string_view step,
          const std::string& remark) {
  v1::DeclarationStep& noted = *declaration.add_steps();
  noted.set_action(std::string(step));
  noted.set_state(declaration.state());
  noted.set_actor(operation.caller().organisation);
  noted.set_token_id(operation.caller().token_id);
  *noted.mutable_time() = base::ToProto(operation.now());
  noted.set_remark(remark);
  if (declaration.has_figures()) *noted.mutable_figures() = declaration.figures();
}

}  // namespace

absl::StatusOr<std::optional<v1::Declaration>> FindDeclaration(store::Reader& reader, std::string_view uscc, int year) {
  auto row = reader.Get(DeclarationKey(year, uscc));
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<v1::Declaration>();
  v1::Declaration declaration;
  if (!declaration.ParseFromString(**row)) return base::DataLoss("a declaration cannot be read");
  return std::optional(std::move(declaration));
}

absl::StatusOr<v1::Declaration> GetVisible(store::Reader& reader, const base::Caller& caller, const std::string& uscc,
                                           int year) {
  base::FieldErrors errors;
  CheckYear(year, "year", errors);
  if (!errors.empty()) return errors.ToStatus();
  if (!RegionFor(reader, caller, uscc).ok()) return base::NotFound("declaration", uscc);
  auto declaration = FindDeclaration(reader, uscc, year);
  if (!declaration.ok()) return declaration.status();
  if (!*declaration) return base::NotFound("declaration", uscc);
  return **std::move(declaration);
}

absl::StatusOr<v1::Declaration> GetOwn(ledger::Operation& operation, int year) {
  return GetVisible(operation.transaction(), operation.caller(), operation.caller().organisation, year);
}

absl::Status Advance(ledger::Operation& operation, v1::Declaration& declaration, std::string_view step,
                     const std::string& remark) {
  const auto former_due = DueOf(declaration);
  const base::Role actor = operation.caller().role;
  // Time alone is never held up.
  if (declaration.steps_size() >= kMaxDeclarationSteps && actor != base::kTime) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, declaration.institution_uscc(),
                        base::StrCat("the declaration has taken ", kMaxDeclarationSteps, " steps already"));
  }
  if (former_due) operation.transaction().Delete(DueKey(declaration, *former_due));
  if (absl::Status stepped = TakeStep(declaration, step, actor); !stepped.ok()) return stepped;
  if (step == kConfirmStep || step == kGrantStep) {
    if (absl::Status applied = ApplyToQuota(operation, declaration); !applied.ok()) return applied;
  }
  Note(operation, declaration, step, remark);
  if (const auto due = DueOf(declaration)) operation.transaction().Put(DueKey(declaration, *due), "");
  operation.transaction().Put(DeclarationKey(declaration.year(), declaration.institution_uscc()),
                              declaration.SerializeAsString());
  *operation.event().mutable_declaration() = declaration;
  return absl::OkStatus();
}

std::optional<int64_t> DerivedTargetFen(const v1::Declaration& declaration) {
  if (IsWaiver(declaration)) return 0;
  const auto required = RequiredFen(declaration.rule(), declaration.figures().base().amount_fen());
  if (!required || *required > base::kMaxAmountFen) return std::nullopt;
  return std::max(*required, declaration.figures().target().amount_fen());
}

bool IsWaiver(const v1::Declaration& declaration) { return declaration.has_waiver() && !declaration.has_figures(); }

absl::Status ApplyToQuota(ledger::Operation& operation, v1::Declaration& declaration) {
  store::Transaction& transaction = operation.transaction();
  const std::string& uscc = declaration.institution_uscc();
  auto found = Find(transaction, uscc, declaration.year());
  if (!found.ok()) return found.status();
  if (!*found && !declaration.has_limit()) {
    return base::Refuse(ErrorReason::ERROR_REASON_QUOTA_MISSING, uscc, "no quota is set and no limit is declared");
  }
  const auto target = DerivedTargetFen(declaration);
  if (!target) return base::DataLoss("a declaration's target cannot be counted");
  declaration.mutable_derived_target()->set_amount_fen(*target);

  v1::Quota quota = found->value_or(v1::Quota());
  quota.set_institution_uscc(uscc);
  quota.set_year(declaration.year());
  quota.set_region_code(declaration.region_code());
  quota.mutable_target()->set_amount_fen(*target);
  // A later correction of the figures leaves the limit as it was set since.
  if (declaration.has_limit() && !quota.has_declared_rule()) *quota.mutable_limit() = declaration.limit();
  quota.set_is_waived(IsWaiver(declaration));
  quota.clear_declared_base();
  if (declaration.has_figures()) *quota.mutable_declared_base() = declaration.figures().base();
  *quota.mutable_declared_rule() = declaration.rule();
  auto spending = transaction.GetCounter(SpendingKey(declaration.year(), uscc));
  if (!spending.ok()) return spending.status();
  if ((*spending)[kUsedField] > quota.limit().amount_fen()) {
    return base::Refuse(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, uscc,
                        "more than the declared limit is held or settled already",
                        {{"used_fen", std::to_string((*spending)[kUsedField])}});
  }
  quota.set_etag(base::NextEtag(quota.etag()));
  transaction.Put(QuotaKey(quota.year(), uscc), quota.SerializeAsString());
  return absl::OkStatus();
}

void CheckYear(int year, const std::string& field, base::FieldErrors& errors) {
  errors.Require(year >= kFirstYear && year <= kLastYear, field, "must be 2020 to 2099");
}

void CheckAmount(const common::v1::Money& amount, const std::string& field, base::FieldErrors& errors) {
  errors.Require(amount.amount_fen() >= 0 && amount.amount_fen() <= base::kMaxAmountFen, field,
                 "must be 0 to 10^15 fen");
}

void CheckFigures(const v1::DeclaredFigures& figures, const std::string& prefix, base::FieldErrors& errors) {
  // Twice the base, the most a rule can ask for, is still an amount.
  errors.Require(figures.base().amount_fen() > 0 && figures.base().amount_fen() <= base::kMaxAmountFen / 2,
                 prefix + "base", "must be more than 0 and at most 5 * 10^14 fen");
  CheckAmount(figures.target(), prefix + "target", errors);
}

void CheckRemark(const std::string& remark, bool is_required, const std::string& field, base::FieldErrors& errors) {
  if (is_required) return CheckText(remark, base::kMaxRemarkCodePoints, field, errors);
  errors.Require(base::CodePointCount(remark) <= base::kMaxRemarkCodePoints, field, "must have at most 500 characters");
}

void CheckText(const std::string& text, size_t most, const std::string& field, base::FieldErrors& errors) {
  errors.Require(!text.empty() && base::CodePointCount(text) <= most, field,
                 base::StrCat("must have 1 to ", most, " characters"));
}

}  // namespace zhuxiao::quota
