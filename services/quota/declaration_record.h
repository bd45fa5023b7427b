// What the steps of a declaration share: its row, when time will move it, and what it does to the quota. Private to the
// quota module.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/errors.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// A declaration is returned or corrected a few times a year; this bounds its row. Further steps are refused.
inline constexpr int kMaxDeclarationSteps = 200;
// Characters of the number of a document.
inline constexpr size_t kMaxDocumentNoCodePoints = 120;

// The stored declaration, or nullopt.
absl::StatusOr<std::optional<v1::Declaration>> FindDeclaration(store::Reader& reader, std::string_view uscc, int year);

// The stored declaration where the caller may see it; NOT_FOUND otherwise.
absl::StatusOr<v1::Declaration> GetVisible(store::Reader& reader, const base::Caller& caller, const std::string& uscc,
                                           int year);

// The caller's own declaration; NOT_FOUND where there is none.
absl::StatusOr<v1::Declaration> GetOwn(ledger::Operation& operation, int year);

// Takes the step in the table, notes it with `remark`, and stores the declaration with the time of its next step by
// time; a step that puts the declaration in force sets the quota. STATE_NOT_ALLOWED also where the declaration has
// taken kMaxDeclarationSteps. The refusals of ApplyToQuota.
absl::Status Advance(ledger::Operation& operation, v1::Declaration& declaration, std::string_view step,
                     const std::string& remark);

// The least target a rule and figures lead to; 0 for a declaration that asks to be let off. nullopt where it is more
// than can be counted.
std::optional<int64_t> DerivedTargetFen(const v1::Declaration& declaration);

// True where the institution asks to be let off.
bool IsWaiver(const v1::Declaration& declaration);

// Sets target, base and, where the declaration names one, limit of the quota from a declaration in force.
// QUOTA_MISSING where there is no quota and no limit is declared; QUOTA_EXCEEDED where more is used than the limit.
absl::Status ApplyToQuota(ledger::Operation& operation, v1::Declaration& declaration);

void CheckYear(int year, const std::string& field, base::FieldErrors& errors);
// 0 to base::kMaxAmountFen.
void CheckAmount(const common::v1::Money& amount, const std::string& field, base::FieldErrors& errors);
// The figures of one who is not let off: a base of more than 0, and a target that can be counted.
void CheckFigures(const v1::DeclaredFigures& figures, const std::string& prefix, base::FieldErrors& errors);
// A remark of an officer: at most 500 characters, and at least one where `is_required`.
void CheckRemark(const std::string& remark, bool is_required, const std::string& field, base::FieldErrors& errors);
// 1 to `most` characters.
void CheckText(const std::string& text, size_t most, const std::string& field, base::FieldErrors& errors);

}  // namespace zhuxiao::quota
