#include "tests/property/trade_world.h"

#include <algorithm>
#include <future>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/institutions.h"
#include "services/directory/linkages.h"
#include "services/directory/organisations.h"
#include "services/directory/suppliers.h"
#include "services/forward/forward.h"
#include "services/listing/listing.h"
#include "services/listing/operations.h"
#include "services/order/contract_steps.h"
#include "services/order/order.h"
#include "services/order/placing.h"
#include "services/order/upkeep.h"
#include "services/partner/holds.h"
#include "services/partner/partner.h"
#include "services/quota/declarations.h"
#include "services/quota/operations.h"
#include "services/stall/cases.h"
#include "services/stall/reading.h"
#include "services/stall/stall.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::testing {
namespace {

const std::vector<std::string> kVillages = {"140321105201", "141032203206", "140431101201"};
constexpr int kUpkeepsADay = 4;   // and one at midnight
constexpr int kFaultPercent = 6;  // of commits whose outcome is unknown, or that meet a conflict

}  // namespace

TradeWorld::TradeWorld(uint64_t seed, const WorldSize& size)
    : rng_(seed),
      random_(seed + 1),
      size_(size),
      store_(noting_,
             [this](int) {
               if (!Chance(kFaultPercent)) return store::CommitFault::kNone;
               return Pick(std::vector{store::CommitFault::kLostAnswer, store::CommitFault::kLostRequest,
                                       store::CommitFault::kConflict});
             }),
      // A world begins within a month of the year's end or in spring, so that many live through a new year.
      clock_(base::StartOfDay(*base::ParseDay(Chance(60) ? "2020-12-10" : "2020-03-02")) +
             absl::Hours(24) * Draw(0, 20)) {
  market_ = *order::Market::Load(store_, matching::DefaultMatchPolicy());
  upkeep_ = *stall::Upkeep::Load(store_, clock_.Now());
  for (int i = 0; i < size.suppliers; ++i) Admit(Uscc("93", i + 1), Pick(kVillages));
  for (int i = 0; i < size.institutions; ++i) Register(Uscc("12", i + 1), i);
}

int64_t TradeWorld::Draw(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(rng_() % static_cast<uint64_t>(high - low + 1));
}

absl::StatusOr<std::string> TradeWorld::RunToTheEnd(const base::Caller& caller, const std::string& method,
                                                    const std::string& content, const store::RequestBody& body) {
  const std::string tenant = caller.organisation.empty() ? caller.token_id : caller.organisation;
  const std::string id = base::StrCat("r", ++request_count_);
  for (;;) {
    // Shared, since the thread that answers may still be inside set_value when the answer is read.
    const auto answered = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    store::RunOnce(store_, {tenant, id, method, content, clock_.Now()}, body,
                   [answered](absl::StatusOr<std::string> answer) { answered->set_value(std::move(answer)); });
    absl::StatusOr<std::string> answer = answered->get_future().get();
    if (!absl::IsUnavailable(answer.status())) return answer;
  }
}

void TradeWorld::RunStep(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& step) {
  const ledger::Intent intent{{}, action, "", clock_.Now(), base::NewId(clock_.Now(), random_)};
  // A step whose outcome is unknown runs again: it finds nothing to do where it went through.
  for (;;) {
    const absl::Status done = store::RunTransaction(store_, [&](store::Transaction& transaction) -> absl::Status {
      ledger::Operation operation(transaction, intent);
      if (absl::Status stepped = step(operation); !stepped.ok()) return stepped;
      if (!transaction.is_read_only()) operation.Close();
      return absl::OkStatus();
    });
    if (absl::IsUnavailable(done)) continue;
    if (!IsAnAnswer(done)) Complain(base::StrCat(action, ": ", done.ToString()));
    if (done.ok()) ++done_[action];
    return;
  }
}

void TradeWorld::Admit(const std::string& uscc, const std::string& village) {
  directory::v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_uscc(uscc);
  create.mutable_organisation()->set_name("Supplier " + uscc);
  create.mutable_organisation()->set_kind(directory::v1::ORGANISATION_KIND_COOPERATIVE);
  create.mutable_organisation()->set_region_code(village);
  Try<directory::v1::CreateOrganisationResponse, directory::v1::CreateOrganisationRequest>(
      Operator(), "CreateOrganisation", create, directory::CreateOrganisation);
  directory::v1::ApplySupplierRequest apply;
  apply.mutable_supplier()->set_uscc(uscc);
  apply.mutable_supplier()->set_village_code(village);
  Try<directory::v1::ApplySupplierResponse, directory::v1::ApplySupplierRequest>(SupplierOf(uscc), "ApplySupplier",
                                                                                 apply, directory::ApplySupplier);
  directory::v1::RecommendSupplierRequest recommend;
  recommend.set_uscc(uscc);
  Try<directory::v1::RecommendSupplierResponse, directory::v1::RecommendSupplierRequest>(
      Officer(village.substr(0, 6), "county"), "RecommendSupplier", recommend, directory::RecommendSupplier);
  directory::v1::ActivateSupplierRequest activate;
  activate.set_uscc(uscc);
  Try<directory::v1::ActivateSupplierResponse, directory::v1::ActivateSupplierRequest>(
      Officer("14", "province"), "ActivateSupplier", activate, directory::ActivateSupplier);
  directory::v1::SetLinkageRequest linkage;
  linkage.mutable_linkage()->set_supplier_uscc(uscc);
  linkage.mutable_linkage()->set_village_code(village);
  linkage.mutable_linkage()->set_linkage_ppm(Draw(0, 1'000'000));
  for (int i = 0; i < 3; ++i) {
    directory::v1::Household& household = *linkage.mutable_linkage()->add_households();
    household.set_household_code(base::StrCat("H", i));
    household.set_name("Zhang");
    household.set_share_ppm(Draw(0, 333'333));
  }
  Try<directory::v1::SetLinkageResponse, directory::v1::SetLinkageRequest>(Operator(), "SetLinkage", linkage,
                                                                           directory::SetLinkage);
  suppliers_.push_back(uscc);
}

void TradeWorld::Register(const std::string& uscc, int number) {
  directory::v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_uscc(uscc);
  create.mutable_organisation()->set_name("Canteen " + uscc);
  create.mutable_organisation()->set_kind(directory::v1::ORGANISATION_KIND_PUBLIC_BODY);
  create.mutable_organisation()->set_region_code("140105");
  Try<directory::v1::CreateOrganisationResponse, directory::v1::CreateOrganisationRequest>(
      Operator(), "CreateOrganisation", create, directory::CreateOrganisation);
  directory::v1::RegisterInstitutionRequest request;
  request.mutable_institution()->set_uscc(uscc);
  request.mutable_institution()->set_channel(static_cast<directory::v1::Channel>(1 + number % 5));
  request.mutable_institution()->set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
  Try<directory::v1::RegisterInstitutionResponse, directory::v1::RegisterInstitutionRequest>(
      InstitutionOf(uscc), "RegisterInstitution", request, directory::RegisterInstitution);
  const int year = base::YearOf(clock_.Now());
  for (int y = year; y <= year + 2; ++y) {
    if (Chance(90)) SetQuota(uscc, y, Draw(1'000, 3'000'000) * 100);
  }
  institutions_.push_back(uscc);
}

void TradeWorld::SetQuota(const std::string& uscc, int year, int64_t limit_fen) {
  quota::v1::SetQuotaRequest request;
  request.mutable_quota()->set_institution_uscc(uscc);
  request.mutable_quota()->set_year(year);
  request.mutable_quota()->mutable_target()->set_amount_fen(limit_fen / 2);
  request.mutable_quota()->mutable_limit()->set_amount_fen(limit_fen);
  if (const auto now = quota::Find(*memory_.Latest(), uscc, year); now.ok() && *now) {
    request.mutable_quota()->set_etag((*now)->etag());
  }
  Try<quota::v1::SetQuotaResponse, quota::v1::SetQuotaRequest>(Operator(), "SetQuota", request, quota::Set);
}

void TradeWorld::LiveADay() {
  const absl::Time tomorrow = base::StartOfDay(base::DayOf(clock_.Now()) + 1);
  const absl::Duration step = (tomorrow - clock_.Now()) / (size_.steps_a_day + 1);
  for (int i = 0; i < size_.steps_a_day; ++i) {
    TakeAStep();
    clock_.Advance(step);
    if (i % std::max(1, size_.steps_a_day / kUpkeepsADay) == 0) Upkeep();
  }
  clock_.Set(tomorrow);
  Upkeep();
}

void TradeWorld::TakeAStep() {
  const int64_t draw = Draw(1, 100);
  if (draw <= 10) return ListGoods();
  if (draw <= 15) return ChangeListing();
  if (draw <= 30) return PlaceOrder();
  if (draw <= 32) return CancelOrder();
  if (draw <= 62) return MoveContract();
  if (draw <= 64) return ShipTogether();
  if (draw <= 71) return WorkOnForward();
  if (draw <= 76) return TradeOnPlatform();
  if (draw <= 82) return WorkOnStall();
  if (draw <= 93) return WorkOnQuota();
  if (draw <= 95) return SuspendOrReinstate();
  if (draw <= 97) return SetQuota(Pick(institutions_), base::YearOf(clock_.Now()), Draw(1'000, 3'000'000) * 100);
  ActForAnother();
}

void TradeWorld::ListGoods() {
  const directory::v1::Commodity& commodity = *directory::FindCommodity(Pick(kGoods));
  const std::string& supplier = Pick(suppliers_);
  listing::v1::CreateListingRequest request;
  listing::v1::Listing& listing = *request.mutable_listing();
  listing.set_commodity_code(commodity.code());
  listing.set_title("Goods");
  listing.set_origin_code(Chance(5) ? Pick(kVillages)
                                    : directory::GetSupplier(*memory_.Latest(), supplier)->village_code());
  listing.set_sale_unit("unit");
  const int64_t price_ppm = Draw(600'000, 1'500'000);
  if (commodity.is_catch_weight()) {
    listing.set_sale_unit_base(1);
    listing.set_listed_units(Draw(1, 30));
    listing.mutable_price_per_kg()->set_amount_fen(commodity.reference_price().amount_fen() * price_ppm / 1'000'000);
  } else {
    listing.set_sale_unit_base(Pick(std::vector<int64_t>{500, 1'000, 22'500}));
    listing.set_listed_units(Draw(1, 5'000));
    listing.mutable_unit_price()->set_amount_fen(
        std::max<int64_t>(1, commodity.reference_price().amount_fen() * listing.sale_unit_base() /
                                 commodity.reference_base() * price_ppm / 1'000'000));
    listing.set_min_lot_units(Draw(0, std::min<int64_t>(20, listing.listed_units())));
  }
  *listing.mutable_ready_time() = base::ToProto(clock_.Now() + absl::Hours(Draw(0, 24)));
  *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * Draw(3, 40)));
  auto created = Do<listing::v1::CreateListingResponse, listing::v1::CreateListingRequest>(
      SupplierOf(supplier), "CreateListing", request, listing::Create);
  if (created.ok()) listings_.push_back(created->listing().listing_id());
}

void TradeWorld::ChangeListing() {
  if (listings_.empty()) return;
  const auto listing = listing::Get(*memory_.Latest(), Pick(listings_));
  const base::Caller owner = SupplierOf(listing->supplier_uscc());
  const int64_t draw = Draw(1, 3);
  if (draw == 1) {
    listing::v1::WithdrawListingRequest request;
    request.set_listing_id(listing->listing_id());
    request.set_units(Chance(30) ? 0 : Draw(1, 50));
    Try<listing::v1::WithdrawListingResponse, listing::v1::WithdrawListingRequest>(owner, "WithdrawListing", request,
                                                                                   listing::Withdraw);
  } else if (draw == 2) {
    listing::v1::ReportSpoiledRequest request;
    request.set_listing_id(listing->listing_id());
    request.set_units(Draw(1, 50));
    Try<listing::v1::ReportSpoiledResponse, listing::v1::ReportSpoiledRequest>(owner, "ReportSpoiled", request,
                                                                               listing::ReportSpoiled);
  } else {
    listing::v1::UpdateListingRequest request;
    *request.mutable_listing() = *listing;
    request.mutable_listing()->set_listed_units(std::max<int64_t>(1, listing->balances().listed() + Draw(-100, 100)));
    request.mutable_listing()->mutable_unit_price()->set_amount_fen(
        std::max<int64_t>(1, listing->unit_price().amount_fen() * Draw(90, 110) / 100));
    request.mutable_update_mask()->add_paths("listed_units");
    if (!listing->has_price_per_kg()) request.mutable_update_mask()->add_paths("unit_price");
    Try<listing::v1::UpdateListingResponse, listing::v1::UpdateListingRequest>(owner, "UpdateListing", request,
                                                                               listing::Update);
  }
}

void TradeWorld::SuspendOrReinstate() {
  const std::string& uscc = Pick(suppliers_);
  const auto supplier = directory::GetSupplier(*memory_.Latest(), uscc);
  if (supplier->state() == directory::v1::SUPPLIER_STATE_ACTIVE) {
    if (!Chance(20)) return;
    directory::v1::SuspendSupplierRequest request;
    request.set_uscc(uscc);
    request.set_reason("inspection");
    Try<directory::v1::SuspendSupplierResponse, directory::v1::SuspendSupplierRequest>(
        Officer("14", "province"), "SuspendSupplier", request, directory::SuspendSupplier);
    return;
  }
  directory::v1::ActivateSupplierRequest request;
  request.set_uscc(uscc);
  Try<directory::v1::ActivateSupplierResponse, directory::v1::ActivateSupplierRequest>(
      Officer("14", "province"), "ActivateSupplier", request, directory::ActivateSupplier);
}

void TradeWorld::Upkeep() {
  const auto each = [&](const std::string& action, const absl::StatusOr<std::vector<std::string>>& ids,
                        absl::Status (*step)(ledger::Operation&, const std::string&)) {
    for (const std::string& id : *ids) {
      RunStep(action, [&](ledger::Operation& operation) { return step(operation, id); });
    }
  };
  constexpr size_t kAtOnce = 200;
  each("ExpireContract", order::DueContracts(*memory_.Latest(), clock_.Now(), kAtOnce), order::ExpireContract);
  each("ExpireHold", partner::DueHolds(*memory_.Latest(), clock_.Now(), kAtOnce), partner::ExpireHold);
  each("ExpireOrder", order::DueOrders(*memory_.Latest(), clock_.Now(), kAtOnce), order::ExpireStanding);
  each("ExpireListing", listing::DueListings(*memory_.Latest(), clock_.Now(), kAtOnce), listing::Expire);
  each("ExpireForward", forward::DueForwards(*memory_.Latest(), clock_.Now(), kAtOnce), forward::ExpireForward);
  each("AgeDeclaration", quota::DueDeclarations(*memory_.Latest(), clock_.Now(), kAtOnce), quota::AgeDeclaration);
  if (!market_->Advance(memory_.FeedEnd(), base::DayOf(clock_.Now())).ok())
    Complain("the book does not follow the feed");
  for (const std::string& commodity : market_->TakeReplenished()) {
    const auto standing = order::StandingOrders(*memory_.Latest(), commodity, "", kAtOnce);
    for (const std::string& id : *standing) {
      RunStep("FillOrder",
              [&](ledger::Operation& operation) { return order::FillStanding(operation, *market_, id).status(); });
      const auto order = order::GetOrder(*memory_.Latest(), id);
      for (const std::string& contract : order->contract_ids()) Know(contract);
    }
  }
  const absl::Status passed =
      upkeep_->Pass(clock_.Now(), [this](const std::string& action, const auto& step) { RunStep(action, step); });
  if (!passed.ok()) Complain(base::StrCat("stalls: ", passed.ToString()));
}

}  // namespace zhuxiao::testing
