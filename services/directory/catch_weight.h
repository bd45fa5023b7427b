// Goods ordered by head and settled by weight: what a weight costs, and which weights are believed. The one home of
// that arithmetic, for contracts and for platform sales.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

inline constexpr int64_t kGramsPerKg = 1'000;

// Fen for `weight_g` (>= 0) at `price_per_kg_fen` (>= 0), rounded half up to the fen once; nullopt where that is more
// than base::kMaxAmountFen.
std::optional<int64_t> WeighedAmountFen(int64_t weight_g, int64_t price_per_kg_fen);

// OK where `weight_g` is within the commodity's tolerance, ends included, of `units` (0 .. 10^12) times
// `nominal_weight_g` (0 .. 2,000,000); else WEIGHT_OUT_OF_TOLERANCE about `subject`, with both ends.
absl::Status CheckWeight(const v1::Commodity& commodity, std::string_view subject, int64_t units,
                         int64_t nominal_weight_g, int64_t weight_g);

}  // namespace zhuxiao::directory
