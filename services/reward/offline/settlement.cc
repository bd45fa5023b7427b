// Settles lines order by order.
#include "services/reward/offline/settlement.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <tuple>

#include "services/base/strings.h"
#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward::offline {
namespace {

using engine::LineReason;

// Room for the lines of a partition in the order of lines.csv: ordinals of one partition never reach the next's.
constexpr int kPartitionShift = 40;

bool IsBefore(const Line& a, const Line& b) {
  if (const int order = a.place.compare(b.place); order != 0) return order < 0;
  return std::tie(a.facts.kind, a.own, a.facts.line) < std::tie(b.facts.kind, b.own, b.facts.line);
}

size_t CommonLength(std::string_view a, std::string_view b) {
  const size_t length = std::min(a.size(), b.size());
  return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(length), b.begin()).first -
                             a.begin());
}

// Sorts by IsBefore. Most pairs are told apart by eight bytes after what all keys begin with.
void SortLines(std::vector<Line>& lines) {
  if (lines.empty()) return;
  size_t common = lines[0].place.size();
  for (const Line& line : lines) common = CommonLength(lines[0].place.substr(0, common), line.place);
  std::vector<std::pair<uint64_t, const Line*>> order;
  order.reserve(lines.size());
  for (const Line& line : lines) order.emplace_back(PrefixOf(line.place, common), &line);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : IsBefore(*a.second, *b.second);
  });
  std::vector<Line> sorted;
  sorted.reserve(lines.size());
  for (const auto& [prefix, line] : order) sorted.push_back(*line);
  lines = std::move(sorted);
}

}  // namespace

void Sums::Add(const Sums& other) {
  counted_fen += other.counted_fen;
  refunded_fen += other.refunded_fen;
  unit_value_fen += other.unit_value_fen;
  units += other.units;
}

Settlement::Settlement(const engine::Policy& policy, const Repeats& repeats, const std::string& file, FaultList& faults)
    : policy_(policy),
      repeats_(repeats),
      file_(file),
      faults_(faults),
      windows_(engine::WindowCount(policy.period)),
      is_counting_orders_(engine::CountedUnit(policy) == engine::Unit::kOrder),
      is_drawing_(policy.pool && policy.pool->mode == engine::PoolMode::kFirstCome) {}

void Settlement::Fault(const Line& line, std::string what) { faults_.Add({file_, line.facts.line, std::move(what)}); }

Sums& Settlement::SumsOf(uint32_t claimant, uint16_t window) {
  const size_t place = claimant * windows_ + window;
  if (place >= sums_.size()) sums_.resize(std::max(place + 1, sums_.size() * 2));
  return sums_[place];
}

absl::Status Settlement::Settle(size_t partition, std::vector<Line>& lines, std::string& rows) {
  SortLines(lines);
  ordinal_ = static_cast<uint64_t>(partition) << kPartitionShift;
  Line* const end = lines.data() + lines.size();
  for (Line* first = lines.data(); first != end;) {
    Line* last = first + 1;
    const std::string_view order = first->order();
    while (last != end && last->order() == order) ++last;
    if (absl::Status status = SettleOrder(first, last, rows); !status.ok()) return status;
    first = last;
  }
  return absl::OkStatus();
}

absl::Status Settlement::SettleOrder(Line* first, Line* last, std::string& rows) {
  sales_.clear();
  shares_.clear();
  if (absl::Status status = GatherSales(first, last); !status.ok()) return status;
  SubtractRefunds(first, last);
  for (const Sale& sale : sales_) {
    if (!sale.refunds.empty()) CheckRefunds(sale);
    if (sale.line->facts.reason == LineReason::kInScope) Count(sale);
  }
  CountOrders();
  // Of a sale that stands repeatedly the first is shown; the others follow it at once.
  const Line* shown = nullptr;
  for (const Line* line = first; line != last; ++line) {
    const bool is_repeat = line->facts.kind == RowKind::kSale && shown != nullptr &&
                           shown->facts.kind == RowKind::kSale && shown->place == line->place;
    if (is_repeat) {
      ++counts_.repeated;
      continue;
    }
    shown = line;
    AppendRow(*line, rows);
  }
  return absl::OkStatus();
}

absl::Status Settlement::GatherSales(Line* first, Line* last) {
  for (Line* line = first; line != last; ++line) {
    if (line->facts.kind != RowKind::kSale) continue;
    if (sales_.empty() || sales_.back().line->place != line->place) {
      sales_.push_back({.line = line});
      continue;
    }
    const absl::Status status = repeats_.Check(sales_.back().line->facts, line->facts);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

Settlement::Sale* Settlement::SaleOf(const Line& refund) {
  const auto it = std::lower_bound(sales_.begin(), sales_.end(), refund.place,
                                   [](const Sale& sale, std::string_view place) { return sale.line->place < place; });
  if (it != sales_.end() && it->line->place == refund.place) return &*it;
  if (!refund.facts.is_of_whole_order || sales_.empty()) return nullptr;
  if (sales_.size() == 1) return &sales_[0];
  Fault(refund, base::StrCat("refund_of: the order has ", sales_.size(), " lines; write ORDER/LINE to say which"));
  return nullptr;
}

void Settlement::SubtractRefunds(Line* first, Line* last) {
  for (Line* line = first; line != last; ++line) {
    if (line->facts.kind != RowKind::kRefund) continue;
    Sale* sale = SaleOf(*line);
    if (sale == nullptr) {
      line->facts.reason = LineReason::kRefundPending;
      continue;
    }
    const LineFacts& facts = sale->line->facts;
    line->facts.reason =
        facts.reason == LineReason::kInScope ? LineReason::kRefundCounted : LineReason::kRefundOfExcluded;
    if (line->facts.claimant != kNoClaimant && line->facts.claimant != facts.claimant) {
      Fault(*line, base::StrCat("claimant_uscc: another than that of its sale, line ", facts.line));
    }
    sale->refunded_fen += line->facts.amount_fen;
    sale->refunds.push_back(line);
  }
}

void Settlement::CheckRefunds(const Sale& sale) {
  if (sale.refunded_fen <= sale.line->facts.amount_fen) return;
  for (const Line* refund : sale.refunds) {
    Fault(*refund, base::StrCat("amount_fen: the refunds of the sale in line ", sale.line->facts.line,
                                " come to more than its ", sale.line->facts.amount_fen, " fen"));
  }
}

void Settlement::Count(const Sale& sale) {
  const LineFacts& facts = sale.line->facts;
  Sums& sums = SumsOf(facts.claimant, facts.window);
  sums.counted_fen += facts.amount_fen;
  sums.refunded_fen += sale.refunded_fen;
  // Of a sale refunded in full nothing was sent, or it came back: it is no parcel and no order.
  if (facts.amount_fen > 0 && sale.refunded_fen >= facts.amount_fen) return;
  is_counting_orders_ ? ShareOrder(*sale.line) : CountParcels(*sale.line, sums);
}

void Settlement::CountParcels(const Line& line, Sums& sums) {
  const LineFacts& facts = line.facts;
  sums.units += facts.parcels;
  if (policy_.grant.kind != engine::GrantKind::kPerUnit) return;
  const auto value_fen = engine::UnitValue(policy_.grant, facts.parcels, facts.parcel_fee_fen);
  if (!value_fen) return Fault(line, "parcels: what they are paid passes 9223372036854775807 fen");
  sums.unit_value_fen += *value_fen;
  Draw(facts.time_ns, facts.claimant, facts.window, *value_fen);
}

void Settlement::ShareOrder(const Line& line) {
  const LineFacts& facts = line.facts;
  const auto it = std::find_if(shares_.begin(), shares_.end(),
                               [&](const OrderShare& share) { return share.claimant == facts.claimant; });
  if (it == shares_.end()) {
    shares_.push_back({facts.claimant, facts.window, facts.time_ns, facts.parcel_fee_fen});
    return;
  }
  it->fee_fen += facts.parcel_fee_fen;
  // An order whose lines have several times counts at the first.
  if (facts.time_ns >= it->time_ns) return;
  it->time_ns = facts.time_ns;
  it->window = facts.window;
}

void Settlement::CountOrders() {
  for (const OrderShare& share : shares_) {
    Sums& sums = SumsOf(share.claimant, share.window);
    ++sums.units;
    if (policy_.grant.kind != engine::GrantKind::kPerUnit) continue;
    const Int128 fee_fen = std::min<Int128>(share.fee_fen, std::numeric_limits<int64_t>::max());
    // One order is worth unit_fen at most, which fits.
    const int64_t value_fen = *engine::UnitValue(policy_.grant, 1, static_cast<int64_t>(fee_fen));
    sums.unit_value_fen += value_fen;
    Draw(share.time_ns, share.claimant, share.window, value_fen);
  }
}

void Settlement::Draw(int64_t time_ns, uint32_t claimant, uint16_t window, int64_t value_fen) {
  if (is_drawing_ && value_fen > 0) draws_.push_back({time_ns, ordinal_++, value_fen, claimant, window});
}

void Settlement::AppendRow(const Line& line, std::string& rows) {
  const std::string_view key = line.facts.kind == RowKind::kSale ? line.place : line.own;
  const LineReason reason = line.facts.reason;
  const bool is_counted = engine::IsCounted(reason);
  const size_t at = rows.size();
  AppendCell(key, rows);
  std::replace(rows.begin() + static_cast<ptrdiff_t>(at), rows.end(), kKeyBreak, '/');
  rows.append(is_counted ? ",counted," : ",excluded,");
  rows.append(engine::LineReasonName(reason));
  rows.push_back('\n');
  ++(is_counted ? counts_.counted : counts_.excluded);
  if (reason == LineReason::kRefundPending) ++counts_.pending;
}

}  // namespace zhuxiao::reward::offline
