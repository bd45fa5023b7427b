#include "services/forward/parts.h"

#include "services/base/errors.h"
#include "services/directory/directory.h"
#include "services/forward/forward.h"

namespace zhuxiao::forward {

using base::ErrorReason;

absl::StatusOr<v1::Forward> GetOwn(ledger::Operation& operation, const std::string& forward_id,
                                   const std::string& etag) {
  auto forward = GetForward(operation.transaction(), forward_id);
  if (!forward.ok()) return forward.status();
  const base::Caller& caller = operation.caller();
  if (!caller.Is(base::Role::ROLE_SUPPLIER, forward->supplier_uscc()) &&
      !caller.Is(base::Role::ROLE_INSTITUTION, forward->institution_uscc())) {
    return base::NotFound("forward contract", forward_id);
  }
  if (absl::Status current = CheckEtag(*forward, etag); !current.ok()) return current;
  return forward;
}

absl::Status CheckEtag(const v1::Forward& forward, const std::string& etag) {
  if (etag.empty() || etag == forward.etag()) return absl::OkStatus();
  return base::EtagMismatch("forward contract", forward.forward_id());
}

absl::Status CheckActive(store::Reader& reader, const std::string& uscc) {
  auto supplier = directory::GetSupplier(reader, uscc);
  if (absl::IsNotFound(supplier.status())) {
    return base::Refuse(ErrorReason::ERROR_REASON_REFERENCE_INVALID, uscc, "there is no such supplier");
  }
  if (!supplier.ok()) return supplier.status();
  return directory::CheckActive(*supplier);
}

listing::v1::Listing ListingAt(const v1::Forward& forward, int64_t price_fen) {
  listing::v1::Listing listing;
  listing.set_supplier_uscc(forward.supplier_uscc());
  listing.set_commodity_code(forward.commodity_code());
  listing.set_origin_code(forward.origin_code());
  listing.set_sale_unit(forward.sale_unit());
  listing.set_sale_unit_base(forward.sale_unit_base());
  const directory::v1::Commodity* commodity = directory::FindCommodity(forward.commodity_code());
  const bool by_weight = commodity != nullptr && commodity->is_catch_weight();
  (by_weight ? listing.mutable_price_per_kg() : listing.mutable_unit_price())->set_amount_fen(price_fen);
  return listing;
}

absl::Status SetFigures(store::Reader& reader, v1::Forward& forward) {
  auto contracts = ContractsOf(reader, forward);
  if (!contracts.ok()) return contracts.status();
  *forward.mutable_figures() = FiguresOf(forward, *contracts);
  return absl::OkStatus();
}

}  // namespace zhuxiao::forward
