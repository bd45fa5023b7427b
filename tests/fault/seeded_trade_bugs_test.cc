// Tests the checks of the books: every seeded bug of the trade is found by the check named for it, and the same steps
// without the bug leave books in which nothing is found. The bugs are steps composed wrongly on purpose, or right steps
// over a store with a seeded bug.
#include <future>
#include <utility>

#include "services/ledger/posting.h"
#include "services/quota/quota.h"
#include "services/store/keys.h"
#include "services/store/page.h"
#include "services/store/request_log.h"
#include "tests/fault/book_checks.h"
#include "tests/fault/bug_table.h"
#include "tests/fault/seeded_stores.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using listing::Balance;
using order::v1::Contract;
using store::Rewrite;
using testing::InstitutionOf;
using testing::SupplierOf;

// A market of its own for each bug, in which every kind of step has been taken once.
class World : public testing::MarketFixture {
 public:
  using MarketFixture::Accept;
  using MarketFixture::BalancesOf;
  using MarketFixture::Cattle;
  using MarketFixture::CattleOrder;
  using MarketFixture::Do;
  using MarketFixture::EggOrder;
  using MarketFixture::kCattleFarm;
  using MarketFixture::kEggFarm;
  using MarketFixture::kHospital;
  using MarketFixture::kSchool;
  using MarketFixture::List;
  using MarketFixture::market_;
  using MarketFixture::OrderNow;
  using MarketFixture::Place;
  using MarketFixture::SetLimit;
  using MarketFixture::Ship;
  using MarketFixture::Sign;
  using MarketFixture::store_;
  using MarketFixture::year;

  World() {
    SetUp();
    eggs_id_ = List(kEggFarm, Eggs(1'000));
    EXPECT_TRUE(Settle(BuyAndAccept(30)).ok());
    Buy(20);
  }

  const std::string& eggs_id() const { return eggs_id_; }

  Contract Buy(int64_t jin, const std::string& buyer = kSchool) { return OnlyContract(Place(buyer, EggOrder(jin))); }

  Contract OnlyContract(const absl::StatusOr<order::v1::PlaceOrderResponse>& placed) {
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() && placed->contracts_size() == 1 ? placed->contracts(0) : Contract();
  }

  Contract BuyAndAccept(int64_t jin) {
    const Contract contract = Buy(jin);
    EXPECT_TRUE(Sign(contract).ok());
    EXPECT_TRUE(Ship(contract).ok());
    EXPECT_TRUE(Accept(contract, jin - 1, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
    return contract;
  }

  // As Do, without an answer, and over a store that rewrites what is committed. A refusal leaves nothing behind.
  void DoOver(Rewrite rewrite, const base::Caller& caller,
              const std::function<absl::Status(ledger::Operation&)>& step) {
    store::RewritingStore wrong(Shared(), std::move(rewrite));
    const ledger::Intent intent = NewIntent(caller, "");
    store::RunTransaction(wrong, [&](store::Transaction& transaction) {
      ledger::Operation operation(transaction, intent);
      if (absl::Status stepped = step(operation); !stepped.ok()) return stepped;
      operation.Close();
      return absl::OkStatus();
    }).IgnoreError();
  }

  // Places an order as the server does, with the request record before and after it.
  void PlaceOnce(Rewrite rewrite, const order::v1::PlaceOrderRequest& request) {
    store::RewritingStore wrong(Shared(), std::move(rewrite));
    const ledger::Intent intent = NewIntent(InstitutionOf(kSchool), request.request_id());
    std::promise<void> answered;
    store::RunOnce(
        wrong, {kSchool, request.request_id(), "PlaceOrder", request.SerializeAsString(), clock_.Now()},
        [&](store::Transaction& transaction) -> absl::StatusOr<std::string> {
          ledger::Operation operation(transaction, intent);
          const auto placed = order::Place(operation, *market_, request);
          if (!placed.ok()) return placed.status();
          operation.Close();
          return placed->SerializeAsString();
        },
        [&answered](absl::StatusOr<std::string>) { answered.set_value(); });
    answered.get_future().get();
  }

  testing::Books Books() {
    testing::Books books;
    const auto snapshot = store_.Latest();
    const auto add = [&books]<typename Row>(Row* (audit::v1::ExportBooksResponse::*mutable_row)()) {
      return [&books, mutable_row](const Row& row) {
        *(books.rows.emplace_back().*mutable_row)() = row;
        return absl::OkStatus();
      };
    };
    using Response = audit::v1::ExportBooksResponse;
    books.rows.emplace_back().mutable_position()->set_epoch(snapshot->position().epoch);
    books.rows.back().mutable_position()->set_sequence(snapshot->position().sequence);
    EXPECT_TRUE(listing::ForEach(*snapshot, add(&Response::mutable_listing)).ok());
    EXPECT_TRUE(order::ForEachOrder(*snapshot, add(&Response::mutable_order)).ok());
    EXPECT_TRUE(order::ForEachContract(*snapshot, add(&Response::mutable_contract)).ok());
    EXPECT_TRUE(quota::ForEach(*snapshot, add(&Response::mutable_quota)).ok());
    const std::string accounts = store::Key(ledger::kAccountTable, "");
    EXPECT_TRUE(store::WalkAll(*snapshot, accounts, [&](const store::KeyValue& row) {
                  audit::v1::Account& account = *books.rows.emplace_back().mutable_account();
                  account.set_name(row.key.substr(accounts.size()));
                  account.set_balance_fen(store::DecodeCounter(row.value)->front());
                  return absl::OkStatus();
                }).ok());
    const auto entries = store_.ReadFeed({}, store::kMaxScanRows);
    EXPECT_TRUE(entries.ok() && entries->back().position == snapshot->position());
    for (const store::FeedEntry& entry : *entries) {
      audit::v1::ReadFeedResponse& event = books.events.emplace_back();
      event.mutable_position()->set_epoch(entry.position.epoch);
      event.mutable_position()->set_sequence(entry.position.sequence);
      EXPECT_TRUE(event.mutable_event()->ParseFromString(entry.payload));
    }
    return books;
  }

  // Everything both sets of checks find in the books.
  std::vector<std::string> Findings() {
    const testing::Books books = Books();
    std::vector<std::string> lines = testing::VerifyFindings(books);
    for (std::string& line : testing::BrokenSums(books)) lines.push_back(std::move(line));
    return lines;
  }

 private:
  void TestBody() override {}

  // The store, without owning it.
  std::shared_ptr<store::Store> Shared() { return {std::shared_ptr<store::Store>(), &store_}; }

  ledger::Intent NewIntent(const base::Caller& caller, const std::string& request_id) {
    return {.caller = caller,
            .action = "Test",
            .request_id = request_id,
            .now = clock_.Now(),
            .first_id = base::NewId(clock_.Now(), random_)};
  }

  std::string eggs_id_;
};

// Replaces the row that the operation has just written with `former` by `latter`.
template <typename Row>
void Replace(ledger::Operation& operation, const Row& former, const Row& latter) {
  std::string key;
  for (const auto& [written, value] : operation.transaction().writes()) {
    if (value == former.SerializeAsString()) key = written;
  }
  ASSERT_NE(key, "");
  operation.transaction().Put(key, latter.SerializeAsString());
}

struct SeededTradeBug {
  const char* name;
  const char* caught_by;  // a rule of verify, or words of BrokenSums
  // Takes some steps in the world, with the bug or without.
  std::function<void(World&, bool has_bug)> act;
};

void ReleaseStockTwice(World& world, bool has_bug) {
  const Contract contract = world.Buy(10);
  order::v1::RefuseContractRequest request;
  request.set_contract_id(contract.contract_id());
  world.DoOver({}, SupplierOf(World::kEggFarm), [&](ledger::Operation& operation) -> absl::Status {
    const auto refused = order::RefuseContract(operation, request);
    if (!refused.ok() || !has_bug) return refused.status();
    return listing::MoveUnits(operation, contract.listing_id(), Balance::kHeld, Balance::kAvailable,
                              contract.ordered_units(), contract.contract_id());
  });
}

// Past the binding of the contract, which holds nothing more and would refuse it; another contract still holds as much.
void ReleaseQuotaTwice(World& world, bool has_bug) {
  const Contract contract = world.Buy(10);
  world.Buy(10);
  order::v1::RefuseContractRequest request;
  request.set_contract_id(contract.contract_id());
  world.DoOver({}, SupplierOf(World::kEggFarm), [&](ledger::Operation& operation) -> absl::Status {
    const auto refused = order::RefuseContract(operation, request);
    if (!refused.ok() || !has_bug) return refused.status();
    const std::string spending =
        store::Key("quota_spending", std::to_string(contract.quota_year()), contract.institution_uscc());
    return operation.transaction().Add(spending, 0, -contract.ordered_amount().amount_fen(), {});
  });
}

// Room for 99 jin and 339 fen; the hundredth jin is a fen too many.
void OverspendByAFen(World& world, bool has_bug) {
  world.SetLimit(World::kHospital, 100 * 340 - 1);
  const Contract contract = world.Buy(99, World::kHospital);
  world.DoOver(has_bug ? Rewrite{.bounds = store::OneTooHigh} : Rewrite{}, InstitutionOf(World::kHospital),
               [&](ledger::Operation& operation) {
                 return quota::Hold(operation, World::kHospital, world.year(), 340, contract.contract_id());
               });
}

void OversellByAUnit(World& world, bool has_bug) {
  const int64_t available = world.BalancesOf(world.eggs_id()).available();
  world.DoOver(has_bug ? Rewrite{.bounds = store::OneTooLow} : Rewrite{}, SupplierOf(World::kEggFarm),
               [&](ledger::Operation& operation) {
                 return listing::MoveUnits(operation, world.eggs_id(), Balance::kAvailable, Balance::kWithdrawn,
                                           available + 1, "withdraw");
               });
}

// 575,500 g at 9.99 yuan a kilogram cost 574,924.5 fen, half up 574,925. A gram less costs what rounding down would
// make of it, so the wrong books come from accepting that weight and recording the other.
void RoundDown(World& world, bool has_bug) {
  listing::v1::Listing cattle = world.Cattle(1);
  cattle.mutable_price_per_kg()->set_amount_fen(999);
  world.List(World::kCattleFarm, cattle);
  const Contract contract = world.OnlyContract(world.Place(World::kSchool, world.CattleOrder(1)));
  ASSERT_TRUE(world.Sign(contract).ok());
  ASSERT_TRUE(world.Ship(contract).ok());
  order::v1::AcceptContractRequest request;
  request.set_contract_id(contract.contract_id());
  request.set_accepted_units(1);
  request.set_accepted_weight_g(has_bug ? 575'499 : 575'500);
  world.DoOver({}, InstitutionOf(World::kSchool), [&](ledger::Operation& operation) -> absl::Status {
    const auto accepted = order::AcceptGoods(operation, request);
    if (!accepted.ok()) return accepted.status();
    EXPECT_EQ(accepted->contract().accepted_amount().amount_fen(), has_bug ? 574'924 : 574'925);
    Contract recorded = accepted->contract();
    recorded.set_accepted_weight_g(575'500);
    Replace(operation, accepted->contract(), recorded);
    *operation.event().mutable_contracts(0) = recorded;
    return absl::OkStatus();
  });
}

void Sign(World& world, const Rewrite& rewrite, const std::function<void(audit::v1::Event&)>& retell) {
  const Contract contract = world.Buy(10);
  order::v1::SignContractRequest request;
  request.set_contract_id(contract.contract_id());
  world.DoOver(rewrite, SupplierOf(World::kEggFarm), [&](ledger::Operation& operation) -> absl::Status {
    const auto signed_by_farm = order::Sign(operation, request);
    retell(operation.event());
    return signed_by_farm.status();
  });
}

void LoseTheEvent(World& world, bool has_bug) {
  Sign(world, has_bug ? Rewrite{.dropped_events = 1} : Rewrite{}, [](audit::v1::Event&) {});
}

void LeaveAMoveUntold(World& world, bool has_bug) {
  Sign(world, {}, [has_bug](audit::v1::Event& event) {
    if (has_bug) event.clear_stock_moves();
  });
}

void CommitAddsTwice(World& world, bool has_bug) {
  Sign(world, has_bug ? Rewrite{.add_times = 2} : Rewrite{}, [](audit::v1::Event&) {});
}

void PayTwice(World& world, bool has_bug) {
  const Contract contract = world.BuyAndAccept(10);
  order::v1::SettleContractRequest request;
  request.set_contract_id(contract.contract_id());
  world.DoOver({}, InstitutionOf(World::kSchool), [&](ledger::Operation& operation) -> absl::Status {
    const auto settled = order::Settle(operation, request);
    if (!settled.ok() || !has_bug) return settled.status();
    const int64_t cost_fen = settled->contract().accepted_amount().amount_fen();
    return ledger::Post(
        operation, audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, contract.contract_id(),
        {{ledger::InstitutionPaid(World::kSchool), -cost_fen}, {ledger::SupplierPaid(World::kEggFarm), cost_fen}});
  });
}

void LoseTheRequestRecord(World& world, bool has_bug) {
  order::v1::PlaceOrderRequest request;
  request.set_request_id("intent-1");
  *request.mutable_order() = world.EggOrder(5);
  for (int attempt = 0; attempt < 2; ++attempt) {
    world.PlaceOnce(has_bug ? Rewrite{.keeps_write = store::IsNoRequestRecord} : Rewrite{}, request);
  }
}

// Places an order and records it otherwise than it was matched.
void PlaceAs(World& world, const std::function<void(order::v1::Order&)>& change) {
  order::v1::PlaceOrderRequest request;
  *request.mutable_order() = world.EggOrder(10);
  world.DoOver({}, InstitutionOf(World::kSchool), [&](ledger::Operation& operation) -> absl::Status {
    const auto placed = order::Place(operation, *world.market_, request);
    if (!placed.ok()) return placed.status();
    order::v1::Order recorded = placed->order();
    change(recorded);
    Replace(operation, placed->order(), recorded);
    *operation.event().mutable_order() = recorded;
    return absl::OkStatus();
  });
}

void BuyAboveTheLimit(World& world, bool has_bug) {
  PlaceAs(world,
          [has_bug](order::v1::Order& order) { order.mutable_limit_price()->set_amount_fen(has_bug ? 339 : 340); });
}

void FillBeyondTheQuantity(World& world, bool has_bug) {
  PlaceAs(world, [has_bug](order::v1::Order& order) { order.set_quantity_base(10 * 500 - (has_bug ? 1 : 0)); });
}

// The price changes between an order's look at the market and its commit.
void SellByAStaleBook(World& world, bool has_bug) {
  order::v1::PlaceOrderRequest place;
  *place.mutable_order() = world.EggOrder(10);
  listing::v1::UpdateListingRequest update;
  *update.mutable_listing() = listing::Get(*world.store_.Latest(), world.eggs_id()).value();
  update.mutable_listing()->mutable_unit_price()->set_amount_fen(350);
  update.mutable_update_mask()->add_paths("unit_price");
  bool is_updated = false;
  world.DoOver({.keeps_reads = !has_bug, .keeps_ranges = !has_bug}, InstitutionOf(World::kSchool),
               [&](ledger::Operation& operation) -> absl::Status {
                 const auto placed = order::Place(operation, *world.market_, place);
                 if (!std::exchange(is_updated, true)) {
                   EXPECT_TRUE(world.Do(SupplierOf(World::kEggFarm), listing::Update, update).ok());
                 }
                 return placed.status();
               });
}

const std::vector<SeededTradeBug>& TradeBugs() {
  static const auto& bugs = *new std::vector<SeededTradeBug>{
      {"gives stock back twice", "listing-use", ReleaseStockTwice},
      {"gives quota back twice", "quota-use", ReleaseQuotaTwice},
      {"lets a quota be overspent by a fen", "quota-limit", OverspendByAFen},
      {"lets a listing be oversold by a unit", "listing-sum", OversellByAUnit},
      {"rounds down instead of half up", "contract-terms", RoundDown},
      {"loses an event", "contract-steps", LoseTheEvent},
      {"does not tell of a move", "listing-moves", LeaveAMoveUntold},
      {"applies a commit's adds twice", "listing-moves", CommitAddsTwice},
      {"books a payment twice", "money-cause", PayTwice},
      {"loses the request record", "took effect twice", LoseTheRequestRecord},
      {"buys above the limit price", "order-limit", BuyAboveTheLimit},
      {"fills an order beyond its quantity", "order-quantity", FillBeyondTheQuantity},
      {"sells by a stale book", "contract-terms", SellByAStaleBook},
  };
  return bugs;
}

bool IsCaught(const std::vector<std::string>& findings, const std::string& caught_by) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const std::string& line) { return line.find(caught_by) != std::string::npos; });
}

TEST(SeededTradeBugs, EachIsCaught) {
  for (const SeededTradeBug& bug : TradeBugs()) {
    World right;
    bug.act(right, false);
    EXPECT_THAT(right.Findings(), ::testing::IsEmpty()) << "without the bug: " << bug.name;
    World wrong;
    bug.act(wrong, true);
    const std::vector<std::string> findings = wrong.Findings();
    EXPECT_TRUE(IsCaught(findings, bug.caught_by))
        << bug.caught_by << " does not notice: " << bug.name << "; found " << ::testing::PrintToString(findings);
    testing::BugTable::Get().Note(bug.name, bug.caught_by, IsCaught(findings, bug.caught_by));
  }
}

TEST(SeededTradeBugsDeathTest, AnUnbalancedEntryStopsTheProcess) {
  // The store has a thread of its own, which a plain fork would not take along.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  World world;
  const auto post = [&] {
    world.DoOver({}, testing::Operator(), [](ledger::Operation& operation) {
      return ledger::Post(
          operation, audit::v1::POSTING_CAUSE_PLATFORM_SALE, "sale",
          {{ledger::SupplierReceivable(World::kEggFarm), 100}, {ledger::PlatformPayable(World::kSchool), -99}});
    });
  };
  EXPECT_DEATH(post(), "unbalanced entry for sale");
}

}  // namespace
}  // namespace zhuxiao
