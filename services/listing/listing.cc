#include "services/listing/listing.h"

#include <span>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/listing/records.h"
#include "services/store/counter.h"
#include "services/store/keys.h"
#include "services/store/page.h"

namespace zhuxiao::listing {
namespace {

using base::ErrorReason;
using store::Key;

size_t Field(Balance balance) { return static_cast<size_t>(balance); }

// The balances of a counter row.
void Fill(std::span<const int64_t> fields, v1::Balances& balances) {
  balances.set_available(fields[Field(Balance::kAvailable)]);
  balances.set_held(fields[Field(Balance::kHeld)]);
  balances.set_contracted(fields[Field(Balance::kContracted)]);
  balances.set_sold(fields[Field(Balance::kSold)]);
  balances.set_spoiled(fields[Field(Balance::kSpoiled)]);
  balances.set_withdrawn(fields[Field(Balance::kWithdrawn)]);
  balances.set_listed(balances.available() + balances.held() + balances.contracted() + balances.sold() +
                      balances.spoiled() + balances.withdrawn());
}

void AddTo(v1::Balances& delta, Balance balance, int64_t units) {
  switch (balance) {
    case Balance::kAvailable:
      return delta.set_available(delta.available() + units);
    case Balance::kHeld:
      return delta.set_held(delta.held() + units);
    case Balance::kContracted:
      return delta.set_contracted(delta.contracted() + units);
    case Balance::kSold:
      return delta.set_sold(delta.sold() + units);
    case Balance::kSpoiled:
      return delta.set_spoiled(delta.spoiled() + units);
    case Balance::kWithdrawn:
      return delta.set_withdrawn(delta.withdrawn() + units);
  }
}

}  // namespace

absl::Status ParseTerms(std::string_view listing_id, const std::string& row, v1::Listing& terms) {
  if (terms.ParseFromString(row)) return absl::OkStatus();
  return base::DataLoss(base::StrCat("listing ", listing_id, " cannot be read"));
}

absl::Status ReadTerms(store::Reader& reader, std::string_view listing_id, v1::Listing& terms) {
  auto row = reader.Get(Key(kListingTable, listing_id));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("listing", listing_id);
  return ParseTerms(listing_id, **row, terms);
}

absl::Status AddBalances(store::Reader& reader, v1::Listing& listing) {
  auto row = reader.Get(Key(kBalanceTable, listing.listing_id()));
  if (!row.ok()) return row.status();
  store::CounterFields fields;
  if (!store::ParseCounter(*row ? std::string_view(**row) : std::string_view(), fields)) {
    return base::DataLoss(base::StrCat("the balances of listing ", listing.listing_id(), " cannot be read"));
  }
  Fill(fields, *listing.mutable_balances());
  return absl::OkStatus();
}

void HideContact(v1::Listing& listing) {
  if (listing.has_stall()) listing.mutable_stall()->clear_contact();
}

void PutTerms(ledger::Operation& operation, const v1::Listing& terms) {
  operation.transaction().Put(Key(kListingTable, terms.listing_id()), terms.SerializeAsString());
  if (terms.state() != v1::LISTING_STATE_OPEN) {
    operation.transaction().Put(Key(kBySupplier, terms.supplier_uscc(), terms.listing_id()), std::string(kOver));
  }
  v1::Listing& told = *operation.event().mutable_listing();
  told = terms;
  HideContact(told);
}

absl::StatusOr<v1::Listing> GetTerms(store::Reader& reader, std::string_view listing_id) {
  v1::Listing terms;
  if (absl::Status read = ReadTerms(reader, listing_id, terms); !read.ok()) return read;
  return terms;
}

absl::StatusOr<v1::Listing> Get(store::Reader& reader, std::string_view listing_id) {
  auto listing = GetTerms(reader, listing_id);
  if (!listing.ok()) return listing;
  if (absl::Status status = AddBalances(reader, *listing); !status.ok()) return status;
  return listing;
}

v1::Balances ToProto(const std::vector<int64_t>& fields) {
  v1::Balances balances;
  Fill(fields, balances);
  return balances;
}

absl::StatusOr<int64_t> PeekAvailable(store::Transaction& transaction, std::string_view listing_id) {
  auto fields = transaction.PeekCounter(Key(kBalanceTable, listing_id));
  if (!fields.ok()) return fields.status();
  return (*fields)[Field(Balance::kAvailable)];
}

absl::Status CheckSellable(const v1::Listing& terms, absl::Time now) {
  if (terms.state() == v1::LISTING_STATE_OPEN && now <= base::FromProto(terms.last_sale_time())) {
    return absl::OkStatus();
  }
  return base::Refuse(ErrorReason::ERROR_REASON_LISTING_CLOSED, terms.listing_id(),
                      "the listing is closed or past its last-sale time");
}

absl::Status CheckOrigin(store::Reader& reader, const std::string& supplier_uscc, std::string_view origin_code,
                         std::string_view field) {
  constexpr size_t kProvinceDigits = 2;
  constexpr size_t kCountyDigits = 6;
  auto supplier = directory::GetSupplier(reader, supplier_uscc);
  if (!supplier.ok()) return supplier.status();
  auto organisation = directory::GetOrganisation(reader, supplier_uscc);
  if (!organisation.ok()) return organisation.status();
  const bool gathers = organisation->kind() == directory::v1::ORGANISATION_KIND_ENTERPRISE;
  const std::string home = supplier->village_code().substr(0, gathers ? kProvinceDigits : kCountyDigits);
  base::FieldErrors errors;
  errors.Require(base::IsInside(origin_code, home), field,
                 gathers ? "must lie in the supplier's province" : "must lie in the county of the supplier's village");
  return errors.ToStatus();
}

absl::Status MoveUnits(ledger::Operation& operation, std::string_view listing_id, Balance from, Balance to,
                       int64_t units, std::string_view cause) {
  const std::string key = Key(kBalanceTable, listing_id);
  absl::Status taken = operation.transaction().Add(key, Field(from), -units, {.min = 0});
  if (absl::IsOutOfRange(taken)) {
    return base::Refuse(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED, listing_id, "fewer units are left than asked for",
                        {{"listing_id", std::string(listing_id)}});
  }
  if (!taken.ok()) return taken;
  if (absl::Status status = operation.transaction().Add(key, Field(to), units, {.min = 0}); !status.ok()) {
    return status;
  }
  audit::v1::StockMove& move = *operation.event().add_stock_moves();
  move.set_listing_id(std::string(listing_id));
  move.set_cause(std::string(cause));
  AddTo(*move.mutable_delta(), from, -units);
  AddTo(*move.mutable_delta(), to, units);
  return absl::OkStatus();
}

bool IsStockExhausted(const absl::Status& status) {
  return base::ReasonOf(status) == ErrorReason::ERROR_REASON_STOCK_EXHAUSTED;
}

absl::StatusOr<std::vector<std::string>> DueListings(store::Reader& reader, absl::Time now, size_t limit) {
  auto rows = reader.Scan(Key(kDue, ""), Key(kDue, store::OrderedTime(now), "~"), limit);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const store::KeyValue& row : *rows) ids.push_back(row.key.substr(row.key.rfind('/') + 1));
  return ids;
}

absl::Status Expire(ledger::Operation& operation, const std::string& listing_id) {
  store::Transaction& transaction = operation.transaction();
  auto terms = GetTerms(transaction, listing_id);
  if (!terms.ok()) return terms.status();
  const absl::Time last_sale = base::FromProto(terms->last_sale_time());
  if (terms->state() != v1::LISTING_STATE_OPEN || operation.now() < last_sale) return absl::OkStatus();

  auto fields = transaction.GetCounter(Key(kBalanceTable, listing_id));
  if (!fields.ok()) return fields.status();
  if (const int64_t left = (*fields)[Field(Balance::kAvailable)]; left > 0) {
    if (absl::Status status =
            MoveUnits(operation, listing_id, Balance::kAvailable, Balance::kWithdrawn, left, "expire");
        !status.ok()) {
      return status;
    }
  }
  terms->set_state(v1::LISTING_STATE_EXPIRED);
  terms->set_etag(base::NextEtag(terms->etag()));
  transaction.Delete(Key(kDue, store::OrderedTime(last_sale), listing_id));
  PutTerms(operation, *terms);
  return absl::OkStatus();
}

absl::Status SetStall(ledger::Operation& operation, std::string_view listing_id,
                      const std::optional<v1::StallReport>& stall) {
  auto terms = GetTerms(operation.transaction(), listing_id);
  if (!terms.ok()) return terms.status();
  if (stall) {
    *terms->mutable_stall() = *stall;
    *terms->mutable_stall()->mutable_report_time() = base::ToProto(operation.now());
  } else {
    terms->clear_stall();
  }
  terms->set_etag(base::NextEtag(terms->etag()));
  PutTerms(operation, *terms);
  return absl::OkStatus();
}

absl::Status ForEach(store::Reader& reader, const std::function<absl::Status(const v1::Listing&)>& visit) {
  return store::WalkAll(reader, Key(kListingTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::Listing listing;
    if (absl::Status parsed = ParseTerms(row.key, row.value, listing); !parsed.ok()) return parsed;
    if (absl::Status balanced = AddBalances(reader, listing); !balanced.ok()) return balanced;
    return visit(listing);
  });
}

absl::StatusOr<std::string> FindMarks(store::Reader& reader, const store::PageRequest& page,
                                      std::vector<store::KeyValue>& marks) {
  return store::WalkPage(reader, Key(kBySupplier, ""), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    if (row.value == kOver) return false;
    v1::Listing terms;
    const absl::Status read = ReadTerms(reader, std::string_view(row.key).substr(row.key.rfind('/') + 1), terms);
    if (!read.ok()) return read;
    if (terms.state() != v1::LISTING_STATE_OPEN) marks.push_back({row.key, std::string(kOver)});
    return true;
  });
}

absl::Status ForEachOpenOf(store::Reader& reader, std::string_view supplier_uscc,
                           const std::function<absl::Status(const v1::Listing&)>& visit) {
  return store::WalkAll(reader, Key(kBySupplier, supplier_uscc, ""), [&](const store::KeyValue& row) -> absl::Status {
    if (row.value == kOver) return absl::OkStatus();
    auto listing = Get(reader, std::string_view(row.key).substr(row.key.rfind('/') + 1));
    if (!listing.ok()) return listing.status();
    return listing->state() == v1::LISTING_STATE_OPEN ? visit(*listing) : absl::OkStatus();
  });
}

absl::StatusOr<std::string> WalkFrom(store::Reader& reader, std::string_view after, size_t limit,
                                     const std::function<absl::Status(const v1::Listing&)>& visit) {
  const std::string prefix = Key(kListingTable, "");
  const std::string begin = after.empty() ? prefix : Key(kListingTable, after) + '\0';
  auto rows = reader.Scan(begin, store::PrefixEnd(prefix), limit);
  if (!rows.ok()) return rows.status();
  for (const store::KeyValue& row : *rows) {
    v1::Listing listing;
    if (absl::Status parsed = ParseTerms(row.key, row.value, listing); !parsed.ok()) return parsed;
    if (absl::Status balanced = AddBalances(reader, listing); !balanced.ok()) return balanced;
    if (absl::Status visited = visit(listing); !visited.ok()) return visited;
  }
  if (rows->size() < limit) return std::string();
  return rows->back().key.substr(prefix.size());
}

}  // namespace zhuxiao::listing
