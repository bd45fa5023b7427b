#include "services/forward/call_off.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/catch_weight.h"
#include "services/directory/directory.h"
#include "services/forward/forward.h"
#include "services/forward/forward_states.h"
#include "services/forward/parts.h"
#include "services/forward/records.h"
#include "services/listing/listing.h"
#include "services/listing/operations.h"
#include "services/order/calling_off.h"
#include "services/order/contracting.h"

namespace zhuxiao::forward {
namespace {

using base::ErrorReason;

// Adds what is wrong with the request whatever the contract is.
void CheckAsked(const v1::CallOffForwardRequest& request, base::FieldErrors& errors) {
  errors.Require(request.units() >= 1, "units", "must be 1 or more");
  const int64_t going_fen = request.going_price().amount_fen();
  errors.Require(going_fen >= 0 && going_fen <= base::kMaxAmountFen, "going_price", "must be 0 to 10^15 fen");
}

// max(floor, going price), at most the ceiling.
int64_t PriceOf(const v1::Forward& forward, const v1::CallOffForwardRequest& request) {
  return std::min(std::max(forward.floor_price().amount_fen(), request.going_price().amount_fen()),
                  forward.ceiling_price().amount_fen());
}

// PRICE_OUT_OF_RANGE above the ceiling.
absl::Status CheckGoingPrice(const v1::Forward& forward, const v1::CallOffForwardRequest& request) {
  const int64_t ceiling_fen = forward.ceiling_price().amount_fen();
  if (request.going_price().amount_fen() <= ceiling_fen) return absl::OkStatus();
  return base::Refuse(
      ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE, forward.forward_id(),
      base::StrCat("the going price is above the ceiling agreed on, ", base::FormatYuan(ceiling_fen), " yuan"),
      {{"ceiling_fen", std::to_string(ceiling_fen)}});
}

listing::v1::Listing Offer(const v1::Forward& forward, const v1::CallOffForwardRequest& request, int64_t price_fen,
                           absl::Time now) {
  listing::v1::Listing listing = ListingAt(forward, price_fen);
  listing.set_listed_units(request.units());
  listing.set_title(request.title().empty() ? directory::FindCommodity(forward.commodity_code())->name_zh()
                                            : request.title());
  *listing.mutable_ready_time() = request.has_ready_time() ? request.ready_time() : base::ToProto(now);
  *listing.mutable_last_sale_time() = request.last_sale_time();
  *listing.mutable_certificates() = request.certificates();
  return listing;
}

void CheckUnits(const v1::Forward& forward, int64_t open_units, int64_t units, base::FieldErrors& errors) {
  errors.Require(units <= open_units, "units", base::StrCat("must be 1 to what is open, ", open_units, " units"));
  errors.Require(forward.contract_ids_size() < kMaxCallOffs, "forward_id",
                 base::StrCat("was called off ", kMaxCallOffs, " times: let larger parts come together"));
}

// Adds what the listing's own rules find, by the names the request has for it.
void AddListingErrors(const absl::Status& listed, base::FieldErrors& errors) {
  base::FieldErrors found;
  found.Absorb(listed);
  for (const auto& [path, description] : found.violations()) {
    const std::string field = path.substr(path.find('.') + 1);
    if (field != "listed_units") errors.Add(field, description);
  }
}

void CheckArrival(const order::Market& market, const ledger::Operation& operation, const v1::Forward& forward,
                  const listing::v1::Listing& terms, base::FieldErrors& errors) {
  const auto arrival = order::ArrivalDay(market, operation.today(), terms, forward.destination_code());
  if (!arrival) return errors.Add("forward_id", "no road is known from its origin to its destination");
  const bool is_inside =
      *arrival >= *base::ParseDay(forward.first_day()) && *arrival <= *base::ParseDay(forward.last_day());
  errors.Require(is_inside, "ready_time",
                 base::StrCat("the goods would arrive on ", base::FormatDay(*arrival), ", outside the window ",
                              forward.first_day(), " to ", forward.last_day()));
  errors.Require(order::KeepsItsLife(terms, *arrival), "last_sale_time",
                 "leaves less life on arrival than the catalogue asks for");
}

order::v1::Order OrderOf(const v1::Forward& forward, const listing::v1::Listing& terms, int64_t price_fen) {
  order::v1::Order order;
  order.set_institution_uscc(forward.institution_uscc());
  order.set_commodity_code(forward.commodity_code());
  order.set_quantity_base(terms.listed_units() * terms.sale_unit_base());
  order.mutable_limit_price()->set_amount_fen(price_fen);
  order.set_limit_base(terms.has_price_per_kg() ? directory::kGramsPerKg : terms.sale_unit_base());
  order.set_destination_code(forward.destination_code());
  order.set_address(forward.address());
  *order.mutable_deliver_by_time() = base::ToProto(EndOf(forward.last_day()));
  order.set_payment_mode(forward.payment_mode());
  order.set_payment_days(forward.payment_days());
  order.set_late_interest_ppm(forward.late_interest_ppm());
  return order;
}

// What the buyer's limit is, is not the supplier's to know.
absl::Status WithoutLimit(const absl::Status& status, const std::string& forward_id) {
  const ErrorReason reason = base::ReasonOf(status);
  if (reason == ErrorReason::ERROR_REASON_QUOTA_EXCEEDED) {
    return base::Refuse(reason, forward_id, "the institution's spending limit of the year does not cover it");
  }
  if (reason == ErrorReason::ERROR_REASON_QUOTA_MISSING) {
    return base::Refuse(reason, forward_id, "no spending limit of the year is set for the institution");
  }
  return status;
}

}  // namespace

absl::StatusOr<v1::CallOffForwardResponse> CallOff(ledger::Operation& operation, order::Market& market,
                                                   const v1::CallOffForwardRequest& request) {
  store::Transaction& transaction = operation.transaction();
  base::FieldErrors errors;
  CheckAsked(request, errors);
  auto before = GetOwn(operation, request.forward_id(), "");
  if (!before.ok()) return errors.Else(before.status());
  v1::Forward forward = *before;
  if (absl::Status stepped = TakeStep(forward, kCallOffStep, operation.caller().role); !stepped.ok()) {
    return errors.Else(stepped);
  }
  auto contracts = ContractsOf(transaction, forward);
  if (!contracts.ok()) return contracts.status();
  const int64_t price_fen = PriceOf(forward, request);
  CheckUnits(forward, FiguresOf(forward, *contracts).open_units(), request.units(), errors);
  listing::v1::CreateListingRequest create;
  *create.mutable_listing() = Offer(forward, request, price_fen, operation.now());
  auto listed = listing::Create(operation, create);
  if (base::ReasonOf(listed.status()) == ErrorReason::ERROR_REASON_INVALID_FIELDS) {
    AddListingErrors(listed.status(), errors);
  } else if (!listed.ok()) {
    return errors.Else(listed.status());
  } else {
    CheckArrival(market, operation, forward, listed->listing(), errors);
  }
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status current = CheckEtag(*before, request.etag()); !current.ok()) return current;
  if (absl::Status agreed = CheckGoingPrice(*before, request); !agreed.ok()) return agreed;

  const listing::v1::Listing& terms = listed->listing();
  auto contract = order::CallOff(operation, market, OrderOf(forward, terms, price_fen), terms, request.units(),
                                 forward.forward_id());
  if (!contract.ok()) return WithoutLimit(contract.status(), forward.forward_id());
  forward.add_contract_ids(contract->contract_id());
  PutForward(operation, *before, forward);
  auto response = Respond<v1::CallOffForwardResponse>(transaction, std::move(forward));
  if (!response.ok()) return response;
  auto listing_now = listing::Get(transaction, terms.listing_id());
  if (!listing_now.ok()) return listing_now.status();
  *response->mutable_listing() = *std::move(listing_now);
  *response->mutable_contract() = *std::move(contract);
  return response;
}

}  // namespace zhuxiao::forward
