// One commodity's listings in the book: compact rows by group of neighbouring counties, best first, with upper bounds
// that tell a match which groups and rows cannot serve it. Internal to the matching module.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/matching/book.h"
#include "services/matching/group_bounds.h"
#include "services/matching/shelf_group.h"

namespace zhuxiao::matching {

// A BookListing without its id and commodity; supplier and programmes point at texts the book shares between listings.
// What screening reads comes first, so that it lies together in memory.
struct ListingFacts {
  const std::string* supplier_id = nullptr;
  const std::vector<std::string>* programmes = nullptr;
  std::vector<std::string> scope;
  int64_t sale_unit_base = 0;
  int64_t weight_base = 0;
  int64_t unit_price_fen = 0;
  int64_t price_fen = 0;
  int64_t price_base = 0;
  int64_t listed_units = 0;
  int64_t available_units = 0;
  int64_t min_lot_units = 0;
  int64_t linkage_ppm = 0;
  int64_t unit_value_fen = 0;  // V at the commodity's rates
  ListingPrice price;
  CertificateSet certificates = 0;
  base::Day ready_day = 0;
  base::Day last_sale_day = 0;
  uint32_t stall_level = 0;
  uint32_t county = 0;    // position in the county table
  uint64_t revision = 0;  // rises with every Upsert and SetPrice of any listing of the book
  int64_t value_base = 0;
  std::string origin_code;
};

// The id stands apart because it outlives a change of the facts: the book's index points at its characters.
struct alignas(64) StoredListing : ListingFacts {
  std::string listing_id;
  RowScore score;  // of its row, which is found by it

  BookListing ToBookListing(const std::string& commodity) const;
};

// Thread-safe by `mutex()`: writers take it themselves, readers hold a ShelfReader.
class Shelf {
 public:
  Shelf(BookCommodity commodity, size_t county_count);

  // Writers; each takes the lock. Slots are reused after Erase.
  uint32_t Insert(StoredListing listing);
  void Replace(uint32_t slot, ListingFacts facts);
  void Erase(uint32_t slot);
  void SetAvailable(uint32_t slot, int64_t available_units);
  void SetPrice(uint32_t slot, const ListingPrice& price, uint64_t revision);
  // False, changing nothing, where a listing's value at the new rates would leave the limits.
  bool SetCommodity(const BookCommodity& commodity);

  absl::Mutex& mutex() const { return mutex_; }

  // Under the lock, or from the one writer.
  const StoredListing& at(uint32_t slot) const { return Stored(slot); }
  bool IsTaken(uint32_t slot) const { return slot < slot_count_ && at(slot).supplier_id != nullptr; }
  // Never changes but by SetCommodity.
  const BookCommodity& commodity() const { return commodity_; }
  // Of kCountyGroupSize neighbouring counties each.
  size_t group_count() const { return rows_.size(); }
  const GroupBounds& bounds() const { return bounds_; }
  const ShelfGroup& RowsAt(size_t group) const { return rows_[group]; }
  // No smaller than any value ratio, and no larger than any weight ratio, sale unit.
  double max_value_ratio() const { return max_value_ratio_; }
  double min_weight_ratio() const { return min_weight_ratio_; }
  // Divides every sale unit; 0 on an empty shelf.
  int64_t unit_divisor() const { return unit_divisor_; }
  int64_t min_unit_base() const { return min_unit_base_; }
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (uint32_t slot = 0; slot < slot_count_; ++slot) {
      if (IsTaken(slot)) visit(at(slot));
    }
  }
  // True where the scores are those of `policy` on `today`.
  bool IsIndexedFor(const MatchPolicy& policy, base::Day today) const;
  // Makes them so, for `today` not before the day they are of. Takes the lock for about 0.2 µs a listing.
  void IndexFor(const MatchPolicy& policy, base::Day today) const;

 private:
  static constexpr size_t kChunkSize = 32;
  using Chunk = std::array<StoredListing, kChunkSize>;

  StoredListing& Stored(uint32_t slot) const { return (*chunks_[slot / kChunkSize])[slot % kChunkSize]; }
  RowScore Score(const StoredListing& listing) const;
  ShelfRow MakeRow(const StoredListing& listing, uint32_t slot) const;
  void AddRow(uint32_t slot);
  void DropRow(uint32_t slot);
  void Rescore(uint32_t slot);
  // Raises the group's bounds to cover a row.
  void Cover(size_t group, const ShelfRow& row) const;
  // Computes the group's bounds anew, unless they stand without the row.
  void RenewWithout(size_t group, const ShelfRow& row);
  void RenewGroup(size_t group) const;
  void CoverUnits(const StoredListing& listing);
  // How many of kLifeSteps the row has.
  size_t StepsOf(const ShelfRow& row) const;

  mutable absl::Mutex mutex_;
  BookCommodity commodity_;
  std::vector<std::unique_ptr<Chunk>> chunks_;  // listings stay where they are
  uint32_t slot_count_ = 0;
  std::vector<uint32_t> free_slots_;
  double max_value_ratio_ = 0;
  double min_weight_ratio_ = 0;
  int64_t unit_divisor_ = 0;
  int64_t min_unit_base_ = 0;

  // Scores, the order of rows and the bounds are a cache of the listings under one policy and day; filling it changes
  // no answer.
  mutable std::vector<ShelfGroup> rows_;  // by group of counties
  mutable GroupBounds bounds_;
  mutable std::optional<MatchPolicy> indexed_policy_;
  mutable base::Day indexed_day_ = 0;
};

// Holds a shelf shared, indexed for a policy and day where that can be had. Without an index every bound is infinite:
// a match for a past day is as right as any, and slower.
class ShelfReader {
 public:
  ShelfReader(const Shelf& shelf, const MatchPolicy& policy, base::Day today);
  ~ShelfReader();
  ShelfReader(const ShelfReader&) = delete;
  ShelfReader& operator=(const ShelfReader&) = delete;

  const Shelf& shelf() const { return shelf_; }
  bool is_indexed() const { return is_indexed_; }

 private:
  const Shelf& shelf_;
  bool is_indexed_ = false;
};

}  // namespace zhuxiao::matching
