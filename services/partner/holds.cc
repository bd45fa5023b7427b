// Holds and the sales made from them.
#include "services/partner/holds.h"

#include <optional>
#include <string>
#include <utility>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/listing/listing.h"
#include "services/partner/partner.h"
#include "services/partner/records.h"
#include "services/partner/sale_price.h"
#include "services/store/keys.h"

namespace zhuxiao::partner {
namespace {

using base::ErrorReason;
using base::FieldErrors;
using listing::Balance;
using store::Key;

absl::StatusOr<v1::Hold> ParseHold(std::string_view key, const std::string& value) {
  v1::Hold hold;
  if (!hold.ParseFromString(value)) return base::DataLoss(base::StrCat(key, " cannot be read"));
  return hold;
}

absl::StatusOr<v1::PlatformSale> ParseSale(std::string_view key, const std::string& value) {
  v1::PlatformSale sale;
  if (!sale.ParseFromString(value)) return base::DataLoss(base::StrCat(key, " cannot be read"));
  return sale;
}

absl::StatusOr<v1::Hold> FindHold(store::Reader& reader, const std::string& hold_id) {
  if (!base::IsValidId(hold_id)) return base::NotFound("hold", hold_id);
  auto row = reader.Get(Key(kHoldTable, hold_id));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("hold", hold_id);
  return ParseHold(hold_id, **row);
}

// The hold, where it is the calling platform's.
absl::StatusOr<v1::Hold> OwnHold(ledger::Operation& operation, const std::string& hold_id) {
  auto hold = FindHold(operation.transaction(), hold_id);
  if (hold.ok() && hold->platform_uscc() != operation.caller().organisation) return base::NotFound("hold", hold_id);
  return hold;
}

bool MaySee(const base::Caller& caller, const v1::Hold& hold) {
  return caller.ReadsEverything() || caller.Is(base::Role::ROLE_PLATFORM, hold.platform_uscc());
}

std::string DueKey(const v1::Hold& hold) {
  return Key(kDueTable, store::OrderedTime(base::FromProto(hold.expire_time())), hold.hold_id());
}

void Save(ledger::Operation& operation, v1::Hold& hold) {
  hold.set_etag(base::NextEtag(hold.etag()));
  operation.transaction().Put(Key(kHoldTable, hold.hold_id()), hold.SerializeAsString());
  if (hold.state() == v1::HOLD_STATE_ACTIVE) {
    operation.transaction().Put(DueKey(hold), "");
  } else {
    operation.transaction().Delete(DueKey(hold));
  }
  *operation.event().mutable_hold() = hold;
}

absl::Status WrongState(const v1::Hold& hold, std::string_view why) {
  return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, hold.hold_id(), why);
}

absl::Status CheckActive(const v1::Hold& hold) {
  if (hold.state() == v1::HOLD_STATE_ACTIVE) return absl::OkStatus();
  return WrongState(hold, base::StrCat("the hold is in ", v1::HoldState_Name(hold.state())));
}

// Ends an active hold: what was not sold goes back to the listing, or off the market where it is closed.
absl::Status GiveBack(ledger::Operation& operation, v1::Hold& hold, v1::HoldState state) {
  auto terms = listing::GetTerms(operation.transaction(), hold.listing_id());
  if (!terms.ok()) return terms.status();
  const bool is_sellable = listing::CheckSellable(*terms, operation.now()).ok();
  absl::Status moved = listing::MoveUnits(operation, hold.listing_id(), Balance::kHeld,
                                          is_sellable ? Balance::kAvailable : Balance::kWithdrawn,
                                          hold.units() - hold.sold_units(), hold.hold_id());
  if (!moved.ok()) return moved;
  hold.set_state(state);
  Save(operation, hold);
  return absl::OkStatus();
}

void CheckHoldFields(const v1::HoldStockRequest& request, absl::Time now, FieldErrors& errors) {
  errors.Require(base::IsValidId(request.listing_id()), "listing_id",
                 "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  errors.Require(request.units() >= 1 && request.units() <= base::kMaxQuantityBase, "units",
                 "must be 1 to 10,000,000,000,000");
  const bool is_usable = request.has_expire_time() && base::IsUsable(request.expire_time());
  const absl::Time expiry = is_usable ? base::FromProto(request.expire_time()) : absl::InfinitePast();
  errors.Require(expiry > now && expiry <= now + kMaxHoldTime, "expire_time",
                 "is required, in the future and at most 7 days ahead");
}

absl::Status CheckSupplierActive(store::Reader& reader, const std::string& uscc) {
  auto supplier = directory::GetSupplier(reader, uscc);
  return supplier.ok() ? directory::CheckActive(*supplier) : supplier.status();
}

// OK where the listing and its supplier admit the hold, and nothing was wrong with the request before.
absl::Status CheckListing(store::Reader& reader, const listing::v1::Listing& terms, const v1::HoldStockRequest& request,
                          absl::Time now, FieldErrors errors) {
  if (absl::Status status = listing::CheckSellable(terms, now); !status.ok()) return errors.Else(status);
  errors.Require(errors.Names("units") || request.units() >= terms.min_lot_units(), "units",
                 base::StrCat("must be at least the smallest lot, ", terms.min_lot_units()));
  errors.Require(
      errors.Names("expire_time") || base::FromProto(request.expire_time()) <= base::FromProto(terms.last_sale_time()),
      "expire_time", "must not be after the listing's last-sale time");
  if (!errors.empty()) return errors.ToStatus();
  return CheckSupplierActive(reader, terms.supplier_uscc());
}

// OK where the hold still sets aside what is to be sold.
absl::Status CheckSale(ledger::Operation& operation, const v1::Hold& hold, const listing::v1::Listing& terms,
                       const v1::SellHoldRequest& request) {
  if (absl::Status status = CheckActive(hold); !status.ok()) return status;
  if (operation.now() >= base::FromProto(hold.expire_time())) return WrongState(hold, "the hold's time has passed");
  // The supplier may have moved the last-sale time forward since the hold was made.
  if (operation.now() > base::FromProto(terms.last_sale_time())) {
    return WrongState(hold, "the listing's last-sale time has passed");
  }
  absl::Status active = CheckSupplierActive(operation.transaction(), hold.supplier_uscc());
  if (!active.ok()) return active;
  const int64_t left_units = hold.units() - hold.sold_units();
  if (request.units() > left_units) {
    return base::Refuse(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED, hold.hold_id(),
                        base::StrCat("only ", left_units, " units are left of the hold"),
                        {{"left_units", base::StrCat(left_units)}});
  }
  auto sold = operation.transaction().Get(Key(kOrderTable, hold.platform_uscc(), request.platform_order_no()));
  if (!sold.ok()) return sold.status();
  if (*sold) return base::AlreadyExists("platform order", request.platform_order_no());
  return absl::OkStatus();
}

v1::PlatformSale MakeSale(ledger::Operation& operation, const v1::Hold& hold, const v1::SellHoldRequest& request,
                          int64_t amount_fen) {
  v1::PlatformSale sale;
  sale.set_sale_id(operation.NewId());
  sale.set_hold_id(hold.hold_id());
  sale.set_listing_id(hold.listing_id());
  sale.set_platform_uscc(hold.platform_uscc());
  sale.set_supplier_uscc(hold.supplier_uscc());
  sale.set_platform_order_no(request.platform_order_no());
  sale.set_units(request.units());
  sale.set_weight_g(request.weight_g());
  sale.mutable_amount()->set_amount_fen(amount_fen);
  *sale.mutable_sale_time() = base::ToProto(operation.now());
  return sale;
}

// Stores the sale under every key it is found by, moves its units and books its money.
absl::Status Record(ledger::Operation& operation, const v1::PlatformSale& sale) {
  store::Transaction& transaction = operation.transaction();
  transaction.Put(Key(kSaleTable, sale.sale_id()), sale.SerializeAsString());
  transaction.Put(Key(kOrderTable, sale.platform_uscc(), sale.platform_order_no()), sale.sale_id());
  transaction.Put(Key(kSaleOfTable, sale.supplier_uscc(), base::YearOf(operation.now()), sale.sale_id()), "");
  *operation.event().mutable_platform_sale() = sale;
  absl::Status moved =
      listing::MoveUnits(operation, sale.listing_id(), Balance::kHeld, Balance::kSold, sale.units(), sale.hold_id());
  if (!moved.ok()) return moved;
  const int64_t amount_fen = sale.amount().amount_fen();
  return ledger::Post(operation, audit::v1::POSTING_CAUSE_PLATFORM_SALE, sale.sale_id(),
                      {{ledger::SupplierReceivable(sale.supplier_uscc()), amount_fen},
                       {ledger::PlatformPayable(sale.platform_uscc()), -amount_fen}});
}

// The terms of the listing at the price of the hold, where it kept one.
listing::v1::Listing AtPriceOf(const v1::Hold& hold, listing::v1::Listing terms) {
  if (!hold.has_unit_price()) return terms;
  *terms.mutable_unit_price() = hold.unit_price();
  *terms.mutable_price_per_kg() = hold.price_per_kg();
  return terms;
}

}  // namespace

absl::StatusOr<v1::HoldStockResponse> HoldStock(ledger::Operation& operation, const v1::HoldStockRequest& request) {
  FieldErrors errors;
  CheckHoldFields(request, operation.now(), errors);
  auto terms = listing::GetTerms(operation.transaction(), request.listing_id());
  if (!terms.ok()) return errors.Else(terms.status());
  if (absl::Status status = CheckListing(operation.transaction(), *terms, request, operation.now(), std::move(errors));
      !status.ok()) {
    return status;
  }
  v1::Hold hold;
  hold.set_hold_id(operation.NewId());
  hold.set_listing_id(terms->listing_id());
  hold.set_platform_uscc(operation.caller().organisation);
  hold.set_supplier_uscc(terms->supplier_uscc());
  hold.set_units(request.units());
  *hold.mutable_expire_time() = request.expire_time();
  hold.set_state(v1::HOLD_STATE_ACTIVE);
  *hold.mutable_create_time() = base::ToProto(operation.now());
  *hold.mutable_unit_price() = terms->unit_price();
  if (terms->has_price_per_kg()) *hold.mutable_price_per_kg() = terms->price_per_kg();
  absl::Status moved = listing::MoveUnits(operation, hold.listing_id(), Balance::kAvailable, Balance::kHeld,
                                          hold.units(), hold.hold_id());
  if (!moved.ok()) return moved;
  Save(operation, hold);
  v1::HoldStockResponse response;
  *response.mutable_hold() = std::move(hold);
  return response;
}

absl::StatusOr<v1::SellHoldResponse> SellHold(ledger::Operation& operation, const v1::SellHoldRequest& request) {
  FieldErrors errors;
  errors.Require(request.units() >= 1, "units", "must be 1 or more");
  errors.Require(request.weight_g() >= 0 && request.weight_g() <= base::kMaxQuantityBase, "weight_g",
                 "must be 0 to 10,000,000,000,000 grams");
  errors.Require(base::IsValidId(request.platform_order_no()), "platform_order_no",
                 "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  auto found = OwnHold(operation, request.hold_id());
  if (!found.ok()) return errors.Else(found.status());
  v1::Hold hold = *std::move(found);
  auto terms = listing::GetTerms(operation.transaction(), hold.listing_id());
  if (!terms.ok()) return terms.status();
  const directory::v1::Commodity* commodity = directory::FindCommodity(terms->commodity_code());
  if (commodity == nullptr) {
    return base::DataLoss(base::StrCat("listing ", terms->listing_id(), " is of an unknown commodity"));
  }
  if (!errors.Names("weight_g")) CheckWeightGiven(*commodity, request.weight_g(), errors);
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status status = CheckSale(operation, hold, *terms, request); !status.ok()) return status;
  auto amount_fen = SalePrice(AtPriceOf(hold, *terms), *commodity, request.units(), request.weight_g());
  if (!amount_fen.ok()) return amount_fen.status();
  const std::optional<int64_t> sold_fen = base::CheckedAdd(hold.sold_amount().amount_fen(), *amount_fen);
  if (!sold_fen) {
    errors.Add("units", "would take the hold's sold amount beyond what can be counted");
    return errors.ToStatus();
  }

  v1::SellHoldResponse response;
  *response.mutable_sale() = MakeSale(operation, hold, request, *amount_fen);
  if (absl::Status status = Record(operation, response.sale()); !status.ok()) return status;
  hold.set_sold_units(hold.sold_units() + request.units());
  hold.mutable_sold_amount()->set_amount_fen(*sold_fen);
  if (hold.sold_units() == hold.units()) hold.set_state(v1::HOLD_STATE_SOLD);
  Save(operation, hold);
  *response.mutable_hold() = std::move(hold);
  return response;
}

absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(ledger::Operation& operation,
                                                    const v1::ReleaseHoldRequest& request) {
  auto hold = OwnHold(operation, request.hold_id());
  if (!hold.ok()) return hold.status();
  if (absl::Status status = CheckActive(*hold); !status.ok()) return status;
  if (absl::Status status = GiveBack(operation, *hold, v1::HOLD_STATE_RELEASED); !status.ok()) return status;
  v1::ReleaseHoldResponse response;
  *response.mutable_hold() = *std::move(hold);
  return response;
}

absl::StatusOr<v1::GetHoldResponse> GetHold(store::Reader& reader, const base::Caller& caller,
                                            const v1::GetHoldRequest& request) {
  auto hold = FindHold(reader, request.hold_id());
  if (!hold.ok()) return hold.status();
  if (!MaySee(caller, *hold)) return base::NotFound("hold", request.hold_id());
  v1::GetHoldResponse response;
  *response.mutable_hold() = *std::move(hold);
  return response;
}

absl::StatusOr<store::Page<v1::ListHoldsResponse>> ListHolds(store::Reader& reader, const base::Caller& caller,
                                                             const v1::ListHoldsRequest& request,
                                                             const store::PageRequest& page) {
  store::Page<v1::ListHoldsResponse> result;
  auto last =
      store::WalkPage(reader, Key(kHoldTable, ""), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto hold = ParseHold(row.key, row.value);
        if (!hold.ok()) return hold.status();
        const bool is_wanted = request.state() == v1::HOLD_STATE_UNSPECIFIED || hold->state() == request.state();
        if (!is_wanted || !MaySee(caller, *hold)) return false;
        *result.response.add_holds() = *std::move(hold);
        return true;
      });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::Status ForEachHold(store::Reader& reader, const std::function<absl::Status(const v1::Hold&)>& visit) {
  return store::WalkAll(reader, Key(kHoldTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto hold = ParseHold(row.key, row.value);
    return hold.ok() ? visit(*hold) : hold.status();
  });
}

absl::Status ForEachPlatformSale(store::Reader& reader,
                                 const std::function<absl::Status(const v1::PlatformSale&)>& visit) {
  return store::WalkAll(reader, Key(kSaleTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto sale = ParseSale(row.key, row.value);
    return sale.ok() ? visit(*sale) : sale.status();
  });
}

absl::Status ForEachPlatformSaleOf(store::Reader& reader, std::string_view supplier_uscc, int year,
                                   const std::function<absl::Status(const v1::PlatformSale&)>& visit) {
  const std::string prefix = Key(kSaleOfTable, supplier_uscc, year, "");
  return store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    const std::string key = Key(kSaleTable, row.key.substr(prefix.size()));
    auto value = reader.Get(key);
    if (!value.ok()) return value.status();
    if (!*value) return base::DataLoss(base::StrCat(key, " is missing"));
    auto sale = ParseSale(key, **value);
    return sale.ok() ? visit(*sale) : sale.status();
  });
}

absl::StatusOr<std::vector<std::string>> DueHolds(store::Reader& reader, absl::Time now, size_t limit) {
  // A hold ends at its expiry, so the rows of that very millisecond are due too.
  auto rows = reader.Scan(Key(kDueTable, ""), store::PrefixEnd(Key(kDueTable, store::OrderedTime(now), "")), limit);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const store::KeyValue& row : *rows) ids.push_back(row.key.substr(row.key.rfind('/') + 1));
  return ids;
}

absl::Status ExpireHold(ledger::Operation& operation, const std::string& hold_id) {
  auto hold = FindHold(operation.transaction(), hold_id);
  if (!hold.ok()) return hold.status();
  const bool is_due = hold->state() == v1::HOLD_STATE_ACTIVE && operation.now() >= base::FromProto(hold->expire_time());
  if (!is_due) return absl::OkStatus();
  return GiveBack(operation, *hold, v1::HOLD_STATE_EXPIRED);
}

}  // namespace zhuxiao::partner
