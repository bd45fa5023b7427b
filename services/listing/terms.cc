#include "services/listing/terms.h"

#include <algorithm>
#include <set>

#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/catch_weight.h"
#include "services/directory/directory.h"

namespace zhuxiao::listing {
namespace {

class TermsCheck {
 public:
  TermsCheck(const v1::Listing& listing, const directory::v1::Commodity* commodity, absl::Time now,
             const std::string& prefix, base::FieldErrors& errors)
      : listing_(listing), commodity_(commodity), now_(now), prefix_(prefix), errors_(errors) {}

  void Run() {
    Names();
    Quantities();
    Prices();
    Times();
    Places();
    Certificates();
  }

 private:
  bool Require(bool ok, const char* field, std::string_view description) {
    return errors_.Require(ok, prefix_ + field, description);
  }

  void Names() {
    Require(commodity_ != nullptr, "commodity_code", "is not in the catalogue");
    const size_t title = base::CodePointCount(listing_.title());
    Require(title >= 1 && title <= base::kMaxNameCodePoints, "title", "must have 1 to 120 characters");
    const size_t unit = base::CodePointCount(listing_.sale_unit());
    Require(unit >= 1 && unit <= kMaxSaleUnitCodePoints, "sale_unit", "must have 1 to 20 characters");
    Require(base::CodePointCount(listing_.remark()) <= base::kMaxRemarkCodePoints, "remark",
            "must have at most 500 characters");
  }

  void Quantities() {
    const bool unit_ok = Require(listing_.sale_unit_base() >= 1 && listing_.sale_unit_base() <= kMaxSaleUnitBase,
                                 "sale_unit_base", "must be 1 to 1,000,000,000 base units");
    const bool units_ok = Require(listing_.listed_units() >= 1 && listing_.listed_units() <= kMaxUnits, "listed_units",
                                  "must be 1 to 1,000,000,000,000 whole units");
    if (unit_ok && units_ok) {
      const auto quantity = base::CheckedMul(listing_.listed_units(), listing_.sale_unit_base());
      Require(quantity && *quantity <= base::kMaxQuantityBase, "listed_units",
              "times sale_unit_base is more than 10,000,000,000,000 base units");
    }
    Require(listing_.min_lot_units() >= 0 && listing_.min_lot_units() <= std::max<int64_t>(listing_.listed_units(), 0),
            "min_lot_units", "must be 0 to listed_units");
    if (commodity_ != nullptr && commodity_->is_catch_weight()) {
      Require(listing_.sale_unit_base() == 1, "sale_unit_base", "must be 1 piece for goods settled by weight");
    }
    if (commodity_ == nullptr || commodity_->is_catch_weight()) {
      Require(listing_.nominal_weight_g() >= 0 && listing_.nominal_weight_g() <= kMaxNominalWeightG, "nominal_weight_g",
              "must be 0 to 2,000,000 g");
    } else {
      Require(listing_.nominal_weight_g() == 0, "nominal_weight_g", "is for goods settled by weight only");
    }
  }

  bool Price(const common::v1::Money& price, const char* field) {
    return Require(price.amount_fen() > 0 && price.amount_fen() <= base::kMaxAmountFen, field,
                   "must be more than 0 and at most 10^15 fen");
  }

  // Of goods nobody knows either price may be meant.
  void PricesOfUnknown() {
    if (listing_.has_price_per_kg()) Price(listing_.price_per_kg(), "price_per_kg");
    if (listing_.has_unit_price() || !listing_.has_price_per_kg()) Price(listing_.unit_price(), "unit_price");
  }

  void Prices() {
    if (commodity_ == nullptr) return PricesOfUnknown();
    if (commodity_->is_catch_weight()) {
      Price(listing_.price_per_kg(), "price_per_kg");
      Require(!listing_.has_unit_price() || listing_.has_price_per_kg(), "unit_price",
              "follows from price_per_kg for goods settled by weight");
      return;
    }
    Require(!listing_.has_price_per_kg(), "price_per_kg", "is for goods settled by weight only");
    if (!Price(listing_.unit_price(), "unit_price")) return;
    const auto total =
        base::CheckedMul(listing_.unit_price().amount_fen(), std::max<int64_t>(listing_.listed_units(), 0));
    Require(total && *total <= base::kMaxAmountFen, "unit_price", "times listed_units is more than 10^15 fen");
  }

  void Times() {
    const bool is_last_usable = listing_.has_last_sale_time() && base::IsUsable(listing_.last_sale_time());
    const absl::Time last_sale = is_last_usable ? base::FromProto(listing_.last_sale_time()) : absl::InfinitePast();
    Require(last_sale > now_ && last_sale <= now_ + kMaxListingLife, "last_sale_time",
            "is required, in the future and at most two years ahead");
    const bool is_ready_usable = listing_.has_ready_time() && base::IsUsable(listing_.ready_time());
    Require(is_ready_usable && (!is_last_usable || base::FromProto(listing_.ready_time()) <= last_sale), "ready_time",
            "is required, from 2000 on and not after last_sale_time");
  }

  void Places() {
    const auto level = base::LevelOf(listing_.origin_code());
    Require(level && *level >= base::RegionLevel::kCounty && directory::Counties().Exists(listing_.origin_code()),
            "origin_code", "must be a county, township or village code of a known county");
    Require(listing_.delivery_regions_size() <= kMaxDeliveryRegions, "delivery_regions", "must be at most 100");
    for (int i = 0; i < listing_.delivery_regions_size(); ++i) {
      errors_.Require(directory::Counties().Exists(listing_.delivery_regions(i)),
                      base::StrCat(prefix_, "delivery_regions[", i, "]"), "is no known region");
    }
  }

  void Certificates() {
    std::set<int> seen;
    for (int i = 0; i < listing_.certificates_size(); ++i) {
      const int kind = listing_.certificates(i);
      errors_.Require(kind != directory::v1::CERTIFICATE_KIND_UNSPECIFIED && seen.insert(kind).second,
                      base::StrCat(prefix_, "certificates[", i, "]"), "is unspecified or stands twice");
    }
  }

  const v1::Listing& listing_;
  const directory::v1::Commodity* const commodity_;
  const absl::Time now_;
  const std::string& prefix_;
  base::FieldErrors& errors_;
};

}  // namespace

void CheckTerms(const v1::Listing& listing, const directory::v1::Commodity* commodity, absl::Time now,
                const std::string& prefix, base::FieldErrors& errors) {
  TermsCheck(listing, commodity, now, prefix, errors).Run();
}

void CheckStall(const v1::StallReport& stall, bool is_officer, const std::string& prefix, base::FieldErrors& errors) {
  errors.Require(is_officer || stall.level() <= v1::STALL_LEVEL_VILLAGE, prefix + "level",
                 "a supplier reports at village level");
  errors.Require(base::CodePointCount(stall.cause()) <= base::kMaxRemarkCodePoints, prefix + "cause",
                 "must have at most 500 characters");
  errors.Require(stall.households_affected() >= 0 && stall.households_affected() <= kMaxHouseholdsAffected,
                 prefix + "households_affected", "must be 0 to 100,000");
  errors.Require(base::CodePointCount(stall.contact()) <= kMaxContactCodePoints, prefix + "contact",
                 "must have at most 60 characters");
}

v1::StallReport AddReport(const v1::StallReport& known, const v1::StallReport& told) {
  v1::StallReport report = known;
  report.MergeFrom(told);
  report.set_level(std::max(known.level(), told.level()));
  return report;
}

void CompleteTerms(v1::Listing& listing, const directory::v1::Commodity& commodity) {
  if (listing.min_lot_units() == 0) listing.set_min_lot_units(1);
  if (!commodity.is_catch_weight()) return;
  if (listing.nominal_weight_g() == 0) listing.set_nominal_weight_g(commodity.nominal_weight_g());
  listing.mutable_unit_price()->set_amount_fen(
      directory::WeighedAmountFen(listing.nominal_weight_g(), listing.price_per_kg().amount_fen())
          .value_or(base::kMaxAmountFen));
}

absl::Status CheckPrice(const v1::Listing& listing, const directory::v1::Commodity& commodity) {
  const bool by_weight = commodity.is_catch_weight();
  const int64_t price = by_weight ? listing.price_per_kg().amount_fen() : listing.unit_price().amount_fen();
  const int64_t price_base = by_weight ? directory::kGramsPerKg : listing.sale_unit_base();
  const int64_t reference =
      base::MulDivHalfUp(commodity.reference_price().amount_fen(), price_base, commodity.reference_base())
          .value_or(base::kMaxAmountFen);
  const int64_t most = base::MulDivFloor(reference, kMaxPriceOfReferencePpm, base::kPpm).value_or(INT64_MAX);
  const int64_t least = base::MulDivFloor(reference, kMinPriceOfReferencePpm, base::kPpm).value_or(0);
  if (price >= least && price <= most) return absl::OkStatus();
  return base::Refuse(base::ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE,
                      by_weight ? "listing.price_per_kg" : "listing.unit_price",
                      base::StrCat("the price must be between ", base::FormatYuan(least), " and ",
                                   base::FormatYuan(most), " yuan, from the reference price of the commodity"),
                      {{"min_fen", std::to_string(least)}, {"max_fen", std::to_string(most)}});
}

}  // namespace zhuxiao::listing
