#include "services/forward/agreeing.h"

#include <algorithm>
#include <optional>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/forward/forward_states.h"
#include "services/forward/parts.h"
#include "services/forward/records.h"
#include "services/listing/listing.h"
#include "services/listing/terms.h"
#include "services/order/payment_rules.h"

namespace zhuxiao::forward {
namespace {

using base::ErrorReason;

// A stored text of a day, or what is wrong with it.
std::optional<base::Day> TakeDay(const std::string& text, const std::string& field, base::FieldErrors& errors) {
  auto day = base::ParseDay(text);
  if (errors.Require(day.ok(), field, "must be a day of the calendar, YYYY-MM-DD")) return *day;
  return std::nullopt;
}

void CheckWindow(const v1::Forward& asked, base::Day today, base::FieldErrors& errors) {
  const auto first = TakeDay(asked.first_day(), "forward.first_day", errors);
  const auto last = TakeDay(asked.last_day(), "forward.last_day", errors);
  if (first) {
    errors.Require(*first > today && *first - today <= kMaxDaysAhead, "forward.first_day",
                   "must be tomorrow or later, at most two years ahead");
  }
  if (first && last) {
    errors.Require(*last >= *first && *last - *first < kMaxWindowDays, "forward.last_day",
                   "must not be before first_day, nor half a year after it");
  }
}

bool IsPrice(int64_t fen) { return fen > 0 && fen <= base::kMaxAmountFen; }

bool IsPlace(const std::string& code) {
  const auto level = base::LevelOf(code);
  return level && *level >= base::RegionLevel::kCounty && directory::Counties().Exists(code);
}

void CheckGoods(const v1::Forward& asked, base::FieldErrors& errors) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(asked.commodity_code());
  errors.Require(commodity != nullptr, "forward.commodity_code", "is not in the catalogue");
  const size_t unit_name = base::CodePointCount(asked.sale_unit());
  errors.Require(unit_name >= 1 && unit_name <= listing::kMaxSaleUnitCodePoints, "forward.sale_unit",
                 "must have 1 to 20 characters");
  errors.Require(asked.sale_unit_base() > 0 && asked.sale_unit_base() <= listing::kMaxSaleUnitBase,
                 "forward.sale_unit_base", "must be 1 to 1,000,000,000 base units");
  if (commodity != nullptr && commodity->is_catch_weight()) {
    errors.Require(asked.sale_unit_base() == 1, "forward.sale_unit_base", "must be 1 for goods settled by weight");
  }
  const auto quantity = base::CheckedMul(std::max<int64_t>(0, asked.units()), asked.sale_unit_base());
  errors.Require(
      asked.units() > 0 && asked.units() <= listing::kMaxUnits && quantity && *quantity <= base::kMaxQuantityBase,
      "forward.units", "must be 1 to 10^12 sale units of at most 10^13 base units in all");
  const int64_t floor_fen = asked.floor_price().amount_fen();
  errors.Require(IsPrice(floor_fen), "forward.floor_price", "must be more than 0 and at most 10^15 fen");
  if (asked.has_ceiling_price()) {
    const int64_t ceiling_fen = asked.ceiling_price().amount_fen();
    errors.Require(IsPrice(ceiling_fen) && ceiling_fen >= floor_fen, "forward.ceiling_price",
                   "must not be below the floor, and at most 10^15 fen");
  }
}

void CheckPlaces(const v1::Forward& asked, base::FieldErrors& errors) {
  constexpr const char* kMust = "must be a county, township or village code of a known county";
  errors.Require(asked.origin_code().empty() || IsPlace(asked.origin_code()), "forward.origin_code", kMust);
  errors.Require(IsPlace(asked.destination_code()), "forward.destination_code", kMust);
  errors.Require(base::CodePointCount(asked.address()) <= base::kMaxNameCodePoints, "forward.address",
                 "must have at most 120 characters");
  errors.Require(base::CodePointCount(asked.remark()) <= base::kMaxRemarkCodePoints, "forward.remark",
                 "must have at most 500 characters");
}

// The days to pay in and the interest are of the order a part becomes; they are held against the rule of today.
absl::Status CheckPayment(ledger::Operation& operation, const v1::Forward& forward, base::FieldErrors& errors) {
  order::v1::Order order;
  order.set_institution_uscc(forward.institution_uscc());
  order.set_payment_mode(forward.payment_mode());
  order.set_payment_days(forward.payment_days());
  order.set_late_interest_ppm(forward.late_interest_ppm());
  base::FieldErrors beyond;
  auto rule = order::PaymentRuleFor(operation.transaction(), order, operation.today(), beyond);
  for (const auto& [field, description] : beyond.violations()) {
    errors.Add("forward" + field.substr(field.find('.')), description);
  }
  return rule.status();
}

// The terms of a listing of what is agreed, at one end of the price.
listing::v1::Listing CompleteListingAt(const v1::Forward& forward, const directory::v1::Commodity& commodity,
                                       int64_t price_fen) {
  listing::v1::Listing terms = ListingAt(forward, price_fen);
  listing::CompleteTerms(terms, commodity);
  return terms;
}

// What is agreed must cost an amount the books can hold.
void CheckAmount(const v1::Forward& forward, base::FieldErrors& errors) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(forward.commodity_code());
  const bool is_countable = commodity != nullptr && !errors.Names("forward.units") &&
                            !errors.Names("forward.floor_price") && !errors.Names("forward.ceiling_price");
  if (!is_countable) return;
  const int64_t price_fen =
      CompleteListingAt(forward, *commodity, forward.ceiling_price().amount_fen()).unit_price().amount_fen();
  const auto amount_fen = base::CheckedMul(forward.units(), price_fen);
  errors.Require(amount_fen && *amount_fen <= base::kMaxAmountFen, "forward.units", "cost more than 10^15 fen");
}

// What is called off becomes a listing of the supplier's, and must be able to.
absl::Status CheckSupplier(store::Reader& reader, v1::Forward& forward, base::FieldErrors& errors) {
  const std::string& uscc = forward.supplier_uscc();
  if (!errors.Require(base::IsValidUscc(uscc), "forward.supplier_uscc",
                      "is no unified social credit code, or its check character is wrong")) {
    return absl::OkStatus();
  }
  if (absl::Status active = CheckActive(reader, uscc); !active.ok()) return active;
  if (forward.origin_code().empty()) {
    forward.set_origin_code(directory::GetSupplier(reader, uscc)->village_code());
  }
  if (errors.Names("forward.origin_code")) return absl::OkStatus();
  const absl::Status origin = listing::CheckOrigin(reader, uscc, forward.origin_code(), "forward.origin_code");
  errors.Absorb(origin);
  return errors.Names("forward.origin_code") ? absl::OkStatus() : origin;
}

// What is agreed must be sellable at both ends of the price.
absl::Status CheckPrices(const v1::Forward& forward) {
  const directory::v1::Commodity& commodity = *directory::FindCommodity(forward.commodity_code());
  for (const int64_t fen : {forward.floor_price().amount_fen(), forward.ceiling_price().amount_fen()}) {
    const listing::v1::Listing terms = CompleteListingAt(forward, commodity, fen);
    if (absl::Status priced = listing::CheckPrice(terms, commodity); !priced.ok()) return priced;
  }
  return absl::OkStatus();
}

// Only what the institution decides is taken from the request.
v1::Forward TermsOf(const v1::Forward& asked) {
  v1::Forward forward = asked;
  if (!forward.has_ceiling_price()) *forward.mutable_ceiling_price() = forward.floor_price();
  forward.set_state(v1::FORWARD_STATE_PROPOSED);
  forward.clear_sign_time();
  forward.clear_end_time();
  forward.clear_contract_ids();
  forward.clear_cancel_asked_by();
  forward.clear_reason();
  forward.clear_figures();
  forward.set_etag(base::NextEtag(""));
  return forward;
}

// Reads the caller's own, lets `set` do what the step decides beside the state, and stores it.
template <typename Response, typename Request, typename Set>
absl::StatusOr<Response> Take(ledger::Operation& operation, const Request& request, std::string_view step, Set set) {
  auto before = GetOwn(operation, request.forward_id(), request.etag());
  if (!before.ok()) return before.status();
  v1::Forward forward = *before;
  if (absl::Status stepped = TakeStep(forward, step, operation.caller().role); !stepped.ok()) return stepped;
  if (absl::Status done = set(*before, forward); !done.ok()) return done;
  if (!DueTime(forward)) *forward.mutable_end_time() = base::ToProto(operation.now());
  PutForward(operation, *before, forward);
  return Respond<Response>(operation.transaction(), std::move(forward));
}

absl::Status CheckReason(const std::string& reason, size_t least) {
  base::FieldErrors errors;
  const size_t length = base::CodePointCount(reason);
  errors.Require(length >= least && length <= base::kMaxRemarkCodePoints, "reason",
                 least == 0 ? "must have at most 500 characters" : "must have 1 to 500 characters");
  return errors.ToStatus();
}

absl::Status CheckBeforeWindow(const v1::Forward& forward, absl::Time now) {
  if (now < StartOf(forward.first_day())) return absl::OkStatus();
  return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, forward.forward_id(),
                      "its window is open: what is not delivered is a shortfall", {{"first_day", forward.first_day()}});
}

}  // namespace

absl::StatusOr<v1::ProposeForwardResponse> Propose(ledger::Operation& operation,
                                                   const v1::ProposeForwardRequest& request) {
  store::Transaction& transaction = operation.transaction();
  v1::Forward forward = TermsOf(request.forward());
  forward.set_institution_uscc(operation.caller().organisation);
  base::FieldErrors errors;
  CheckWindow(request.forward(), operation.today(), errors);
  CheckGoods(request.forward(), errors);
  CheckPlaces(request.forward(), errors);
  CheckAmount(forward, errors);
  if (absl::Status paid = CheckPayment(operation, forward, errors); !paid.ok()) return paid;
  const absl::Status supplier = CheckSupplier(transaction, forward, errors);
  if (!errors.empty()) return errors.ToStatus();
  if (auto buyer = directory::GetInstitution(transaction, forward.institution_uscc()); !buyer.ok()) {
    return buyer.status();
  }
  if (!supplier.ok()) return supplier;
  if (absl::Status priced = CheckPrices(forward); !priced.ok()) return priced;

  forward.set_forward_id(operation.NewId());
  *forward.mutable_create_time() = base::ToProto(operation.now());
  *forward.mutable_sign_deadline() =
      base::ToProto(std::min(operation.now() + kSignWindow, StartOf(forward.first_day())));
  for (const std::string& side : {forward.institution_uscc(), forward.supplier_uscc()}) {
    transaction.Put(store::Key(kForwardByParty, side, forward.forward_id()), "");
  }
  PutForward(operation, v1::Forward(), forward);
  return Respond<v1::ProposeForwardResponse>(transaction, std::move(forward));
}

absl::StatusOr<v1::SignForwardResponse> Sign(ledger::Operation& operation, const v1::SignForwardRequest& request) {
  return Take<v1::SignForwardResponse>(operation, request, kSignStep,
                                       [&](const v1::Forward& before, v1::Forward& forward) -> absl::Status {
                                         if (operation.now() >= base::FromProto(before.sign_deadline())) {
                                           return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED,
                                                               before.forward_id(), "the sign deadline has passed");
                                         }
                                         *forward.mutable_sign_time() = base::ToProto(operation.now());
                                         return CheckActive(operation.transaction(), before.supplier_uscc());
                                       });
}

absl::StatusOr<v1::RefuseForwardResponse> Refuse(ledger::Operation& operation,
                                                 const v1::RefuseForwardRequest& request) {
  if (absl::Status said = CheckReason(request.reason(), 0); !said.ok()) return said;
  return Take<v1::RefuseForwardResponse>(operation, request, kRefuseStep,
                                         [&](const v1::Forward&, v1::Forward& forward) {
                                           forward.set_reason(request.reason());
                                           return absl::OkStatus();
                                         });
}

absl::StatusOr<v1::WithdrawForwardResponse> Withdraw(ledger::Operation& operation,
                                                     const v1::WithdrawForwardRequest& request) {
  return Take<v1::WithdrawForwardResponse>(operation, request, kWithdrawStep,
                                           [](const v1::Forward&, v1::Forward&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::AskCancelForwardResponse> AskCancel(ledger::Operation& operation,
                                                       const v1::AskCancelForwardRequest& request) {
  if (absl::Status said = CheckReason(request.reason(), 1); !said.ok()) return said;
  return Take<v1::AskCancelForwardResponse>(operation, request, kAskCancelStep,
                                            [&](const v1::Forward& before, v1::Forward& forward) {
                                              forward.set_cancel_asked_by(operation.caller().role);
                                              forward.set_reason(request.reason());
                                              return CheckBeforeWindow(before, operation.now());
                                            });
}

absl::StatusOr<v1::AnswerCancelForwardResponse> AnswerCancel(ledger::Operation& operation,
                                                             const v1::AnswerCancelForwardRequest& request) {
  return Take<v1::AnswerCancelForwardResponse>(
      operation, request, request.is_agreed() ? kAgreeCancelStep : kDeclineCancelStep,
      [&](const v1::Forward& before, v1::Forward& forward) -> absl::Status {
        if (before.cancel_asked_by() == operation.caller().role) {
          return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, before.forward_id(),
                              "who asked to cancel cannot agree to it as well");
        }
        if (!request.is_agreed()) {
          forward.clear_cancel_asked_by();
          forward.clear_reason();
        }
        return CheckBeforeWindow(before, operation.now());
      });
}

}  // namespace zhuxiao::forward
