// Checks the books from outside: taking rows, and what must hold at the end.
#include "clients/cli/verify.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "clients/cli/verify_rules.h"
#include "services/base/clock.h"
#include "services/base/strings.h"
#include "services/reward/engine/policy_file.h"

namespace zhuxiao::cli {

using base::StrCat;

std::string_view NameOf(Rule rule) {
  static constexpr std::array<std::string_view, 25> kNames = {
      "feed-order",     "listing-sum",       "listing-moves",  "listing-use",   "quota-limit",
      "quota-moves",    "quota-use",         "order-quantity", "order-limit",   "contract-terms",
      "contract-steps", "money-balance",     "money-cause",    "platform-sale", "online-sale",
      "claim-reward",   "stall-case",        "reward-policy",  "reward-pool",   "contract-payments",
      "quota-binding",  "quota-declaration", "document",       "forward",       "shipment"};
  return kNames[static_cast<size_t>(rule)];
}

void BookCheck::Break(Rule rule, std::string id, std::string what) {
  findings_.push_back({rule, std::move(id), std::move(what)});
}

void BookCheck::Require(bool holds, Rule rule, const std::string& id, const std::string& what) {
  if (!holds) Break(rule, id, what);
}

BookCheck::Units BookCheck::UnitsOf(const listing::v1::Balances& balances) {
  return {balances.listed(), balances.available(), balances.held(),     balances.contracted(),
          balances.sold(),   balances.spoiled(),   balances.withdrawn()};
}

std::string BookCheck::Show(const Units& units) {
  static constexpr std::array<std::string_view, 7> kNames = {"listed", "available", "held",     "contracted",
                                                             "sold",   "spoiled",   "withdrawn"};
  std::vector<std::string> parts;
  for (size_t i = 0; i < units.size(); ++i) parts.push_back(StrCat(kNames[i], " ", units[i]));
  return absl::StrJoin(parts, ", ");
}

// What the contract uses of its listing; available and withdrawn follow from the rest by the sum, and from the feed by
// the moves.
void BookCheck::Count(const order::v1::Contract& contract, int sign) {
  Units& units = used_[contract.listing_id()];
  const int64_t live = sign * LiveUnits(contract);
  if (contract.state() == order::v1::CONTRACT_STATE_PROPOSED) units[2] += live;
  if (contract.state() == order::v1::CONTRACT_STATE_AWAITING_PAYMENT ||
      contract.state() == order::v1::CONTRACT_STATE_SIGNED || contract.state() == order::v1::CONTRACT_STATE_SHIPPED) {
    units[3] += live;
  }
  if (contract.accepted_units() > 0) units[4] += live;
  units[5] += sign * SpoiledUnits(contract);
  filled_[contract.order_id()] += live * contract.sale_unit_base();
  const QuotaKey quota = {UnitOf(contract), contract.quota_year()};
  Spending& spending = spending_[quota];
  spending.held_fen += sign * HeldFen(contract);
  spending.settled_fen += sign * SettledFen(contract);

  touched_.contracts.insert(contract.contract_id());
  touched_.listings.insert(contract.listing_id());
  touched_.orders.insert(contract.order_id());
  touched_.quotas.insert(quota);
  if (!contract.forward_id().empty()) touched_.forwards.insert(contract.forward_id());
  if (!contract.shipment_id().empty()) touched_.shipments.insert(contract.shipment_id());
}

void BookCheck::Count(const partner::v1::Hold& hold, int sign) {
  const bool is_active = hold.state() == partner::v1::HOLD_STATE_ACTIVE;
  used_[hold.listing_id()][2] += is_active ? sign * (hold.units() - hold.sold_units()) : 0;
  touched_.holds.insert(hold.hold_id());
  touched_.listings.insert(hold.listing_id());
}

void BookCheck::Count(const partner::v1::PlatformSale& sale, int sign) {
  used_[sale.listing_id()][4] += sign * sale.units();
  auto& [units, amount_fen] = sold_of_[sale.hold_id()];
  units += sign * sale.units();
  amount_fen += sign * sale.amount().amount_fen();
  touched_.sales.insert(sale.sale_id());
  touched_.holds.insert(sale.hold_id());
  touched_.listings.insert(sale.listing_id());
}

template <typename Row>
void BookCheck::Replace(std::map<std::string, Row>& rows, const std::string& id, const Row& row) {
  const auto [it, is_new] = rows.try_emplace(id);
  if (!is_new) Count(it->second, -1);
  it->second = row;
  Count(row, 1);
}

void BookCheck::AddRow(const audit::v1::ExportBooksResponse& row) {
  using Row = audit::v1::ExportBooksResponse;
  switch (row.row_case()) {
    case Row::kPosition:
      position_ = row.position();
      return;
    case Row::kListing:
      ++counts_["field.listing"];
      touched_.listings.insert(row.listing().listing_id());
      listings_[row.listing().listing_id()] = row.listing();
      return;
    case Row::kOrder:
      ++counts_["field.order"];
      touched_.orders.insert(row.order().order_id());
      orders_[row.order().order_id()] = row.order();
      return;
    case Row::kContract:
      ++counts_["field.contract"];
      return Replace(contracts_, row.contract().contract_id(), row.contract());
    case Row::kQuota:
      ++counts_["field.quota"];
      quotas_[{row.quota().institution_uscc(), row.quota().year()}] = row.quota();
      touched_.quotas.emplace(row.quota().institution_uscc(), row.quota().year());
      touched_.declarations.emplace(row.quota().institution_uscc(), row.quota().year());
      return;
    case Row::kHold:
      ++counts_["field.hold"];
      return Replace(holds_, row.hold().hold_id(), row.hold());
    case Row::kPlatformSale:
      ++counts_["field.platform_sale"];
      return Replace(sales_, row.platform_sale().sale_id(), row.platform_sale());
    case Row::kOnlineSale:
      ++counts_["field.online_sale"];
      return AddOnlineSale(row.online_sale());
    case Row::kClaim:
      ++counts_["field.claim"];
      claims_[row.claim().claim_id()] = row.claim();
      return;
    case Row::kPolicy:
      ++counts_["field.policy"];
      return AddPolicy(row.policy());
    case Row::kWaiver:
      ++counts_["field.waiver"];
      waivers_[row.waiver().waiver_id()] = row.waiver();
      return;
    case Row::kAccount:
      ++counts_["field.account"];
      accounts_[row.account().name()] = row.account().balance_fen();
      return;
    default:
      return AddPaper(row);
  }
}

// Rows about what is traded rather than the trade itself: cases, declarations, papers.
void BookCheck::AddPaper(const audit::v1::ExportBooksResponse& row) {
  using Row = audit::v1::ExportBooksResponse;
  switch (row.row_case()) {
    case Row::kStallCase:
      ++counts_["field.stall_case"];
      return AddStallCase(row.stall_case());
    case Row::kDeclaration:
      ++counts_["field.declaration"];
      declarations_[{row.declaration().institution_uscc(), row.declaration().year()}] = row.declaration();
      touched_.declarations.emplace(row.declaration().institution_uscc(), row.declaration().year());
      return;
    case Row::kBinding:
      ++counts_["field.binding"];
      return AddBinding(row.binding());
    case Row::kDocument:
      ++counts_["field.document"];
      documents_[row.document().document_number()] = row.document();
      return;
    case Row::kForward:
      ++counts_["field.forward"];
      return AddForward(row.forward());
    case Row::kShipment:
      ++counts_["field.shipment"];
      return AddShipment(row.shipment());
    default:
      return;
  }
}

void BookCheck::AddOnlineSale(const reward::v1::OnlineSale& sale) {
  const std::string number = StrCat(sale.platform_uscc(), "/", sale.platform_order_no());
  Require(online_numbers_.insert(number).second, Rule::kOnlineSale, number, "is in the books twice");
  const int64_t net_fen = sale.amount().amount_fen() - sale.refunded().amount_fen();
  Require(sale.amount().amount_fen() > 0 && sale.refunded().amount_fen() >= 0 && net_fen >= 0, Rule::kOnlineSale,
          number, StrCat("amount ", sale.amount().amount_fen(), " fen, refunded ", sale.refunded().amount_fen()));
  CheckWaybills(sale, number);
  for (const auto& [name, policy] : policies_) AddSale(policy, sale, sold_under_[name][sale.claimant_uscc()]);
}

// A sale that took waybills was sent as they say: all parcels, all fees, at the first of their times.
void BookCheck::CheckWaybills(const reward::v1::OnlineSale& sale, const std::string& number) {
  if (sale.waybills().empty()) return;
  int64_t parcels = 0;
  int64_t fee_fen = 0;
  absl::Time first = absl::InfiniteFuture();
  for (const auto& waybill : sale.waybills()) {
    parcels += waybill.parcels();
    fee_fen += waybill.parcel_fee().amount_fen();
    first = std::min(first, base::FromProto(waybill.waybill_time()));
  }
  Require(parcels == sale.parcels() && fee_fen == sale.parcel_fee().amount_fen() &&
              first == base::FromProto(sale.waybill_time()),
          Rule::kOnlineSale, number,
          StrCat(sale.parcels(), " parcels for ", sale.parcel_fee().amount_fen(), " fen; its waybills: ", parcels,
                 " for ", fee_fen, ", or at another time"));
}

void BookCheck::AddPolicy(const reward::v1::RewardPolicy& policy) {
  reward::engine::PolicyReading reading = reward::engine::ReadPolicy(policy.toml());
  const std::string name = StrCat(policy.policy_id(), "/", policy.version());
  const bool is_same = reading.faults.empty() && reading.policy.id == policy.policy_id() &&
                       reading.policy.version == policy.version() &&
                       reading.policy.jurisdiction == policy.jurisdiction();
  Require(is_same, Rule::kRewardPolicy, name, "its text is no policy, or another than the one it is kept as");
  if (is_same) policies_[name] = std::move(reading.policy);
}

std::vector<Finding> BookCheck::Finish() {
  const bool ends_there = last_.epoch() == position_.epoch() && last_.sequence() == position_.sequence();
  Require(ends_there || (last_.sequence() == 0 && position_.sequence() == 0), Rule::kFeedOrder,
          StrCat(last_.epoch(), "/", last_.sequence()),
          StrCat("is the last event read, the books stand at ", position_.epoch(), "/", position_.sequence()));
  TouchBooked();
  CheckListings();
  CheckQuotas();
  CheckBindings();
  CheckDeclarations();
  CheckOrders();
  CheckContracts();
  CheckHolds();
  CheckMoney();
  CheckWaivers();
  CheckClaims();
  CheckStallCases();
  CheckDocuments();
  CheckForwards();
  CheckShipments();
  CheckPools();
  touched_ = {};
  return std::exchange(findings_, {});
}

void BookCheck::CheckListings() {
  for (const std::string& id : touched_.listings) {
    if (const auto it = listings_.find(id); it != listings_.end()) {
      CheckListing(it->second);
      continue;
    }
    Require(!moved_.contains(id), Rule::kListingMoves, id, "is in no book");
    Require(!used_.contains(id), Rule::kListingUse, id, "is in no book");
  }
}

void BookCheck::CheckListing(const listing::v1::Listing& listing) {
  const std::string& id = listing.listing_id();
  const Units book = UnitsOf(listing.balances());
  Require(book[0] == book[1] + book[2] + book[3] + book[4] + book[5] + book[6], Rule::kListingSum, id, Show(book));
  Require(*std::min_element(book.begin(), book.end()) >= 0, Rule::kListingSum, id, StrCat("below 0: ", Show(book)));
  Require(book == moved_[id], Rule::kListingMoves, id, StrCat("book: ", Show(book), "; feed: ", Show(moved_[id])));
  Units use = used_[id];
  use[5] += spoiled_without_contract_[id];
  for (const size_t i : {2, 3, 4, 5}) {
    Require(book[i] == use[i], Rule::kListingUse, id,
            StrCat("book: ", Show(book), "; contracts, holds and sales: held ", use[2], ", contracted ", use[3],
                   ", sold ", use[4], ", spoiled ", use[5]));
    if (book[i] != use[i]) break;
  }
}

void BookCheck::CheckOrders() {
  for (const std::string& id : touched_.orders) {
    const auto order = orders_.find(id);
    if (order == orders_.end()) continue;  // its contracts are asked for it
    const int64_t filled = filled_[id];
    Require(filled <= order->second.quantity_base(), Rule::kOrderQuantity, id,
            StrCat("contracts of ", filled, ", ordered ", order->second.quantity_base()));
    Require(filled == order->second.filled_base(), Rule::kOrderQuantity, id,
            StrCat("book: filled ", order->second.filled_base(), "; contracts: ", filled));
  }
}

void BookCheck::CheckContracts() {
  for (const std::string& id : touched_.contracts) {
    const auto contract = contracts_.find(id);
    if (contract != contracts_.end()) {
      CheckContract(contract->second);
      continue;
    }
    Require(!contract_events_.contains(id), Rule::kContractSteps, id, "is on the feed and in no book");
  }
}

void BookCheck::CheckContract(const order::v1::Contract& contract) {
  const std::string& id = contract.contract_id();
  const auto require = [&](bool holds, std::string_view what) {
    Require(holds, Rule::kContractTerms, id, std::string(what));
  };
  require(contract.ordered_units() >= 1 && contract.delivered_units() <= contract.ordered_units() &&
              contract.accepted_units() <= contract.delivered_units(),
          StrCat("ordered ", contract.ordered_units(), ", delivered ", contract.delivered_units(), ", accepted ",
                 contract.accepted_units()));
  const int64_t ordered_fen = PriceOf(contract.ordered_units(), contract.unit_price().amount_fen(), 0, 0);
  require(contract.ordered_amount().amount_fen() == ordered_fen,
          StrCat("ordered amount ", contract.ordered_amount().amount_fen(), " fen, recomputed ", ordered_fen));
  const int64_t accepted_fen =
      PriceOf(contract.accepted_units() - contract.taken_back_units(), contract.unit_price().amount_fen(),
              contract.accepted_weight_g() - contract.taken_back_weight_g(), contract.price_per_kg().amount_fen());
  require(contract.accepted_amount().amount_fen() == accepted_fen,
          StrCat("accepted amount ", contract.accepted_amount().amount_fen(), " fen, recomputed ", accepted_fen));
  require(base::FromProto(contract.create_time()) <= base::FromProto(contract.last_sale_time()),
          "made after the last-sale time");
  require(listings_.contains(contract.listing_id()), StrCat("no listing ", contract.listing_id()));
  CheckPayments(contract);

  const auto order = orders_.find(contract.order_id());
  if (order == orders_.end()) {
    require(false, StrCat("no order ", contract.order_id()));
  } else {
    require(order->second.commodity_code() == contract.commodity_code() &&
                order->second.institution_uscc() == contract.institution_uscc(),
            "commodity or buyer is not the order's");
    Require(IsWithinLimit(contract, order->second), Rule::kOrderLimit, id,
            StrCat("the price is above the limit of order ", contract.order_id()));
  }
  const order::v1::Contract& last = contract_events_[id];
  Require(last.state() == contract.state() && last.accepted_units() == contract.accepted_units() &&
              last.delivered_units() == contract.delivered_units() &&
              last.accepted_amount().amount_fen() == contract.accepted_amount().amount_fen(),
          Rule::kContractSteps, id,
          StrCat("book: ", order::v1::ContractState_Name(contract.state()),
                 "; feed: ", order::v1::ContractState_Name(last.state())));
}

void BookCheck::CheckHolds() {
  for (const std::string& id : touched_.sales) {
    const auto found = sales_.find(id);
    if (found == sales_.end()) continue;  // its entry is asked for it
    const partner::v1::PlatformSale& sale = found->second;
    Require(holds_.contains(sale.hold_id()), Rule::kPlatformSale, id, StrCat("no hold ", sale.hold_id()));
    const std::string number = StrCat(sale.platform_uscc(), "/", sale.platform_order_no());
    const bool is_first = sale_of_number_.try_emplace(number, id).first->second == id;
    Require(is_first, Rule::kPlatformSale, id, StrCat("number ", number, " was sold before"));
  }
  for (const std::string& id : touched_.holds) {
    const auto found = holds_.find(id);
    if (found == holds_.end()) continue;  // its sales are asked for it
    const partner::v1::Hold& hold = found->second;
    const auto& [units, amount_fen] = sold_of_[id];
    Require(units == hold.sold_units() && amount_fen == hold.sold_amount().amount_fen() && units <= hold.units(),
            Rule::kPlatformSale, id,
            StrCat("hold of ", hold.units(), ": sold ", hold.sold_units(), " for ", hold.sold_amount().amount_fen(),
                   " fen; sales: ", units, " for ", amount_fen));
  }
}

}  // namespace zhuxiao::cli
