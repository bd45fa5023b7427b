// Checks the books from outside: quotas, which of them a contract counts for, and declarations.
#include <algorithm>

#include "clients/cli/verify.h"
#include "clients/cli/verify_rules.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using base::StrCat;
using quota::v1::Declaration;

bool IsDeclarationStep(int from, int to) {
  using namespace quota::v1;
  switch (from) {
    case DECLARATION_STATE_UNSPECIFIED:
      return to == DECLARATION_STATE_DRAFT;
    case DECLARATION_STATE_DRAFT:
      return to == DECLARATION_STATE_DRAFT || to == DECLARATION_STATE_SUBMITTED;
    case DECLARATION_STATE_SUBMITTED:
      return to == DECLARATION_STATE_REVIEWED || to == DECLARATION_STATE_RETURNED;
    case DECLARATION_STATE_RETURNED:
      return to == DECLARATION_STATE_RETURNED || to == DECLARATION_STATE_SUBMITTED;
    case DECLARATION_STATE_REVIEWED:
      return to == DECLARATION_STATE_CONFIRMED || to == DECLARATION_STATE_RETURNED;
    case DECLARATION_STATE_CONFIRMED:
      return to == DECLARATION_STATE_LOCKED;
    case DECLARATION_STATE_LOCKED:
    case DECLARATION_STATE_CORRECTED:
      return to == DECLARATION_STATE_CORRECTING || to == DECLARATION_STATE_CLOSED;
    case DECLARATION_STATE_CORRECTING:
      return to == DECLARATION_STATE_LOCKED || to == DECLARATION_STATE_CORRECTED || to == DECLARATION_STATE_CLOSED;
    default:
      return false;
  }
}

// The token of the last step that led to `state`.
std::string TokenOf(const Declaration& declaration, quota::v1::DeclarationState state) {
  std::string token;
  for (const auto& step : declaration.steps()) {
    if (step.state() == state) token = step.token_id();
  }
  return token;
}

}  // namespace

std::string BookCheck::Show(const Spending& spending) {
  return StrCat("held ", spending.held_fen, ", settled ", spending.settled_fen, " fen");
}

const std::string& BookCheck::UnitOf(const order::v1::Contract& contract) const {
  const auto it = bindings_.find(contract.contract_id());
  return it == bindings_.end() ? contract.institution_uscc() : it->second.institution_uscc();
}

void BookCheck::AddBinding(const quota::v1::QuotaBinding& binding) {
  const std::string& id = binding.contract_id();
  touched_.contracts.insert(id);
  const auto contract = contracts_.find(id);
  if (contract != contracts_.end()) Count(contract->second, -1);
  bindings_[id] = binding;
  if (contract != contracts_.end()) Count(contract->second, 1);
}

void BookCheck::CheckQuotas() {
  for (const QuotaKey& key : touched_.quotas) {
    const std::string id = StrCat(key.first, " ", key.second);
    if (const auto quota = quotas_.find(key); quota != quotas_.end()) {
      CheckQuota(quota->second, id);
      continue;
    }
    Require(spending_[key] == Spending{}, Rule::kQuotaUse, id, "is in no book");
  }
}

void BookCheck::CheckQuota(const quota::v1::Quota& quota, const std::string& id) {
  const QuotaKey key = {quota.institution_uscc(), quota.year()};
  const Spending book{quota.held().amount_fen(), quota.settled().amount_fen()};
  Require(book.held_fen + book.settled_fen <= quota.limit().amount_fen(), Rule::kQuotaLimit, id,
          StrCat(Show(book), ", limit ", quota.limit().amount_fen()));
  Require(book == spent_[key], Rule::kQuotaMoves, id, StrCat("book: ", Show(book), "; feed: ", Show(spent_[key])));
  const Spending& used = spending_[key];
  Require(book == used, Rule::kQuotaUse, id, StrCat("book: ", Show(book), "; contracts: ", Show(used)));
}

// Over the whole feed a contract counts for the quota it is bound to, once, and for no other.
void BookCheck::CheckBindings() {
  for (const std::string& id : touched_.contracts) {
    const auto contract = contracts_.find(id);
    if (contract != contracts_.end()) CheckBoundOnce(contract->second);
    const auto binding = bindings_.find(id);
    if (binding != bindings_.end()) CheckBinding(binding->second);
  }
}

void BookCheck::CheckBoundOnce(const order::v1::Contract& contract) {
  const std::string& id = contract.contract_id();
  const std::string& unit = UnitOf(contract);
  const Spending wanted{HeldFen(contract), SettledFen(contract)};
  std::map<std::string, Spending>& counted = spent_for_[id];
  Require(counted[unit] == wanted, Rule::kQuotaBinding, id,
          StrCat("counts for ", unit, " with ", Show(counted[unit]), "; contract: ", Show(wanted)));
  for (const auto& [uscc, spending] : counted) {
    Require(uscc == unit || spending == Spending{}, Rule::kQuotaBinding, id,
            StrCat("counts for ", uscc, " too: ", Show(spending)));
  }
}

void BookCheck::CheckBinding(const quota::v1::QuotaBinding& binding) {
  const auto require = [&](bool holds, std::string_view what) {
    Require(holds, Rule::kQuotaBinding, binding.contract_id(), std::string(what));
  };
  const auto contract = contracts_.find(binding.contract_id());
  if (contract == contracts_.end()) return require(false, "is bound and in no book");
  require(
      binding.buyer_uscc() == contract->second.institution_uscc() && binding.year() == contract->second.quota_year(),
      "buyer or year of its binding is not its own");
  require(binding.held().amount_fen() == HeldFen(contract->second) &&
              binding.settled().amount_fen() == SettledFen(contract->second),
          "its binding holds or has settled another amount");
  std::string unit = binding.first_uscc();
  for (int i = 0; i < binding.rebindings_size(); ++i) {
    const quota::v1::Rebinding& rebinding = binding.rebindings(i);
    const bool is_open = rebinding.state() == quota::v1::REBINDING_STATE_PROPOSED;
    require(rebinding.from_uscc() == unit && rebinding.to_uscc() != unit, "a re-binding is not from where it was");
    require(!is_open || i + 1 == binding.rebindings_size(), "a re-binding waits before a later one");
    require(is_open || rebinding.proposed_by() != rebinding.decided_by(), "who proposed a re-binding decided on it");
    const bool is_done = rebinding.state() == quota::v1::REBINDING_STATE_APPROVED;
    require(rebinding.entries_size() == (is_done ? 2 : 0), "a re-binding has other than two entries, or too early");
    if (!is_done || rebinding.entries_size() != 2) continue;
    const auto& minus = rebinding.entries(0);
    const auto& plus = rebinding.entries(1);
    require(minus.institution_uscc() == unit && plus.institution_uscc() == rebinding.to_uscc() &&
                minus.held_fen() == -plus.held_fen() && minus.settled_fen() == -plus.settled_fen() &&
                plus.held_fen() >= 0 && plus.settled_fen() >= 0,
            "the two entries of a re-binding do not cancel out");
    unit = rebinding.to_uscc();
  }
  require(unit == binding.institution_uscc(), "its re-bindings lead elsewhere");
}

void BookCheck::TakeDeclaration(const Declaration& declaration) {
  touched_.declarations.emplace(declaration.institution_uscc(), declaration.year());
  Declaration& last = declaration_events_[{declaration.institution_uscc(), declaration.year()}];
  Require(IsDeclarationStep(last.state(), declaration.state()), Rule::kQuotaDeclaration,
          StrCat(declaration.institution_uscc(), " ", declaration.year()),
          StrCat(quota::v1::DeclarationState_Name(last.state()), " to ",
                 quota::v1::DeclarationState_Name(declaration.state())));
  last = declaration;
}

void BookCheck::CheckDeclarations() {
  for (const QuotaKey& key : touched_.declarations) {
    const std::string id = StrCat(key.first, " ", key.second);
    const auto found = declarations_.find(key);
    if (found == declarations_.end()) {
      Require(!declaration_events_.contains(key), Rule::kQuotaDeclaration, id, "is on the feed and in no book");
      continue;
    }
    const Declaration& declaration = found->second;
    const auto last = declaration_events_.find(key);
    Require(last != declaration_events_.end() && last->second.SerializeAsString() == declaration.SerializeAsString(),
            Rule::kQuotaDeclaration, id, "the book is not what the feed says last");
    const auto& represented = declaration.represented_usccs();
    Require(std::find(represented.begin(), represented.end(), key.first) == represented.end(), Rule::kQuotaDeclaration,
            id, "represents itself");
    if (declaration.state() >= quota::v1::DECLARATION_STATE_CONFIRMED) CheckInForce(declaration, id);
  }
}

void BookCheck::CheckInForce(const Declaration& declaration, const std::string& id) {
  Require(TokenOf(declaration, quota::v1::DECLARATION_STATE_REVIEWED) !=
              TokenOf(declaration, quota::v1::DECLARATION_STATE_CONFIRMED),
          Rule::kQuotaDeclaration, id, "who reviewed it confirmed it");
  const int64_t target_fen = DeclaredTargetFen(declaration);
  Require(declaration.derived_target().amount_fen() == target_fen, Rule::kQuotaDeclaration, id,
          StrCat("target ", declaration.derived_target().amount_fen(), " fen, recomputed ", target_fen));
  const auto it = quotas_.find({declaration.institution_uscc(), declaration.year()});
  if (it == quotas_.end()) return Break(Rule::kQuotaDeclaration, id, "is in force without a quota");
  Require(it->second.target().amount_fen() == target_fen &&
              it->second.declared_base().amount_fen() == declaration.figures().base().amount_fen() &&
              it->second.has_declared_base() == declaration.has_figures(),
          Rule::kQuotaDeclaration, id, StrCat("target ", target_fen, " fen or base is not the quota's"));
}

}  // namespace zhuxiao::cli
