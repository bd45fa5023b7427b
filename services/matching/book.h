// The book: the open listings, held in memory and kept current by deltas, indexed so that a match opens only the few
// counties that can serve best. It knows no order and decides nothing; match.h does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/matching/distance.h"
#include "services/matching/welfare.h"

namespace zhuxiao::matching {

class Shelf;

// The most all units of one listing may be worth or ask: base::kMaxAmountFen. With policy.h's kMaxWeightPpm a
// listing's welfare stays below 5 * 10^16 fen.
inline constexpr int64_t kMaxListingValueFen = base::kMaxAmountFen;

// Delivery-scope prefixes and programmes of one listing: a scope longer than all provinces is "everywhere".
inline constexpr size_t kMaxScopePrefixes = 64;
inline constexpr size_t kMaxProgrammes = 32;

// Linkage and quota gap are shares.
inline constexpr int64_t kMaxSharePpm = base::kPpm;

// Certificates held or asked for: bit n is the certificate kind numbered n in the catalogue, 0 to 63.
using CertificateSet = uint64_t;

// An open listing as the match sees it. Goods counted in pieces and priced by weight (cattle) have value_base and
// weight_base in grams (the nominal weight of a sale unit), price_fen per price_base grams, and unit_price_fen the
// nominal price of a sale unit; for all other goods value_base = weight_base = sale_unit_base.
struct BookListing {
  std::string listing_id;
  std::string supplier_id;     // USCC
  std::string origin_code;     // village or township; its county must be in the table
  std::string commodity;       // code of a commodity in the book
  int64_t sale_unit_base = 0;  // base units in a sale unit
  int64_t value_base = 0;      // what the reference price is multiplied by
  int64_t weight_base = 0;     // what is moved for a sale unit, for transport
  int64_t unit_price_fen = 0;  // of a sale unit; counts against the buyer's spending limit
  int64_t price_fen = 0;       // per price_base; compared with the order's limit price
  int64_t price_base = 0;
  int64_t listed_units = 0;     // listed in all; the first tranche is a share of it
  int64_t available_units = 0;  // 0 .. listed_units
  int64_t min_lot_units = 1;    // the fewest units of a contract
  base::Day ready_day = 0;
  base::Day last_sale_day = 0;
  int64_t linkage_ppm = 0;         // 0 .. kMaxSharePpm
  uint32_t stall_level = 0;        // 0: not stalled; 1 village, 2 town, 3 county, 4 city, 5 province
  std::vector<std::string> scope;  // region codes delivered to, with their parts; empty: everywhere
  CertificateSet certificates = 0;
  std::vector<std::string> programmes;  // whose designated regions the goods come from; sorted, without doubles
  ListingPrice price;                   // of the last settled round that knew the listing

  friend bool operator==(const BookListing&, const BookListing&) = default;
};

// A listing and the number of the Upsert that made it so; a higher number is a later one.
struct VersionedListing {
  BookListing listing;
  uint64_t revision = 0;
};

// Thread-safe: any number of readers beside one writer at a time (writers exclude one another by commodity and for
// the id index). A match holds its commodity's shelf shared while it runs, so it sees one state of it.
class Book {
 public:
  // Takes distances from `counties`, which is copied. At most 65,535 counties.
  explicit Book(base::CountyTable counties);
  ~Book();
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  // Adds a commodity, or replaces its rates and re-values its listings. INVALID_ARGUMENT for rates out of range, or
  // where a listing would be worth more than kMaxListingValueFen; nothing changes then.
  absl::Status SetCommodity(const BookCommodity& commodity);
  std::optional<BookCommodity> FindCommodity(std::string_view code) const;

  // Adds the listing, or replaces the one of its id (whatever its commodity was). INVALID_ARGUMENT naming every bad
  // field; nothing changes then. Microseconds.
  absl::Status Upsert(const BookListing& listing);

  // True where the listing was there and is gone now. Microseconds.
  bool Remove(std::string_view listing_id);

  // Adds `delta_units` to the available units. NOT_FOUND for an unknown listing; FAILED_PRECONDITION where the result
  // would leave 0 .. listed_units; nothing changes then. Microseconds.
  absl::Status AddAvailable(std::string_view listing_id, int64_t delta_units);

  // Gives the listing another price: a later Upsert, with a revision of its own. NOT_FOUND for an unknown listing;
  // INVALID_ARGUMENT where a price is out of range; nothing changes then. Microseconds.
  absl::Status SetPrice(std::string_view listing_id, const ListingPrice& price);

  std::optional<BookListing> Find(std::string_view listing_id) const;
  std::optional<VersionedListing> FindVersioned(std::string_view listing_id) const;
  size_t size() const;

  // Calls `visit` for each listing, commodity by commodity in order of codes, listings in no particular order. Each
  // shelf is held shared meanwhile: `visit` must not change the book.
  void ForEach(const std::function<void(const BookListing&)>& visit) const;

  const base::CountyTable& counties() const { return counties_; }
  const DistanceTable& distances() const { return distances_; }

  // The shelf of a commodity, or nullptr. Shelves live as long as the book. For this module's own use.
  const Shelf* ShelfOf(std::string_view commodity) const;

 private:
  struct Index;

  const base::CountyTable counties_;
  const DistanceTable distances_;
  const std::unique_ptr<Index> index_;
};

}  // namespace zhuxiao::matching
