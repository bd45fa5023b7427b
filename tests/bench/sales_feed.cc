// Made-up sales feeds as CSV.
#include "tests/bench/sales_feed.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>

namespace zhuxiao {
namespace {

constexpr std::array kOrigins = {"141032203206", "140431", "141130", "140321105201",
                                 "140105",       "110101", "361023", "140223"};
constexpr std::array kPlatforms = {"tmall", "jd", "pinduoduo"};
constexpr int64_t kClaimants = 20'000;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Small numbers far more often than large ones, as with firms' sizes.
int64_t SkewedClaimant(std::mt19937_64& rng) {
  const double u = static_cast<double>(rng() >> 11) * 0x1p-53;
  return static_cast<int64_t>(std::pow(u, 3) * static_cast<double>(kClaimants));
}

}  // namespace

bool WriteSalesFeed(const std::string& path, int64_t lines, uint64_t seed) {
  const File file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file) return false;
  std::mt19937_64 rng(seed);
  std::fputs(
      "platform,order_no,line_no,kind,claimant_uscc,origin_region,destination_region,commodity,amount_fen,parcels,"
      "waybill_no,parcel_fee_fen,order_time,payment_time,waybill_time,accept_time,refund_of\n",
      file.get());
  std::array<char, 512> row{};
  for (int64_t i = 0; i < lines; ++i) {
    const uint64_t draw = rng();
    if (draw % 100 == 0 && i > 0) {
      std::fputs(row.data(), file.get());
      continue;
    }
    // Numbers of orders are scattered over the file.
    const auto order = static_cast<unsigned long long>((static_cast<uint64_t>(i) * 0x9E3779B97F4A7C15) >> 20);
    const auto claimant = static_cast<long long>(SkewedClaimant(rng));
    const auto day = static_cast<int>(draw / 100 % 28 + 1);
    const auto month = static_cast<int>(draw / 2800 % 12 + 1);
    const auto year = draw / 33600 % 50 == 0 ? 2019 : 2020;
    const auto hour = static_cast<int>(draw / 1'680'000 % 24);
    const auto amount = static_cast<long long>(rng() % 100'000 + 100);
    const char* platform = kPlatforms[order % kPlatforms.size()];
    std::snprintf(
        row.data(), row.size(),
        "%s,%020llu,1,sale,91140100MA%06lldXQ,%s,110105,egg,%lld,1,SF%013llu,%d,%d-%02d-%02dT%02d:15:30+08:00,"
        "%d-%02d-%02dT%02d:16:00+08:00,%d-%02d-%02dT%02d:59:59+08:00,,\n",
        platform, order, claimant, kOrigins[rng() % kOrigins.size()], amount, order, static_cast<int>(rng() % 900),
        year, month, day, hour, year, month, day, hour, year, month, day, hour);
    std::fputs(row.data(), file.get());
    if (draw % 100 >= 6 || ++i >= lines) continue;
    std::snprintf(row.data(), row.size(), "%s,R%020llu,1,refund,91140100MA%06lldXQ,,,,%lld,,,,,,,,%020llu/1\n",
                  platform, order, claimant, amount / (1 + static_cast<long long>(draw % 3)), order);
    std::fputs(row.data(), file.get());
  }
  return std::ferror(file.get()) == 0;
}

bool WriteDesignations(const std::string& path) {
  const File file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file) return false;
  std::fputs(
      "programme,list_version,region_code,valid_from,valid_to\n"
      "shanxi-poor-counties,2020,141032,2014-01-01,\n"
      "shanxi-poor-counties,2020,140431,2014-01-01,2020-06-30\n"
      "shanxi-poor-counties,2020,141130,2014-01-01,\n"
      "shanxi-poor-counties,2020,140223,2020-03-01,\n"
      "shanxi-poor-counties,2020,140321105201,2014-01-01,\n",
      file.get());
  return std::ferror(file.get()) == 0;
}

}  // namespace zhuxiao
