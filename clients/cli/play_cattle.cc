// The cattle of Suotuo village: ordered by head, settled by weight, some sold by a platform; what each household gets.
#include "clients/cli/play.h"
#include "clients/cli/play_trade.h"
#include "services/base/clock.h"
#include "services/base/money.h"

namespace zhuxiao::cli {
namespace {

constexpr int64_t kCattlePriceFen = 3'200;  // a kilogram
constexpr int64_t kCattleLimitFen = 3'400;
constexpr int64_t kKilogram = 1'000;
constexpr int kCattleDaysToSell = 20;

std::string ListCattle(Stage& stage) {
  listing::v1::CreateListingRequest request;
  auto& listing = *request.mutable_listing();
  listing.set_commodity_code("beef-cattle");
  listing.set_title("索驼村肉牛");
  listing.set_origin_code(kSuotuo);
  listing.set_sale_unit("头");
  listing.set_sale_unit_base(1);
  listing.set_listed_units(60);
  listing.mutable_price_per_kg()->set_amount_fen(kCattlePriceFen);
  listing.add_certificates(directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE);
  const base::Day today = base::DayOf(stage.now());
  *listing.mutable_ready_time() = base::ToProto(base::StartOfDay(today));
  *listing.mutable_last_sale_time() = base::ToProto(base::StartOfDay(today + kCattleDaysToSell + 1) - absl::Seconds(1));
  const auto created = stage.Call<listing::v1::CreateListingResponse>("supplier-suotuo", request);
  stage.Tell("play.listed-by-weight", {listing.title(), "60", "头", base::FormatYuan(kCattlePriceFen)});

  listing::v1::ReportStallRequest stall;
  stall.set_listing_id(created.listing().listing_id());
  stall.mutable_stall()->set_level(listing::v1::STALL_LEVEL_COUNTY);
  stall.mutable_stall()->set_cause("活畜市场关闭");
  stall.mutable_stall()->set_households_affected(6);
  stage.Call<listing::v1::ReportStallResponse>("officer-141032", stall);
  return created.listing().listing_id();
}

void Sell(Stage& stage, std::string_view buyer, int64_t head, int days, int64_t weight_per_head_g) {
  order::v1::PlaceOrderRequest request;
  *request.mutable_order() = MakeOrder(stage, buyer, "beef-cattle", head, kCattleLimitFen, kKilogram, days);
  const auto placed = stage.Call<order::v1::PlaceOrderResponse>(buyer, request);
  stage.Tell("play.ordered", {Member(buyer).title, Digits(head), "头", Digits(placed.contracts_size())});
  stage.ShowRows(placed, "contracts");
  Fulfil(stage, buyer, placed, {.weight_per_unit_g = weight_per_head_g});
}

// Holds `head`, sells all but the last four in two sales, gives those back.
void SellThroughPlatform(Stage& stage, const std::string& listing_id, int64_t head) {
  partner::v1::HoldStockRequest hold;
  hold.set_listing_id(listing_id);
  hold.set_units(head);
  *hold.mutable_expire_time() = base::ToProto(stage.now() + absl::Hours(72));
  const std::string hold_id = stage.Call<partner::v1::HoldStockResponse>("platform", hold).hold().hold_id();
  stage.Tell("play.held", {Member("platform").title, Digits(head), "头"});
  for (const auto& [units, weight_per_head_g] : {std::pair<int64_t, int64_t>{6, 571'500}, {head - 10, 588'250}}) {
    partner::v1::SellHoldRequest sell;
    sell.set_hold_id(hold_id);
    sell.set_units(units);
    sell.set_weight_g(units * weight_per_head_g);
    sell.set_platform_order_no(hold_id + "-" + Digits(units));
    const auto sold = stage.Call<partner::v1::SellHoldResponse>("platform", sell).sale();
    stage.Tell("play.platform-sold", {Digits(units), "头", Digits(sold.weight_g() / kKilogram),
                                      base::FormatYuan(sold.amount().amount_fen())});
  }
  partner::v1::ReleaseHoldRequest release;
  release.set_hold_id(hold_id);
  const auto released = stage.Call<partner::v1::ReleaseHoldResponse>("platform", release).hold();
  stage.Tell("play.released", {Digits(released.units() - released.sold_units()), "头"});
}

void ShowIncome(Stage& stage) {
  report::v1::GetIncomeRequest request;
  request.set_supplier_uscc(Member("supplier-suotuo").uscc);
  request.set_year(base::YearOf(stage.now()));
  const auto income = stage.Call<report::v1::GetIncomeResponse>("officer-141032", request);
  stage.Tell("play.income", {Member("supplier-suotuo").title, base::FormatYuan(income.total().amount_fen()),
                             base::FormatYuan(income.linked().amount_fen())});
  stage.ShowRows(income, "households");
}

}  // namespace

void PlayCattle(Stage& stage) {
  stage.Scene("play.scene.cattle");
  const std::string listing_id = ListCattle(stage);
  const listing::v1::Listing start = ReadListing(stage, listing_id);
  Sell(stage, "institution-a", 20, 4, 581'300);
  Sell(stage, "institution-b", 15, 6, 566'700);
  SellThroughPlatform(stage, listing_id, 15);
  const listing::v1::Listing between = ReadListing(stage, listing_id);
  if (const int64_t rest = between.balances().available(); rest > 0) Sell(stage, "institution-d", rest, 8, 579'900);
  ShowBalances(stage, {{stage.Word("play.listing.start"), start},
                       {stage.Word("play.listing.platform"), between},
                       {stage.Word("play.listing.end"), ReadListing(stage, listing_id)}});
  ShowIncome(stage);
}

}  // namespace zhuxiao::cli
