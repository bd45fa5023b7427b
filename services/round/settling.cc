#include "services/round/settling.h"

#include <vector>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/order/order.h"
#include "services/order/round_fill.h"
#include "services/round/records.h"

namespace zhuxiao::round {
namespace {

// More lines than nearly all orders have; fewer than are worth reading for each.
constexpr size_t kUsualLines = 8;

v1::RoundLineLimit ToProto(order::FillLimit limit) {
  using From = order::FillLimit;
  switch (limit) {
    case From::kNone:
      return v1::ROUND_LINE_LIMIT_UNSPECIFIED;
    case From::kOrderEnded:
      return v1::ROUND_LINE_LIMIT_ORDER_ENDED;
    case From::kOrderServed:
      return v1::ROUND_LINE_LIMIT_ORDER_SERVED;
    case From::kListingClosed:
      return v1::ROUND_LINE_LIMIT_LISTING_CLOSED;
    case From::kListingBarred:
      return v1::ROUND_LINE_LIMIT_LISTING_BARRED;
    case From::kPriceChanged:
      return v1::ROUND_LINE_LIMIT_PRICE_CHANGED;
    case From::kSupplierNotActive:
      return v1::ROUND_LINE_LIMIT_SUPPLIER_NOT_ACTIVE;
    case From::kTooLate:
      return v1::ROUND_LINE_LIMIT_TOO_LATE;
    case From::kStockSold:
      return v1::ROUND_LINE_LIMIT_STOCK_SOLD;
    case From::kLimitSpent:
      return v1::ROUND_LINE_LIMIT_LIMIT_SPENT;
    case From::kBelowMinLot:
      return v1::ROUND_LINE_LIMIT_BELOW_MIN_LOT;
    case From::kNotFilledWhole:
      return v1::ROUND_LINE_LIMIT_NOT_FILLED_WHOLE;
  }
  return v1::ROUND_LINE_LIMIT_UNSPECIFIED;
}

// The next lines of one order among `most` rows; empty at the end.
absl::StatusOr<std::vector<v1::RoundLine>> ReadSomeLines(store::Reader& reader, const RoundRecord& record,
                                                         size_t most) {
  const std::string& round_id = record.round().round_id();
  auto rows =
      reader.Scan(LineKey(round_id, record.next_line()), store::PrefixEnd(store::Key(kRoundLine, round_id, "")), most);
  if (!rows.ok()) return rows.status();
  std::vector<v1::RoundLine> lines;
  for (const store::KeyValue& row : *rows) {
    v1::RoundLine line;
    if (!line.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    if (!lines.empty() && line.order_id() != lines.front().order_id()) break;
    lines.push_back(std::move(line));
  }
  return lines;
}

// The next lines of one order, at most `most` of them.
absl::StatusOr<std::vector<v1::RoundLine>> ReadLines(store::Reader& reader, const RoundRecord& record, size_t most) {
  auto lines = ReadSomeLines(reader, record, kUsualLines);
  if (!lines.ok() || lines->size() < kUsualLines) return lines;
  return ReadSomeLines(reader, record, most);
}

// The lines to decide next. An order that takes no part is decided in one piece, or it would be filled in part in
// between.
absl::StatusOr<std::vector<v1::RoundLine>> NextLines(store::Reader& reader, const RoundRecord& record) {
  auto lines = ReadLines(reader, record, order::kMaxRoundShares);
  if (!lines.ok() || lines->size() < order::kMaxRoundShares) return lines;
  auto order = order::GetOrder(reader, lines->front().order_id());
  // Whoever settles the lines finds an order that cannot be read.
  if (!order.ok() || order->allow_partial()) return lines;
  return ReadLines(reader, record, order::kMaxWholeShares);
}

// Notes on a line what became of it, and counts it.
void Decide(const order::RoundFill& fill, v1::RoundLine& line, v1::Round& round) {
  line.set_contract_units(fill.units);
  line.set_contract_id(fill.contract_id);
  if (fill.limit != order::FillLimit::kNone) line.set_limit(ToProto(fill.limit));
  if (fill.units == line.units()) {
    line.set_state(v1::ROUND_LINE_STATE_SETTLED);
  } else if (fill.units > 0) {
    line.set_state(v1::ROUND_LINE_STATE_SHRUNK);
    round.set_shrunk_line_count(round.shrunk_line_count() + 1);
  } else {
    line.set_state(v1::ROUND_LINE_STATE_DROPPED);
    round.set_dropped_line_count(round.dropped_line_count() + 1);
  }
  round.set_decided_line_count(round.decided_line_count() + 1);
  common::v1::Money& amount = *round.mutable_contract_amount();
  amount.set_amount_fen(amount.amount_fen() + fill.units * line.unit_price().amount_fen());
}

// The same of the lines of an order, and moves the cursor past them.
void DecideAll(ledger::Operation& operation, const std::vector<order::RoundFill>& fills,
               std::vector<v1::RoundLine>& lines, RoundRecord& record) {
  for (size_t i = 0; i < lines.size(); ++i) {
    Decide(fills[i], lines[i], *record.mutable_round());
    operation.transaction().Put(LineKey(record.round().round_id(), lines[i].number()), lines[i].SerializeAsString());
  }
  record.set_next_line(lines.back().number() + 1);
  PutChanged(operation, record);
}

}  // namespace

absl::StatusOr<bool> SettleNext(ledger::Operation& operation, order::Market& market, const std::string& round_id) {
  store::Transaction& transaction = operation.transaction();
  auto record = GetRecord(transaction, round_id);
  if (!record.ok()) return record.status();
  if (record->round().state() != v1::ROUND_STATE_SETTLING) return true;
  auto lines = NextLines(transaction, *record);
  if (!lines.ok()) return lines.status();
  if (lines->empty()) return true;
  std::vector<order::RoundShare> shares;
  for (const v1::RoundLine& line : *lines) {
    shares.push_back({.listing_id = line.listing_id(),
                      .units = line.units(),
                      .sale_unit_base = line.sale_unit_base(),
                      .unit_price_fen = line.unit_price().amount_fen(),
                      .reason = line.match_reason()});
  }
  auto fills = order::FillFromRound(operation, market, lines->front().order_id(), shares);
  if (!fills.ok()) return fills.status();
  DecideAll(operation, *fills, *lines, *record);
  return false;
}

absl::Status DropNext(ledger::Operation& operation, const std::string& round_id) {
  auto record = GetRecord(operation.transaction(), round_id);
  if (!record.ok()) return record.status();
  if (record->round().state() != v1::ROUND_STATE_SETTLING) return absl::OkStatus();
  auto lines = NextLines(operation.transaction(), *record);
  if (!lines.ok() || lines->empty()) return lines.status();
  const std::vector<order::RoundFill> nothing(lines->size());
  for (v1::RoundLine& line : *lines) line.set_limit(v1::ROUND_LINE_LIMIT_FAILED);
  DecideAll(operation, nothing, *lines, *record);
  return absl::OkStatus();
}

}  // namespace zhuxiao::round
