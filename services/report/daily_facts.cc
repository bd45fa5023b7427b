#include "services/report/daily_facts.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/ledger/event_parts.h"

namespace zhuxiao::report {
namespace {

// Events read at once.
constexpr size_t kFeedChunk = 500;

// The figure a contract's state counts under, reached from another; each is reached once.
v1::ReportFigure FigureOf(order::v1::ContractState from, order::v1::ContractState state) {
  switch (state) {
    case order::v1::CONTRACT_STATE_PROPOSED:
      return v1::REPORT_FIGURE_MATCHED;
    case order::v1::CONTRACT_STATE_AWAITING_PAYMENT:
      return v1::REPORT_FIGURE_SIGNED;
    case order::v1::CONTRACT_STATE_SIGNED:
      return from == order::v1::CONTRACT_STATE_AWAITING_PAYMENT ? v1::REPORT_FIGURE_PREPAID : v1::REPORT_FIGURE_SIGNED;
    case order::v1::CONTRACT_STATE_SHIPPED:
      return v1::REPORT_FIGURE_SHIPPED;
    case order::v1::CONTRACT_STATE_ACCEPTED:
      return v1::REPORT_FIGURE_SOLD;
    case order::v1::CONTRACT_STATE_SETTLED:
      return v1::REPORT_FIGURE_SETTLED;
    case order::v1::CONTRACT_STATE_VOID:
      return v1::REPORT_FIGURE_VOIDED;
    default:
      return v1::REPORT_FIGURE_UNSPECIFIED;
  }
}

int64_t AmountOf(const order::v1::Contract& contract) {
  switch (contract.state()) {
    case order::v1::CONTRACT_STATE_SHIPPED:
      return contract.delivered_units() * contract.unit_price().amount_fen();
    case order::v1::CONTRACT_STATE_ACCEPTED:
    case order::v1::CONTRACT_STATE_SETTLED:
      return contract.accepted_amount().amount_fen();
    default:
      return contract.ordered_amount().amount_fen();
  }
}

}  // namespace

absl::StatusOr<bool> DailyFacts::Advance(store::Position position, size_t limit) {
  absl::MutexLock lock(&mutex_);
  using audit::v1::Event;
  ledger::EventParts parts({Event::kTimeFieldNumber, Event::kStockMovesFieldNumber, Event::kListingFieldNumber,
                            Event::kContractsFieldNumber, Event::kPlatformSaleFieldNumber,
                            Event::kStallCaseFieldNumber});
  Event event;  // used again for each, which saves making its parts anew
  for (size_t taken = 0; position_ < position;) {
    if (taken >= limit) return false;
    auto entries = store_.ReadFeed(position_, std::min(kFeedChunk, limit - taken));
    if (!entries.ok()) return entries.status();
    // Before the first event of all, positions differ in their epoch alone.
    if (entries->empty()) return position_.sequence >= position.sequence;
    for (const store::FeedEntry& entry : *entries) {
      if (!parts.Parse(entry.payload, event)) return base::DataLoss("an event of the feed cannot be read");
      Apply(event);
      position_ = entry.position;
      ++taken;
    }
  }
  return true;
}

store::Position DailyFacts::ForEach(base::Day day, const std::function<void(const Fact&)>& visit) const {
  absl::MutexLock lock(&mutex_);
  const auto it = days_.find(day);
  if (it == days_.end()) return position_;
  for (const Row& row : it->second) {
    const Thing& thing = things_[row.thing];
    visit({row.figure, row.amount_fen, thing.id, thing.origin_code, thing.commodity_code, thing.buyer_uscc,
           thing.is_online});
  }
  return position_;
}

void DailyFacts::Apply(const audit::v1::Event& event) {
  std::vector<Row>& day = days_[base::DayOf(base::FromProto(event.time()))];
  if (event.has_listing()) {
    const listing::v1::Listing& terms = event.listing();
    terms_[terms.listing_id()] = {terms.origin_code(), terms.commodity_code(), terms.unit_price().amount_fen()};
  }
  for (const order::v1::Contract& contract : event.contracts()) ApplyContract(contract, day);
  for (const audit::v1::StockMove& move : event.stock_moves()) {
    // What spoils in a contract is told by the contract; the rest spoils with its listing.
    const bool is_listings = move.delta().spoiled() > 0 && thing_of_.find(move.cause()) == thing_of_.end();
    if (!is_listings) continue;
    const uint32_t thing = ThingOn(move.listing_id(), move.listing_id(), "", false);
    day.push_back({v1::REPORT_FIGURE_SPOILED, thing, ValueFen(move.listing_id(), move.delta().spoiled())});
  }
  if (event.has_platform_sale()) {
    const partner::v1::PlatformSale& sale = event.platform_sale();
    const uint32_t thing = ThingOn(sale.sale_id(), sale.listing_id(), sale.platform_uscc(), true);
    day.push_back({v1::REPORT_FIGURE_PLATFORM_SOLD, thing, sale.amount().amount_fen()});
  }
  if (event.has_stall_case()) ApplyStall(event.stall_case(), day);
}

void DailyFacts::ApplyContract(const order::v1::Contract& contract, std::vector<Row>& day) {
  const uint32_t thing = ThingOf(
      {contract.contract_id(), contract.origin_code(), contract.commodity_code(), contract.institution_uscc(), false});
  ApplyMoney(contract, thing, day);
  const order::v1::ContractState former = things_[thing].state;
  if (former == contract.state()) return;
  things_[thing].state = contract.state();
  day.push_back({FigureOf(former, contract.state()), thing, AmountOf(contract)});
  // Goods spoil on the way to one who then says so, in the step that ends the way.
  const bool is_said_now =
      contract.state() == order::v1::CONTRACT_STATE_ACCEPTED || contract.state() == order::v1::CONTRACT_STATE_VOID;
  if (is_said_now && contract.spoiled_units() > 0) {
    day.push_back({v1::REPORT_FIGURE_SPOILED, thing, contract.spoiled_units() * contract.unit_price().amount_fen()});
  }
}

void DailyFacts::ApplyMoney(const order::v1::Contract& contract, uint32_t index, std::vector<Row>& day) {
  Thing& thing = things_[index];
  for (; thing.payments < contract.payments_size(); ++thing.payments) {
    const order::v1::Payment& payment = contract.payments(thing.payments);
    if (payment.kind() != order::v1::PAYMENT_KIND_REFUND) continue;
    day.push_back({v1::REPORT_FIGURE_REFUNDED, index, payment.amount().amount_fen()});
  }
  // A return is asked for once the one before is answered, so those agreed to come in the order of the list.
  int agreed = 0;
  for (const order::v1::ContractReturn& back : contract.returns()) {
    if (back.state() != order::v1::RETURN_STATE_AGREED || ++agreed <= thing.returns) continue;
    day.push_back({v1::REPORT_FIGURE_RETURNED, index, back.amount().amount_fen()});
    if (back.goods() != order::v1::REJECTED_GOODS_SPOILED) continue;
    day.push_back({v1::REPORT_FIGURE_SPOILED, index, back.units() * contract.unit_price().amount_fen()});
  }
  thing.returns = agreed;
  if (!contract.has_overdue_time() || thing.is_overdue) return;
  thing.is_overdue = true;
  day.push_back({v1::REPORT_FIGURE_OVERDUE, index,
                 contract.accepted_amount().amount_fen() - contract.paid_amount().amount_fen()});
}

void DailyFacts::ApplyStall(const stall::v1::StallCase& stall_case, std::vector<Row>& day) {
  const bool is_new = thing_of_.find(stall_case.case_id()) == thing_of_.end();
  const uint32_t thing = ThingOn(stall_case.case_id(), stall_case.listing_id(), "", false);
  if (is_new) {
    day.push_back(
        {v1::REPORT_FIGURE_STALLED, thing, ValueFen(stall_case.listing_id(), stall_case.opening().left_units())});
  }
  // A case changes no more once it is closed.
  if (stall_case.has_closing()) {
    day.push_back({v1::REPORT_FIGURE_STALL_ENDED, thing, stall_case.closing().saved_value().amount_fen()});
  }
}

uint32_t DailyFacts::ThingOf(const Thing& thing) {
  const auto [it, is_new] = thing_of_.emplace(thing.id, static_cast<uint32_t>(things_.size()));
  if (is_new) things_.push_back(thing);
  return it->second;
}

uint32_t DailyFacts::ThingOn(const std::string& id, const std::string& listing_id, const std::string& buyer_uscc,
                             bool is_online) {
  const Terms& terms = terms_[listing_id];
  return ThingOf({id, terms.origin_code, terms.commodity_code, buyer_uscc, is_online});
}

int64_t DailyFacts::ValueFen(const std::string& listing_id, int64_t units) {
  return base::CheckedMul(units, terms_[listing_id].unit_price_fen).value_or(base::kMaxAmountFen);
}

}  // namespace zhuxiao::report
