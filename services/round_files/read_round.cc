// Each file is read in its own order, then put in the order of its ids. Orders, four fifths of all bytes, are read by
// one thread and listings by another, once the small tables they refer to are there. What a clearing could not count is
// looked for last, in the rows that have no fault by themselves (range_faults.h has the rule).
#include "services/round_files/read_round.h"

#include <algorithm>
#include <functional>
#include <thread>

#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/matching/range_faults.h"
#include "services/round_files/policy_file.h"
#include "services/round_files/table.h"

namespace zhuxiao::round_files {
namespace {

constexpr std::string_view kListingsFile = "listings.csv";

constexpr int64_t kMost = INT64_MAX;
constexpr int64_t kMostDay = INT32_MAX;
constexpr int64_t kLeastDay = INT32_MIN;
constexpr int64_t kMostPpm = 1'000'000;
constexpr int64_t kMostStallLevel = 1000;  // levels beyond the policy's last count as that; this only catches nonsense

// The rows of one file as they stand in it: ids, values, lines to tell faults by, and which have none.
template <typename Row>
struct Rows {
  IdTable ids;
  std::vector<Row> rows;
  std::vector<uint32_t> lines;
  std::vector<bool> is_good;

  void Reserve(size_t count) {
    ids.Reserve(count);
    rows.reserve(count);
    lines.reserve(count);
    is_good.reserve(count);
  }

  // False, with a fault, where the table of ids is full.
  bool Add(Table& table, std::string_view id, const Row& row) {
    if (ids.byte_count() + id.size() > IdTable::kMaxBytes || ids.size() + 1 >= IdIndex::kNone) {
      table.Fault(0, "this row and those after it are more than one round can have");
      return false;
    }
    ids.Add(id);
    rows.push_back(row);
    lines.push_back(static_cast<uint32_t>(table.line()));
    is_good.push_back(table.is_row_good());
    return true;
  }
};

template <typename T>
void Arrange(std::vector<T>& values, const std::vector<uint32_t>& positions) {
  std::vector<T> arranged;
  arranged.reserve(positions.size());
  for (const uint32_t position : positions) arranged.push_back(values[position]);
  values = std::move(arranged);
}

bool IsInOrder(const std::vector<uint32_t>& positions) { return std::is_sorted(positions.begin(), positions.end()); }

// Tells ids that stand twice, and moves the rows to their places in order of ids, `is_good` with them.
template <typename Row>
std::vector<uint32_t> Settle(Table& table, Rows<Row>& read, IdTable& ids, std::vector<Row>& rows,
                             std::vector<bool>& is_good) {
  std::vector<uint32_t> positions = read.ids.SortedPositions();
  for (size_t i = 1; i < positions.size(); ++i) {
    const std::string_view id = read.ids[positions[i]];
    if (id != read.ids[positions[i - 1]]) continue;
    table.FaultAt(read.lines[positions[i]], 0,
                  base::StrCat("\"", id, "\" stands on line ", read.lines[positions[i - 1]], " too"));
  }
  if (IsInOrder(positions)) {
    ids = std::move(read.ids);
  } else {
    ids = read.ids.Picked(positions);
    Arrange(read.rows, positions);
    Arrange(read.is_good, positions);
  }
  rows = std::move(read.rows);
  is_good = std::move(read.is_good);
  return positions;
}

// A round while it is read: which of its rows have no fault of their own, by their positions, and which files have rows
// that can be read.
struct Reading {
  RoundInput input;
  bool has_policy = false;
  bool has_commodities = false;
  bool has_counties = false;
  std::vector<bool> good_commodities;
  std::vector<bool> good_counties;
  std::vector<bool> good_institutions;
  std::vector<bool> good_listings;
  std::vector<bool> good_orders;
  std::vector<uint32_t> listing_lines;  // by position
};

// What rows of other files refer to.
struct Known {
  Known(const IdTable& table, bool is_read) : index(table), is_read(is_read) {}

  IdIndex index;
  bool
      is_read;  // false where the file has no rows for a fault of its own: nothing that refers to it can be judged then
};

// The position a cell refers to, or 0 with a fault.
uint32_t Reference(Table& table, size_t column, const Known& known) {
  const uint32_t position = known.index.Find(table.Text(column));
  if (position != IdIndex::kNone) return position;
  if (!known.is_read) return 0;
  if (table.HasId(column)) table.Fault(column, base::StrCat("\"", table.Text(column), "\" is not known"));
  return 0;
}

// False where the file has no rows that can be read.
bool ReadCommodities(const std::string& dir, Reading& reading, Faults& faults) {
  enum { kCommodity, kReferencePrice, kReferenceBase, kTransport, kMinLife };
  static const std::vector<std::string_view> columns = {"commodity", "reference_price_fen", "reference_base",
                                                        "transport_microfen_per_km_base", "min_life_days"};
  Table table(dir, "commodities.csv", columns, faults);
  Rows<matching::RoundCommodity> read;
  while (table.Next()) {
    const matching::RoundCommodity row = {.reference_price_fen = table.Integer(kReferencePrice, 0, kMost),
                                          .reference_base = table.Integer(kReferenceBase, 1, kMost),
                                          .transport_microfen_per_km_base = table.Integer(kTransport, 0, kMost),
                                          .min_life_days = static_cast<int32_t>(table.Integer(kMinLife, 0, kMostDay))};
    if (!read.Add(table, table.Id(kCommodity), row)) break;
  }
  Settle(table, read, reading.input.ids.commodities, reading.input.book.commodities, reading.good_commodities);
  return table.is_readable();
}

// False where the file has no rows that can be read.
bool ReadCounties(const std::string& dir, Reading& reading, Faults& faults) {
  enum { kCode, kLongitude, kLatitude };
  static const std::vector<std::string_view> columns = {"code", "longitude", "latitude"};
  Table table(dir, "counties.csv", columns, faults);
  Rows<base::GeoPoint> read;
  while (table.Next()) {
    const std::string_view code = table.Id(kCode);
    if (base::LevelOf(code) != base::RegionLevel::kCounty) table.Fault(kCode, "must be 6 digits");
    const base::GeoPoint point = {.longitude = table.Number(kLongitude, -180, 180),
                                  .latitude = table.Number(kLatitude, -90, 90)};
    if (!read.Add(table, code, point)) break;
  }
  Settle(table, read, reading.input.ids.counties, reading.input.book.counties, reading.good_counties);
  return table.is_readable();
}

// False where the file has no rows that can be read.
bool ReadInstitutions(const std::string& dir, Reading& reading, Faults& faults) {
  enum { kId, kLimit, kQuotaGap };
  static const std::vector<std::string_view> columns = {"institution_id", "limit_fen", "quota_gap_ppm"};
  Table table(dir, "institutions.csv", columns, faults);
  Rows<matching::RoundInstitution> read;
  read.Reserve(table.LineCount());
  while (table.Next()) {
    const matching::RoundInstitution row = {.limit_fen = table.Integer(kLimit, 0, kMost),
                                            .quota_gap_ppm = table.Integer(kQuotaGap, 0, kMostPpm)};
    if (!read.Add(table, table.Id(kId), row)) break;
  }
  Settle(table, read, reading.input.ids.institutions, reading.input.book.institutions, reading.good_institutions);
  return table.is_readable();
}

// What orders and listings refer to.
struct References {
  Known commodities;
  Known counties;
};

// Gives texts that come again the same position.
class Names {
 public:
  explicit Names(IdTable& table) : table_(table) {}

  uint32_t PositionOf(std::string_view text) {
    const auto [it, is_new] = positions_.try_emplace(std::string(text), static_cast<uint32_t>(table_.size()));
    if (is_new) table_.Add(text);
    return it->second;
  }

 private:
  IdTable& table_;
  absl::flat_hash_map<std::string, uint32_t> positions_;
};

void ReadListings(const std::string& dir, const References& references, Reading& reading, Faults& faults) {
  enum { kId, kSupplier, kCounty, kVillage, kCommodity, kUnits, kBase, kPrice, kReady, kLast, kLinkage, kStall, kLot };
  static const std::vector<std::string_view> columns = {
      "listing_id",     "supplier_id", "county_code",   "village_code", "commodity",   "units",        "unit_base",
      "unit_price_fen", "ready_day",   "last_sale_day", "linkage_ppm",  "stall_level", "min_lot_units"};
  Table table(dir, kListingsFile, columns, faults);
  RoundInput& input = reading.input;
  Rows<matching::RoundListing> read;
  read.Reserve(table.LineCount());
  Names suppliers(input.ids.suppliers);
  Names villages(input.ids.villages);
  while (table.Next()) {
    const matching::RoundListing row = {
        .commodity = Reference(table, kCommodity, references.commodities),
        .county = Reference(table, kCounty, references.counties),
        .units = table.Integer(kUnits, 0, kMost),
        .unit_base = table.Integer(kBase, 1, kMost),
        .unit_price_fen = table.Integer(kPrice, 0, kMost),
        .ready_day = static_cast<int32_t>(table.Integer(kReady, kLeastDay, kMostDay)),
        .last_sale_day = static_cast<int32_t>(table.Integer(kLast, kLeastDay, kMostDay)),
        .linkage_ppm = static_cast<int32_t>(table.Integer(kLinkage, 0, kMostPpm)),
        .stall_level = static_cast<uint32_t>(table.Integer(kStall, 0, kMostStallLevel)),
        .min_lot_units = table.Integer(kLot, 1, kMost)};
    const std::string_view village = table.Text(kVillage);
    if (!village.empty() && base::LevelOf(village) != base::RegionLevel::kVillage) {
      table.Fault(kVillage, "must be 12 digits, or empty");
    }
    input.ids.listing_suppliers.push_back(suppliers.PositionOf(table.Id(kSupplier)));
    input.ids.listing_villages.push_back(village.empty() ? kNoVillage : villages.PositionOf(village));
    if (!read.Add(table, table.Id(kId), row)) break;
  }
  const std::vector<uint32_t> positions =
      Settle(table, read, input.ids.listings, input.book.listings, reading.good_listings);
  reading.listing_lines = std::move(read.lines);
  if (IsInOrder(positions)) return;
  Arrange(reading.listing_lines, positions);
  Arrange(input.ids.listing_suppliers, positions);
  Arrange(input.ids.listing_villages, positions);
}

void ReadOrders(const std::string& dir, const References& references, const Known& institutions, Reading& reading,
                Faults& faults) {
  enum { kId, kInstitution, kCommodity, kQuantity, kLimitPrice, kLimitBase, kCounty, kDeliverBy, kAllowPartial };
  static const std::vector<std::string_view> columns = {"order_id",      "institution_id",  "commodity",
                                                        "quantity_base", "limit_price_fen", "limit_base",
                                                        "county_code",   "deliver_by_day",  "allow_partial"};
  Table table(dir, "orders.csv", columns, faults);
  Rows<matching::RoundOrder> read;
  read.Reserve(table.LineCount());
  while (table.Next()) {
    const matching::RoundOrder row = {
        .institution = Reference(table, kInstitution, institutions),
        .commodity = Reference(table, kCommodity, references.commodities),
        .county = Reference(table, kCounty, references.counties),
        .is_partial_allowed = table.Integer(kAllowPartial, 0, 1) == 1,
        .deliver_by_day = static_cast<int32_t>(table.Integer(kDeliverBy, kLeastDay, kMostDay)),
        .quantity_base = table.Integer(kQuantity, 0, kMost),
        .limit_price_fen = table.Integer(kLimitPrice, 0, kMost),
        .limit_base = table.Integer(kLimitBase, 1, kMost)};
    if (!read.Add(table, table.Id(kId), row)) break;
  }
  Settle(table, read, reading.input.ids.orders, reading.input.book.orders, reading.good_orders);
}

// The rows of a round that have no fault of their own. What else they rest on judges nothing where it has one: goods of
// no value, the shortest of roads, no weights, and one day on which all goods leave.
struct GoodPart {
  matching::RoundBook book;
  matching::ClearingPolicy policy;
  std::vector<uint32_t> listings;  // their positions in the round
};

GoodPart GoodPartOf(const Reading& reading) {
  const matching::RoundBook& book = reading.input.book;
  GoodPart part = {.policy = {.today = INT32_MAX, .weights = {.urgency = {{0, 0}}, .stall_ppm = {0}}}};
  if (reading.has_policy) part.policy = reading.input.policy;
  part.book.commodities = book.commodities;
  for (size_t i = 0; i < book.commodities.size(); ++i) {
    if (!reading.good_commodities[i]) part.book.commodities[i] = {};
  }
  part.book.counties = book.counties;
  const bool has_roads =
      reading.has_counties && std::all_of(reading.good_counties.begin(), reading.good_counties.end(), std::identity());
  if (!has_roads) part.book.counties.assign(std::max<size_t>(book.counties.size(), 1), {});
  for (uint32_t i = 0; i < book.listings.size() && reading.has_commodities; ++i) {
    if (!reading.good_listings[i]) continue;
    part.book.listings.push_back(book.listings[i]);
    part.listings.push_back(i);
  }
  for (size_t j = 0; j < book.orders.size(); ++j) {
    if (reading.good_orders[j]) part.book.orders.push_back(book.orders[j]);
  }
  return part;
}

// Adds what a clearing could not count.
void FindRangeFaults(const Reading& reading, bool has_faults, Faults& faults) {
  const auto tell = [&](uint32_t listing, std::string_view field, std::string_view what) {
    faults.Add(kListingsFile, reading.listing_lines[listing], field, what);
  };
  if (!has_faults) return matching::FindRangeFaults(reading.input.book, reading.input.policy, tell);
  const GoodPart part = GoodPartOf(reading);
  matching::FindRangeFaults(part.book, part.policy,
                            [&](uint32_t listing, std::string_view field, std::string_view what) {
                              tell(part.listings[listing], field, what);
                            });
}

absl::StatusOr<RoundInput> Read(const std::string& dir, bool is_range_checked) {
  Reading reading;
  Faults faults;
  reading.input.policy = ReadPolicy(dir, faults);
  reading.has_policy = faults.empty();
  reading.has_counties = ReadCounties(dir, reading, faults);
  reading.has_commodities = ReadCommodities(dir, reading, faults);
  const References references = {.commodities = Known(reading.input.ids.commodities, reading.has_commodities),
                                 .counties = Known(reading.input.ids.counties, reading.has_counties)};
  Faults listing_faults;
  std::thread listings([&] { ReadListings(dir, references, reading, listing_faults); });
  const bool has_institutions = ReadInstitutions(dir, reading, faults);
  ReadOrders(dir, references, Known(reading.input.ids.institutions, has_institutions), reading, faults);
  listings.join();
  if (is_range_checked) FindRangeFaults(reading, !faults.empty() || !listing_faults.empty(), listing_faults);
  faults.Append(listing_faults);
  if (!faults.empty()) return faults.ToStatus();
  return std::move(reading.input);
}

}  // namespace

absl::StatusOr<RoundInput> ReadRound(const std::string& dir) { return Read(dir, /*is_range_checked=*/true); }

absl::StatusOr<RoundInput> ReadFrozenRound(const std::string& dir) { return Read(dir, /*is_range_checked=*/false); }

}  // namespace zhuxiao::round_files
