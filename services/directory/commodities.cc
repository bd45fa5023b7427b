#include "services/directory/commodities.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/data.h"
#include "services/directory/directory.h"

namespace zhuxiao::directory {
namespace {

constexpr size_t kCellCount = 17;

// The cells of one row, taken from left to right; remembers whether one did not fit.
class Cells {
 public:
  explicit Cells(absl::string_view line) : cells_(absl::StrSplit(line, ',')), ok_(cells_.size() == kCellCount) {}

  std::string Text() { return ok_ ? cells_[next_++] : std::string(); }
  int64_t Number() {
    int64_t number = 0;
    if (!absl::SimpleAtoi(Text(), &number) || number < 0) ok_ = false;
    return number;
  }
  bool Flag() {
    const int64_t number = Number();
    if (number > 1) ok_ = false;
    return number == 1;
  }
  v1::BaseUnit Unit() {
    v1::BaseUnit unit = v1::BASE_UNIT_UNSPECIFIED;
    if (!v1::BaseUnit_Parse("BASE_UNIT_" + absl::AsciiStrToUpper(Text()), &unit)) ok_ = false;
    return unit;
  }
  void Certificates(v1::Commodity& commodity) {
    for (absl::string_view name : absl::StrSplit(Text(), '|', absl::SkipEmpty())) {
      v1::CertificateKind kind = v1::CERTIFICATE_KIND_UNSPECIFIED;
      if (!v1::CertificateKind_Parse("CERTIFICATE_KIND_" + absl::AsciiStrToUpper(name), &kind)) ok_ = false;
      commodity.add_required_certificates(kind);
    }
  }
  bool ok() const { return ok_; }

 private:
  std::vector<std::string> cells_;
  size_t next_ = 0;
  bool ok_;
};

// What the rest of the product relies on: no division by zero, and weights where weight settles.
bool IsConsistent(const v1::Commodity& commodity) {
  const bool counted = commodity.base_unit() == v1::BASE_UNIT_PIECE;
  return base::IsValidId(commodity.code()) && commodity.base_unit() != v1::BASE_UNIT_UNSPECIFIED &&
         commodity.reference_price().amount_fen() > 0 && commodity.reference_base() > 0 &&
         commodity.shelf_life_days() > commodity.min_life_days() && counted == (commodity.nominal_weight_g() > 0) &&
         commodity.is_catch_weight() == (commodity.weight_tolerance_ppm() > 0) &&
         (counted || !commodity.is_catch_weight()) && commodity.weight_tolerance_ppm() < base::kPpm;
}

std::optional<v1::Commodity> ParseRow(absl::string_view line) {
  Cells cells(line);
  v1::Commodity commodity;
  commodity.set_code(cells.Text());
  commodity.set_name_zh(cells.Text());
  commodity.set_name_en(cells.Text());
  commodity.set_base_unit(cells.Unit());
  commodity.set_is_catch_weight(cells.Flag());
  commodity.mutable_reference_price()->set_amount_fen(cells.Number());
  commodity.set_reference_base(cells.Number());
  commodity.set_nominal_weight_g(cells.Number());
  commodity.set_shelf_life_days(static_cast<int32_t>(cells.Number()));
  commodity.set_min_life_days(static_cast<int32_t>(cells.Number()));
  commodity.set_is_cold_chain(cells.Flag());
  commodity.set_is_divisible(cells.Flag());
  commodity.set_is_live_animal(cells.Flag());
  cells.Certificates(commodity);
  commodity.set_transport_microfen_per_km_base(cells.Number());
  commodity.set_weight_tolerance_ppm(cells.Number());
  if (!cells.ok() || !IsConsistent(commodity)) return std::nullopt;
  return commodity;
}

bool CodeBefore(const v1::Commodity& commodity, std::string_view code) { return commodity.code() < code; }

}  // namespace

absl::StatusOr<std::vector<v1::Commodity>> ParseCatalogue(std::string_view csv) {
  std::vector<v1::Commodity> catalogue;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    ++line_number;
    line = absl::StripSuffix(line, "\r");
    if (line_number == 1 || line.empty()) continue;
    std::optional<v1::Commodity> commodity = ParseRow(line);
    if (!commodity) {
      return absl::InvalidArgumentError(base::StrCat("commodities: line ", line_number, " is not a commodity: ", line));
    }
    catalogue.push_back(*std::move(commodity));
  }
  std::sort(catalogue.begin(), catalogue.end(), [](const auto& a, const auto& b) { return a.code() < b.code(); });
  const auto twice = std::adjacent_find(catalogue.begin(), catalogue.end(),
                                        [](const auto& a, const auto& b) { return a.code() == b.code(); });
  if (twice != catalogue.end()) {
    return absl::InvalidArgumentError(base::StrCat("commodities: code stands twice: ", twice->code()));
  }
  return catalogue;
}

// The shipped data is part of the program: where it does not parse the program is broken, and stops.
const std::vector<v1::Commodity>& Catalogue() {
  static const auto* const catalogue = [] {
    auto parsed = ParseCatalogue(CommoditiesCsv());
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new std::vector<v1::Commodity>(*std::move(parsed));
  }();
  return *catalogue;
}

const v1::Commodity* FindCommodity(std::string_view code) {
  const std::vector<v1::Commodity>& catalogue = Catalogue();
  const auto it = std::lower_bound(catalogue.begin(), catalogue.end(), code, CodeBefore);
  return it != catalogue.end() && it->code() == code ? &*it : nullptr;
}

absl::StatusOr<v1::GetCommodityResponse> GetCommodity(const v1::GetCommodityRequest& request) {
  const v1::Commodity* commodity = FindCommodity(request.code());
  if (commodity == nullptr) return base::NotFound("commodity", request.code());
  v1::GetCommodityResponse response;
  *response.mutable_commodity() = *commodity;
  return response;
}

absl::StatusOr<store::Page<v1::ListCommoditiesResponse>> ListCommodities(const store::PageRequest& page) {
  const std::vector<v1::Commodity>& catalogue = Catalogue();
  auto it = std::lower_bound(catalogue.begin(), catalogue.end(), page.after, CodeBefore);
  if (it != catalogue.end() && it->code() == page.after) ++it;
  store::Page<v1::ListCommoditiesResponse> listed;
  for (; it != catalogue.end() && listed.response.commodities_size() < page.size; ++it)
    *listed.response.add_commodities() = *it;
  if (it != catalogue.end()) listed.last_key = std::prev(it)->code();
  return listed;
}

}  // namespace zhuxiao::directory
