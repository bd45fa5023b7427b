// What ships with the product: the county table and the catalogue, and how they are shown.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/errors.h"
#include "services/directory/commodities.h"
#include "services/directory/directory.h"
#include "services/directory/regions.h"
#include "tests/support/operation_fixture.h"

namespace zhuxiao::directory {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

TEST(CountiesTest, AreThoseShipped) {
  EXPECT_EQ(Counties().counties().size(), 2978);
  EXPECT_EQ(Counties().FullName("140321"), "山西省 阳泉市 平定县");
}

TEST(CatalogueTest, HoldsWhatTheRestReliesOn) {
  EXPECT_GE(Catalogue().size(), 30);
  for (const v1::Commodity& commodity : Catalogue()) {
    SCOPED_TRACE(commodity.code());
    EXPECT_FALSE(commodity.name_zh().empty());
    EXPECT_FALSE(commodity.name_en().empty());
    EXPECT_GT(commodity.transport_microfen_per_km_base(), 0);
    // Nobody carries goods whose freight over 100 km passes a fifth of their value.
    const int64_t weight_g = commodity.is_catch_weight() ? commodity.nominal_weight_g() : 1;
    const double value_fen = 1.0 * weight_g * commodity.reference_price().amount_fen() / commodity.reference_base();
    EXPECT_LT(commodity.transport_microfen_per_km_base() * 100 / 1e6, value_fen / 5);
    if (commodity.is_live_animal()) {
      EXPECT_EQ(commodity.base_unit(), v1::BASE_UNIT_PIECE);
      EXPECT_TRUE(commodity.is_catch_weight());
      EXPECT_FALSE(commodity.is_divisible());
    }
  }
}

TEST(CatalogueTest, HasEggsAndCattleOfTheSeedCases) {
  const v1::Commodity* egg = FindCommodity("egg");
  ASSERT_NE(egg, nullptr);
  EXPECT_EQ(egg->reference_price().amount_fen(), 681);
  EXPECT_EQ(egg->reference_base(), 1000);
  EXPECT_EQ(egg->base_unit(), v1::BASE_UNIT_GRAM);
  EXPECT_THAT(egg->required_certificates(), ElementsAre(v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE));
  EXPECT_EQ(egg->transport_microfen_per_km_base(), 50);

  const v1::Commodity* cattle = FindCommodity("beef-cattle");
  ASSERT_NE(cattle, nullptr);
  EXPECT_EQ(cattle->nominal_weight_g(), 575'000);
  EXPECT_EQ(cattle->weight_tolerance_ppm(), 150'000);
  EXPECT_EQ(cattle->transport_microfen_per_km_base(), 69'000'000);
  EXPECT_EQ(FindCommodity("unicorn"), nullptr);
  EXPECT_EQ(FindCommodity(""), nullptr);
}

constexpr char kHeader[] = "header\n";
constexpr char kGood[] = "egg,蛋,Egg,gram,0,681,1000,0,15,5,0,1,0,compliance_promise,50,0,P\n";

std::string With(std::string row, const std::string& from, const std::string& to) {
  return kHeader + row.replace(row.find(from), from.size(), to);
}

TEST(CatalogueTest, RefusesRowsThatAreNone) {
  ASSERT_TRUE(ParseCatalogue(std::string(kHeader) + kGood).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, ",P", "")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "gram", "litre")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "681", "0")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "681", "-1")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "1000", "0")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "gram,0", "gram,2")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "gram,0", "gram,1")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "gram,0", "piece,0")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "15,5", "5,5")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "compliance_promise", "blessing")).ok());
  EXPECT_FALSE(ParseCatalogue(With(kGood, "egg", "e/g")).ok());
  const auto twice = ParseCatalogue(std::string(kHeader) + kGood + kGood);
  EXPECT_THAT(std::string(twice.status().message()), HasSubstr("egg"));
  EXPECT_THAT(std::string(ParseCatalogue(std::string(kHeader) + kGood + "x\n").status().message()),
              HasSubstr("line 3"));
}

TEST(CatalogueTest, IsShownInPagesByCode) {
  v1::GetCommodityRequest get;
  get.set_code("egg");
  EXPECT_EQ(GetCommodity(get)->commodity().name_zh(), "鸡蛋(常温)");
  get.set_code("unicorn");
  EXPECT_EQ(GetCommodity(get).status(), base::NotFound("commodity", "unicorn"));

  std::vector<std::string> codes;
  std::string after;
  do {
    const auto page = ListCommodities({.size = 7, .after = after});
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& commodity : page->response.commodities()) codes.push_back(commodity.code());
    after = page->last_key;
  } while (!after.empty());
  ASSERT_EQ(codes.size(), Catalogue().size());
  for (size_t i = 0; i < codes.size(); ++i) EXPECT_EQ(codes[i], Catalogue()[i].code());
}

v1::GetRegionRequest RegionRequest(const std::string& code) {
  v1::GetRegionRequest request;
  request.set_code(code);
  return request;
}

TEST(RegionsTest, AreShownAtEveryLevel) {
  const auto county = GetRegion(RegionRequest("140321"));
  ASSERT_TRUE(county.ok()) << county.status();
  EXPECT_EQ(county->region().full_name(), "山西省 阳泉市 平定县");
  EXPECT_EQ(county->region().longitude_microdegrees(), 113'764'200);
  EXPECT_EQ(county->region().latitude_microdegrees(), 37'842'800);

  const auto village = GetRegion(RegionRequest("140321105201"));
  EXPECT_EQ(village->region().code(), "140321105201");
  EXPECT_EQ(village->region().full_name(), "山西省 阳泉市 平定县");
  EXPECT_EQ(village->region().longitude_microdegrees(), 113'764'200);

  EXPECT_EQ(GetRegion(RegionRequest("1403"))->region().full_name(), "山西省 阳泉市");
  EXPECT_EQ(GetRegion(RegionRequest("14"))->region().full_name(), "山西省");
  EXPECT_EQ(GetRegion(RegionRequest("14"))->region().longitude_microdegrees(), 0);
}

TEST(RegionsTest, RefuseWhatIsNoCodeAndWhatIsNotThere) {
  for (const char* code : {"", "1", "140", "14032x", "1403211", "1403211052011"}) {
    EXPECT_THAT(BadFieldsOf(GetRegion(RegionRequest(code)).status()), ElementsAre("code")) << code;
  }
  for (const char* code : {"99", "1499", "140399", "140399105", "999999105201"}) {
    EXPECT_THAT(GetRegion(RegionRequest(code)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND)) << code;
  }
}

TEST(RegionsTest, AreListedInsideAPrefixInPages) {
  const auto listed = [](const std::string& prefix, int size) {
    std::vector<std::string> codes;
    v1::ListRegionsRequest request;
    request.set_region_prefix(prefix);
    std::string after;
    do {
      const auto page = ListRegions(request, {.size = size, .after = after});
      EXPECT_TRUE(page.ok()) << page.status();
      for (const auto& region : page->response.regions()) codes.push_back(region.code());
      after = page->last_key;
    } while (!after.empty());
    return codes;
  };
  EXPECT_EQ(listed("", 200).size(), Counties().counties().size());
  EXPECT_THAT(listed("1403", 2), ElementsAre("140302", "140303", "140311", "140321", "140322"));
  EXPECT_THAT(listed("140321", 1), ElementsAre("140321"));
  v1::ListRegionsRequest request;
  for (const char* prefix : {"99", "140"}) {
    request.set_region_prefix(prefix);
    EXPECT_THAT(BadFieldsOf(ListRegions(request, {.size = 1}).status()), ElementsAre("region_prefix")) << prefix;
  }
}

}  // namespace
}  // namespace zhuxiao::directory
