// The files of a round as people and other programs write them: every form that is allowed reads as the same round, and
// every fault is told with file, line and column.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "services/base/errors.h"
#include "services/matching/clear.h"
#include "services/round_files/csv_file.h"
#include "services/round_files/faults.h"
#include "services/round_files/read_round.h"
#include "services/round_files/write_round.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao::round_files {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using Files = std::map<std::string, std::string>;

// Two listings, two orders, one of everything else.
Files GoodFiles() {
  return {{"listings.csv",
           "listing_id,supplier_id,county_code,village_code,commodity,units,unit_base,unit_price_fen,ready_day,"
           "last_sale_day,linkage_ppm,stall_level,min_lot_units\n"
           "L1,S1,140321,140321105201,egg,20,500,340,1,15,500000,2,1\n"
           "L2,S1,140321,140321105201,egg,10,22500,15300,0,15,0,0,2\n"},
          {"orders.csv",
           "order_id,institution_id,commodity,quantity_base,limit_price_fen,limit_base,county_code,deliver_by_day,"
           "allow_partial\n"
           "O1,I1,egg,5000,700,1000,140105,9,1\n"
           "O2,I1,egg,500,350,500,140105,12,0\n"},
          {"institutions.csv", "institution_id,limit_fen,quota_gap_ppm\nI1,100000,250000\n"},
          {"commodities.csv",
           "commodity,reference_price_fen,reference_base,transport_microfen_per_km_base,min_life_days\n"
           "egg,681,1000,50,5\n"},
          {"counties.csv", "code,longitude,latitude\n140105,112.56,37.83\n140321,113.63,37.8\n"},
          {"policy.toml",
           "today = 0\nurgency = [[2, 1000000], [3, 300000]]\nstall_ppm = [0, 100000]\nlinkage_weight_ppm = 200000\n"
           "gap_weight_ppm = 150000\ntranche_ppm = 100000\ntranche_bonus_ppm = 600000\n"}};
}

class ReadRoundTest : public testing::Test {
 protected:
  void Put(const Files& files) {
    for (const auto& [name, text] : files) std::ofstream(Path(name), std::ios::binary) << text;
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  absl::StatusOr<RoundInput> Read(const Files& files) {
    Put(files);
    return ReadRound(directory_.path());
  }

  // What is wrong with the good files once `from` in `file` is `to`.
  std::vector<std::pair<std::string, std::string>> FaultsOf(const std::string& file, const std::string& from,
                                                            const std::string& to) {
    Files files = GoodFiles();
    const size_t at = files[file].find(from);
    EXPECT_NE(at, std::string::npos) << from;
    files[file].replace(at, from.size(), to);
    const auto round = Read(files);
    EXPECT_FALSE(round.ok());
    base::FieldErrors errors;
    errors.Absorb(round.status());
    return errors.violations();
  }

  ScratchDirectory directory_;
};

TEST_F(ReadRoundTest, ReadsEveryField) {
  const auto round = Read(GoodFiles());
  ASSERT_TRUE(round.ok()) << round.status();
  const matching::RoundBook& book = round->book;
  EXPECT_THAT(book.listings, ElementsAre(matching::RoundListing{.county = 1,
                                                                .units = 20,
                                                                .unit_base = 500,
                                                                .unit_price_fen = 340,
                                                                .ready_day = 1,
                                                                .last_sale_day = 15,
                                                                .linkage_ppm = 500'000,
                                                                .stall_level = 2},
                                         matching::RoundListing{.county = 1,
                                                                .units = 10,
                                                                .unit_base = 22'500,
                                                                .unit_price_fen = 15'300,
                                                                .last_sale_day = 15,
                                                                .min_lot_units = 2}));
  EXPECT_THAT(book.orders,
              ElementsAre(
                  matching::RoundOrder{
                      .deliver_by_day = 9, .quantity_base = 5'000, .limit_price_fen = 700, .limit_base = 1'000},
                  matching::RoundOrder{.is_partial_allowed = false,
                                       .deliver_by_day = 12,
                                       .quantity_base = 500,
                                       .limit_price_fen = 350,
                                       .limit_base = 500}));
  EXPECT_THAT(book.institutions,
              ElementsAre(matching::RoundInstitution{.limit_fen = 100'000, .quota_gap_ppm = 250'000}));
  EXPECT_THAT(book.commodities, ElementsAre(matching::RoundCommodity{.reference_price_fen = 681,
                                                                     .reference_base = 1'000,
                                                                     .transport_microfen_per_km_base = 50,
                                                                     .min_life_days = 5}));
  ASSERT_EQ(book.counties.size(), 2);
  EXPECT_EQ(book.counties[1].longitude, 113.63);
  EXPECT_EQ(book.counties[1].latitude, 37.8);
  EXPECT_EQ(round->policy.today, 0);
  EXPECT_THAT(round->policy.weights.urgency,
              ElementsAre(matching::UrgencyRow{2, 1'000'000}, matching::UrgencyRow{3, 300'000}));
  EXPECT_THAT(round->policy.weights.stall_ppm, ElementsAre(0, 100'000));
  EXPECT_EQ(round->policy.weights.linkage_weight_ppm, 200'000);
  EXPECT_EQ(round->policy.weights.gap_weight_ppm, 150'000);
  EXPECT_EQ(round->policy.weights.tranche_ppm, 100'000);
  EXPECT_EQ(round->policy.weights.tranche_bonus_ppm, 600'000);
  EXPECT_EQ(round->ids.listings[1], "L2");
  EXPECT_EQ(round->ids.suppliers[round->ids.listing_suppliers[1]], "S1");
  EXPECT_EQ(round->ids.villages[round->ids.listing_villages[0]], "140321105201");
}

TEST_F(ReadRoundTest, TakesEveryFormRfc4180Allows) {
  Files files = GoodFiles();
  // A byte order mark, CRLF, another order of columns, one more column with commas, quotes and line breaks in it, cells
  // quoted for no reason, an empty line, no line break at the end.
  files["institutions.csv"] =
      "\xEF\xBB\xBFnote,quota_gap_ppm,\"institution_id\",limit_fen\r\n"
      "\"a, \"\"b\"\"\r\nc\",\"250000\",\"I1\",100000\r\n"
      "\r\n"
      ",1,\"I,2\",2";
  const auto round = Read(files);
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_THAT(round->book.institutions,
              ElementsAre(matching::RoundInstitution{.limit_fen = 2, .quota_gap_ppm = 1},
                          matching::RoundInstitution{.limit_fen = 100'000, .quota_gap_ppm = 250'000}));
  EXPECT_EQ(round->ids.institutions[0], "I,2");
  EXPECT_EQ(round->book.orders[0].institution, 1);
}

TEST_F(ReadRoundTest, RowsInAnotherOrderAreTheSameRound) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "ZHUXIAO_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  Files files = GoodFiles();
  for (int i = 3; i < 300; ++i) {
    const std::string n = std::to_string(i);
    files["listings.csv"] +=
        "L" + n + ",S" + n + ",140321,140321105" + std::to_string(100 + i) + ",egg," + n + ",500,340,1,15,500000,2,1\n";
    files["orders.csv"] += "O" + n + ",I1,egg," + n + ",700,1000,140105,9,1\n";
  }
  const auto straight = Read(files);
  ASSERT_TRUE(straight.ok()) << straight.status();
  for (auto& [name, text] : files) {
    if (name == "policy.toml") continue;
    const size_t header = text.find('\n') + 1;
    std::vector<std::string> lines;
    for (size_t at = header; at < text.size(); at = text.find('\n', at) + 1) {
      lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
    }
    std::shuffle(lines.begin(), lines.end(), random);
    text.resize(header);
    for (const std::string& line : lines) text += line;
  }
  const auto shuffled = Read(files);
  ASSERT_TRUE(shuffled.ok()) << shuffled.status();
  EXPECT_EQ(straight->book.listings, shuffled->book.listings);
  EXPECT_EQ(straight->book.orders, shuffled->book.orders);
  for (size_t i = 0; i < straight->ids.listings.size(); ++i) {
    EXPECT_EQ(straight->ids.listings[i], shuffled->ids.listings[i]);
    EXPECT_EQ(straight->ids.villages[straight->ids.listing_villages[i]],
              shuffled->ids.villages[shuffled->ids.listing_villages[i]]);
    EXPECT_EQ(straight->ids.suppliers[straight->ids.listing_suppliers[i]],
              shuffled->ids.suppliers[shuffled->ids.listing_suppliers[i]]);
  }
}

TEST_F(ReadRoundTest, TakesNumbersToTheEndOfInt64) {
  Files files = GoodFiles();
  files["institutions.csv"] = "institution_id,limit_fen,quota_gap_ppm\nI1,9223372036854775807,1000000\n";
  const auto round = Read(files);
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_EQ(round->book.institutions[0].limit_fen, INT64_MAX);
}

TEST_F(ReadRoundTest, WhatWriteRoundWritesReadsBack) {
  Files files = GoodFiles();
  files["listings.csv"] += "L3,S1,140321,,egg,1,500,340,1,15,500000,2,1\n";
  const auto round = Read(files);
  ASSERT_TRUE(round.ok()) << round.status();
  const std::string copy = Path("copy/of");
  ASSERT_TRUE(WriteRound(copy, *round).ok());
  const auto again = ReadRound(copy);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(round->book.listings, again->book.listings);
  EXPECT_EQ(round->ids.listing_villages, again->ids.listing_villages);
  EXPECT_EQ(again->ids.listing_villages[2], kNoVillage);
  EXPECT_EQ(round->book.orders, again->book.orders);
  EXPECT_EQ(round->book.institutions, again->book.institutions);
  EXPECT_EQ(round->book.commodities, again->book.commodities);
  EXPECT_EQ(round->book.counties[0].longitude, again->book.counties[0].longitude);
  EXPECT_EQ(round->policy.weights, again->policy.weights);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(copy), {}), 6);
}

struct BadCell {
  friend void PrintTo(const BadCell& cell, std::ostream* out) { *out << cell.name; }

  const char* name;
  const char* file;
  const char* from;
  const char* to;
  const char* place;
};

class BadCells : public ReadRoundTest, public testing::WithParamInterface<BadCell> {};

TEST_P(BadCells, AreToldWithFileLineAndColumn) {
  const BadCell& bad = GetParam();
  EXPECT_THAT(FaultsOf(bad.file, bad.from, bad.to), ElementsAre(Pair(bad.place, testing::Not(testing::IsEmpty()))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, BadCells,
    testing::Values(
        BadCell{"UnitsNegative", "listings.csv", "egg,20,", "egg,-1,", "listings.csv:2:units"},
        BadCell{"UnitsNotWhole", "listings.csv", "egg,20,", "egg,2.5,", "listings.csv:2:units"},
        BadCell{"UnitsWithBlank", "listings.csv", "egg,20,", "egg, 20,", "listings.csv:2:units"},
        BadCell{"UnitsEmpty", "listings.csv", "egg,20,", "egg,,", "listings.csv:2:units"},
        BadCell{"UnitsBeyondInt64", "listings.csv", "egg,20,", "egg,9223372036854775808,", "listings.csv:2:units"},
        BadCell{"UnitBaseZero", "listings.csv", "20,500", "20,0", "listings.csv:2:unit_base"},
        BadCell{"PriceNegative", "listings.csv", "500,340", "500,-340", "listings.csv:2:unit_price_fen"},
        BadCell{"ReadyDayBeyondInt32", "listings.csv", "340,1,", "340,2147483648,", "listings.csv:2:ready_day"},
        BadCell{"LastSaleDayNoNumber", "listings.csv", "1,15,500000", "1,x,500000", "listings.csv:2:last_sale_day"},
        BadCell{"LinkageAboveAll", "listings.csv", "500000,2", "1000001,2", "listings.csv:2:linkage_ppm"},
        BadCell{"StallNegative", "listings.csv", "500000,2", "500000,-1", "listings.csv:2:stall_level"},
        BadCell{"LeastLotZero", "listings.csv", "0,0,2\n", "0,0,0\n", "listings.csv:3:min_lot_units"},
        BadCell{"ListingIdEmpty", "listings.csv", "L2,", ",", "listings.csv:3:listing_id"},
        BadCell{"ListingIdTwice", "listings.csv", "L2,", "L1,", "listings.csv:3:listing_id"},
        BadCell{"SupplierNoUtf8", "listings.csv", "L2,S1", "L2,S\xFF", "listings.csv:3:supplier_id"},
        BadCell{"SupplierControl", "listings.csv", "L2,S1", "L2,S\t1", "listings.csv:3:supplier_id"},
        BadCell{"CountyUnknown", "listings.csv", "S1,140321,", "S1,140322,", "listings.csv:2:county_code"},
        BadCell{"VillageShort", "listings.csv", "140321105201", "14032110520", "listings.csv:2:village_code"},
        BadCell{"ListedCommodityUnknown", "listings.csv", "egg,20", "eggs,20", "listings.csv:2:commodity"},
        BadCell{"RowShort", "listings.csv", ",500000,2,1\n", ",500000,2\n", "listings.csv:2"},
        BadCell{"RowLong", "listings.csv", ",500000,2,1\n", ",500000,2,1,9\n", "listings.csv:2"},
        BadCell{"QuoteInside", "listings.csv", "L1,S1", "L1,S\"1", "listings.csv:2"},
        BadCell{"TextAfterQuote", "listings.csv", "L1,S1", "L1,\"S\"1", "listings.csv:2"},
        BadCell{"QuoteNotClosed", "listings.csv", "L1,S1", "L1,\"S1", "listings.csv:2"},
        BadCell{"InstitutionUnknown", "orders.csv", "O1,I1", "O1,I2", "orders.csv:2:institution_id"},
        BadCell{"QuantityNegative", "orders.csv", "egg,5000", "egg,-5000", "orders.csv:2:quantity_base"},
        BadCell{"LimitPriceNegative", "orders.csv", "5000,700", "5000,-700", "orders.csv:2:limit_price_fen"},
        BadCell{"LimitBaseZero", "orders.csv", "700,1000", "700,0", "orders.csv:2:limit_base"},
        BadCell{"OrderCountyUnknown", "orders.csv", "140105,9", "999999,9", "orders.csv:2:county_code"},
        BadCell{"DeliverByNoNumber", "orders.csv", "140105,9", "140105,2020-02-20", "orders.csv:2:deliver_by_day"},
        BadCell{"AllowPartialTwo", "orders.csv", "9,1\n", "9,2\n", "orders.csv:2:allow_partial"},
        BadCell{"OrderIdTwice", "orders.csv", "O2", "O1", "orders.csv:3:order_id"},
        BadCell{"LimitNegative", "institutions.csv", "100000", "-1", "institutions.csv:2:limit_fen"},
        BadCell{"QuotaGapAboveAll", "institutions.csv", "250000", "1000001", "institutions.csv:2:quota_gap_ppm"},
        BadCell{"ReferencePriceNegative", "commodities.csv", "681", "-681", "commodities.csv:2:reference_price_fen"},
        BadCell{"ReferenceBaseZero", "commodities.csv", "1000", "0", "commodities.csv:2:reference_base"},
        BadCell{"TransportNegative", "commodities.csv", "50,", "-50,",
                "commodities.csv:2:transport_microfen_per_km_base"},
        BadCell{"MinLifeNegative", "commodities.csv", "50,5", "50,-5", "commodities.csv:2:min_life_days"},
        BadCell{"LongitudeTooFar", "counties.csv", "112.56", "180.5", "counties.csv:2:longitude"},
        BadCell{"LatitudeNoNumber", "counties.csv", "37.83", "nan", "counties.csv:2:latitude"},
        BadCell{"ColumnMissing", "orders.csv", "deliver_by_day", "deliver_by", "orders.csv:1:deliver_by_day"},
        BadCell{"ColumnTwice", "commodities.csv", "min_life_days\n", "min_life_days,min_life_days\n",
                "commodities.csv:1:min_life_days"},
        BadCell{"TodayMissing", "policy.toml", "today = 0\n", "", "policy.toml:today"},
        BadCell{"TodayNoNumber", "policy.toml", "today = 0", "today = 2020-02-20", "policy.toml:1:today"},
        BadCell{"UrgencyRowLong", "policy.toml", "[2, 1000000]", "[2, 1, 1]", "policy.toml:2:urgency"},
        BadCell{"UrgencyNoRows", "policy.toml", "[[2, 1000000], [3, 300000]]", "3", "policy.toml:2:urgency"},
        BadCell{"StallEmpty", "policy.toml", "[0, 100000]", "[]", "policy.toml:3:stall_ppm"},
        BadCell{"StallNoNumber", "policy.toml", "[0, 100000]", "[0, \"much\"]", "policy.toml:3:stall_ppm"},
        BadCell{"UrgencyDaysFall", "policy.toml", "[2, 1000000]", "[4, 1000000]", "policy.toml:2:urgency"},
        BadCell{"VersionNoText", "policy.toml", "today = 0", "version = 5\ntoday = 0", "policy.toml:1:version"},
        BadCell{"WeightNegative", "policy.toml", "gap_weight_ppm = 150000", "gap_weight_ppm = -1",
                "policy.toml:5:gap_weight_ppm"},
        BadCell{"KeyUnknown", "policy.toml", "today = 0", "today = 0\ntranche_bonus = 1",
                "policy.toml:2:tranche_bonus"},
        BadCell{"NoToml", "policy.toml", "today = 0", "today", "policy.toml:1"}),
    [](const auto& info) { return info.param.name; });

TEST_F(ReadRoundTest, TellsAllFaultsOfAllFilesAtOnce) {
  Files files = GoodFiles();
  files["listings.csv"] += "L3,S1,140321,1,egg,x,0,-1,0,0,-1,0,0\n";
  files["orders.csv"] += "O3,I9,nothing,-1,0,0,1,x,9\n";
  files["counties.csv"] += "14,0,0\n";
  Put(files);
  std::filesystem::remove(Path("commodities.csv"));
  const auto round = ReadRound(directory_.path());
  ASSERT_EQ(round.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string text = round.status().ToString();
  for (const char* place : {"commodities.csv", "counties.csv:4:code", "listings.csv:4:village_code",
                            "listings.csv:4:units", "listings.csv:4:unit_base", "listings.csv:4:unit_price_fen",
                            "listings.csv:4:linkage_ppm", "listings.csv:4:min_lot_units", "orders.csv:4:institution_id",
                            "orders.csv:4:quantity_base", "orders.csv:4:limit_base", "orders.csv:4:county_code",
                            "orders.csv:4:deliver_by_day", "orders.csv:4:allow_partial"}) {
    EXPECT_THAT(text, HasSubstr(place));
  }
}

// Whatever else is wrong.
TEST_F(ReadRoundTest, NamesFaultsOfRangeBesideThoseOfForm) {
  Files files = GoodFiles();
  files["policy.toml"] =
      "today = \"now\"\nurgency = [[5, 1], [2, 1]]\nstall_ppm = [0]\nlinkage_weight_ppm = 0\ngap_weight_ppm = 0\n"
      "tranche_ppm = 1000001\ntranche_bonus_ppm = 0\nsurprise = 1\n";
  const std::string text = Read(files).status().ToString();
  for (const char* place :
       {"policy.toml:1:today", "policy.toml:2:urgency", "policy.toml:6:tranche_ppm", "policy.toml:8:surprise"}) {
    EXPECT_THAT(text, HasSubstr(place));
  }
}

TEST_F(ReadRoundTest, NamesTheFirstFaultsAndCountsTheRest) {
  Files files = GoodFiles();
  for (size_t i = 0; i < kMaxNamedFaults + 20; ++i) files["institutions.csv"] += "J" + std::to_string(i) + ",-1,0\n";
  // Those of another file are named all the same.
  files["listings.csv"] += "L9,S,140321,140321105209,egg,-1,500,340,1,9,0,0,1\n";
  const auto round = Read(files);
  base::FieldErrors errors;
  errors.Absorb(round.status());
  ASSERT_EQ(errors.violations().size(), kMaxNamedFaults + 2);
  EXPECT_EQ(errors.violations()[kMaxNamedFaults].first, "institutions.csv");
  EXPECT_THAT(errors.violations()[kMaxNamedFaults].second, HasSubstr("10020 faults"));
  EXPECT_THAT(errors.violations().back().first, HasSubstr("listings.csv"));
}

// A listing too dear by far, one that leaves too late, and one of too many units; none of it hides behind other faults.
TEST_F(ReadRoundTest, NamesWhatAClearingCouldNotCountBesideAllElse) {
  Files files = GoodFiles();
  files["listings.csv"] +=
      "A1,S1,140321,140321105201,egg,9000000000000000000,500,0,0,15,0,0,1\n"
      "A2,S1,140321,140321105201,egg,1,500,340,2000000000,2000000000,0,0,1\n"
      "A3,S1,140321,140321105201,egg,2,500,9000000000000000000,0,15,0,0,1\n";
  files["orders.csv"] += "O9,I1,egg,500,350,500,140105,2100000000,1\n";
  const std::vector<std::pair<std::string, std::string>> of_range = {
      {"listings.csv:4:units", "hold more base units than can be counted"},
      {"listings.csv:4:units", "with the listings before, the goods are worth more than can be counted"},
      {"listings.csv:5:ready_day", "is over 31900 days after the first day on which goods of the round can leave"},
      {"listings.csv:6:unit_price_fen", "all units cost more than can be counted"}};
  const auto faults_of = [&](const Files& read) {
    base::FieldErrors errors;
    errors.Absorb(Read(read).status());
    return errors.violations();
  };
  EXPECT_THAT(faults_of(files), testing::ElementsAreArray(of_range));
  // Clear refuses the same by itself.
  const auto frozen = ReadFrozenRound(directory_.path());
  ASSERT_TRUE(frozen.ok()) << frozen.status();
  const std::string refused(matching::Clear(frozen->book, frozen->policy, {}).status().message());
  for (const char* row : {"listings[0].units", "listings[1].ready_day", "listings[2].unit_price_fen"}) {
    EXPECT_THAT(refused, HasSubstr(row));
  }
  // Rows of each file that have another fault.
  Files bad = files;
  bad["listings.csv"] += "A4,S1,140321,1,egg,x,9000000000000000000,0,0,15,0,0,1\n";
  bad["orders.csv"] += "O8,I9,egg,x,350,500,999999,2100000000,1\n";
  bad["institutions.csv"] += "I1,x,0\n";
  bad["commodities.csv"] += "nut,9000000000000000000,0,0,0\n";
  const auto told = faults_of(bad);
  EXPECT_THAT(told, testing::IsSupersetOf(of_range));
  EXPECT_EQ(told.size(), of_range.size() + 8);
}

// What rests on a row or file with a fault is not judged, and what does not is.
TEST_F(ReadRoundTest, JudgesNothingByWhatHasAFaultItself) {
  Files files = GoodFiles();
  files["listings.csv"] +=
      "A1,S1,140321,140321105201,nut,1,9000000000000000000,1,0,15,0,0,1\n"
      "A2,S1,140321,140321105201,egg,2,500,9000000000000000000,0,15,0,0,1\n";
  files["commodities.csv"] += "nut,1000000,x,9000000000000000000,0\n";
  const auto places_of = [&](const Files& read) {
    base::FieldErrors errors;
    errors.Absorb(Read(read).status());
    std::vector<std::string> places;
    for (const auto& [place, what] : errors.violations()) places.push_back(place);
    return places;
  };
  EXPECT_THAT(places_of(files), ElementsAre("commodities.csv:3:reference_base", "listings.csv:5:unit_price_fen"));
  Files no_policy = GoodFiles();
  no_policy["policy.toml"] = "today = 0\n";
  no_policy["listings.csv"] = files["listings.csv"];
  no_policy["commodities.csv"] += "nut,0,1,0,0\n";
  EXPECT_THAT(places_of(no_policy), testing::Contains("listings.csv:5:unit_price_fen"));
  Files no_today = no_policy;
  no_today["policy.toml"] = GoodFiles()["policy.toml"].replace(0, 9, "today = 1.5");
  no_today["listings.csv"] += "A3,S1,140321,140321105201,egg,1,500,340,2000000000,2000000000,0,0,1\n";
  no_today["orders.csv"] += "O9,I1,egg,500,350,500,140105,2100000000,1\n";
  EXPECT_THAT(places_of(no_today), ElementsAre("policy.toml:1:today", "listings.csv:5:unit_price_fen"));
  Files no_counties = no_policy;
  no_counties["policy.toml"] = GoodFiles()["policy.toml"];
  no_counties["counties.csv"] = "";
  EXPECT_THAT(places_of(no_counties), ElementsAre("counties.csv", "listings.csv:5:unit_price_fen"));
  // Too dear only over a road to the end of the world.
  Files bad_county = GoodFiles();
  bad_county["commodities.csv"] += "nut,0,1,1000000000000,0\n";
  bad_county["listings.csv"] += "A1,S1,140321,140321105201,nut,1,1000000000,1,0,15,0,0,1\n";
  ASSERT_TRUE(Read(bad_county).ok());
  bad_county["counties.csv"].replace(bad_county["counties.csv"].find("112.56,37.83"), 12, "x,y");
  EXPECT_THAT(places_of(bad_county), ElementsAre("counties.csv:2:longitude", "counties.csv:2:latitude"));
  Files no_commodities = no_policy;
  no_commodities["commodities.csv"] = "";
  EXPECT_THAT(places_of(no_commodities), testing::Contains("commodities.csv"));
}

TEST_F(ReadRoundTest, CountsWhatAClearingCouldNotCountWhereItIsNotNamed) {
  Files files = GoodFiles();
  for (size_t i = 0; i < kMaxNamedFaults + 20; ++i) {
    files["listings.csv"] +=
        "M" + std::to_string(i) + ",S1,140321,140321105201,egg,2,500,9000000000000000000,0,15,0,0,1\n";
  }
  base::FieldErrors errors;
  errors.Absorb(Read(files).status());
  ASSERT_EQ(errors.violations().size(), kMaxNamedFaults + 1);
  EXPECT_THAT(errors.violations().back(), Pair("listings.csv", "has 10020 faults; the first 10000 are named"));
}

// What would otherwise wait for somebody to write, or read for ever.
TEST_F(ReadRoundTest, TakesRegularFilesAlone) {
  for (const std::string file : {"orders.csv", "policy.toml"}) {
    for (const bool is_fifo : {true, false}) {
      Put(GoodFiles());
      std::filesystem::remove(Path(file));
      if (is_fifo) {
        ASSERT_EQ(mkfifo(Path(file).c_str(), 0600), 0);
      } else {
        std::filesystem::create_symlink("/dev/zero", Path(file));
      }
      const std::string text(ReadRound(directory_.path()).status().message());
      EXPECT_THAT(text, HasSubstr(file + ": cannot open " + Path(file) + ": is not a regular file"));
      std::filesystem::remove(Path(file));
    }
  }
}

TEST_F(ReadRoundTest, TellsThatLinesEndInCrAlone) {
  for (const bool is_long : {false, true}) {
    for (const bool is_quoted : {false, true}) {
      Files files = GoodFiles();
      std::string& orders = files["orders.csv"];
      while (is_long && orders.size() < 2 * kMaxRecordBytes) orders += "P" + std::to_string(orders.size()) + "\n";
      if (is_quoted) orders.replace(orders.find("O2,I1"), 5, "O2,\"I1\"");
      std::replace(orders.begin(), orders.end(), '\n', '\r');
      base::FieldErrors errors;
      errors.Absorb(Read(files).status());
      EXPECT_THAT(errors.violations(),
                  ElementsAre(Pair("orders.csv:1",
                                   is_long && is_quoted ? "is longer than 65536 bytes" : std::string(kLinesEndInCr))));
    }
  }
}

TEST_F(ReadRoundTest, ColumnsThatAreIgnoredAreTextAllTheSame) {
  Files files = GoodFiles();
  files["institutions.csv"] = "institution_id,note,limit_fen,quota_gap_ppm\nI1,\"食堂,\r\n\t二楼\",100000,250000\n";
  EXPECT_TRUE(Read(files).ok()) << Read(files).status();
  files["institutions.csv"] += "I2,\xff,1,0\nI3,a\x01,1,0\n";
  files["counties.csv"].replace(0, 4, "\xc0\x80,code");
  // Nor does what refers to nothing come back as it is.
  files["orders.csv"] += "O9,\xff,egg,5000,700,1000,140105,9,1\n";
  base::FieldErrors errors;
  errors.Absorb(Read(files).status());
  EXPECT_THAT(
      errors.violations(),
      ElementsAre(Pair("counties.csv:1", "must be UTF-8 without control characters"),
                  Pair("institutions.csv:4:note", "must be UTF-8 without control characters"),
                  Pair("institutions.csv:5:note", "must be UTF-8 without control characters"),
                  Pair("orders.csv:4:institution_id", "must be 1 to 256 bytes of UTF-8 without control characters")));
}

}  // namespace
}  // namespace zhuxiao::round_files
