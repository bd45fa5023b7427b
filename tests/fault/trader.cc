#include "tests/fault/trader.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "clients/cpp/stream.h"
#include "services/base/clock.h"
#include "services/base/strings.h"
#include "tests/e2e/market_client.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::testing {
namespace {

using base::StrCat;

constexpr absl::Duration kPauseBeforeRepeat = absl::Milliseconds(5);
constexpr int64_t kNominalWeightG = 575'000;

bool IsCattle(const std::string& commodity) { return commodity == "beef-cattle"; }

google::protobuf::Timestamp In(absl::Duration duration) { return base::ToProto(absl::Now() + duration); }

}  // namespace

void Trader::Run() {
  struct Work {
    int weight;
    bool (Trader::*act)();
  };
  static constexpr Work kWork[] = {
      {20, &Trader::PlaceOrder},   {2, &Trader::CancelOrder},   {16, &Trader::Sign},
      {4, &Trader::Refuse},        {14, &Trader::Ship},         {12, &Trader::Accept},
      {8, &Trader::Settle},        {4, &Trader::LookAtListing}, {2, &Trader::LookAtQuota},
      {4, &Trader::CreateListing}, {2, &Trader::TakeOffMarket}, {4, &Trader::HoldStock},
      {4, &Trader::SellHold},      {1, &Trader::ReleaseHold},   {3, &Trader::ReportOnlineSales},
  };
  while (!floor_.is_closing) {
    int64_t draw = Roll(1, 100);
    const Work* work = kWork;
    while ((draw -= work->weight) > 0) ++work;
    if (!(this->*work->act)()) PlaceOrder();
  }
}

const Wire& Trader::Connect() {
  while (floor_.server.port() == 0) absl::SleepFor(kPauseBeforeRepeat);
  if (const int life = floor_.server.life(); life != life_) {
    life_ = life;
    wire_ = std::make_unique<Wire>(floor_.server.port());
  }
  return *wire_;
}

Answer Trader::Insist(const Request& request) {
  while (true) {
    const Answer answer = Connect().Send(request);
    if (!answer.MustRepeat()) return answer;
    ++floor_.unknown_count;
    absl::SleepFor(kPauseBeforeRepeat);
  }
}

template <typename Message, typename Response>
bool Trader::Ask(const std::string& method, const std::string& organisation, Message message, Response& response) {
  message.set_request_id(StrCat("t", number_, "-", ++minted_));
  const Request request{.method = method,
                        .token = floor_.tokens.at(organisation),
                        .request_id = message.request_id(),
                        .bytes = message.SerializeAsString()};
  const int64_t begin = SteadyNanos();
  const Answer answer = Insist(request);
  span_ = {begin, SteadyNanos()};
  floor_.history.AddWrite(request.request_id, span_);
  const std::string name = method.substr(method.find('/') + 1);
  floor_.outcomes.Count(answer.ok() ? name : StrCat(name, " ", common::v1::ErrorReason_Name(answer.reason)));
  reason_ = answer.reason;
  if (!answer.IsKept()) {
    floor_.surprises.Count(StrCat(name, ": ", answer.ToString()));
    return false;
  }
  floor_.answers.Add(request, answer);
  return answer.ok() && response.ParseFromString(answer.bytes);
}

template <typename Message, typename Response>
bool Trader::Read(const std::string& method, const std::string& organisation, const Message& message,
                  Response& response) {
  const Request request{
      .method = method, .token = floor_.tokens.at(organisation), .bytes = message.SerializeAsString()};
  const int64_t begin = SteadyNanos();
  const Answer answer = Insist(request);
  span_ = {begin, SteadyNanos()};
  if (!answer.ok()) floor_.surprises.Count(StrCat(method, ": ", answer.ToString()));
  return answer.ok() && response.ParseFromString(answer.bytes);
}

int64_t Trader::Roll(int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random_);
}

// The tolerance is 15 %: some weights are outside it, most cost a fraction of a fen.
int64_t Trader::WeightOf(int64_t heads) { return heads * (kNominalWeightG * Roll(840, 1'160) / 1'000 + Roll(0, 999)); }

bool Trader::PlaceOrder() {
  const bool is_cattle = Chance(16);
  order::v1::PlaceOrderRequest request;
  order::v1::Order& order = *request.mutable_order();
  order.set_commodity_code(is_cattle ? "beef-cattle" : "egg");
  order.set_quantity_base(is_cattle ? Roll(1, 3) : Roll(1, 40) * 500);
  // Asks are 320 to 360 fen a jin, 3,300 a kilogram of cattle: some orders match part of the market, some nothing.
  order.mutable_limit_price()->set_amount_fen(is_cattle ? Roll(3'250, 3'700) : Roll(315, 420));
  order.set_limit_base(is_cattle ? 1'000 : 500);
  order.set_destination_code("140105");
  *order.mutable_deliver_by_time() = In(absl::Hours(24 * 5));
  order.set_allow_partial(!Chance(4));
  if (Chance(8)) *order.mutable_standing_until() = In(absl::Hours(24));
  order::v1::PlaceOrderResponse response;
  const std::string& buyer = Chance(2) ? MarketClient::kSchool : MarketClient::kHospital;
  if (!Ask("order.v1.OrderService/PlaceOrder", buyer, request, response)) return true;
  for (const order::v1::Contract& contract : response.contracts()) floor_.proposed.Put(contract);
  if (response.order().state() == order::v1::ORDER_STATE_STANDING) floor_.standing.Put(response.order());
  return true;
}

bool Trader::CancelOrder() {
  const auto order = floor_.standing.Draw(random_, kKeepSeldom);
  if (!order) return false;
  order::v1::CancelOrderRequest request;
  request.set_order_id(order->order_id());
  order::v1::CancelOrderResponse response;
  Ask("order.v1.OrderService/CancelOrder", order->institution_uscc(), request, response);
  return true;
}

bool Trader::Sign() {
  const auto contract = floor_.proposed.Draw(random_, kKeepSeldom);
  if (!contract) return false;
  order::v1::SignContractRequest request;
  request.set_contract_id(contract->contract_id());
  order::v1::SignContractResponse response;
  if (Ask("order.v1.OrderService/SignContract", contract->supplier_uscc(), request, response)) {
    floor_.signed_by_farm.Put(response.contract());
  }
  return true;
}

bool Trader::Refuse() {
  const auto contract = floor_.proposed.Draw(random_, kKeepSeldom);
  if (!contract) return false;
  order::v1::RefuseContractRequest request;
  request.set_contract_id(contract->contract_id());
  order::v1::RefuseContractResponse response;
  Ask("order.v1.OrderService/RefuseContract", contract->supplier_uscc(), request, response);
  return true;
}

bool Trader::Ship() {
  const auto contract = floor_.signed_by_farm.Draw(random_, kKeepSeldom);
  if (!contract) return false;
  order::v1::ShipContractRequest request;
  request.set_contract_id(contract->contract_id());
  if (Chance(4)) request.set_delivered_units(Roll(1, contract->ordered_units()));
  for (const auto kind :
       {directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE, directory::v1::CERTIFICATE_KIND_QUARANTINE_B}) {
    order::v1::Certificate& certificate = *request.add_certificates();
    certificate.set_kind(kind);
    certificate.set_number("C-1");
    *certificate.mutable_issue_time() = In(-absl::Seconds(1));
    *certificate.mutable_valid_until() = In(absl::Hours(24));
    certificate.set_quantity_base(contract->ordered_units() * contract->sale_unit_base());
  }
  order::v1::ShipContractResponse response;
  if (Ask("order.v1.OrderService/ShipContract", contract->supplier_uscc(), request, response)) {
    floor_.shipped.Put(response.contract());
  }
  return true;
}

bool Trader::Accept() {
  const auto contract = floor_.shipped.Draw(random_, kKeepSeldom);
  if (!contract) return false;
  order::v1::AcceptContractRequest request;
  request.set_contract_id(contract->contract_id());
  request.set_accepted_units(Chance(3) ? Roll(0, contract->delivered_units()) : contract->delivered_units());
  request.set_rejected_goods(Chance(2) ? order::v1::REJECTED_GOODS_RETURNED : order::v1::REJECTED_GOODS_SPOILED);
  if (IsCattle(contract->commodity_code())) request.set_accepted_weight_g(WeightOf(request.accepted_units()));
  order::v1::AcceptContractResponse response;
  if (Ask("order.v1.OrderService/AcceptContract", contract->institution_uscc(), request, response) &&
      response.contract().state() == order::v1::CONTRACT_STATE_ACCEPTED) {
    floor_.accepted.Put(response.contract());
  }
  return true;
}

bool Trader::Settle() {
  const auto contract = floor_.accepted.Draw(random_, kKeepSeldom);
  if (!contract) return false;
  order::v1::SettleContractRequest request;
  request.set_contract_id(contract->contract_id());
  order::v1::SettleContractResponse response;
  Ask("order.v1.OrderService/SettleContract", contract->institution_uscc(), request, response);
  return true;
}

bool Trader::CreateListing() {
  const bool is_cattle = Chance(4);
  listing::v1::CreateListingRequest request;
  listing::v1::Listing& listing = *request.mutable_listing();
  listing.set_commodity_code(is_cattle ? "beef-cattle" : "egg");
  listing.set_title("stalled goods");
  listing.set_origin_code("140321105201");
  listing.set_sale_unit(is_cattle ? "头" : "斤");
  listing.set_sale_unit_base(is_cattle ? 1 : 500);
  listing.set_listed_units(is_cattle ? Roll(5, 60) : Roll(50, 500));
  if (is_cattle) {
    listing.mutable_price_per_kg()->set_amount_fen(3'300);
  } else {
    listing.mutable_unit_price()->set_amount_fen(Roll(320, 360));
    listing.set_min_lot_units(Roll(1, 5));
  }
  *listing.mutable_ready_time() = In(absl::ZeroDuration());
  *listing.mutable_last_sale_time() = In(absl::Hours(24 * 12));
  listing::v1::CreateListingResponse response;
  const std::string& farm = Chance(2) ? MarketClient::kFarm : MarketClient::kOtherFarm;
  if (Ask("listing.v1.ListingService/CreateListing", farm, request, response)) floor_.listings.Put(response.listing());
  return true;
}

bool Trader::TakeOffMarket() {
  const auto listing = floor_.listings.Draw(random_, kKeepAlways);
  if (!listing) return false;
  if (Chance(2)) {
    listing::v1::ReportSpoiledRequest request;
    request.set_listing_id(listing->listing_id());
    request.set_units(Roll(1, 5));
    listing::v1::ReportSpoiledResponse response;
    Ask("listing.v1.ListingService/ReportSpoiled", listing->supplier_uscc(), request, response);
    return true;
  }
  listing::v1::WithdrawListingRequest request;
  request.set_listing_id(listing->listing_id());
  request.set_units(Roll(0, 10));
  listing::v1::WithdrawListingResponse response;
  Ask("listing.v1.ListingService/WithdrawListing", listing->supplier_uscc(), request, response);
  return true;
}

bool Trader::HoldStock() {
  const auto listing = floor_.listings.Draw(random_, kKeepAlways);
  if (!listing) return false;
  partner::v1::HoldStockRequest request;
  request.set_listing_id(listing->listing_id());
  request.set_units(listing->min_lot_units() + Roll(0, 10));
  *request.mutable_expire_time() = In(absl::Hours(24));
  partner::v1::HoldStockResponse response;
  if (Ask("partner.v1.PartnerService/HoldStock", MarketClient::kPlatform, request, response)) {
    floor_.holds.Put({response.hold(), IsCattle(listing->commodity_code())});
  } else if (reason_ == base::ErrorReason::ERROR_REASON_STOCK_EXHAUSTED) {
    floor_.history.AddExhausted(listing->listing_id(), request.units(), span_);
  }
  return true;
}

bool Trader::LookAtListing() {
  const auto listing = floor_.listings.Draw(random_, kKeepAlways);
  if (!listing) return false;
  listing::v1::GetListingRequest request;
  request.set_listing_id(listing->listing_id());
  listing::v1::GetListingResponse response;
  if (Read("listing.v1.ListingService/GetListing", listing->supplier_uscc(), request, response)) {
    floor_.history.AddRead(response.listing(), span_);
  }
  return true;
}

bool Trader::LookAtQuota() {
  quota::v1::GetQuotaRequest request;
  request.set_year(base::YearOf(absl::Now()));
  quota::v1::GetQuotaResponse response;
  const std::string& buyer = Chance(2) ? MarketClient::kSchool : MarketClient::kHospital;
  if (Read("quota.v1.QuotaService/GetQuota", buyer, request, response)) {
    floor_.history.AddRead(response.quota(), span_);
  }
  return true;
}

bool Trader::SellHold() {
  const auto held = floor_.holds.Draw(random_, kKeepSeldom);
  if (!held) return false;
  partner::v1::SellHoldRequest request;
  request.set_hold_id(held->hold.hold_id());
  request.set_units(Roll(1, held->hold.units()));
  request.set_platform_order_no(StrCat("h", number_, "-", minted_));
  if (held->is_cattle) request.set_weight_g(WeightOf(request.units()));
  partner::v1::SellHoldResponse response;
  if (Ask("partner.v1.PartnerService/SellHold", MarketClient::kPlatform, request, response) &&
      response.hold().state() == partner::v1::HOLD_STATE_ACTIVE) {
    floor_.holds.Put({response.hold(), held->is_cattle});
  }
  return true;
}

bool Trader::ReleaseHold() {
  const auto held = floor_.holds.Draw(random_, kKeepSeldom);
  if (!held) return false;
  partner::v1::ReleaseHoldRequest request;
  request.set_hold_id(held->hold.hold_id());
  partner::v1::ReleaseHoldResponse response;
  Ask("partner.v1.PartnerService/ReleaseHold", MarketClient::kPlatform, request, response);
  return true;
}

bool Trader::ReportOnlineSales() {
  reward::v1::ReportSalesRequest report;
  const auto add_refund = [&](const std::string& order_no, int64_t amount_fen) {
    reward::v1::SaleRefund& refund = *report.add_entries()->mutable_refund();
    refund.set_refund_no(StrCat("r", number_, "-", ++minted_));
    refund.set_platform_order_no(order_no);
    refund.mutable_amount()->set_amount_fen(amount_fen);
    *refund.mutable_refund_time() = In(-absl::Seconds(1));
  };
  for (int64_t i = Roll(1, 5); i > 0; --i) {
    const std::string order_no = StrCat("o", number_, "-", ++minted_);
    const int64_t amount_fen = Roll(1'000, 100'000);
    if (Chance(4)) add_refund(order_no, amount_fen / 4);  // comes before its sale and waits for it
    reward::v1::OnlineSale& sale = *report.add_entries()->mutable_sale();
    sale.set_platform_order_no(order_no);
    sale.set_claimant_uscc(Chance(2) ? MarketClient::kFarm : MarketClient::kOtherFarm);
    sale.set_commodity_code("apple");
    sale.set_origin_code(Chance(2) ? "141032" : "140105");
    sale.mutable_amount()->set_amount_fen(amount_fen);
    *sale.mutable_order_time() = In(-absl::Seconds(1));
    if (Chance(4)) add_refund(order_no, amount_fen / 2);
  }
  add_refund(floor_.refunded_order_no, Roll(100, 1'000));
  const reward::v1::ReportSalesResponse response = Report(report);
  // Taken, or taken by an attempt nobody heard of; nothing here is to be rejected.
  if (response.rejected_count() > 0) floor_.surprises.Count("ReportSales: " + response.ShortDebugString());
  floor_.outcomes.Count("ReportSales");
  floor_.reports.Put(report);
  return true;
}

reward::v1::ReportSalesResponse Trader::Report(const reward::v1::ReportSalesRequest& report) {
  while (true) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + floor_.tokens.at(MarketClient::kPlatform));
    reward::v1::ReportSalesResponse response;
    client::Stream stream(Connect().channel(), "/zhuxiao.reward.v1.RewardService/ReportSales", context);
    if (stream.Write(report) && stream.WritesDone()) stream.Read(response);
    const absl::Status status = stream.Finish();
    if (status.ok()) return response;
    if (!Answer{.code = status.code()}.MustRepeat()) {
      floor_.surprises.Count("ReportSales: " + status.ToString());
      return response;
    }
    ++floor_.unknown_count;
    absl::SleepFor(kPauseBeforeRepeat);
  }
}

}  // namespace zhuxiao::testing
