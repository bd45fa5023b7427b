// The check of the books finds nothing in good books, and each of many ways to break them.
#include "clients/cli/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "clients/cli/verify_rewards.h"
#include "clients/cli/verify_rules.h"
#include "services/base/clock.h"
#include "services/reward/engine/policy_file.h"

namespace zhuxiao::cli {
namespace {

using audit::v1::Event;
using audit::v1::ExportBooksResponse;
using audit::v1::ReadFeedResponse;

const absl::Time kStart = base::StartOfYear(2021) + absl::Hours(10);

// Rows and events as a server would send them.
struct Books {
  std::vector<ExportBooksResponse> rows;
  std::vector<ReadFeedResponse> events;

  Event& NewEvent(const std::string& action) {
    ReadFeedResponse& response = events.emplace_back();
    response.mutable_position()->set_epoch(1);
    response.mutable_position()->set_sequence(events.size());
    response.mutable_event()->set_action(action);
    return *response.mutable_event();
  }
  // The event of that action, the first where there are several.
  Event& Of(const std::string& action) {
    for (ReadFeedResponse& response : events) {
      if (response.event().action() == action) return *response.mutable_event();
    }
    throw std::out_of_range(action);
  }
  ExportBooksResponse& Row(ExportBooksResponse::RowCase kind) {
    for (ExportBooksResponse& row : rows) {
      if (row.row_case() == kind) return row;
    }
    throw std::out_of_range("no such row");
  }
  listing::v1::Listing& Listing() { return *Row(ExportBooksResponse::kListing).mutable_listing(); }
  order::v1::Order& Order() { return *Row(ExportBooksResponse::kOrder).mutable_order(); }
  order::v1::Contract& Contract() { return *Row(ExportBooksResponse::kContract).mutable_contract(); }
  quota::v1::Quota& Quota() { return *Row(ExportBooksResponse::kQuota).mutable_quota(); }
  partner::v1::PlatformSale& Sale() { return *Row(ExportBooksResponse::kPlatformSale).mutable_platform_sale(); }
  reward::v1::Claim& Claim() { return *Row(ExportBooksResponse::kClaim).mutable_claim(); }
  reward::v1::RewardPolicy& Policy() { return *Row(ExportBooksResponse::kPolicy).mutable_policy(); }
  reward::v1::OnlineSale& OnlineSale() { return *Row(ExportBooksResponse::kOnlineSale).mutable_online_sale(); }
  audit::v1::Account& Account() { return *Row(ExportBooksResponse::kAccount).mutable_account(); }
};

void Move(Event& event, const std::string& cause, const std::function<void(listing::v1::Balances&)>& set) {
  auto* move = event.add_stock_moves();
  move->set_listing_id("L1");
  move->set_cause(cause);
  set(*move->mutable_delta());
}

void Spend(Event& event, int64_t held_fen, int64_t settled_fen) {
  auto* move = event.add_quota_moves();
  move->set_institution_uscc("I1");
  move->set_year(2021);
  move->set_held_fen(held_fen);
  move->set_settled_fen(settled_fen);
  move->set_contract_id("C1");
}

void Post(Event& event, audit::v1::PostingCause cause, const std::string& id, int64_t amount_fen) {
  auto* posting = event.add_postings();
  posting->set_cause(cause);
  posting->set_cause_id(id);
  for (const auto& [account, sign] : {std::pair("a", 1), std::pair("b", -1)}) {
    auto* leg = posting->add_legs();
    leg->set_account(account);
    leg->set_amount_fen(sign * amount_fen);
  }
}

// 100 jin of eggs at 3.40.
listing::v1::Listing ListEggs(Books& books) {
  listing::v1::Listing listing;
  listing.set_listing_id("L1");
  listing.set_supplier_uscc("S1");
  listing.set_commodity_code("egg");
  listing.set_sale_unit_base(500);
  listing.set_min_lot_units(10);
  listing.mutable_unit_price()->set_amount_fen(340);
  *listing.mutable_last_sale_time() = base::ToProto(kStart + absl::Hours(72));
  Event& created = books.NewEvent("CreateListing");
  *created.mutable_listing() = listing;
  Move(created, "create", [](auto& delta) {
    delta.set_listed(100);
    delta.set_available(100);
  });
  return listing;
}

// An order of 40 jin becomes a contract of which 38 are accepted and 2 spoil.
void SellByContract(Books& books, const listing::v1::Listing& listing) {
  order::v1::Contract contract;
  contract.set_contract_id("C1");
  contract.set_order_id("O1");
  contract.set_listing_id("L1");
  contract.set_supplier_uscc("S1");
  contract.set_institution_uscc("I1");
  contract.set_commodity_code("egg");
  contract.set_quota_year(2021);
  contract.set_ordered_units(40);
  contract.set_sale_unit_base(500);
  contract.mutable_unit_price()->set_amount_fen(340);
  contract.mutable_ordered_amount()->set_amount_fen(13'600);
  *contract.mutable_create_time() = base::ToProto(kStart);
  *contract.mutable_last_sale_time() = listing.last_sale_time();
  const auto step = [&](const char* action, order::v1::ContractState state) -> Event& {
    contract.set_state(state);
    Event& event = books.NewEvent(action);
    *event.add_contracts() = contract;
    return event;
  };
  Event& placed = step("PlaceOrder", order::v1::CONTRACT_STATE_PROPOSED);
  Spend(placed, 13'600, 0);
  Move(placed, "C1", [](auto& delta) {
    delta.set_available(-40);
    delta.set_held(40);
  });
  Move(step("SignContract", order::v1::CONTRACT_STATE_SIGNED), "C1", [](auto& delta) {
    delta.set_held(-40);
    delta.set_contracted(40);
  });
  contract.set_delivered_units(40);
  step("ShipContract", order::v1::CONTRACT_STATE_SHIPPED);
  contract.set_accepted_units(38);
  contract.set_spoiled_units(2);
  contract.mutable_accepted_amount()->set_amount_fen(12'920);
  Event& accepted = step("AcceptContract", order::v1::CONTRACT_STATE_ACCEPTED);
  Spend(accepted, -680, 0);
  Post(accepted, audit::v1::POSTING_CAUSE_CONTRACT_ACCEPTED, "C1", 12'920);
  Move(accepted, "C1", [](auto& delta) {
    delta.set_contracted(-40);
    delta.set_sold(38);
    delta.set_spoiled(2);
  });
  Event& settled = step("SettleContract", order::v1::CONTRACT_STATE_SETTLED);
  Spend(settled, -12'920, 12'920);
  Post(settled, audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, "C1", 12'920);
  *books.rows.emplace_back().mutable_contract() = contract;

  order::v1::Order order;
  order.set_order_id("O1");
  order.set_institution_uscc("I1");
  order.set_commodity_code("egg");
  order.set_quantity_base(20'000);
  order.set_filled_base(19'000);
  order.set_limit_base(500);
  order.mutable_limit_price()->set_amount_fen(340);
  *books.rows.emplace_back().mutable_order() = order;
}

// A platform holds 10 jin and sells 4.
void SellFromHold(Books& books) {
  partner::v1::Hold hold;
  hold.set_hold_id("H1");
  hold.set_listing_id("L1");
  hold.set_units(10);
  hold.set_state(partner::v1::HOLD_STATE_ACTIVE);
  Event& held = books.NewEvent("HoldStock");
  Move(held, "H1", [](auto& delta) {
    delta.set_available(-10);
    delta.set_held(10);
  });
  partner::v1::PlatformSale sale;
  sale.set_sale_id("P1");
  sale.set_hold_id("H1");
  sale.set_listing_id("L1");
  sale.set_platform_uscc("T1");
  sale.set_platform_order_no("N1");
  sale.set_units(4);
  sale.mutable_amount()->set_amount_fen(1'360);
  *sale.mutable_sale_time() = base::ToProto(kStart);
  Event& sold = books.NewEvent("SellHold");
  *sold.mutable_platform_sale() = sale;
  Post(sold, audit::v1::POSTING_CAUSE_PLATFORM_SALE, "P1", 1'360);
  Move(sold, "H1", [](auto& delta) {
    delta.set_held(-4);
    delta.set_sold(4);
  });
  hold.set_sold_units(4);
  hold.mutable_sold_amount()->set_amount_fen(1'360);
  *books.rows.emplace_back().mutable_hold() = hold;
  *books.rows.emplace_back().mutable_platform_sale() = sale;
}

// The whole trade of the listing; 3 jin spoil in the shed.
void TradeEggs(Books& books) {
  listing::v1::Listing listing = ListEggs(books);
  SellByContract(books, listing);
  SellFromHold(books);
  Move(books.NewEvent("ReportSpoiled"), "spoil", [](auto& delta) {
    delta.set_available(-3);
    delta.set_spoiled(3);
  });

  auto& balances = *listing.mutable_balances();
  balances.set_listed(100);
  balances.set_available(47);
  balances.set_held(6);
  balances.set_sold(42);
  balances.set_spoiled(5);
  *books.rows.emplace_back().mutable_listing() = listing;
  quota::v1::Quota quota;
  quota.set_institution_uscc("I1");
  quota.set_year(2021);
  quota.mutable_limit()->set_amount_fen(13'600);
  quota.mutable_held();
  quota.mutable_settled()->set_amount_fen(12'920);
  *books.rows.emplace_back().mutable_quota() = quota;
}

// A firm at the edge: 10,000,000.00 yuan earned 500,000.00; a refund of a fen in January takes it all back.
constexpr char kPolicy[] = R"([policy]
id = "online"
version = 1
jurisdiction = "14"
title_zh = "网销奖励"
title_en = "reward"
source = "test"
[period]
clock = "order"
first_day = 2020-01-01
last_day = 2020-12-31
[scope]
programmes = ["p"]
[threshold]
amount_fen = 1_000_000_000
amount_is = "at_least"
[grant]
kind = "rate"
rate_basis_points = 500
cap_fen = 50_000_000
)";

void EarnReward(Books& books) {
  auto& policy = *books.rows.emplace_back().mutable_policy();
  policy.set_policy_id("online");
  policy.set_version(1);
  policy.set_jurisdiction("14");
  policy.set_toml(kPolicy);
  policy.set_state(reward::v1::POLICY_STATE_PUBLISHED);
  auto& waiver = *books.rows.emplace_back().mutable_waiver();
  waiver.set_waiver_id("W1");
  waiver.mutable_amount()->set_amount_fen(77);
  Post(books.NewEvent("RecordWaiver"), audit::v1::POSTING_CAUSE_FEE_WAIVED, "W1", 77);
  for (const auto& [number, amount_fen, refunded_fen, programme] :
       {std::tuple("N1", 600'000'000, 1, "p"), std::tuple("N2", 400'000'000, 0, "p"), std::tuple("N3", 7, 0, "q")}) {
    auto& sale = *books.rows.emplace_back().mutable_online_sale();
    sale.set_platform_uscc("T1");
    sale.set_platform_order_no(number);
    sale.set_claimant_uscc("F1");
    sale.add_designations()->set_programme(programme);
    sale.mutable_amount()->set_amount_fen(amount_fen);
    sale.mutable_refunded()->set_amount_fen(refunded_fen);
    *sale.mutable_order_time() = base::ToProto(base::StartOfYear(2021) - absl::Seconds(1));
  }
  auto& claim = *books.rows.emplace_back().mutable_claim();
  claim.set_claim_id("Q1");
  claim.set_claimant_uscc("F1");
  claim.set_state(reward::v1::CLAIM_STATE_CLAW_BACK_OPEN);
  reward::v1::Statement& statement = *claim.mutable_statement();
  statement.set_policy_id("online");
  statement.set_policy_version(1);
  auto& window = *statement.add_windows();
  window.mutable_gross()->set_amount_fen(1'000'000'000);
  claim.mutable_statement()->mutable_gross()->set_amount_fen(1'000'000'000);
  claim.mutable_statement()->mutable_net()->set_amount_fen(1'000'000'000);
  claim.mutable_statement()->mutable_reward()->set_amount_fen(50'000'000);
  claim.mutable_paid()->set_amount_fen(50'000'000);
  claim.mutable_claw_back_due()->set_amount_fen(50'000'000);
  *claim.mutable_pay_time() = base::ToProto(kStart);
  Post(books.NewEvent("PayClaim"), audit::v1::POSTING_CAUSE_CLAIM_PAID, "Q1", 50'000'000);
}

Books GoodBooks() {
  Books books;
  TradeEggs(books);
  EarnReward(books);
  const int64_t balance_fen = 12'920 * 2 + 1'360 + 50'000'000 + 77;
  for (const auto& [name, sign] : {std::pair("a", 1), std::pair("b", -1)}) {
    auto& account = *books.rows.emplace_back().mutable_account();
    account.set_name(name);
    account.set_balance_fen(sign * balance_fen);
  }
  auto& position = *books.rows.emplace_back().mutable_position();
  position.set_epoch(1);
  position.set_sequence(books.events.size());
  return books;
}

std::vector<Finding> Check(const Books& books) {
  BookCheck check;
  for (const auto& row : books.rows) check.AddRow(row);
  for (const auto& event : books.events) check.AddEvent(event);
  return check.Finish();
}

std::string Show(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += std::string(NameOf(finding.rule)) + " " + finding.id + ": " + finding.what + "\n";
  }
  return text;
}

TEST(BookCheck, FindsNothingInGoodBooks) {
  const Books books = GoodBooks();
  EXPECT_EQ(Show(Check(books)), "");
}

TEST(BookCheck, FindsNothingInEmptyBooks) { EXPECT_EQ(Show(Check(Books())), ""); }

TEST(BookCheck, CountsWhatItChecked) {
  BookCheck check;
  const Books books = GoodBooks();
  for (const auto& row : books.rows) check.AddRow(row);
  for (const auto& event : books.events) check.AddEvent(event);
  EXPECT_EQ(check.counts().at("field.online_sale"), 3);
  EXPECT_EQ(check.counts().at("event"), 11);
  EXPECT_EQ(check.counts().at("posting"), 5);
}

struct Breakage {
  const char* name;
  Rule rule;
  std::function<void(Books&)> apply;
};

std::vector<Breakage> BreakagesOfGoods() {
  return {
      {"an event is missing", Rule::kFeedOrder, [](Books& b) { b.events.erase(b.events.begin() + 6); }},
      {"an event came twice", Rule::kFeedOrder, [](Books& b) { b.events.insert(b.events.begin() + 6, b.events[6]); }},
      {"the last event is missing", Rule::kFeedOrder, [](Books& b) { b.events.pop_back(); }},
      {"a unit vanished", Rule::kListingSum, [](Books& b) { b.Listing().mutable_balances()->set_available(46); }},
      {"a balance is below 0", Rule::kListingSum,
       [](Books& b) {
         b.Listing().mutable_balances()->set_available(-1);
         b.Listing().mutable_balances()->set_withdrawn(48);
       }},
      {"a move is not in the book", Rule::kListingMoves,
       [](Books& b) { b.Of("ReportSpoiled").mutable_stock_moves(0)->mutable_delta()->set_available(-4); }},
      {"more was taken than there was", Rule::kListingMoves,
       [](Books& b) { b.Of("PlaceOrder").mutable_stock_moves(0)->mutable_delta()->set_available(-140); }},
      {"a release was done twice", Rule::kListingUse,
       [](Books& b) {
         b.Listing().mutable_balances()->set_held(2);
         b.Listing().mutable_balances()->set_available(51);
         Move(b.NewEvent("ReleaseHold"), "H1", [](auto& delta) {
           delta.set_held(-4);
           delta.set_available(4);
         });
         b.Row(ExportBooksResponse::kPosition).mutable_position()->set_sequence(b.events.size());
       }},
      {"the limit was overspent by a fen", Rule::kQuotaLimit,
       [](Books& b) { b.Quota().mutable_limit()->set_amount_fen(12'919); }},
      {"spending was forgotten", Rule::kQuotaMoves,
       [](Books& b) { b.Quota().mutable_settled()->set_amount_fen(12'919); }},
      {"a quota was given back twice", Rule::kQuotaMoves,
       [](Books& b) { b.Of("AcceptContract").mutable_quota_moves(0)->set_held_fen(-13'601); }},
      {"a contract is counted nowhere", Rule::kQuotaUse, [](Books& b) { b.Quota().set_year(2020); }},
      {"an order got more than it asked for", Rule::kOrderQuantity,
       [](Books& b) { b.Order().set_quantity_base(18'999); }},
      {"an order says it got less", Rule::kOrderQuantity, [](Books& b) { b.Order().set_filled_base(18'500); }},
      {"a price above the limit", Rule::kOrderLimit, [](Books& b) { b.Order().set_limit_base(501); }},
      {"an amount rounded", Rule::kContractTerms,
       [](Books& b) { b.Contract().mutable_accepted_amount()->set_amount_fen(12'921); }},
      {"below the smallest lot", Rule::kContractTerms,
       [](Books& b) { b.Of("CreateListing").mutable_listing()->set_min_lot_units(41); }},
      {"sold after the last-sale time", Rule::kContractTerms,
       [](Books& b) { *b.Contract().mutable_last_sale_time() = base::ToProto(kStart - absl::Seconds(1)); }},
      {"a contract without an order", Rule::kContractTerms, [](Books& b) { b.Order().set_order_id("O2"); }},
      {"more accepted than delivered", Rule::kContractTerms, [](Books& b) { b.Contract().set_delivered_units(37); }},
      {"a step was skipped", Rule::kContractSteps, [](Books& b) { b.Of("ShipContract").clear_contracts(); }},
      {"the book missed a step", Rule::kContractSteps,
       [](Books& b) { b.Contract().set_state(order::v1::CONTRACT_STATE_ACCEPTED); }},
  };
}

std::vector<Breakage> BreakagesOfMoney() {
  return {
      {"an entry does not balance", Rule::kMoneyBalance,
       [](Books& b) { b.Of("SellHold").mutable_postings(0)->mutable_legs(0)->set_amount_fen(1'361); }},
      {"an account was changed by hand", Rule::kMoneyBalance, [](Books& b) { b.Account().set_balance_fen(1); }},
      {"an entry names nothing", Rule::kMoneyCause,
       [](Books& b) { b.Of("SellHold").mutable_postings(0)->set_cause_id("P9"); }},
      {"a payment was booked twice", Rule::kMoneyCause,
       [](Books& b) { Post(b.Of("SettleContract"), audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, "C1", 12'920); }},
      {"a payment was never booked", Rule::kMoneyCause, [](Books& b) { b.Of("PayClaim").clear_postings(); }},
      {"a platform number was sold twice", Rule::kPlatformSale,
       [](Books& b) {
         partner::v1::PlatformSale again = b.Sale();
         again.set_sale_id("P2");
         *b.rows.emplace_back().mutable_platform_sale() = again;
       }},
      {"a platform sale at another price", Rule::kPlatformSale,
       [](Books& b) { b.Of("SellHold").mutable_platform_sale()->mutable_amount()->set_amount_fen(1'359); }},
      {"more sold than held", Rule::kPlatformSale, [](Books& b) { b.Sale().set_units(11); }},
      {"an online sale counted twice", Rule::kOnlineSale,
       [](Books& b) { *b.rows.emplace_back().mutable_online_sale() = reward::v1::OnlineSale(b.OnlineSale()); }},
      {"refunded more than sold", Rule::kOnlineSale,
       [](Books& b) { b.OnlineSale().mutable_refunded()->set_amount_fen(600'000'001); }},
      {"a reward a fen below the threshold", Rule::kClaimReward,
       [](Books& b) {
         auto& window = *b.Claim().mutable_statement()->mutable_windows(0);
         window.mutable_refunded()->set_amount_fen(1);
       }},
      {"net sales that are no difference", Rule::kClaimReward,
       [](Books& b) { b.Claim().mutable_statement()->mutable_net()->set_amount_fen(999'999'999); }},
      {"a claim under no policy", Rule::kClaimReward,
       [](Books& b) { b.Claim().mutable_statement()->set_policy_version(2); }},
      {"more paid than published", Rule::kClaimReward,
       [](Books& b) { b.Claim().mutable_paid()->set_amount_fen(50'000'001); }},
      {"a text kept as another policy", Rule::kRewardPolicy, [](Books& b) { b.Policy().set_version(2); }},
      {"a text that is no policy", Rule::kRewardPolicy, [](Books& b) { b.Policy().set_toml("id"); }},
      {"more published than the pool holds", Rule::kRewardPool,
       [](Books& b) {
         b.Policy().set_toml(std::string(kPolicy) + "[pool]\namount_fen = 49_999_999\nmode = \"pro_rata\"\n");
       }},
      {"an overdrawn pool", Rule::kRewardPool,
       [](Books& b) {
         auto& account = *b.rows.emplace_back().mutable_account();
         account.set_name("pool:online");
         account.set_balance_fen(-1);
       }},
      {"a waiver booked with another amount", Rule::kMoneyCause,
       [](Books& b) { b.Row(ExportBooksResponse::kWaiver).mutable_waiver()->mutable_amount()->set_amount_fen(78); }},
      {"a refund without a claw-back", Rule::kClaimReward,
       [](Books& b) {
         b.Claim().set_state(reward::v1::CLAIM_STATE_PAID);
         b.Claim().clear_claw_back_due();
       }},
      {"a sale of the next year counted", Rule::kClaimReward,
       [](Books& b) {
         b.OnlineSale().mutable_refunded()->set_amount_fen(0);
         *b.OnlineSale().mutable_order_time() = base::ToProto(base::StartOfYear(2021));
         b.Claim().mutable_earned()->set_amount_fen(50'000'000);
         b.Claim().clear_claw_back_due();
         b.Claim().set_state(reward::v1::CLAIM_STATE_PAID);
       }},
  };
}

const std::vector<Breakage>& Breakages() {
  static const auto& all = *[] {
    auto* const breakages = new std::vector<Breakage>(BreakagesOfGoods());
    for (Breakage& breakage : BreakagesOfMoney()) breakages->push_back(std::move(breakage));
    return breakages;
  }();
  return all;
}

class BookCheckTest : public testing::TestWithParam<size_t> {};

TEST_P(BookCheckTest, FindsWhatIsBroken) {
  const Breakage& breakage = Breakages()[GetParam()];
  Books books = GoodBooks();
  breakage.apply(books);
  const std::vector<Finding> findings = Check(books);
  const bool is_found = std::any_of(findings.begin(), findings.end(),
                                    [&](const Finding& finding) { return finding.rule == breakage.rule; });
  EXPECT_TRUE(is_found) << breakage.name << " should break " << NameOf(breakage.rule) << "; found:\n" << Show(findings);
}

INSTANTIATE_TEST_SUITE_P(Breakages, BookCheckTest, testing::Range<size_t>(0, Breakages().size()));

TEST(RewardOf, HasItsCliffAtTheThreshold) {
  reward::engine::Policy policy = reward::engine::ReadPolicy(kPolicy).policy;
  const auto reward = [&policy](int64_t net_fen) {
    return RewardOf(policy, RewardSums{{"", {.counted_fen = net_fen + 5, .refunded_fen = 5}}});
  };
  EXPECT_EQ(reward(999'999'999), 0);
  EXPECT_EQ(reward(1'000'000'000), 50'000'000);
  EXPECT_EQ(reward(2'000'000'000), 50'000'000);
  policy.grant.rate_basis_points = 300;
  EXPECT_EQ(reward(1'000'000'000), 30'000'000);
  EXPECT_EQ(reward(1'000'000'033), 30'000'000) << "rounded down";
}

TEST(PriceOf, RoundsWeightHalfUpOnce) {
  EXPECT_EQ(PriceOf(3, 340, 0, 0), 1'020);
  EXPECT_EQ(PriceOf(1, 0, 560'500, 3'401), 1'906'261) << "19062.605 yuan";
}

}  // namespace
}  // namespace zhuxiao::cli
