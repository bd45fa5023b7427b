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
#include "services/matching/welfare.h"
#include "services/round_files/table.h"
#include "services/round_files/write_batch.h"

namespace zhuxiao::round_files {
namespace {

using matching::RoundContract;
using matching::RoundPrices;

constexpr std::string_view kContractsFile = "contracts.csv";
constexpr std::string_view kInstitutionPricesFile = "institution_prices.csv";

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// `digits` and then `zeros` zeros as a number, or nullopt where that is outside int64.
std::optional<int64_t> ParseDigits(std::string digits, size_t zeros) {
  digits.append(zeros, '0');
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

// A cell such as "12.5" in 1 / `parts`, a power of ten; else a fault, and nullopt.
std::optional<int64_t> Decimal(Table& table, size_t column, int64_t parts) {
  const std::string_view text = table.Text(column);
  const std::string_view whole = text.substr(0, text.find('.'));
  std::string_view fraction = text.substr(std::min(whole.size() + 1, text.size()));
  if (!IsDigits(whole) || (whole.size() < text.size() && !IsDigits(fraction))) {
    table.Fault(column, "must be a decimal number of at least 0");
    return std::nullopt;
  }
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  const size_t decimals = std::to_string(parts).size() - 1;
  if (fraction.size() > decimals) {
    table.Fault(column, base::StrCat("must have at most ", decimals, " decimals"));
    return std::nullopt;
  }
  const auto value = ParseDigits(base::StrCat(whole, fraction), decimals - fraction.size());
  if (!value) table.Fault(column, base::StrCat("must be at most ", INT64_MAX / parts, ".", INT64_MAX % parts));
  return value;
}

// Takes a price into its place, once.
class PriceColumn {
 public:
  // A price that is not taken is `missing`.
  PriceColumn(size_t count, int64_t parts, int64_t missing) : prices_(count, missing), is_set_(count), parts_(parts) {}

  void Take(Table& table, size_t column, size_t position) {
    const std::optional<int64_t> price = Decimal(table, column, parts_);
    if (is_set_[position]) table.Fault(0, "stands twice");
    is_set_[position] = true;
    prices_[position] = price.value_or(0);
  }

  bool is_set(size_t position) const { return is_set_[position]; }
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

// The prices of a clearing's two files as they are read.
struct PriceColumns {
  PriceColumns(const RoundIds& ids, int64_t missing)
      : tranches{PriceColumn(ids.listings.size(), matching::kPriceParts, missing),
                 PriceColumn(ids.listings.size(), matching::kPriceParts, missing)},
        institutions(ids.institutions.size(), matching::kLambdaParts, missing) {}

  RoundPrices Release() {
    return {.first_tranche = tranches[0].Release(),
            .second_tranche = tranches[1].Release(),
            .institution = institutions.Release()};
  }

  std::array<PriceColumn, 2> tranches;
  PriceColumn institutions;
  bool has_listings = false;  // the file has rows that can be read
  bool has_institutions = false;
};

PriceColumns ReadPrices(const std::string& dir, const RoundIds& ids, bool is_strict, Faults& faults) {
  static const std::vector<std::string_view> listing_columns = {"listing_id", "tranche", "price_fen"};
  static const std::vector<std::string_view> institution_columns = {"institution_id", "price"};
  PriceColumns columns(ids, is_strict ? 0 : matching::kNoPrice);
  {
    const IdIndex listings(ids.listings);
    Table table(dir, kListingPricesFile, listing_columns, faults);
    columns.has_listings = table.is_readable();
    while (table.Next()) {
      const auto listing = Refer(table, 0, listings, is_strict);
      const int64_t tranche = table.Integer(1, 1, 2);
      if (listing && table.is_row_good()) columns.tranches[tranche - 1].Take(table, 2, *listing);
    }
  }
  const IdIndex institutions(ids.institutions);
  Table table(dir, kInstitutionPricesFile, institution_columns, faults);
  columns.has_institutions = table.is_readable();
  while (table.Next()) {
    const auto institution = Refer(table, 0, institutions, is_strict);
    if (institution) columns.institutions.Take(table, 1, *institution);
  }
  return columns;
}

// Adds what has no price: the tranches with units, and the institutions.
void FindMissingPrices(const RoundInput& round, const PriceColumns& columns, Faults& missing) {
  for (size_t i = 0; i < round.book.listings.size() && columns.has_listings; ++i) {
    const int64_t units = round.book.listings[i].units;
    const int64_t first_units = matching::TrancheUnits(round.policy.weights, units);
    for (const auto& [tranche, tranche_units] : {std::pair(1, first_units), std::pair(2, units - first_units)}) {
      if (tranche_units == 0 || columns.tranches[tranche - 1].is_set(i)) continue;
      missing.Add(kListingPricesFile, 0, "",
                  base::StrCat("\"", round.ids.listings[i], "\" has no price of tranche ", tranche));
    }
  }
  for (size_t k = 0; k < round.book.institutions.size() && columns.has_institutions; ++k) {
    if (columns.institutions.is_set(k)) continue;
    missing.Add(kInstitutionPricesFile, 0, "", base::StrCat("\"", round.ids.institutions[k], "\" has no price"));
  }
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
    if (table.is_row_good()) contracts.push_back({.order = *order, .listing = *listing, .units = units});
  }
  if (!std::is_sorted(contracts.begin(), contracts.end(), IsBefore)) {
    std::sort(contracts.begin(), contracts.end(), IsBefore);
  }
  return contracts;
}

void FindDoubles(const std::vector<RoundContract>& contracts, const RoundIds& ids, Faults& faults) {
  for (size_t i = 1; i < contracts.size(); ++i) {
    if (IsBefore(contracts[i - 1], contracts[i])) continue;
    faults.Add(kContractsFile, 0, "",
               base::StrCat("the contract of order ", ids.orders[contracts[i].order], " and listing ",
                            ids.listings[contracts[i].listing], " stands twice"));
  }
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
    const uint32_t village = ids.listing_villages[contract.listing];
    if (village != kNoVillage) is_village_served[village] = true;
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
  FindDoubles(outcome.contracts, ids, faults);
  outcome.prices = ReadPrices(dir, ids, /*is_strict=*/true, faults).Release();
  if (!faults.empty()) return faults.ToStatus();
  return outcome;
}

Outcome ReadOutcomeOf(const std::string& dir, const RoundInput& round, Faults& malformed, Faults& missing) {
  Outcome outcome;
  outcome.contracts = ReadContracts(dir, round.ids, malformed);
  PriceColumns columns = ReadPrices(dir, round.ids, /*is_strict=*/true, malformed);
  FindMissingPrices(round, columns, missing);
  outcome.prices = columns.Release();
  return outcome;
}

absl::StatusOr<RoundPrices> ReadEarlierPrices(const std::string& dir, const RoundIds& ids) {
  Faults faults;
  PriceColumns columns = ReadPrices(dir, ids, /*is_strict=*/false, faults);
  if (!faults.empty()) return faults.ToStatus();
  return columns.Release();
}

}  // namespace zhuxiao::round_files
