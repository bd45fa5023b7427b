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
#include "services/round_files/clearing_files.h"
#include "services/store/keys.h"

namespace zhuxiao::round {
namespace {

// Regions with rounds of their own: there are fewer counties, cities and provinces together.
constexpr size_t kMaxRegions = 4'000;

// A line of listing_prices.csv.
struct PriceLine {
  std::string_view listing_id;
  int tranche = 0;
  int64_t whole_fen = 0;
};

// This program writes the file in one form: ids need no quotes, and a price is digits, a point and more digits.
std::optional<PriceLine> Parse(std::string_view line) {
  const size_t first = line.find(',');
  if (first == std::string_view::npos || first == 0 || first + 3 >= line.size() || line[first + 2] != ',') {
    return std::nullopt;
  }
  PriceLine parsed{.listing_id = line.substr(0, first), .tranche = line[first + 1] - '0'};
  const char* const begin = line.data() + first + 3;
  const char* const end = line.data() + line.size();
  const auto [rest, error] = std::from_chars(begin, end, parsed.whole_fen);
  const bool is_number = error == std::errc() && parsed.whole_fen >= 0 && (rest == end || *rest == '.');
  if (!is_number || parsed.tranche < 1 || parsed.tranche > 2) return std::nullopt;
  return parsed;
}

// Puts the pieces of the file together into lines, and the lines into listings.
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

  absl::Status Finish() {
    if (!line_.empty()) return Damaged();
    return GiveListing();
  }

 private:
  absl::Status TakeLine() {
    if (line_.empty() || line_.back() != '\r') return Damaged();
    if (!std::exchange(is_past_header_, true)) return absl::OkStatus();
    const auto parsed = Parse(std::string_view(line_).substr(0, line_.size() - 1));
    if (!parsed) return Damaged();
    if (parsed->listing_id != listing_id_) {
      if (absl::Status given = GiveListing(); !given.ok()) return given;
      listing_id_ = std::string(parsed->listing_id);
    }
    (parsed->tranche == 1 ? price_.first_fen : price_.rest_fen) = parsed->whole_fen;
    return absl::OkStatus();
  }

  absl::Status GiveListing() {
    if (listing_id_.empty()) return absl::OkStatus();
    absl::Status given = visit_(listing_id_, price_);
    price_.first_fen = price_.rest_fen = 0;
    return given;
  }

  absl::Status Damaged() const {
    return base::DataLoss(base::StrCat("the prices of round ", round_.round_id(), " cannot be read"));
  }

  const v1::Round& round_;
  const order::RoundPrices::Visit visit_;
  std::string line_;
  bool is_past_header_ = false;
  std::string listing_id_;
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
  absl::Status read = ForEachPiece(reader, round.round_id(), ArchivePart::kResult, [&](const auto& piece) {
    return piece.file() == round_files::kListingPricesFile ? reading.Take(piece.content()) : absl::OkStatus();
  });
  return read.ok() ? reading.Finish() : read;
}

}  // namespace zhuxiao::round
