// Declarations: what officers and time do, and reading them.
#include "services/base/errors.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/quota/canteens.h"
#include "services/quota/declaration_record.h"
#include "services/quota/declaration_states.h"
#include "services/quota/declarations.h"
#include "services/quota/records.h"
#include "services/quota/rules.h"

namespace zhuxiao::quota {
namespace {

using base::ErrorReason;

// The declaration an officer's request is about.
template <typename Request>
absl::StatusOr<v1::Declaration> Find(ledger::Operation& operation, const Request& request) {
  base::FieldErrors errors;
  CheckRemark(request.remark(), !request.is_accepted(), "remark", errors);
  CheckYear(request.year(), "year", errors);
  if (!errors.empty()) return errors.ToStatus();
  return GetVisible(operation.transaction(), operation.caller(), request.institution_uscc(), request.year());
}

template <typename Response>
absl::StatusOr<Response> Step(ledger::Operation& operation, v1::Declaration declaration, std::string_view step,
                              const std::string& remark) {
  if (absl::Status stepped = Advance(operation, declaration, step, remark); !stepped.ok()) return stepped;
  Response response;
  *response.mutable_declaration() = std::move(declaration);
  return response;
}

// The token that took the last step of that name; empty where nobody did.
std::string_view LastTokenOf(const v1::Declaration& declaration, std::string_view step) {
  std::string_view token;
  for (const v1::DeclarationStep& taken : declaration.steps()) {
    if (taken.action() == step) token = taken.token_id();
  }
  return token;
}

}  // namespace

absl::StatusOr<v1::ReviewDeclarationResponse> ReviewDeclaration(ledger::Operation& operation,
                                                                const v1::ReviewDeclarationRequest& request) {
  auto declaration = Find(operation, request);
  if (!declaration.ok()) return declaration.status();
  // A reviewed one is sent back by who confirms.
  const bool is_submitted = declaration->state() == v1::DECLARATION_STATE_SUBMITTED;
  return Step<v1::ReviewDeclarationResponse>(operation, *std::move(declaration),
                                             request.is_accepted() || !is_submitted ? kPassStep : kReturnStep,
                                             request.remark());
}

absl::StatusOr<v1::ConfirmDeclarationResponse> ConfirmDeclaration(ledger::Operation& operation,
                                                                  const v1::ConfirmDeclarationRequest& request) {
  auto declaration = Find(operation, request);
  if (!declaration.ok()) return declaration.status();
  const bool is_reviewed = declaration->state() == v1::DECLARATION_STATE_REVIEWED;
  if (is_reviewed && LastTokenOf(*declaration, kPassStep) == operation.caller().token_id) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, declaration->institution_uscc(),
                        "who reviewed a declaration may not decide on it too");
  }
  return Step<v1::ConfirmDeclarationResponse>(operation, *std::move(declaration),
                                              request.is_accepted() || !is_reviewed ? kConfirmStep : kReturnStep,
                                              request.remark());
}

absl::StatusOr<v1::DecideCorrectionResponse> DecideCorrection(ledger::Operation& operation,
                                                              const v1::DecideCorrectionRequest& request) {
  auto declaration = Find(operation, request);
  if (!declaration.ok()) return declaration.status();
  if (request.is_accepted() && declaration->has_correction()) {
    *declaration->mutable_figures() = declaration->correction().figures();
  }
  declaration->clear_correction();
  return Step<v1::DecideCorrectionResponse>(operation, *std::move(declaration),
                                            request.is_accepted() ? kGrantStep : kDenyStep, request.remark());
}

absl::StatusOr<v1::GetDeclarationResponse> GetDeclaration(store::Reader& reader, const base::Caller& caller,
                                                          const v1::GetDeclarationRequest& request) {
  const std::string& uscc = request.institution_uscc().empty() ? caller.organisation : request.institution_uscc();
  auto declaration = GetVisible(reader, caller, uscc, request.year());
  if (!declaration.ok()) return declaration.status();
  v1::GetDeclarationResponse response;
  *response.mutable_declaration() = *std::move(declaration);
  return response;
}

absl::StatusOr<store::Page<v1::ListDeclarationsResponse>> ListDeclarations(store::Reader& reader,
                                                                           const base::Caller& caller,
                                                                           const v1::ListDeclarationsRequest& request,
                                                                           const store::PageRequest& page) {
  base::FieldErrors errors;
  CheckYear(request.year(), "year", errors);
  directory::RequireRegionOrNone(errors, request.region_prefix(), "region_prefix");
  if (!errors.empty()) return errors.ToStatus();
  store::Page<v1::ListDeclarationsResponse> result;
  const std::string prefix = DeclarationKey(request.year(), "");
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    v1::Declaration declaration;
    if (!declaration.ParseFromString(row.value)) return base::DataLoss("a declaration cannot be read");
    if (request.state() != v1::DECLARATION_STATE_UNSPECIFIED && request.state() != declaration.state()) return false;
    // The row knows only where the institution was when it was submitted.
    auto region = SeatOf(reader, declaration.institution_uscc());
    if (!region.ok()) return region.status();
    const bool is_visible = caller.ReadsEverything() || caller.IsOfficerOf(*region);
    if (!is_visible || !base::IsInside(*region, request.region_prefix())) return false;
    *result.response.add_declarations() = std::move(declaration);
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<std::vector<std::string>> DueDeclarations(store::Reader& reader, absl::Time now, size_t limit) {
  // '~' sorts after every name.
  auto rows =
      reader.Scan(store::Key(kDeclarationDue, ""), store::Key(kDeclarationDue, store::OrderedTime(now), "~"), limit);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> names;
  for (const store::KeyValue& row : *rows) names.push_back(row.key.substr(row.key.rfind('/') + 1));
  return names;
}

absl::Status AgeDeclaration(ledger::Operation& operation, const std::string& name) {
  constexpr size_t kYearDigits = 4;
  auto row = operation.transaction().Get(
      store::Key(kDeclarationTable, name.substr(0, kYearDigits), name.substr(kYearDigits + 1)));
  if (!row.ok()) return row.status();
  v1::Declaration declaration;
  if (!*row || !declaration.ParseFromString(**row)) return base::DataLoss("a declaration that is due cannot be read");
  const bool is_confirmed = declaration.state() == v1::DECLARATION_STATE_CONFIRMED;
  if (!IsInForce(declaration) || DeclarationStates().IsFinal(declaration.state())) return absl::OkStatus();
  const v1::QuotaRule& rule = declaration.rule();
  if (operation.now() < EndOf(is_confirmed ? rule.closes_on() : rule.correctable_until())) return absl::OkStatus();
  declaration.clear_correction();
  return Advance(operation, declaration, is_confirmed ? kLockStep : kCloseStep, "");
}

absl::Status ForEachDeclaration(store::Reader& reader,
                                const std::function<absl::Status(const v1::Declaration&)>& visit) {
  return store::WalkAll(reader, store::Key(kDeclarationTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::Declaration declaration;
    if (!declaration.ParseFromString(row.value)) return base::DataLoss("a declaration cannot be read");
    return visit(declaration);
  });
}

}  // namespace zhuxiao::quota
