// The book's directory: which shelf and slot a listing id stands for, the checks at the door, and texts that many
// listings share.
#include "services/matching/book.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {
namespace {

// Days from 1970 to 2243: inside, differences of days cannot overflow.
constexpr base::Day kMaxDay = 100'000;
// A million yuan a tonne-kilometre; helicopters are cheaper.
constexpr int64_t kMaxTransportMicrofen = 100'000'000;
constexpr int32_t kMaxMinLifeDays = 3'650;

bool IsQuantity(int64_t base) { return base >= 1 && base <= base::kMaxQuantityBase; }
bool IsPrice(int64_t fen) { return fen >= 1 && fen <= base::kMaxAmountFen; }

// True where a * b is at most `limit`.
bool IsProductWithin(int64_t a, int64_t b, int64_t limit) { return static_cast<__int128>(a) * b <= limit; }

absl::Status CheckCommodity(const BookCommodity& commodity) {
  base::FieldErrors errors;
  errors.Require(!commodity.code.empty() && commodity.code.size() <= base::kMaxIdLength, "commodity.code",
                 "must have 1 to 64 characters");
  errors.Require(IsPrice(commodity.reference_price_fen), "commodity.reference_price_fen", "must be 1 to 10^15");
  errors.Require(IsQuantity(commodity.reference_base), "commodity.reference_base", "must be 1 to 10^13");
  errors.Require(commodity.transport_microfen_per_km_base >= 0 &&
                     commodity.transport_microfen_per_km_base <= kMaxTransportMicrofen,
                 "commodity.transport_microfen_per_km_base", "must be 0 to 10^8");
  errors.Require(commodity.min_life_days >= 0 && commodity.min_life_days <= kMaxMinLifeDays, "commodity.min_life_days",
                 "must be 0 to 3650");
  return errors.ToStatus();
}

void CheckUnits(const BookListing& listing, const BookCommodity& commodity, base::FieldErrors& errors) {
  errors.Require(IsQuantity(listing.sale_unit_base), "listing.sale_unit_base", "must be 1 to 10^13");
  const bool has_value = errors.Require(IsQuantity(listing.value_base), "listing.value_base", "must be 1 to 10^13");
  errors.Require(IsQuantity(listing.weight_base), "listing.weight_base", "must be 1 to 10^13");
  errors.Require(IsPrice(listing.unit_price_fen), "listing.unit_price_fen", "must be 1 to 10^15");
  errors.Require(IsPrice(listing.price_fen), "listing.price_fen", "must be 1 to 10^15");
  errors.Require(IsQuantity(listing.price_base), "listing.price_base", "must be 1 to 10^13");
  if (!errors.Require(IsQuantity(listing.listed_units), "listing.listed_units", "must be 1 to 10^13")) return;
  errors.Require(IsProductWithin(listing.sale_unit_base, listing.listed_units, base::kMaxQuantityBase) &&
                     IsProductWithin(listing.unit_price_fen, listing.listed_units, kMaxListingValueFen),
                 "listing.listed_units", "the whole listing must stay within 10^13 base units and 10^15 fen");
  const auto value = has_value ? UnitValueFen(commodity, listing.value_base) : std::optional<int64_t>(0);
  errors.Require(value && IsProductWithin(*value, listing.listed_units, kMaxListingValueFen), "listing.value_base",
                 "the whole listing's value at the reference price must stay within 10^15 fen");
  errors.Require(listing.available_units >= 0 && listing.available_units <= listing.listed_units,
                 "listing.available_units", "must be 0 to listed_units");
  errors.Require(listing.min_lot_units >= 1 && listing.min_lot_units <= listing.listed_units, "listing.min_lot_units",
                 "must be 1 to listed_units");
}

bool AreRegions(const std::vector<std::string>& codes) {
  return std::all_of(codes.begin(), codes.end(),
                     [](const std::string& code) { return base::LevelOf(code).has_value(); });
}

void CheckPrice(const ListingPrice& price, base::FieldErrors& errors) {
  const auto is_price = [](int64_t fen) { return fen >= 0 && fen <= base::kMaxAmountFen; };
  errors.Require(is_price(price.first_fen) && is_price(price.rest_fen), "listing.price", "must be 0 to 10^15");
  errors.Require(price.day >= 0 && price.day <= kMaxDay, "listing.price.day", "must be a day of 1970 to 2243");
}

void CheckTerms(const BookListing& listing, const base::CountyTable& counties, base::FieldErrors& errors) {
  errors.Require(base::IsValidId(listing.listing_id), "listing.listing_id", "must have 1 to 64 of A-Z a-z 0-9 . _ -");
  errors.Require(base::IsValidId(listing.supplier_id), "listing.supplier_id", "must be an organisation's code");
  errors.Require(counties.IndexOf(listing.origin_code).has_value(), "listing.origin_code",
                 "must lie in a known county");
  const auto day = [](base::Day value) { return value >= 0 && value <= kMaxDay; };
  errors.Require(day(listing.ready_day), "listing.ready_day", "must be a day of 1970 to 2243");
  errors.Require(day(listing.last_sale_day) && listing.last_sale_day >= listing.ready_day, "listing.last_sale_day",
                 "must be a day not before ready_day");
  errors.Require(listing.linkage_ppm >= 0 && listing.linkage_ppm <= kMaxSharePpm, "listing.linkage_ppm",
                 "must be 0 to 1000000");
  errors.Require(listing.scope.size() <= kMaxScopePrefixes && AreRegions(listing.scope), "listing.scope",
                 "must be at most 64 region codes");
  errors.Require(listing.programmes.size() <= kMaxProgrammes &&
                     std::is_sorted(listing.programmes.begin(), listing.programmes.end(), std::less_equal<>()),
                 "listing.programmes", "must be at most 32, sorted, each once");
  CheckPrice(listing.price, errors);
}

}  // namespace

struct Book::Index {
  struct Place {
    Shelf* shelf = nullptr;
    uint32_t slot = 0;
  };

  // One writer at a time. Taken before the others, which are held for single look-ups and insertions only, so that a
  // writer waiting for a shelf keeps no reader of another shelf waiting.
  absl::Mutex writer;
  mutable absl::Mutex shelves_mutex;
  absl::flat_hash_map<std::string, std::unique_ptr<Shelf>> shelves;
  mutable absl::Mutex places_mutex;
  absl::flat_hash_map<absl::string_view, Place> places;  // keys: the characters of StoredListing::listing_id

  // Texts listings share; as many as there are organisations and combinations of programmes, so never dropped.
  std::set<std::string, std::less<>> suppliers;
  std::set<std::vector<std::string>> programmes;
  uint64_t revision = 0;

  Shelf* FindShelf(std::string_view commodity) const {
    absl::ReaderMutexLock lock(&shelves_mutex);
    const auto it = shelves.find(base::View(commodity));
    return it == shelves.end() ? nullptr : it->second.get();
  }

  std::optional<Place> FindPlace(std::string_view listing_id) const {
    absl::ReaderMutexLock lock(&places_mutex);
    const auto it = places.find(base::View(listing_id));
    return it == places.end() ? std::nullopt : std::optional<Place>(it->second);
  }

  ListingFacts Compact(const BookListing& listing, const BookCommodity& commodity, size_t county) {
    ListingFacts facts;
    facts.origin_code = listing.origin_code;
    facts.supplier_id = &*suppliers.insert(listing.supplier_id).first;
    facts.programmes = &*programmes.insert(listing.programmes).first;
    facts.price = listing.price;
    facts.scope = listing.scope;
    facts.sale_unit_base = listing.sale_unit_base;
    facts.value_base = listing.value_base;
    facts.weight_base = listing.weight_base;
    facts.unit_price_fen = listing.unit_price_fen;
    facts.price_fen = listing.price_fen;
    facts.price_base = listing.price_base;
    facts.listed_units = listing.listed_units;
    facts.available_units = listing.available_units;
    facts.min_lot_units = listing.min_lot_units;
    facts.linkage_ppm = listing.linkage_ppm;
    facts.unit_value_fen = *UnitValueFen(commodity, listing.value_base);
    facts.certificates = listing.certificates;
    facts.revision = ++revision;
    facts.ready_day = listing.ready_day;
    facts.last_sale_day = listing.last_sale_day;
    facts.stall_level = listing.stall_level;
    facts.county = static_cast<uint32_t>(county);
    return facts;
  }

  void Add(Shelf& shelf, const std::string& listing_id, ListingFacts facts) {
    const uint32_t slot = shelf.Insert({std::move(facts), listing_id});
    absl::MutexLock lock(&places_mutex);
    places.emplace(base::View(shelf.at(slot).listing_id), Place{&shelf, slot});
  }

  void Drop(std::string_view listing_id, const Place& place) {
    {
      absl::MutexLock lock(&places_mutex);
      places.erase(base::View(listing_id));
    }
    place.shelf->Erase(place.slot);
  }
};

Book::Book(base::CountyTable counties)
    : counties_(std::move(counties)), distances_(counties_), index_(std::make_unique<Index>()) {}

Book::~Book() = default;

absl::Status Book::SetCommodity(const BookCommodity& commodity) {
  if (absl::Status status = CheckCommodity(commodity); !status.ok()) return status;
  absl::MutexLock writer(&index_->writer);
  if (Shelf* shelf = index_->FindShelf(commodity.code); shelf != nullptr) {
    if (shelf->SetCommodity(commodity)) return absl::OkStatus();
    base::FieldErrors errors;
    errors.Add("commodity.reference_price_fen", "a listing would be worth more than 10^15 fen");
    return errors.ToStatus();
  }
  auto shelf = std::make_unique<Shelf>(commodity, counties_.counties().size());
  absl::MutexLock lock(&index_->shelves_mutex);
  index_->shelves.emplace(commodity.code, std::move(shelf));
  return absl::OkStatus();
}

std::optional<BookCommodity> Book::FindCommodity(std::string_view code) const {
  const Shelf* shelf = ShelfOf(code);
  if (shelf == nullptr) return std::nullopt;
  absl::ReaderMutexLock lock(&shelf->mutex());
  return shelf->commodity();
}

absl::Status Book::Upsert(const BookListing& listing) {
  absl::MutexLock writer(&index_->writer);
  Shelf* shelf = index_->FindShelf(listing.commodity);
  base::FieldErrors errors;
  errors.Require(shelf != nullptr, "listing.commodity", "is not in the book");
  CheckTerms(listing, counties_, errors);
  const BookCommodity no_commodity{.reference_price_fen = 1, .reference_base = 1};
  CheckUnits(listing, shelf != nullptr ? shelf->commodity() : no_commodity, errors);
  if (!errors.empty()) return errors.ToStatus();

  ListingFacts facts = index_->Compact(listing, shelf->commodity(), *counties_.IndexOf(listing.origin_code));
  const auto place = index_->FindPlace(listing.listing_id);
  if (place && place->shelf == shelf) {
    shelf->Replace(place->slot, std::move(facts));
    return absl::OkStatus();
  }
  if (place) index_->Drop(listing.listing_id, *place);
  index_->Add(*shelf, listing.listing_id, std::move(facts));
  return absl::OkStatus();
}

bool Book::Remove(std::string_view listing_id) {
  absl::MutexLock writer(&index_->writer);
  const auto place = index_->FindPlace(listing_id);
  if (!place) return false;
  index_->Drop(listing_id, *place);
  return true;
}

absl::Status Book::AddAvailable(std::string_view listing_id, int64_t delta_units) {
  absl::MutexLock writer(&index_->writer);
  const auto place = index_->FindPlace(listing_id);
  if (!place) return base::NotFound("listing", listing_id);
  const StoredListing& listing = place->shelf->at(place->slot);
  const auto units = base::CheckedAdd(listing.available_units, delta_units);
  if (!units || *units < 0 || *units > listing.listed_units) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_STOCK_EXHAUSTED, listing_id,
                        "available units would leave 0 .. listed units");
  }
  place->shelf->SetAvailable(place->slot, *units);
  return absl::OkStatus();
}

absl::Status Book::SetPrice(std::string_view listing_id, const ListingPrice& price) {
  base::FieldErrors errors;
  CheckPrice(price, errors);
  if (!errors.empty()) return errors.ToStatus();
  absl::MutexLock writer(&index_->writer);
  const auto place = index_->FindPlace(listing_id);
  if (!place) return base::NotFound("listing", listing_id);
  place->shelf->SetPrice(place->slot, price, ++index_->revision);
  return absl::OkStatus();
}

std::optional<BookListing> Book::Find(std::string_view listing_id) const {
  auto found = FindVersioned(listing_id);
  return found ? std::optional<BookListing>(std::move(found->listing)) : std::nullopt;
}

std::optional<VersionedListing> Book::FindVersioned(std::string_view listing_id) const {
  const auto place = index_->FindPlace(listing_id);
  if (!place) return std::nullopt;
  absl::ReaderMutexLock lock(&place->shelf->mutex());
  // The slot may have changed hands between the two locks.
  if (!place->shelf->IsTaken(place->slot)) return std::nullopt;
  const StoredListing& listing = place->shelf->at(place->slot);
  if (listing.listing_id != listing_id) return std::nullopt;
  return VersionedListing{listing.ToBookListing(place->shelf->commodity().code), listing.revision};
}

size_t Book::size() const {
  absl::ReaderMutexLock lock(&index_->places_mutex);
  return index_->places.size();
}

void Book::ForEach(const std::function<void(const BookListing&)>& visit) const {
  std::map<std::string, const Shelf*> shelves;
  {
    absl::ReaderMutexLock lock(&index_->shelves_mutex);
    for (const auto& [code, shelf] : index_->shelves) shelves.emplace(code, shelf.get());
  }
  for (const auto& entry : shelves) {
    const Shelf& shelf = *entry.second;
    absl::ReaderMutexLock lock(&shelf.mutex());
    shelf.ForEach([&](const StoredListing& listing) { visit(listing.ToBookListing(shelf.commodity().code)); });
  }
}

const Shelf* Book::ShelfOf(std::string_view commodity) const { return index_->FindShelf(commodity); }

}  // namespace zhuxiao::matching
