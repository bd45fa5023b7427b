#include "services/round/prices.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round/archive.h"
#include "services/round/records.h"
#include "services/round/reserves.h"
#include "services/store/keys.h"

namespace zhuxiao::round {
namespace {

// Regions with rounds of their own: there are fewer counties, cities and provinces together.
constexpr size_t kMaxRegions = 4'000;

// A line of reserves.csv.
struct ReserveLine {
  std::string_view listing_id;
  int64_t first_fen = 0;
  int64_t rest_fen = 0;
};

std::optional<int64_t> ParseFen(std::string_view text) {
  int64_t fen = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, fen);
  if (error != std::errc() || rest != end || fen < 0) return std::nullopt;
  return fen;
}

// This program writes the file in one form: ids need no quotes.
std::optional<ReserveLine> Parse(std::string_view line) {
  const size_t first = line.find(',');
  const size_t second = line.find(',', first + 1);
  if (first == std::string_view::npos || first == 0 || second == std::string_view::npos) return std::nullopt;
  const auto first_fen = ParseFen(line.substr(first + 1, second - first - 1));
  const auto rest_fen = ParseFen(line.substr(second + 1));
  if (!first_fen || !rest_fen) return std::nullopt;
  return ReserveLine{.listing_id = line.substr(0, first), .first_fen = *first_fen, .rest_fen = *rest_fen};
}

// Puts the pieces of the file together into lines.
class PriceReading {
 public:
  PriceReading(const v1::Round& round, order::RoundPrices::Visit visit)
      : round_(round), visit_(visit), price_({.day = base::DayOf(base::FromProto(round.close_time()))}) {}

  absl::Status Take(std::string_view text) {
    while (!text.empty()) {
      const size_t end = text.find('\n');
      line_ += text.substr(0, end);
      if (end == std::string_view::npos) return absl::OkStatus();
      text.remove_prefix(end + 1);
      if (absl::Status taken = TakeLine(); !taken.ok()) return taken;
      line_.clear();
    }
    return absl::OkStatus();
  }

  absl::Status Finish() const { return line_.empty() ? absl::OkStatus() : Damaged(); }

 private:
  absl::Status TakeLine() {
    if (line_.empty() || line_.back() != '\r') return Damaged();
    if (!std::exchange(is_past_header_, true)) return absl::OkStatus();
    const auto parsed = Parse(std::string_view(line_).substr(0, line_.size() - 1));
    if (!parsed) return Damaged();
    price_.first_fen = parsed->first_fen;
    price_.rest_fen = parsed->rest_fen;
    return visit_(parsed->listing_id, price_);
  }

  absl::Status Damaged() const {
    return base::DataLoss(base::StrCat("the reserves of round ", round_.round_id(), " cannot be read"));
  }

  const v1::Round& round_;
  const order::RoundPrices::Visit visit_;
  std::string line_;
  bool is_past_header_ = false;
  matching::ListingPrice price_;
};

}  // namespace

absl::StatusOr<std::vector<v1::Round>> SettledPrices::LastSettled(store::Reader& reader) const {
  const std::string prefix = store::Key(kRoundSettled, "");
  auto rows = reader.Scan(prefix, store::PrefixEnd(prefix), kMaxRegions);
  if (!rows.ok()) return rows.status();
  std::vector<v1::Round> rounds;
  for (const store::KeyValue& row : *rows) {
    auto round = GetRound(reader, row.value);
    if (!round.ok()) return round.status();
    rounds.push_back(*std::move(round));
  }
  std::sort(rounds.begin(), rounds.end(), [](const v1::Round& a, const v1::Round& b) {
    const absl::Time first = base::FromProto(a.settle_time());
    const absl::Time second = base::FromProto(b.settle_time());
    return first != second ? first < second : a.round_id() < b.round_id();
  });
  return rounds;
}

absl::Status SettledPrices::ForEach(store::Reader& reader, const v1::Round& round, Visit visit) const {
  PriceReading reading(round, visit);
  absl::Status read = ForEachPiece(reader, round.round_id(), ArchivePart::kSettled, [&](const auto& piece) {
    return piece.file() == kReservesFile ? reading.Take(piece.content()) : absl::OkStatus();
  });
  return read.ok() ? reading.Finish() : read;
}

}  // namespace zhuxiao::round
