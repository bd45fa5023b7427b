#include "services/round_files/clearing_files.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "services/base/strings.h"
#include "services/round_files/table.h"
#include "services/round_files/write_batch.h"

namespace zhuxiao::round_files {
namespace {

using matching::RoundContract;
using matching::RoundPrices;

constexpr std::string_view kContractsFile = "contracts.csv";
constexpr std::string_view kInstitutionPricesFile = "institution_prices.csv";

// "12.5" in 1 / `parts`, a power of ten; nullopt for anything but digits with an optional fraction that fits.
std::optional<int64_t> ParseDecimal(std::string_view text, int64_t parts) {
  const size_t point = std::min(text.find('.'), text.size());
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + point, whole);
  if (error != std::errc() || end != text.data() + point || text[0] == '-') return std::nullopt;
  if (point + 1 == text.size()) return std::nullopt;
  int64_t fraction = 0;
  int64_t unit = parts;
  for (size_t i = point + 1; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    if (unit == 1 && text[i] != '0') return std::nullopt;
    unit = std::max<int64_t>(unit / 10, 1);
    if (text[i] != '0') fraction += unit * (text[i] - '0');
  }
  int64_t value = 0;
  if (__builtin_mul_overflow(whole, parts, &value) || __builtin_add_overflow(value, fraction, &value)) {
    return std::nullopt;
  }
  return value;
}

// Takes a price into its place, once.
class PriceColumn {
 public:
  // A price that is not taken is `missing`.
  PriceColumn(size_t count, int64_t parts, int64_t missing) : prices_(count, missing), is_set_(count), parts_(parts) {}

  void Take(Table& table, size_t column, size_t position) {
    const std::optional<int64_t> price = ParseDecimal(table.Text(column), parts_);
    if (!price) table.Fault(column, "must be a decimal number of at least 0");
    if (is_set_[position]) table.Fault(0, "stands twice");
    is_set_[position] = true;
    prices_[position] = price.value_or(0);
  }

  std::vector<int64_t> Release() { return std::move(prices_); }

 private:
  std::vector<int64_t> prices_;
  std::vector<bool> is_set_;
  const int64_t parts_;
};

// The position a cell refers to. Where it refers to nothing: a fault, or for prices of an earlier round only passed
// over.
std::optional<uint32_t> Refer(Table& table, size_t column, const IdIndex& index, bool is_strict) {
  const uint32_t position = index.Find(table.Text(column));
  if (position != IdIndex::kNone) return position;
  if (is_strict) table.Fault(column, "is not in the round");
  return std::nullopt;
}

RoundPrices ReadPrices(const std::string& dir, const RoundIds& ids, bool is_strict, Faults& faults) {
  static const std::vector<std::string_view> listing_columns = {"listing_id", "tranche", "price_fen"};
  static const std::vector<std::string_view> institution_columns = {"institution_id", "price"};
  const int64_t missing = is_strict ? 0 : matching::kNoPrice;
  std::array tranches = {PriceColumn(ids.listings.size(), matching::kPriceParts, missing),
                         PriceColumn(ids.listings.size(), matching::kPriceParts, missing)};
  PriceColumn institution_prices(ids.institutions.size(), matching::kLambdaParts, missing);
  {
    const IdIndex listings(ids.listings);
    Table table(dir, kListingPricesFile, listing_columns, faults);
    while (table.Next()) {
      const auto listing = Refer(table, 0, listings, is_strict);
      const int64_t tranche = table.Integer(1, 1, 2);
      if (listing) tranches[tranche - 1].Take(table, 2, *listing);
    }
  }
  const IdIndex institutions(ids.institutions);
  Table table(dir, kInstitutionPricesFile, institution_columns, faults);
  while (table.Next()) {
    const auto institution = Refer(table, 0, institutions, is_strict);
    if (institution) institution_prices.Take(table, 1, *institution);
  }
  return {.first_tranche = tranches[0].Release(),
          .second_tranche = tranches[1].Release(),
          .institution = institution_prices.Release()};
}

bool IsBefore(const RoundContract& a, const RoundContract& b) {
  return a.order != b.order ? a.order < b.order : a.listing < b.listing;
}

std::vector<RoundContract> ReadContracts(const std::string& dir, const RoundIds& ids, Faults& faults) {
  static const std::vector<std::string_view> columns = {"order_id", "listing_id", "units"};
  const IdIndex listings(ids.listings);
  const IdIndex orders(ids.orders);
  Table table(dir, kContractsFile, columns, faults);
  std::vector<RoundContract> contracts;
  while (table.Next()) {
    const auto order = Refer(table, 0, orders, true);
    const auto listing = Refer(table, 1, listings, true);
    const int64_t units = table.Integer(2, 1, INT64_MAX);
    if (order && listing) contracts.push_back({.order = *order, .listing = *listing, .units = units});
  }
  if (!std::is_sorted(contracts.begin(), contracts.end(), IsBefore)) {
    std::sort(contracts.begin(), contracts.end(), IsBefore);
  }
  for (size_t i = 1; i < contracts.size(); ++i) {
    if (IsBefore(contracts[i - 1], contracts[i])) continue;
    faults.Add(kContractsFile, 0, "",
               base::StrCat("the contract of order ", ids.orders[contracts[i].order], " and listing ",
                            ids.listings[contracts[i].listing], " stands twice"));
  }
  return contracts;
}

}  // namespace

void FormatOutcome(const RoundIds& ids, const std::vector<RoundContract>& contracts, const RoundPrices& prices,
                   FileSink sink) {
  {
    Lines lines(kContractsFile, "order_id,listing_id,units", sink);
    for (const RoundContract& contract : contracts) {
      lines.Text(ids.orders[contract.order]);
      lines.Text(ids.listings[contract.listing]);
      lines.Integer(contract.units);
      lines.End();
    }
  }
  {
    Lines lines(kListingPricesFile, "listing_id,tranche,price_fen", sink);
    for (size_t i = 0; i < ids.listings.size(); ++i) {
      for (const int tranche : {1, 2}) {
        lines.Text(ids.listings[i]);
        lines.Integer(tranche);
        lines.Decimal(tranche == 1 ? prices.first_tranche[i] : prices.second_tranche[i], matching::kPriceParts);
        lines.End();
      }
    }
  }
  Lines lines(kInstitutionPricesFile, "institution_id,price", sink);
  for (size_t i = 0; i < ids.institutions.size(); ++i) {
    lines.Text(ids.institutions[i]);
    lines.Decimal(prices.institution[i], matching::kLambdaParts);
    lines.End();
  }
}

std::string DigestOf(const RoundIds& ids, const std::vector<RoundContract>& contracts, const RoundPrices& prices) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool is_good = EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  FormatOutcome(ids, contracts, prices, [&](std::string_view, std::string_view text) {
    is_good = is_good && EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1;
  });
  std::string digest(EVP_MD_size(EVP_sha256()), '\0');
  is_good = is_good && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1;
  if (!is_good) std::abort();  // SHA-256 of bytes in memory fails only where memory ran out
  return absl::BytesToHexString(digest);
}

ClearingReport Summarise(const RoundIds& ids, const std::vector<RoundContract>& contracts, const RoundPrices& prices) {
  std::vector<bool> is_order_served(ids.orders.size());
  std::vector<bool> is_village_served(ids.villages.size());
  for (const RoundContract& contract : contracts) {
    is_order_served[contract.order] = true;
    is_village_served[ids.listing_villages[contract.listing]] = true;
  }
  ClearingReport report;
  report.contracts = static_cast<int64_t>(contracts.size());
  report.orders_served = std::count(is_order_served.begin(), is_order_served.end(), true);
  report.villages_served = std::count(is_village_served.begin(), is_village_served.end(), true);
  report.digest = DigestOf(ids, contracts, prices);
  return report;
}

absl::Status WriteClearing(const std::string& dir, const RoundIds& ids, const std::vector<RoundContract>& contracts,
                           const RoundPrices& prices, const ClearingReport& report) {
  WriteBatch batch(dir);
  std::string_view file;
  FormatOutcome(ids, contracts, prices, [&](std::string_view name, std::string_view text) {
    if (name != file) batch.Begin(name);
    file = name;
    batch.Append(text);
  });
  batch.Begin(kReportFile);
  batch.Append(FormatReport(report));
  return batch.Commit();
}

absl::StatusOr<Outcome> ReadOutcome(const std::string& dir, const RoundIds& ids) {
  Faults faults;
  Outcome outcome;
  outcome.contracts = ReadContracts(dir, ids, faults);
  outcome.prices = ReadPrices(dir, ids, /*is_strict=*/true, faults);
  if (!faults.empty()) return faults.ToStatus();
  return outcome;
}

absl::StatusOr<RoundPrices> ReadEarlierPrices(const std::string& dir, const RoundIds& ids) {
  Faults faults;
  RoundPrices prices = ReadPrices(dir, ids, /*is_strict=*/false, faults);
  if (!faults.empty()) return faults.ToStatus();
  return prices;
}

}  // namespace zhuxiao::round_files
