// Whole commands over the files of a small clearing round.
#pragma once

#include "tests/unit/cli_fixture.h"

namespace zhuxiao::cli {

using Files = std::map<std::string, std::string>;

// Three listings, three orders of one commodity, all of which can be served.
inline Files RoundFiles() {
  return {{"listings.csv",
           "listing_id,supplier_id,county_code,village_code,commodity,units,unit_base,unit_price_fen,ready_day,"
           "last_sale_day,linkage_ppm,stall_level,min_lot_units\n"
           "L1,S1,140321,140321105201,egg,20,500,340,1,15,500000,1,1\n"
           "L2,S1,140321,140321105202,egg,10,22500,15300,0,15,0,0,2\n"
           "L3,S2,140321,140321105203,egg,40,500,345,0,15,0,0,1\n"},
          {"orders.csv",
           "order_id,institution_id,commodity,quantity_base,limit_price_fen,limit_base,county_code,deliver_by_day,"
           "allow_partial\n"
           "O1,I1,egg,5000,700,1000,140105,9,1\n"
           "O2,I1,egg,45000,350,500,140105,9,0\n"
           "O3,I2,egg,6000,350,500,140105,9,1\n"},
          {"institutions.csv", "institution_id,limit_fen,quota_gap_ppm\nI1,100000,250000\nI2,100000,0\n"},
          {"commodities.csv",
           "commodity,reference_price_fen,reference_base,transport_microfen_per_km_base,min_life_days\n"
           "egg,681,1000,50,5\n"},
          {"counties.csv", "code,longitude,latitude\n140105,112.56,37.83\n140321,113.63,37.8\n"},
          {"policy.toml",
           "today = 0\nurgency = [[2, 1000000], [3, 300000]]\nstall_ppm = [0, 100000]\nlinkage_weight_ppm = 200000\n"
           "gap_weight_ppm = 150000\ntranche_ppm = 100000\ntranche_bonus_ppm = 600000\n"}};
}

class ClearTest : public RunTest {
 protected:
  ClearTest() { Put(in_, RoundFiles()); }

  static void Put(const std::string& dir, const Files& files) {
    std::filesystem::create_directories(dir);
    for (const auto& [name, text] : files) std::ofstream(dir + "/" + name, std::ios::binary) << text;
  }
  // Puts `to` in the place of the first `from` of a file.
  static void Change(const std::string& path, const std::string& from, const std::string& to) {
    std::string text = Read(path);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << path << " has no " << from;
    std::ofstream(path, std::ios::binary) << text.replace(at, from.size(), to);
  }

  int Clear(const std::string& language = "en") {
    return Run({"clear", "--in", in_, "--out", out_dir_, "--lang", language});
  }
  int Check(const std::string& language = "en") {
    return Run({"clear-check", "--in", in_, "--out", out_dir_, "--lang", language});
  }

  const std::string in_ = directory_ + "/in";
  const std::string out_dir_ = directory_ + "/out";
};

}  // namespace zhuxiao::cli
