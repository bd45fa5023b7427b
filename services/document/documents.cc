#include "services/document/documents.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "services/base/clock.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/document/document.h"
#include "services/document/pages.h"
#include "services/document/records.h"
#include "services/order/order.h"

namespace zhuxiao::document {
namespace {

using base::Caller;
using base::ErrorReason;
using base::Role;
using base::StrCat;
using order::v1::Contract;

std::string Hex(std::string_view bytes) { return absl::BytesToHexString(base::View(base::Sha256(bytes))); }

std::string_view PrefixOf(v1::DocumentKind kind) {
  switch (kind) {
    case v1::DOCUMENT_KIND_DELIVERY_NOTE:
      return "DN";
    case v1::DOCUMENT_KIND_ACCEPTANCE_SHEET:
      return "AS";
    default:
      return "MS";
  }
}

absl::StatusOr<v1::Document> Fetch(store::Reader& reader, std::string_view number) {
  auto row = reader.Get(store::Key(kDocumentTable, number));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("document", number);
  v1::Document document;
  if (!document.ParseFromString(**row)) return base::DataLoss(StrCat("document ", number, " cannot be read"));
  return document;
}

// The newest document of a subject, or nullopt.
absl::StatusOr<std::optional<v1::Document>> Newest(store::Reader& reader, v1::DocumentKind kind,
                                                   std::string_view subject) {
  auto number = reader.Get(NewestKey(kind, subject));
  if (!number.ok()) return number.status();
  if (!*number) return std::nullopt;
  auto document = Fetch(reader, **number);
  if (!document.ok()) return document.status();
  return *std::move(document);
}

// What a document is about, and how its article follows from what stands on its head.
struct Draft {
  PageFacts facts;
  std::function<std::string(const PageFacts&, bool is_masked)> article;
};

absl::Status AddName(store::Reader& reader, const std::string& uscc, PageFacts& facts) {
  auto organisation = directory::GetOrganisation(reader, uscc);
  if (organisation.ok()) facts.names[uscc] = organisation->name();
  return absl::IsNotFound(organisation.status()) ? absl::OkStatus() : organisation.status();
}

absl::StatusOr<Draft> DraftOfContract(ledger::Operation& operation, const v1::IssueDocumentRequest& request) {
  store::Reader& reader = operation.transaction();
  const Caller& caller = operation.caller();
  auto contract = order::GetContract(reader, request.contract_id());
  if (!contract.ok()) return contract.status();
  const bool is_own = caller.Is(Role::ROLE_SUPPLIER, contract->supplier_uscc()) ||
                      caller.Is(Role::ROLE_INSTITUTION, contract->institution_uscc());
  if (!is_own) return base::NotFound("contract", request.contract_id());
  const bool is_note = request.kind() == v1::DOCUMENT_KIND_DELIVERY_NOTE;
  if (is_note ? !contract->has_ship_time() : !contract->has_accept_time()) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, contract->contract_id(),
                        is_note ? "nothing was shipped yet" : "nothing was accepted yet",
                        {{"state", order::v1::ContractState_Name(contract->state())}});
  }
  auto order = order::GetOrder(reader, contract->order_id());
  if (!order.ok()) return order.status();
  Draft draft;
  v1::Document& document = draft.facts.document;
  document.set_subject(contract->contract_id());
  document.set_origin_code(contract->origin_code());
  for (const std::string& party : {contract->supplier_uscc(), contract->institution_uscc()}) {
    document.add_party_usccs(party);
    if (absl::Status named = AddName(reader, party, draft.facts); !named.ok()) return named;
  }
  if (!is_note) *document.mutable_amount() = contract->accepted_amount();
  draft.facts.destination = directory::Counties().FullName(contract->destination_code());
  draft.facts.address = order->address();
  draft.article = [contract = *std::move(contract)](const PageFacts& facts, bool is_masked) {
    return ContractArticle(facts, contract, is_masked);
  };
  return draft;
}

// The first instants of a month "YYYY-MM" of Asia/Shanghai and of the next, or nullopt.
struct Month {
  absl::Time begin;
  absl::Time end;
};
std::optional<Month> ParseMonth(const std::string& text) {
  const auto first = base::ParseDay(text + "-01");
  if (!first.ok()) return std::nullopt;
  constexpr int kLongerThanAnyMonth = 31;
  const std::string next = base::FormatDay(*first + kLongerThanAnyMonth).substr(0, text.size()) + "-01";
  return Month{base::StartOfDay(*first), base::StartOfDay(*base::ParseDay(next))};
}

absl::StatusOr<std::vector<Contract>> ContractsOfMonth(store::Reader& reader, const std::string& institution_uscc,
                                                       const Month& month) {
  std::vector<Contract> contracts;
  absl::Status walked = order::ForEachContractOf(reader, institution_uscc, [&](const Contract& contract) {
    const bool is_bought = contract.institution_uscc() == institution_uscc;
    if (!is_bought || !IsInStatement(contract, month.begin, month.end)) return absl::OkStatus();
    if (contracts.size() >= kMaxStatementContracts) {
      return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, institution_uscc,
                          StrCat("the month has more than ", kMaxStatementContracts, " contracts"));
    }
    contracts.push_back(contract);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return contracts;
}

absl::StatusOr<Draft> DraftOfMonth(ledger::Operation& operation, const v1::IssueDocumentRequest& request,
                                   const Month& month) {
  store::Reader& reader = operation.transaction();
  const std::string& buyer = operation.caller().organisation;
  if (operation.caller().role != Role::ROLE_INSTITUTION) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, buyer, "a statement is an institution's");
  }
  auto contracts = ContractsOfMonth(reader, buyer, month);
  if (!contracts.ok()) return contracts.status();
  if (contracts->empty()) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, buyer, "nothing happened in the month");
  }
  Draft draft;
  v1::Document& document = draft.facts.document;
  document.set_subject(StrCat(buyer, "-", request.month()));
  document.add_party_usccs(buyer);
  document.mutable_amount()->set_amount_fen(StatementFen(*contracts, month.begin, month.end));
  if (absl::Status named = AddName(reader, buyer, draft.facts); !named.ok()) return named;
  for (const Contract& contract : *contracts) {
    if (absl::Status named = AddName(reader, contract.supplier_uscc(), draft.facts); !named.ok()) return named;
  }
  draft.article = [contracts = *std::move(contracts), month](const PageFacts& facts, bool) {
    return StatementArticle(facts, contracts, month.begin, month.end);
  };
  return draft;
}

absl::StatusOr<Draft> MakeDraft(ledger::Operation& operation, const v1::IssueDocumentRequest& request) {
  const bool is_statement = request.kind() == v1::DOCUMENT_KIND_MONTHLY_STATEMENT;
  const std::optional<Month> month = ParseMonth(request.month());
  base::FieldErrors errors;
  errors.Require(request.kind() != v1::DOCUMENT_KIND_UNSPECIFIED, "kind", "is required");
  errors.Require(is_statement == request.contract_id().empty(), "contract_id",
                 is_statement ? "is not for a statement" : "is required");
  if (is_statement) {
    errors.Require(month && month->end <= operation.now(), "month", "must be YYYY-MM, a month that is over");
  } else {
    errors.Require(request.month().empty(), "month", "is for a statement only");
  }
  if (!errors.empty()) return errors.ToStatus();
  auto draft = is_statement ? DraftOfMonth(operation, request, *month) : DraftOfContract(operation, request);
  if (draft.ok()) draft->facts.document.set_kind(request.kind());
  return draft;
}

// Whether `issued` still says what the draft says.
bool StillHolds(const v1::Document& issued, const Draft& draft) {
  PageFacts facts = draft.facts;
  facts.document = issued;
  return Hex(draft.article(facts, false)) == issued.digest();
}

void Store(ledger::Operation& operation, const v1::Document& document, const std::string& page,
           const std::string& masked) {
  store::Transaction& transaction = operation.transaction();
  const std::string& number = document.document_number();
  transaction.Put(store::Key(kDocumentTable, number), document.SerializeAsString());
  transaction.Put(store::Key(kDocumentPage, number), page);
  transaction.Put(store::Key(kDocumentMasked, number), masked);
  transaction.Put(NewestKey(document.kind(), document.subject()), number);
  for (const std::string& party : document.party_usccs()) {
    transaction.Put(store::Key(kDocumentByParty, party, number), "");
  }
  *operation.event().mutable_document() = document;
}

bool IsParty(const Caller& caller, const v1::Document& document) {
  for (const std::string& party : document.party_usccs()) {
    if (caller.Is(Role::ROLE_SUPPLIER, party) || caller.Is(Role::ROLE_INSTITUTION, party)) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<v1::IssueDocumentResponse> Issue(ledger::Operation& operation, const v1::IssueDocumentRequest& request) {
  auto draft = MakeDraft(operation, request);
  if (!draft.ok()) return draft.status();
  v1::Document& document = draft->facts.document;
  auto newest = Newest(operation.transaction(), document.kind(), document.subject());
  if (!newest.ok()) return newest.status();
  v1::IssueDocumentResponse response;
  if (*newest && StillHolds(**newest, *draft)) {
    *response.mutable_document() = **std::move(newest);
    return response;
  }
  int64_t count = 0;
  if (*newest) {
    const std::string& former = (*newest)->document_number();
    if (!absl::SimpleAtoi(former.substr(former.rfind('-') + 1), &count)) {
      return base::DataLoss(StrCat("document ", former, " has no count"));
    }
    document.set_corrects(former);
  }
  document.set_document_number(StrCat(PrefixOf(document.kind()), "-", document.subject(), "-", count + 1));
  *document.mutable_issue_time() = base::ToProto(operation.now());
  const std::string article = draft->article(draft->facts, false);
  document.set_digest(Hex(article));
  const std::string page = Page(document, article);
  document.set_page_digest(Hex(page));
  Store(operation, document, page, Page(document, draft->article(draft->facts, true)));
  *response.mutable_document() = document;
  response.set_is_new(true);
  return response;
}

absl::StatusOr<v1::GetDocumentResponse> Read(store::Reader& reader, const Caller& caller,
                                             const v1::GetDocumentRequest& request) {
  auto document = Fetch(reader, request.document_number());
  if (!document.ok()) return document.status();
  const bool sees_all = IsParty(caller, *document) || caller.IsOfficerOf(document->origin_code());
  if (!sees_all && !caller.ReadsEverything()) return base::NotFound("document", request.document_number());
  auto page = reader.Get(store::Key(sees_all ? kDocumentPage : kDocumentMasked, request.document_number()));
  if (!page.ok()) return page.status();
  if (!*page || (sees_all && Hex(**page) != document->page_digest())) {
    return base::DataLoss(StrCat("document ", request.document_number(), " is not as it was issued"));
  }
  v1::GetDocumentResponse response;
  response.set_is_masked(!sees_all);
  response.set_html(**std::move(page));
  *response.mutable_document() = *std::move(document);
  return response;
}

absl::StatusOr<store::Page<v1::ListDocumentsResponse>> List(store::Reader& reader, const Caller& caller,
                                                            const v1::ListDocumentsRequest& request,
                                                            const store::PageRequest& page) {
  base::FieldErrors errors;
  directory::RequireUsccOrNone(errors, request.organisation_uscc(), "organisation_uscc");
  if (!errors.empty()) return errors.ToStatus();
  const std::string& owner = caller.ReadsEverything() ? request.organisation_uscc() : caller.organisation;
  const std::string prefix = owner.empty() ? store::Key(kDocumentTable, "") : store::Key(kDocumentByParty, owner, "");
  store::Page<v1::ListDocumentsResponse> result;
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto document = Fetch(reader, row.key.substr(row.key.rfind('/') + 1));
    if (!document.ok()) return document.status();
    if (request.kind() != v1::DOCUMENT_KIND_UNSPECIFIED && document->kind() != request.kind()) return false;
    *result.response.add_documents() = *std::move(document);
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<v1::CheckDocumentResponse> Check(store::Reader& reader, const v1::CheckDocumentRequest& request) {
  auto document = Fetch(reader, request.document_number());
  if (!document.ok()) return document.status();
  // A wrong digest and an unknown number look the same: numbers alone tell nothing.
  if (document->digest() != request.digest()) return base::NotFound("document", request.document_number());
  auto newest = Newest(reader, document->kind(), document->subject());
  if (!newest.ok()) return newest.status();
  if (!*newest) return base::DataLoss(StrCat("document ", request.document_number(), " has no newest"));
  v1::CheckDocumentResponse response;
  *response.mutable_issue_time() = document->issue_time();
  if ((*newest)->document_number() != document->document_number()) {
    response.set_corrected_by((*newest)->document_number());
  }
  return response;
}

absl::Status ForEach(store::Reader& reader, const std::function<absl::Status(const v1::Document&)>& visit) {
  return store::WalkAll(reader, store::Key(kDocumentTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::Document document;
    if (!document.ParseFromString(row.value)) return base::DataLoss(StrCat(row.key, " cannot be read"));
    return visit(document);
  });
}

}  // namespace zhuxiao::document
