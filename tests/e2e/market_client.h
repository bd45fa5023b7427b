// Speaks to a zhuxiaod over loopback with the client library, wherever it runs: tokens, a small market to trade in, and
// the shortcuts most tests of a whole server need. The clock is the machine's.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "clients/cpp/client.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/rpc/token_file.h"
#include "tests/support/callers.h"

namespace zhuxiao::testing {

class MarketClient {
 public:
  inline static const std::string kFarm = Uscc("93", 1);
  inline static const std::string kOtherFarm = Uscc("93", 2);
  inline static const std::string kSchool = Uscc("12", 1);
  inline static const std::string kHospital = Uscc("12", 2);
  inline static const std::string kPlatform = Uscc("91", 1);

  virtual ~MarketClient() = default;

  // Where the server listens now, and the file it reads its tokens from.
  virtual int port() const = 0;
  virtual std::string token_file() const = 0;

  // The same for the same caller: four eyes tell persons apart by their tokens.
  std::string TokenOf(const base::Caller& caller) {
    std::string& secret =
        tokens_[{token_file(), base::StrCat(common::v1::Role_Name(caller.role), " ", caller.organisation, " ",
                                            caller.region, " ", caller.token_id)}];
    if (!secret.empty()) return secret;
    auto token = rpc::CreateToken(token_file(), caller, absl::Hours(24), base::SystemClock(), random_);
    EXPECT_TRUE(token.ok()) << token.status();
    if (token.ok()) secret = token->secret;
    return secret;
  }

  client::Client ClientWith(const std::string& token) {
    return client::Client({.target = "127.0.0.1:" + std::to_string(port()), .token = token}, clock_, random_);
  }
  client::Client As(const base::Caller& caller) { return ClientWith(TokenOf(caller)); }

  // Organisations, two admitted farms, two canteens with a limit of ten million yuan each, and a platform.
  void SetUpMarket() {
    const client::Client officer = As(Officer("14", "province"));
    const client::Client county = As(Officer("140321", "county"));
    for (const std::string& farm : {kFarm, kOtherFarm}) {
      Record(officer, farm, directory::v1::ORGANISATION_KIND_COOPERATIVE, "140321105201");
      directory::v1::ApplySupplierRequest apply;
      apply.mutable_supplier()->set_uscc(farm);
      apply.mutable_supplier()->set_village_code("140321105201");
      Must(As(SupplierOf(farm)).Call<directory::v1::ApplySupplierResponse>(apply));
      directory::v1::RecommendSupplierRequest recommend;
      recommend.set_uscc(farm);
      Must(county.Call<directory::v1::RecommendSupplierResponse>(recommend));
      directory::v1::ActivateSupplierRequest activate;
      activate.set_uscc(farm);
      Must(officer.Call<directory::v1::ActivateSupplierResponse>(activate));
    }
    for (const std::string& canteen : {kSchool, kHospital}) {
      Record(officer, canteen, directory::v1::ORGANISATION_KIND_PUBLIC_BODY, "140105");
      directory::v1::RegisterInstitutionRequest institution;
      institution.mutable_institution()->set_uscc(canteen);
      institution.mutable_institution()->set_channel(directory::v1::CHANNEL_SCHOOL);
      institution.mutable_institution()->set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
      Must(officer.Call<directory::v1::RegisterInstitutionResponse>(institution));
      SetLimit(canteen, 1'000'000'000);
    }
    Record(officer, kPlatform, directory::v1::ORGANISATION_KIND_PLATFORM, "140105");
  }

  int year() const { return base::YearOf(clock_.Now()); }

  void SetLimit(const std::string& uscc, int64_t limit_fen) {
    quota::v1::SetQuotaRequest request;
    request.mutable_quota()->set_institution_uscc(uscc);
    request.mutable_quota()->set_year(year());
    request.mutable_quota()->mutable_target()->set_amount_fen(limit_fen / 2);
    request.mutable_quota()->mutable_limit()->set_amount_fen(limit_fen);
    if (auto now = QuotaOf(uscc); now.ok()) request.mutable_quota()->set_etag(now->etag());
    Must(As(Officer("14", "province")).Call<quota::v1::SetQuotaResponse>(request));
  }

  absl::StatusOr<quota::v1::Quota> QuotaOf(const std::string& uscc) {
    quota::v1::GetQuotaRequest request;
    request.set_year(year());
    auto quota = As(InstitutionOf(uscc)).Call<quota::v1::GetQuotaResponse>(request);
    if (!quota.ok()) return quota.status();
    return quota->quota();
  }

  listing::v1::Listing Eggs(int64_t units) const {
    listing::v1::Listing listing;
    listing.set_commodity_code("egg");
    listing.set_title("鲜鸡蛋");
    listing.set_origin_code("140321105201");
    listing.set_sale_unit("斤");
    listing.set_sale_unit_base(500);
    listing.set_listed_units(units);
    listing.mutable_unit_price()->set_amount_fen(340);
    *listing.mutable_ready_time() = base::ToProto(clock_.Now());
    *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 10));
    return listing;
  }

  std::string List(const std::string& farm, const listing::v1::Listing& listing) {
    listing::v1::CreateListingRequest request;
    *request.mutable_listing() = listing;
    auto created = As(SupplierOf(farm)).Call<listing::v1::CreateListingResponse>(request);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->listing().listing_id() : "";
  }

  listing::v1::Balances BalancesOf(const std::string& listing_id) {
    listing::v1::GetListingRequest request;
    request.set_listing_id(listing_id);
    auto listing = As(Auditor()).Call<listing::v1::GetListingResponse>(request);
    EXPECT_TRUE(listing.ok()) << listing.status();
    return listing.ok() ? listing->listing().balances() : listing::v1::Balances();
  }

  order::v1::PlaceOrderRequest EggOrder(int64_t jin) const {
    order::v1::PlaceOrderRequest request;
    order::v1::Order& order = *request.mutable_order();
    order.set_commodity_code("egg");
    order.set_quantity_base(jin * 500);
    order.mutable_limit_price()->set_amount_fen(400);
    order.set_limit_base(500);
    order.set_destination_code("140105");
    *order.mutable_deliver_by_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 5));
    order.set_allow_partial(true);
    return request;
  }

 protected:
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::map<std::pair<std::string, std::string>, std::string> tokens_;  // by file and caller

 private:
  template <typename Response>
  static void Must(const absl::StatusOr<Response>& response) {
    ASSERT_TRUE(response.ok()) << response.status();
  }

  static void Record(const client::Client& officer, const std::string& uscc, directory::v1::OrganisationKind kind,
                     const std::string& region) {
    directory::v1::CreateOrganisationRequest request;
    request.mutable_organisation()->set_uscc(uscc);
    request.mutable_organisation()->set_name("单位" + uscc);
    request.mutable_organisation()->set_kind(kind);
    request.mutable_organisation()->set_region_code(region);
    Must(officer.Call<directory::v1::CreateOrganisationResponse>(request));
  }
};

}  // namespace zhuxiao::testing
