// The eggs of Hongri cooperative: stalled, sold in pieces to canteens; and the hospital that has reached its limit.
#include "clients/cli/play.h"
#include "clients/cli/play_trade.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"

namespace zhuxiao::cli {
namespace {

constexpr int64_t kJin = 500;
constexpr int64_t kEggsPriceFen = 340;  // a jin
constexpr int64_t kEggsLimitFen = 360;
constexpr int kEggsDaysToSell = 12;

std::string ListEggs(Stage& stage) {
  listing::v1::CreateListingRequest request;
  auto& listing = *request.mutable_listing();
  listing.set_commodity_code("egg");
  listing.set_title("梁家脑村散养鸡蛋");
  listing.set_origin_code(kLiangjianao);
  listing.set_sale_unit("斤");
  listing.set_sale_unit_base(kJin);
  listing.set_listed_units(10'000);
  listing.mutable_unit_price()->set_amount_fen(kEggsPriceFen);
  listing.set_min_lot_units(50);
  listing.add_certificates(directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE);
  const base::Day today = base::DayOf(stage.now());
  *listing.mutable_ready_time() = base::ToProto(base::StartOfDay(today));
  *listing.mutable_last_sale_time() = base::ToProto(base::StartOfDay(today + kEggsDaysToSell + 1) - absl::Seconds(1));
  const auto created = stage.Call<listing::v1::CreateListingResponse>("supplier-hongri", request);
  stage.Tell("play.listed", {listing.title(), "10000", "斤", base::FormatYuan(kEggsPriceFen)});
  return created.listing().listing_id();
}

void ReportStall(Stage& stage, const std::string& listing_id) {
  listing::v1::ReportStallRequest request;
  request.set_listing_id(listing_id);
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_VILLAGE);
  request.mutable_stall()->set_cause("道路封闭，收购商无法进村");
  request.mutable_stall()->set_households_affected(23);
  stage.Call<listing::v1::ReportStallResponse>("supplier-hongri", request);
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_COUNTY);
  stage.Call<listing::v1::ReportStallResponse>("officer-140321", request);
  stage.Tell("play.stalled", {stage.Word("STALL_LEVEL_COUNTY")});
}

order::v1::PlaceOrderResponse Buy(Stage& stage, std::string_view buyer, int64_t jin, int days,
                                  const std::string& programme = "") {
  order::v1::PlaceOrderRequest request;
  *request.mutable_order() = MakeOrder(stage, buyer, "egg", jin * kJin, kEggsLimitFen, kJin, days);
  request.mutable_order()->set_required_programme(programme);
  auto placed = stage.Call<order::v1::PlaceOrderResponse>(buyer, request);
  stage.Tell("play.ordered", {Member(buyer).title, Digits(jin), "斤", Digits(placed.contracts_size())});
  stage.ShowRows(placed, "contracts");
  return placed;
}

void ShowQuota(Stage& stage, const std::vector<std::pair<std::string, quota::v1::Quota>>& quotas) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [label, quota] : quotas) {
    rows.push_back({label, base::FormatYuan(quota.limit().amount_fen()), base::FormatYuan(quota.held().amount_fen()),
                    base::FormatYuan(quota.settled().amount_fen())});
  }
  stage.Show({"play.when", "field.limit", "field.held", "field.settled"}, rows);
}

// The hospital spends its whole limit once; every further order is refused and changes nothing.
void AskBeyondTheLimit(Stage& stage, const std::string& listing_id) {
  stage.Scene("play.scene.hospital");
  quota::v1::Quota before = ReadQuota(stage, "hospital");
  if (before.held().amount_fen() + before.settled().amount_fen() < before.limit().amount_fen()) {
    Fulfil(stage, "hospital", Buy(stage, "hospital", before.limit().amount_fen() / kEggsPriceFen, 3), {});
    before = ReadQuota(stage, "hospital");
  }
  const listing::v1::Listing listing_before = ReadListing(stage, listing_id);
  order::v1::PlaceOrderRequest request;
  *request.mutable_order() = MakeOrder(stage, "hospital", "egg", 200 * kJin, kEggsLimitFen, kJin, 3);
  const auto refused = stage.Ask<order::v1::PlaceOrderResponse>("hospital", request);
  if (!stage.ok()) return;
  if (base::ReasonOf(refused.status()) != base::ErrorReason::ERROR_REASON_QUOTA_EXCEEDED) {
    return stage.Fail(refused.ok() ? absl::InternalError("an order over the limit was taken") : refused.status(),
                      "hospital");
  }
  stage.Tell("play.refused", {Member("hospital").title, "200", "斤", stage.Word("ERROR_REASON_QUOTA_EXCEEDED")});
  const quota::v1::Quota after = ReadQuota(stage, "hospital");
  const listing::v1::Listing listing_after = ReadListing(stage, listing_id);
  ShowQuota(stage, {{stage.Word("play.before"), before}, {stage.Word("play.after"), after}});
  ShowBalances(stage, {{stage.Word("play.before"), listing_before}, {stage.Word("play.after"), listing_after}});
}

}  // namespace

void PlayEggs(Stage& stage) {
  stage.Scene("play.scene.eggs");
  const std::string listing_id = ListEggs(stage);
  ReportStall(stage, listing_id);
  const listing::v1::Listing start = ReadListing(stage, listing_id);
  const auto first = Buy(stage, "institution-a", 3'000, 2, "shanxi-poor-villages");
  const auto second = Buy(stage, "institution-b", 2'500, 3);
  const auto third = Buy(stage, "institution-c", 2'000, 4);
  const listing::v1::Listing bought = ReadListing(stage, listing_id);
  Fulfil(stage, "institution-a", first, {});
  Fulfil(stage, "institution-b", second, {.spoiled_units = 12});
  Fulfil(stage, "institution-c", third, {});

  AskBeyondTheLimit(stage, listing_id);

  stage.Scene("play.scene.eggs-rest");
  const int64_t rest = ReadListing(stage, listing_id).balances().available();
  if (rest > 0) Fulfil(stage, "institution-d", Buy(stage, "institution-d", rest, 5), {});
  ShowBalances(stage, {{stage.Word("play.listing.start"), start},
                       {stage.Word("play.listing.bought"), bought},
                       {stage.Word("play.listing.end"), ReadListing(stage, listing_id)}});
}

}  // namespace zhuxiao::cli
