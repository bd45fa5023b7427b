#include "services/listing/operations.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/listing/listing.h"
#include "services/listing/records.h"
#include "services/listing/terms.h"
#include "services/store/keys.h"

namespace zhuxiao::listing {
namespace {

using base::Caller;
using base::ErrorReason;
using base::Role;
using store::Key;

bool MayChange(const Caller& caller, const v1::Listing& terms) {
  return caller.Is(Role::ROLE_SUPPLIER, terms.supplier_uscc()) || caller.IsOfficerOf(terms.origin_code());
}

// The terms of a listing the caller may change; NOT_FOUND for another's as for an unknown one.
absl::StatusOr<v1::Listing> GetOwn(ledger::Operation& operation, const std::string& listing_id) {
  auto terms = GetTerms(operation.transaction(), listing_id);
  if (terms.ok() && !MayChange(operation.caller(), *terms)) return base::NotFound("listing", listing_id);
  return terms;
}

std::string DueKey(const v1::Listing& terms) {
  return Key(kDue, store::OrderedTime(base::FromProto(terms.last_sale_time())), terms.listing_id());
}

absl::Status CheckActive(store::Reader& reader, const Caller& caller, const std::string& uscc) {
  auto supplier = directory::GetSupplier(reader, uscc);
  if (!supplier.ok()) return supplier.status();
  if (!caller.Is(Role::ROLE_SUPPLIER, uscc) && !caller.IsOfficerOf(supplier->village_code())) {
    return base::NotFound("supplier", uscc);
  }
  return directory::CheckActive(*supplier);
}

// Wraps the listing, read back with its balances, into a response.
template <typename Response>
absl::StatusOr<Response> Respond(ledger::Operation& operation, const std::string& listing_id) {
  auto listing = Get(operation.transaction(), listing_id);
  if (!listing.ok()) return listing.status();
  Response response;
  *response.mutable_listing() = *std::move(listing);
  return response;
}

// What Update may change: the path in the mask and how it is carried over.
using CarryOver = void (*)(const v1::Listing& from, v1::Listing& to);
const absl::flat_hash_map<std::string, CarryOver>& Updatable() {
  static const auto* const fields = new absl::flat_hash_map<std::string, CarryOver>{
      {"title", [](const v1::Listing& from, v1::Listing& to) { to.set_title(from.title()); }},
      {"listed_units", [](const v1::Listing& from, v1::Listing& to) { to.set_listed_units(from.listed_units()); }},
      {"unit_price", [](const v1::Listing& from, v1::Listing& to) { *to.mutable_unit_price() = from.unit_price(); }},
      {"price_per_kg",
       [](const v1::Listing& from, v1::Listing& to) { *to.mutable_price_per_kg() = from.price_per_kg(); }},
      {"ready_time", [](const v1::Listing& from, v1::Listing& to) { *to.mutable_ready_time() = from.ready_time(); }},
      {"last_sale_time",
       [](const v1::Listing& from, v1::Listing& to) { *to.mutable_last_sale_time() = from.last_sale_time(); }},
      {"min_lot_units", [](const v1::Listing& from, v1::Listing& to) { to.set_min_lot_units(from.min_lot_units()); }},
      {"delivery_regions",
       [](const v1::Listing& from, v1::Listing& to) { *to.mutable_delivery_regions() = from.delivery_regions(); }},
      {"certificates",
       [](const v1::Listing& from, v1::Listing& to) { *to.mutable_certificates() = from.certificates(); }},
      {"remark", [](const v1::Listing& from, v1::Listing& to) { to.set_remark(from.remark()); }},
  };
  return *fields;
}

void ApplyMask(const v1::UpdateListingRequest& request, v1::Listing& terms, base::FieldErrors& errors) {
  errors.Require(request.update_mask().paths_size() > 0, "update_mask", "is required");
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    const auto field = Updatable().find(request.update_mask().paths(i));
    if (errors.Require(field != Updatable().end(), base::StrCat("update_mask.paths[", i, "]"),
                       "names no field that can be changed")) {
      field->second(request.listing(), terms);
    }
  }
}

// A change of listed_units changes what is available by as much; it never takes units away that are spoken for.
absl::Status ChangeListed(ledger::Operation& operation, const std::string& listing_id, int64_t delta) {
  if (delta == 0) return absl::OkStatus();
  absl::Status added = operation.transaction().Add(Key(kBalanceTable, listing_id),
                                                   static_cast<size_t>(Balance::kAvailable), delta, {.min = 0});
  if (absl::IsOutOfRange(added)) {
    return base::Refuse(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED, listing_id,
                        "fewer units are available than the change takes away", {{"listing_id", listing_id}});
  }
  if (!added.ok()) return added;
  audit::v1::StockMove& move = *operation.event().add_stock_moves();
  move.set_listing_id(listing_id);
  move.set_cause("update");
  move.mutable_delta()->set_available(delta);
  move.mutable_delta()->set_listed(delta);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::CreateListingResponse> Create(ledger::Operation& operation,
                                                 const v1::CreateListingRequest& request) {
  v1::Listing listing = request.listing();
  if (listing.supplier_uscc().empty()) listing.set_supplier_uscc(operation.caller().organisation);
  const directory::v1::Commodity* commodity = directory::FindCommodity(listing.commodity_code());
  base::FieldErrors errors;
  CheckTerms(listing, commodity, operation.now(), "listing.", errors);
  if (absl::Status active = CheckActive(operation.transaction(), operation.caller(), listing.supplier_uscc());
      !active.ok()) {
    return errors.Else(active);
  }
  if (!errors.Names("listing.origin_code")) {
    const absl::Status origin =
        CheckOrigin(operation.transaction(), listing.supplier_uscc(), listing.origin_code(), "listing.origin_code");
    errors.Absorb(origin);
    if (!origin.ok()) return errors.Else(origin);
  }
  if (!errors.empty()) return errors.ToStatus();
  CompleteTerms(listing, *commodity);
  if (absl::Status price = CheckPrice(listing, *commodity); !price.ok()) return price;

  listing.set_listing_id(operation.NewId());
  listing.set_state(v1::LISTING_STATE_OPEN);
  listing.clear_stall();
  listing.clear_balances();
  *listing.mutable_create_time() = base::ToProto(operation.now());
  listing.set_etag(base::NextEtag(""));

  store::Transaction& transaction = operation.transaction();
  const std::string& id = listing.listing_id();
  PutTerms(operation, listing);
  transaction.Put(Key(kByCommodity, listing.commodity_code(), id), "");
  transaction.Put(Key(kByCounty, listing.origin_code().substr(0, 6), id), "");
  transaction.Put(Key(kBySupplier, listing.supplier_uscc(), id), "");
  transaction.Put(DueKey(listing), "");
  std::vector<int64_t> balances(store::kMaxCounterFields);
  balances[static_cast<size_t>(Balance::kAvailable)] = listing.listed_units();
  transaction.Put(Key(kBalanceTable, id), store::EncodeCounter(balances));
  audit::v1::StockMove& move = *operation.event().add_stock_moves();
  move.set_listing_id(id);
  move.set_cause("create");
  move.mutable_delta()->set_available(listing.listed_units());
  move.mutable_delta()->set_listed(listing.listed_units());

  v1::CreateListingResponse response;
  *listing.mutable_balances() = ToProto(balances);
  *response.mutable_listing() = std::move(listing);
  return response;
}

absl::StatusOr<v1::UpdateListingResponse> Update(ledger::Operation& operation,
                                                 const v1::UpdateListingRequest& request) {
  const std::string& id = request.listing().listing_id();
  auto before = GetOwn(operation, id);
  v1::Listing after = before.value_or(v1::Listing());
  base::FieldErrors errors;
  ApplyMask(request, after, errors);
  if (!before.ok()) return errors.Else(before.status());
  if (absl::Status open = CheckSellable(*before, operation.now()); !open.ok()) return errors.Else(open);
  const directory::v1::Commodity* commodity = directory::FindCommodity(after.commodity_code());
  CheckTerms(after, commodity, operation.now(), "listing.", errors);
  if (!errors.empty()) return errors.ToStatus();
  if (before->etag() != request.listing().etag()) return base::EtagMismatch("listing", id);
  CompleteTerms(after, *commodity);
  if (absl::Status price = CheckPrice(after, *commodity); !price.ok()) return price;
  if (absl::Status changed = ChangeListed(operation, id, after.listed_units() - before->listed_units());
      !changed.ok()) {
    return changed;
  }
  after.set_etag(base::NextEtag(after.etag()));
  operation.transaction().Delete(DueKey(*before));
  operation.transaction().Put(DueKey(after), "");
  PutTerms(operation, after);
  return Respond<v1::UpdateListingResponse>(operation, id);
}

absl::StatusOr<v1::WithdrawListingResponse> Withdraw(ledger::Operation& operation,
                                                     const v1::WithdrawListingRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.units() >= 0 && request.units() <= kMaxUnits, "units",
                 "must be 0 (all) to 1,000,000,000,000 whole units");
  if (!errors.empty()) return errors.ToStatus();
  auto terms = GetOwn(operation, request.listing_id());
  if (!terms.ok()) return terms.status();
  if (absl::Status open = CheckSellable(*terms, operation.now()); !open.ok()) return open;

  int64_t units = request.units();
  if (units == 0) {
    auto fields = operation.transaction().GetCounter(Key(kBalanceTable, request.listing_id()));
    if (!fields.ok()) return fields.status();
    units = (*fields)[static_cast<size_t>(Balance::kAvailable)];
    terms->set_state(v1::LISTING_STATE_WITHDRAWN);
    terms->set_etag(base::NextEtag(terms->etag()));
    operation.transaction().Delete(DueKey(*terms));
  }
  if (units > 0) {
    if (absl::Status moved =
            MoveUnits(operation, request.listing_id(), Balance::kAvailable, Balance::kWithdrawn, units, "withdraw");
        !moved.ok()) {
      return moved;
    }
  }
  PutTerms(operation, *terms);
  return Respond<v1::WithdrawListingResponse>(operation, request.listing_id());
}

absl::StatusOr<v1::ReportSpoiledResponse> ReportSpoiled(ledger::Operation& operation,
                                                        const v1::ReportSpoiledRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.units() >= 1 && request.units() <= kMaxUnits, "units",
                 "must be 1 to 1,000,000,000,000 whole units");
  errors.Require(base::CodePointCount(request.cause()) <= base::kMaxRemarkCodePoints, "cause",
                 "must have at most 500 characters");
  if (!errors.empty()) return errors.ToStatus();
  auto terms = GetOwn(operation, request.listing_id());
  if (!terms.ok()) return terms.status();
  if (absl::Status moved =
          MoveUnits(operation, request.listing_id(), Balance::kAvailable, Balance::kSpoiled, request.units(), "spoil");
      !moved.ok()) {
    return moved;
  }
  return Respond<v1::ReportSpoiledResponse>(operation, request.listing_id());
}

absl::StatusOr<v1::ReportStallResponse> ReportStall(ledger::Operation& operation,
                                                    const v1::ReportStallRequest& request) {
  const v1::StallReport& stall = request.stall();
  const bool is_officer = operation.caller().role != Role::ROLE_SUPPLIER;
  base::FieldErrors errors;
  errors.Require(stall.level() != v1::STALL_LEVEL_UNSPECIFIED, "stall.level", "is required");
  CheckStall(stall, is_officer, "stall.", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto terms = GetOwn(operation, request.listing_id());
  if (!terms.ok()) return terms.status();
  if (absl::Status open = CheckSellable(*terms, operation.now()); !open.ok()) return open;

  *terms->mutable_stall() = AddReport(terms->stall(), stall);
  *terms->mutable_stall()->mutable_report_time() = base::ToProto(operation.now());
  terms->set_etag(base::NextEtag(terms->etag()));
  PutTerms(operation, *terms);
  return Respond<v1::ReportStallResponse>(operation, request.listing_id());
}

absl::StatusOr<v1::GetListingResponse> Read(store::Reader& reader, const Caller& caller,
                                            const v1::GetListingRequest& request) {
  auto listing = Get(reader, request.listing_id());
  if (!listing.ok()) return listing.status();
  const bool is_own = MayChange(caller, *listing);
  if (caller.role == Role::ROLE_SUPPLIER && !is_own) return base::NotFound("listing", request.listing_id());
  if (!is_own) HideContact(*listing);
  v1::GetListingResponse response;
  *response.mutable_listing() = *std::move(listing);
  return response;
}

namespace {

// The index a query walks: the narrowest that its filters name. Rows of each end with the listing's id.
std::string IndexPrefix(const v1::ListListingsRequest& request) {
  if (!request.supplier_uscc().empty()) return Key(kBySupplier, request.supplier_uscc(), "");
  if (request.region_prefix().size() >= 6) return Key(kByCounty, request.region_prefix().substr(0, 6), "");
  if (!request.commodity_code().empty()) return Key(kByCommodity, request.commodity_code(), "");
  return Key(kListingTable, "");
}

// Past its last-sale time a listing has no days left, not fewer than any number.
bool HasAtMost(int max_days_left, const v1::Listing& terms, absl::Time now) {
  const absl::Time last_sale = base::FromProto(terms.last_sale_time());
  return last_sale > now && base::DayOf(last_sale) - base::DayOf(now) <= max_days_left;
}

bool Matches(const v1::Listing& terms, const v1::ListListingsRequest& request, absl::Time now) {
  return (request.commodity_code().empty() || terms.commodity_code() == request.commodity_code()) &&
         base::IsInside(terms.origin_code(), request.region_prefix()) &&
         (!request.stalled_only() || terms.has_stall()) &&
         (request.max_days_left() == 0 || HasAtMost(request.max_days_left(), terms, now)) &&
         (!request.has_max_unit_price() || terms.unit_price().amount_fen() <= request.max_unit_price().amount_fen()) &&
         (request.supplier_uscc().empty() || terms.supplier_uscc() == request.supplier_uscc()) &&
         (request.state() == v1::LISTING_STATE_UNSPECIFIED || terms.state() == request.state());
}

}  // namespace

absl::StatusOr<std::string> List(store::Reader& reader, const Caller& caller, absl::Time now,
                                 const v1::ListListingsRequest& asked, const store::PageRequest& page,
                                 v1::ListListingsResponse& response) {
  base::FieldErrors errors;
  directory::RequireCommodityOrNone(errors, asked.commodity_code(), "commodity_code");
  directory::RequireRegionOrNone(errors, asked.region_prefix(), "region_prefix");
  errors.Require(asked.max_days_left() >= 0, "max_days_left", "must not be negative");
  errors.Require(asked.max_unit_price().amount_fen() >= 0, "max_unit_price", "must not be negative");
  directory::RequireUsccOrNone(errors, asked.supplier_uscc(), "supplier_uscc");
  if (!errors.empty()) return errors.ToStatus();

  v1::ListListingsRequest request = asked;
  if (caller.role == Role::ROLE_SUPPLIER) {
    if (!request.supplier_uscc().empty() && request.supplier_uscc() != caller.organisation) return std::string();
    request.set_supplier_uscc(caller.organisation);
  }
  const std::string prefix = IndexPrefix(request);
  const bool is_primary = prefix == Key(kListingTable, "");
  return store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    const std::string_view id = std::string_view(row.key).substr(row.key.rfind('/') + 1);
    v1::Listing& listing = *response.add_listings();
    const absl::Status read = is_primary ? ParseTerms(id, row.value, listing) : ReadTerms(reader, id, listing);
    if (!read.ok()) return read;
    if (!Matches(listing, request, now)) {
      response.mutable_listings()->RemoveLast();
      return false;
    }
    if (absl::Status balanced = AddBalances(reader, listing); !balanced.ok()) return balanced;
    if (!MayChange(caller, listing)) HideContact(listing);
    return true;
  });
}

}  // namespace zhuxiao::listing
