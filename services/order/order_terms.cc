#include "services/order/order_terms.h"

#include <set>

#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/order/market.h"
#include "services/order/placing.h"

namespace zhuxiao::order {
namespace {

void CheckTimes(const v1::Order& order, absl::Time now, base::FieldErrors& errors) {
  const bool is_by_usable = order.has_deliver_by_time() && base::IsUsable(order.deliver_by_time());
  const absl::Time deliver_by = is_by_usable ? base::FromProto(order.deliver_by_time()) : absl::InfinitePast();
  errors.Require(deliver_by > now && deliver_by <= now + kMaxDeliverAhead, "order.deliver_by_time",
                 "is required, in the future and at most 183 days ahead");
  errors.Require(!order.awaits_round() || order.has_standing_until(), "order.standing_until",
                 "is required of an order that awaits a round");
  if (!order.has_standing_until()) return;
  const bool is_until_usable = base::IsUsable(order.standing_until());
  const absl::Time until = is_until_usable ? base::FromProto(order.standing_until()) : absl::InfinitePast();
  errors.Require(until > now && (!is_by_usable || until <= deliver_by), "order.standing_until",
                 "must be in the future and not after deliver_by_time");
}

}  // namespace

void CheckOrder(const v1::Order& order, absl::Time now, base::FieldErrors& errors) {
  errors.Require(directory::FindCommodity(order.commodity_code()) != nullptr, "order.commodity_code",
                 "is not in the catalogue");
  errors.Require(order.quantity_base() > 0 && order.quantity_base() <= base::kMaxQuantityBase, "order.quantity_base",
                 "must be 1 to 10,000,000,000,000 base units");
  errors.Require(order.limit_price().amount_fen() > 0 && order.limit_price().amount_fen() <= base::kMaxAmountFen,
                 "order.limit_price", "must be more than 0 and at most 10^15 fen");
  errors.Require(order.limit_base() > 0 && order.limit_base() <= kMaxLimitBase, "order.limit_base",
                 "must be 1 to 1,000,000,000 base units");
  const auto level = base::LevelOf(order.destination_code());
  errors.Require(
      level && *level >= base::RegionLevel::kCounty && directory::Counties().Exists(order.destination_code()),
      "order.destination_code", "must be a county, township or village code of a known county");
  errors.Require(base::CodePointCount(order.address()) <= base::kMaxNameCodePoints, "order.address",
                 "must have at most 120 characters");
  errors.Require(order.required_programme().empty() || base::IsValidId(order.required_programme()),
                 "order.required_programme", "must have 1 to 64 characters of A-Z a-z 0-9 . _ -");
  std::set<int> kinds;
  for (int i = 0; i < order.required_certificates_size(); ++i) {
    const int kind = order.required_certificates(i);
    errors.Require(kind != directory::v1::CERTIFICATE_KIND_UNSPECIFIED && kinds.insert(kind).second,
                   base::StrCat("order.required_certificates[", i, "]"), "is unspecified or stands twice");
  }
  CheckTimes(order, now, errors);
}

matching::MatchOrder ToMatchOrder(const v1::Order& order, absl::Time now) {
  matching::MatchOrder match;
  match.order_id = order.order_id();
  match.institution_id = order.institution_uscc();
  match.commodity = order.commodity_code();
  match.quantity_base = order.quantity_base() - order.filled_base();
  match.limit_price_fen = order.limit_price().amount_fen();
  match.limit_base = order.limit_base();
  match.destination_code = order.destination_code();
  match.today = base::DayOf(now);
  match.deliver_from_day = match.today;
  match.deliver_by_day = base::DayOf(base::FromProto(order.deliver_by_time()));
  match.allow_partial = order.allow_partial();
  match.required_certificates = CertificateSetOf(order.required_certificates());
  if (!order.required_programme().empty()) match.required_programme = order.required_programme();
  match.excluded_suppliers = {order.institution_uscc()};
  for (const std::string& id : order.barred_listing_ids()) {
    match.barred_listings[id] = matching::RefusalReason::kSoldOut;  // to this order
  }
  return match;
}

v1::RefusalReason ToProto(matching::RefusalReason reason) {
  using From = matching::RefusalReason;
  switch (reason) {
    case From::kNone:
      return v1::REFUSAL_REASON_UNSPECIFIED;
    case From::kSoldOut:
      return v1::REFUSAL_REASON_SOLD_OUT;
    case From::kSupplierExcluded:
      return v1::REFUSAL_REASON_OWN_GOODS;
    case From::kOutOfScope:
      return v1::REFUSAL_REASON_OUT_OF_SCOPE;
    case From::kProgramme:
      return v1::REFUSAL_REASON_NOT_DESIGNATED;
    case From::kCertificate:
      return v1::REFUSAL_REASON_CERTIFICATE_MISSING;
    case From::kPriceAboveLimit:
      return v1::REFUSAL_REASON_PRICE_ABOVE_LIMIT;
    case From::kNotDeliverableInTime:
      return v1::REFUSAL_REASON_ARRIVES_TOO_LATE;
    case From::kTooLittleLifeLeft:
      return v1::REFUSAL_REASON_TOO_LITTLE_LIFE;
    case From::kMinLot:
      return v1::REFUSAL_REASON_BELOW_MIN_LOT;
    case From::kWholeUnit:
      return v1::REFUSAL_REASON_WHOLE_UNIT;
    case From::kQuotaLimit:
      return v1::REFUSAL_REASON_QUOTA_LIMIT;
    case From::kContractLimit:
      return v1::REFUSAL_REASON_TOO_MANY_CONTRACTS;
    case From::kNotWorth:
      return v1::REFUSAL_REASON_NOT_WORTH_CARRYING;
    case From::kReserved:
      return v1::REFUSAL_REASON_RESERVED;
    case From::kAllOrNothing:
      return v1::REFUSAL_REASON_NOT_FILLED_WHOLE;
    case From::kNoListing:
      return v1::REFUSAL_REASON_NO_LISTING;
  }
  return v1::REFUSAL_REASON_UNSPECIFIED;
}

namespace {

// What would have to change for the nearest listing to serve.
std::string ChangeOf(const matching::NearestMiss& nearest) {
  if (!nearest.needed) return std::string(matching::NameOf(nearest.reason));
  switch (nearest.reason) {
    case matching::RefusalReason::kPriceAboveLimit:
      return base::StrCat("limit_price at least ", base::FormatYuan(*nearest.needed), " yuan");
    case matching::RefusalReason::kNotDeliverableInTime:
      return base::StrCat("deliver_by_time at least ", base::FormatDay(static_cast<base::Day>(*nearest.needed)));
    case matching::RefusalReason::kQuotaLimit:
      return base::StrCat("spending limit left at least ", base::FormatYuan(*nearest.needed), " yuan");
    default:
      return base::StrCat("quantity left at least ", *nearest.needed, " base units");
  }
}

}  // namespace

v1::Unfilled ToUnfilled(const matching::MatchResult& result) {
  v1::Unfilled unfilled;
  unfilled.set_quantity_base(result.unfilled_base);
  unfilled.set_reason(ToProto(result.refusal.binding));
  for (size_t i = 0; i < matching::kRefusalReasonCount; ++i) {
    if (result.refusal.counts[i] == 0) continue;
    v1::RefusalCount& count = *unfilled.add_refusals();
    count.set_reason(ToProto(static_cast<matching::RefusalReason>(i)));
    count.set_listing_count(result.refusal.counts[i]);
  }
  unfilled.set_is_nearby_only(result.refusal.is_nearby_only);
  if (result.refusal.nearest) {
    unfilled.set_nearest_listing_id(result.refusal.nearest->listing_id);
    unfilled.set_nearest_change(ChangeOf(*result.refusal.nearest));
  }
  return unfilled;
}

absl::Status RefuseUnfilled(const v1::Order& order, const v1::Unfilled& unfilled) {
  base::Metadata metadata;
  for (const v1::RefusalCount& count : unfilled.refusals()) {
    metadata.emplace_back(v1::RefusalReason_Name(count.reason()), std::to_string(count.listing_count()));
  }
  metadata.emplace_back("binding", v1::RefusalReason_Name(unfilled.reason()));
  if (unfilled.is_nearby_only()) metadata.emplace_back("is_nearby_only", "true");
  if (!unfilled.nearest_change().empty()) metadata.emplace_back("nearest_change", unfilled.nearest_change());
  if (unfilled.reason() == v1::REFUSAL_REASON_QUOTA_LIMIT) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, order.institution_uscc(),
                        "the spending limit of the year does not cover the smallest contract", std::move(metadata));
  }
  return base::Refuse(base::ErrorReason::ERROR_REASON_NOTHING_MATCHED, order.commodity_code(),
                      base::StrCat("no listing can serve the order now: ", v1::RefusalReason_Name(unfilled.reason())),
                      std::move(metadata));
}

}  // namespace zhuxiao::order
