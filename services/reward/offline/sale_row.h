// One row of SALES.csv: what its cells say, and every one of them that says it wrongly. The columns and what each may
// hold are the contract in services/reward/policies/README.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/reward/engine/scope.h"

namespace zhuxiao::reward::offline {

enum class RowKind : uint8_t { kSale, kRefund };

struct SaleRow {
  RowKind kind = RowKind::kSale;
  std::string_view platform, order_no, line_no, claimant, origin, destination, commodity, refund_of;
  std::string_view shipper;       // empty where it is not known
  std::string_view designations;  // as written, checked
  int64_t amount_fen = 0;
  int64_t parcels = 0;
  int64_t parcel_fee_fen = 0;
  std::array<std::optional<int64_t>, engine::kClockCount> times_ns;
  bool operator==(const SaleRow&) const = default;
};

// Longest text of a cell, in bytes: three times the longest order number of any platform known.
inline constexpr size_t kMaxCellBytes = 256;

// Where the columns of a file stand. Immutable; thread-safe.
class SaleColumns {
 public:
  // `header` in any order; columns of other names are passed over. What is missing or stands twice is added to
  // `mistakes`.
  SaleColumns(const std::vector<std::string_view>& header, std::vector<std::string>& mistakes);

  size_t count() const { return count_; }
  // True where the file tells itself which lists held the origin of each sale.
  bool has_designations() const;

  // The row of `cells`, which outlive it. `is_plain` tells that the record is printable ASCII throughout. What is wrong
  // is added to `mistakes`, each with its column; the row is usable only where nothing was.
  SaleRow Parse(const std::vector<std::string_view>& cells, bool is_plain, std::vector<std::string>& mistakes) const;

  // Cells the sampling of keys needs: platform and order_no, or nullopt where the record has too few cells.
  std::optional<std::pair<std::string_view, std::string_view>> KeyOf(const std::vector<std::string_view>& cells) const;

  // True where two records that were parsed without a mistake say the same in every column known here, whatever the
  // way they write a number or the offset of a time.
  bool IsSame(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) const;

 private:
  std::vector<size_t> places_;  // of each known column in a record; kAbsent where the file lacks it
  size_t count_;
};

// Calls `visit` with programme, list version and region of each list of a cell "PROGRAMME/VERSION/REGION;…" until it
// answers false. False where a part is no such list.
bool EachDesignation(std::string_view cell,
                     absl::FunctionRef<bool(std::string_view, std::string_view, std::string_view)> visit);

// Nanoseconds since 1970 UTC of an RFC 3339 time with its offset, or nullopt. Fractions beyond the nanosecond are cut
// off. From 2000 up to 2100, the years the product knows.
std::optional<int64_t> ParseTime(std::string_view text);

// True where every byte is printable ASCII.
bool IsPlainAscii(std::string_view text);

}  // namespace zhuxiao::reward::offline
