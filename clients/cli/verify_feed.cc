// Checks the books from outside: what must hold while the feed goes by.
#include <algorithm>
#include <cstdlib>

#include "clients/cli/verify.h"
#include "clients/cli/verify_rules.h"
#include "services/base/clock.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using base::StrCat;

std::string Show(const audit::v1::FeedPosition& position) { return StrCat(position.epoch(), "/", position.sequence()); }

bool IsContractStep(order::v1::ContractState from, order::v1::ContractState to) {
  using namespace order::v1;
  switch (from) {
    case CONTRACT_STATE_UNSPECIFIED:
      return to == CONTRACT_STATE_PROPOSED;
    case CONTRACT_STATE_PROPOSED:
      return to == CONTRACT_STATE_SIGNED || to == CONTRACT_STATE_AWAITING_PAYMENT || to == CONTRACT_STATE_VOID;
    case CONTRACT_STATE_AWAITING_PAYMENT:
      return to == from || to == CONTRACT_STATE_SIGNED || to == CONTRACT_STATE_VOID;
    case CONTRACT_STATE_SIGNED:
      return to == CONTRACT_STATE_SHIPPED || to == CONTRACT_STATE_VOID;
    case CONTRACT_STATE_SHIPPED:
      return to == CONTRACT_STATE_ACCEPTED || to == CONTRACT_STATE_VOID;
    case CONTRACT_STATE_ACCEPTED:
      return to == from || to == CONTRACT_STATE_SETTLED;
    case CONTRACT_STATE_SETTLED:
      return to == from;
    default:
      return false;
  }
}

// Both have the same price: holds, and what they hold.
template <typename Terms>
bool HasPriceOf(const partner::v1::Hold& hold, const Terms& terms) {
  return hold.unit_price().amount_fen() == terms.unit_price().amount_fen() &&
         hold.price_per_kg().amount_fen() == terms.price_per_kg().amount_fen();
}

// What a sale costs at the price of its hold, or of the listing.
template <typename Terms>
int64_t AmountOf(const partner::v1::PlatformSale& sale, const Terms& terms) {
  return PriceOf(sale.units(), terms.unit_price().amount_fen(), sale.weight_g(), terms.price_per_kg().amount_fen());
}

}  // namespace

void BookCheck::AddEvent(const audit::v1::ReadFeedResponse& response) {
  ++counts_["event"];
  CheckPlace(response.position());
  const audit::v1::Event& event = response.event();
  const std::string place = cli::Show(response.position());
  if (event.has_listing()) terms_[event.listing().listing_id()] = event.listing();
  TakeStockMoves(event, place);
  TakeQuotaMoves(event, place);
  TakePostings(event);
  if (event.has_document()) {
    const document::v1::Document& issued = event.document();
    Require(issued_.emplace(issued.document_number(), issued).second, Rule::kDocument, issued.document_number(),
            "was issued twice");
  }
  TakeContracts(event);
  if (event.has_stall_case()) TakeStallCase(event);
  if (event.has_forward()) TakeForward(event.forward());
  if (event.has_shipment()) {
    const order::v1::Shipment& left = event.shipment();
    touched_.shipments.insert(left.shipment_id());
    Require(left_.emplace(left.shipment_id(), left).second, Rule::kShipment, left.shipment_id(), "left twice");
  }
  if (event.has_declaration()) TakeDeclaration(event.declaration());
  if (event.has_hold()) TakeHold(event.hold());
  if (event.has_platform_sale()) CheckSaleAmount(event.platform_sale());
}

void BookCheck::CheckPlace(const audit::v1::FeedPosition& position) {
  const bool follows = position.sequence() == last_.sequence() + 1 && position.epoch() >= last_.epoch();
  Require(follows, Rule::kFeedOrder, cli::Show(position), StrCat("follows ", cli::Show(last_)));
  last_ = position;
}

void BookCheck::TakeStockMoves(const audit::v1::Event& event, const std::string& place) {
  std::set<std::string> touched;
  for (const audit::v1::StockMove& move : event.stock_moves()) {
    Units& moved = moved_[move.listing_id()];
    const Units delta = UnitsOf(move.delta());
    for (size_t i = 0; i < delta.size(); ++i) moved[i] += delta[i];
    touched.insert(move.listing_id());
    touched_.listings.insert(move.listing_id());
    const bool is_spoilage = delta[5] != 0 && !contracts_.contains(move.cause());
    if (is_spoilage) spoiled_without_contract_[move.listing_id()] += delta[5];
  }
  for (const std::string& id : touched) {
    const Units& now = moved_[id];
    Require(*std::min_element(now.begin(), now.end()) >= 0, Rule::kListingMoves, id,
            StrCat("below 0 at event ", place, ": ", Show(now)));
  }
}

void BookCheck::TakeQuotaMoves(const audit::v1::Event& event, const std::string& place) {
  for (const audit::v1::QuotaMove& move : event.quota_moves()) {
    touched_.quotas.emplace(move.institution_uscc(), move.year());
    touched_.contracts.insert(move.contract_id());
    Spending& spent = spent_[{move.institution_uscc(), move.year()}];
    spent.held_fen += move.held_fen();
    spent.settled_fen += move.settled_fen();
    Spending& spent_for = spent_for_[move.contract_id()][move.institution_uscc()];
    spent_for.held_fen += move.held_fen();
    spent_for.settled_fen += move.settled_fen();
    Require(spent.held_fen >= 0 && spent.settled_fen >= 0, Rule::kQuotaMoves,
            StrCat(move.institution_uscc(), " ", move.year()), StrCat("below 0 at event ", place));
    Require(contracts_.contains(move.contract_id()), Rule::kQuotaMoves,
            StrCat(move.institution_uscc(), " ", move.year()), StrCat("no contract ", move.contract_id()));
  }
}

void BookCheck::TakePostings(const audit::v1::Event& event) {
  for (const audit::v1::Posting& posting : event.postings()) {
    ++counts_["posting"];
    touched_.booked.emplace(posting.cause(), posting.cause_id());
    Booked& booked = booked_[{posting.cause(), posting.cause_id()}];
    ++booked.count;
    int64_t sum = 0;
    int64_t largest_fen = 0;
    for (const audit::v1::PostingLeg& leg : posting.legs()) {
      sum += leg.amount_fen();
      posted_[leg.account()] += leg.amount_fen();
      largest_fen = std::max<int64_t>(largest_fen, std::abs(leg.amount_fen()));
    }
    booked.largest_leg_fen = std::max(booked.largest_leg_fen, largest_fen);
    booked.total_fen += largest_fen;
    Require(sum == 0 && posting.legs_size() >= 2, Rule::kMoneyBalance, posting.cause_id(),
            StrCat("an entry sums to ", sum, " fen over ", posting.legs_size(), " legs"));
  }
}

void BookCheck::TakeContracts(const audit::v1::Event& event) {
  for (const order::v1::Contract& contract : event.contracts()) {
    touched_.contracts.insert(contract.contract_id());
    order::v1::Contract& last = contract_events_[contract.contract_id()];
    Require(
        IsContractStep(last.state(), contract.state()), Rule::kContractSteps, contract.contract_id(),
        StrCat(order::v1::ContractState_Name(last.state()), " to ", order::v1::ContractState_Name(contract.state())));
    if (last.contract_id().empty()) CheckNewContract(contract);
    last = contract;
  }
}

// The terms a contract was made on are those of its listing at that moment; later changes do not touch it.
void BookCheck::CheckNewContract(const order::v1::Contract& contract) {
  const auto it = terms_.find(contract.listing_id());
  if (it == terms_.end()) {
    return Break(Rule::kContractTerms, contract.contract_id(), StrCat("no listing ", contract.listing_id()));
  }
  const listing::v1::Listing& terms = it->second;
  const auto require = [&](bool holds, std::string_view what) {
    Require(holds, Rule::kContractTerms, contract.contract_id(), std::string(what));
  };
  require(contract.ordered_units() >= terms.min_lot_units(), "fewer units than the smallest lot");
  require(contract.unit_price().amount_fen() == terms.unit_price().amount_fen(), "the price is not the listing's");
  require(contract.price_per_kg().amount_fen() == terms.price_per_kg().amount_fen(),
          "the price per kilogram is not the listing's");
  require(contract.sale_unit_base() == terms.sale_unit_base(), "the sale unit is not the listing's");
  require(contract.supplier_uscc() == terms.supplier_uscc(), "the seller is not the listing's");
  require(contract.commodity_code() == terms.commodity_code(), "the commodity is not the listing's");
  require(base::FromProto(contract.create_time()) <= base::FromProto(terms.last_sale_time()),
          "made after the listing's last-sale time");
}

// A hold keeps the price of its listing at the moment it was made; those made before holds had one have none.
void BookCheck::TakeHold(const partner::v1::Hold& hold) {
  touched_.holds.insert(hold.hold_id());
  const auto [it, is_new] = hold_events_.try_emplace(hold.hold_id(), hold);
  const auto terms = terms_.find(hold.listing_id());
  const bool is_priced = is_new && hold.has_unit_price() && terms != terms_.end();
  if (is_priced) {
    Require(HasPriceOf(hold, terms->second), Rule::kPlatformSale, hold.hold_id(), "the price is not the listing's");
  }
  Require(HasPriceOf(hold, it->second), Rule::kPlatformSale, hold.hold_id(), "its price changed");
  it->second = hold;
}

void BookCheck::CheckSaleAmount(const partner::v1::PlatformSale& sale) {
  const auto it = terms_.find(sale.listing_id());
  if (it == terms_.end()) return Break(Rule::kPlatformSale, sale.sale_id(), StrCat("no listing ", sale.listing_id()));
  const auto hold = hold_events_.find(sale.hold_id());
  const bool is_priced = hold != hold_events_.end() && hold->second.has_unit_price();
  const int64_t wanted = is_priced ? AmountOf(sale, hold->second) : AmountOf(sale, it->second);
  Require(sale.amount().amount_fen() == wanted, Rule::kPlatformSale, sale.sale_id(),
          StrCat("amount ", sale.amount().amount_fen(), " fen, recomputed ", wanted));
  const bool is_in_time = base::FromProto(sale.sale_time()) <= base::FromProto(it->second.last_sale_time());
  Require(is_in_time, Rule::kPlatformSale, sale.sale_id(), "sold after the listing's last-sale time");
}

}  // namespace zhuxiao::cli
