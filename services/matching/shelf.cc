// Upkeep of a shelf's records and of the bounds over them.
#include "services/matching/shelf.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace zhuxiao::matching {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Conversions and quotients of int64 err by less than two ulps of a double, far below one of a float.
float RoundUp(double value) { return std::nextafter(static_cast<float>(value), kInfinity); }
float RoundDown(double value) { return std::nextafter(static_cast<float>(value), -kInfinity); }

// Whole numbers of up to 24 bits as they are.
float RoundUpWhole(int64_t value) {
  const auto near = static_cast<float>(value);
  return static_cast<double>(near) < static_cast<double>(value) ? std::nextafter(near, kInfinity) : near;
}

float RoundDownWhole(int64_t value) { return -RoundUpWhole(-value); }

double Ratio(int64_t numerator, int64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

}  // namespace

BookListing StoredListing::ToBookListing(const std::string& commodity) const {
  return {.listing_id = listing_id,
          .supplier_id = *supplier_id,
          .origin_code = origin_code,
          .commodity = commodity,
          .sale_unit_base = sale_unit_base,
          .value_base = value_base,
          .weight_base = weight_base,
          .unit_price_fen = unit_price_fen,
          .price_fen = price_fen,
          .price_base = price_base,
          .listed_units = listed_units,
          .available_units = available_units,
          .min_lot_units = min_lot_units,
          .ready_day = ready_day,
          .last_sale_day = last_sale_day,
          .linkage_ppm = linkage_ppm,
          .stall_level = stall_level,
          .scope = scope,
          .certificates = certificates,
          .programmes = *programmes,
          .price = price};
}

Shelf::Shelf(BookCommodity commodity, size_t county_count)
    : commodity_(std::move(commodity)), rows_(GroupCount(county_count)), bounds_(county_count) {}

uint32_t Shelf::Insert(StoredListing listing) {
  absl::MutexLock lock(&mutex_);
  uint32_t slot = slot_count_;
  if (free_slots_.empty()) {
    if (slot % kChunkSize == 0) chunks_.push_back(std::make_unique<Chunk>());
    ++slot_count_;
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Stored(slot) = std::move(listing);
  AddRow(slot);
  return slot;
}

void Shelf::Replace(uint32_t slot, ListingFacts facts) {
  absl::MutexLock lock(&mutex_);
  DropRow(slot);
  static_cast<ListingFacts&>(Stored(slot)) = std::move(facts);
  AddRow(slot);
}

void Shelf::Erase(uint32_t slot) {
  absl::MutexLock lock(&mutex_);
  DropRow(slot);
  Stored(slot) = StoredListing{};
  free_slots_.push_back(slot);
}

void Shelf::SetAvailable(uint32_t slot, int64_t available_units) {
  absl::MutexLock lock(&mutex_);
  Stored(slot).available_units = available_units;
  Rescore(slot);
}

void Shelf::SetPrice(uint32_t slot, const ListingPrice& price, uint64_t revision) {
  absl::MutexLock lock(&mutex_);
  Stored(slot).price = price;
  Stored(slot).revision = revision;
  Rescore(slot);
}

bool Shelf::SetCommodity(const BookCommodity& commodity) {
  absl::MutexLock lock(&mutex_);
  for (uint32_t slot = 0; slot < slot_count_; ++slot) {
    const StoredListing& listing = at(slot);
    if (!IsTaken(slot)) continue;
    const auto value = UnitValueFen(commodity, listing.value_base);
    const auto total = value ? base::CheckedMul(*value, listing.listed_units) : std::nullopt;
    if (!total || *total > kMaxListingValueFen) return false;
  }
  commodity_ = commodity;
  for (uint32_t slot = 0; slot < slot_count_; ++slot) {
    if (IsTaken(slot)) Stored(slot).unit_value_fen = *UnitValueFen(commodity, at(slot).value_base);
  }
  indexed_policy_.reset();
  return true;
}

bool Shelf::IsIndexedFor(const MatchPolicy& policy, base::Day today) const {
  return indexed_policy_.has_value() && indexed_day_ == today && *indexed_policy_ == policy;
}

void Shelf::IndexFor(const MatchPolicy& policy, base::Day today) const {
  absl::MutexLock lock(&mutex_);
  if (IsIndexedFor(policy, today)) return;
  // A replay of an old day must not slow down the matches of today.
  if (indexed_policy_.has_value() && today < indexed_day_) return;
  indexed_policy_ = policy;
  indexed_day_ = today;
  for (uint32_t slot = 0; slot < slot_count_; ++slot) {
    StoredListing& listing = Stored(slot);
    if (IsTaken(slot)) listing.score = Score(listing);
  }
  bounds_.SetValue(
      static_cast<float>(max_value_ratio_ * Ratio(commodity_.reference_price_fen, commodity_.reference_base)));
  for (size_t group = 0; group < rows_.size(); ++group) {
    rows_[group].Rescore([this](uint32_t slot) { return at(slot).score; });
    RenewGroup(group);
  }
}

RowScore Shelf::Score(const StoredListing& listing) const {
  if (listing.available_units < listing.min_lot_units || listing.available_units == 0) return {};
  const float value = RoundUpWhole(listing.unit_value_fen);
  if (!indexed_policy_.has_value()) return {kInfinity, kInfinity, value};
  const UnitWelfare part = ListingPart(*indexed_policy_, {.value_fen = listing.unit_value_fen,
                                                          .days_left = DaysLeft(listing.last_sale_day, indexed_day_),
                                                          .stall_level = listing.stall_level,
                                                          .linkage_ppm = listing.linkage_ppm});
  const UnitReserve reserve = ReserveOf(*indexed_policy_, listing.price, indexed_day_, part.bonus_fen);
  const int64_t bonus_units = TrancheUnitsLeft(*indexed_policy_, listing.listed_units, listing.available_units);
  const int64_t first_fen = part.BonusFen() - reserve.first_fen;
  const int64_t rest_fen = part.PlainFen() - reserve.rest_fen;
  if (bonus_units == 0 || bonus_units >= listing.min_lot_units) {
    const int64_t fen = bonus_units == 0 ? rest_fen : first_fen;
    return {.per_base = RoundUp(Ratio(fen + 1, listing.sale_unit_base)), .per_unit = RoundUpWhole(fen), .value = value};
  }
  // The lot goes first, and reaches into both.
  const double share = Ratio(bonus_units, listing.min_lot_units);
  const double fen = static_cast<double>(first_fen) * share + static_cast<double>(rest_fen) * (1 - share);
  return {.per_base = RoundUp((fen + 1) / static_cast<double>(listing.sale_unit_base)),
          .per_unit = RoundUp(fen),
          .value = value};
}

ShelfRow Shelf::MakeRow(const StoredListing& listing, uint32_t slot) const {
  const auto lot_units = static_cast<double>(listing.min_lot_units);
  return {.score = listing.score,
          .price = RoundDown(Ratio(listing.price_fen, listing.price_base)),
          .weight = RoundDownWhole(listing.weight_base),
          .unit_base = RoundDownWhole(listing.sale_unit_base),
          .unit_price = RoundDown(Ratio(listing.unit_price_fen, listing.sale_unit_base)),
          .lot_base = RoundDown(lot_units * static_cast<double>(listing.sale_unit_base)),
          .ready_day = listing.ready_day,
          .last_sale_day = listing.last_sale_day,
          .slot = slot,
          .county = listing.county,
          .certificates = listing.certificates,
          .programmes = listing.programmes};
}

void Shelf::AddRow(uint32_t slot) {
  StoredListing& listing = Stored(slot);
  listing.score = Score(listing);
  const size_t group = listing.county / kCountyGroupSize;
  const ShelfRow row = MakeRow(listing, slot);
  rows_[group].Insert(row);
  CoverUnits(listing);
  Cover(group, row);
}

void Shelf::DropRow(uint32_t slot) {
  const StoredListing& listing = at(slot);
  const size_t group = listing.county / kCountyGroupSize;
  const size_t place = rows_[group].PlaceOf(listing.score.per_base, slot);
  const ShelfRow row = rows_[group][place];
  rows_[group].Erase(place);
  RenewWithout(group, row);
}

void Shelf::Rescore(uint32_t slot) {
  StoredListing& listing = Stored(slot);
  const RowScore score = Score(listing);
  if (score == listing.score) return;
  const size_t group = listing.county / kCountyGroupSize;
  const size_t place = rows_[group].PlaceOf(listing.score.per_base, slot);
  const ShelfRow before = rows_[group][place];
  ShelfRow after = before;
  after.score = listing.score = score;
  rows_[group].Move(place, score);
  if (score.per_base > before.score.per_base) Cover(group, after);
  if (score.per_base < before.score.per_base) RenewWithout(group, before);
}

size_t Shelf::StepsOf(const ShelfRow& row) const {
  if (!indexed_policy_.has_value()) return kLifeSteps.size();
  const int32_t life = std::min(row.last_sale_day - indexed_day_, row.kept_days()) - commodity_.min_life_days;
  return std::upper_bound(kLifeSteps.begin(), kLifeSteps.end(), life) - kLifeSteps.begin();
}

void Shelf::Cover(size_t group, const ShelfRow& row) const {
  if (row.is_sellable()) bounds_.Cover(group, row, StepsOf(row));
}

void Shelf::RenewWithout(size_t group, const ShelfRow& row) {
  if (row.is_sellable() && bounds_.IsHeldBy(group, row, StepsOf(row))) RenewGroup(group);
}

void Shelf::RenewGroup(size_t group) const {
  bounds_.Clear(group);
  for (const ShelfRow& row : rows_[group]) {
    if (!row.is_sellable()) break;
    Cover(group, row);
  }
}

void Shelf::CoverUnits(const StoredListing& listing) {
  const bool is_first = unit_divisor_ == 0;
  const double value_ratio = RoundUp(Ratio(listing.value_base, listing.sale_unit_base));
  const double weight_ratio = RoundDown(Ratio(listing.weight_base, listing.sale_unit_base));
  max_value_ratio_ = is_first ? value_ratio : std::max(max_value_ratio_, value_ratio);
  min_weight_ratio_ = is_first ? weight_ratio : std::min(min_weight_ratio_, weight_ratio);
  min_unit_base_ = is_first ? listing.sale_unit_base : std::min(min_unit_base_, listing.sale_unit_base);
  unit_divisor_ = std::gcd(unit_divisor_, listing.sale_unit_base);
}

ShelfReader::ShelfReader(const Shelf& shelf, const MatchPolicy& policy, base::Day today) : shelf_(shelf) {
  shelf_.mutex().ReaderLock();
  is_indexed_ = shelf_.IsIndexedFor(policy, today);
  if (is_indexed_) return;
  shelf_.mutex().ReaderUnlock();
  shelf_.IndexFor(policy, today);
  shelf_.mutex().ReaderLock();
  is_indexed_ = shelf_.IsIndexedFor(policy, today);
}

ShelfReader::~ShelfReader() { shelf_.mutex().ReaderUnlock(); }

}  // namespace zhuxiao::matching
