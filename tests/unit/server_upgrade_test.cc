// Rows of the version before are brought up to date, wherever that is cut off, and rows of a later one refused.
#include "services/server/upgrade.h"

#include <map>

#include "services/store/keys.h"
#include "services/store/lease.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using Rows = std::map<std::string, std::string>;

class UpgradeTest : public testing::MarketFixture {
 protected:
  Rows AllRows() {
    Rows rows;
    const auto snapshot = store_.Latest();
    EXPECT_TRUE(store::WalkAll(*snapshot, "", [&](const store::KeyValue& row) {
                  rows[row.key] = row.value;
                  return absl::OkStatus();
                }).ok());
    return rows;
  }

  void Put(const Rows& rows) {
    ASSERT_TRUE(store::RunTransaction(store_, [&](store::Transaction& transaction) {
                  for (const auto& [key, value] : rows) transaction.Put(key, value);
                  return absl::OkStatus();
                }).ok());
  }

  // What the version before left: the same books, whose indexes do not say what is over. Answers what they say now.
  Rows GoBackAVersion() {
    Rows marked;
    Rows bare;
    for (const auto& [key, value] : AllRows()) {
      if (!key.starts_with("listing_by_supplier/") && !key.starts_with("contract_by_party/")) continue;
      if (value.empty()) continue;
      marked[key] = value;
      bare[key] = "";
    }
    Put(bare);
    return marked;
  }

  void Withdraw(const std::string& listing_id) {
    listing::v1::WithdrawListingRequest request;
    request.set_listing_id(listing_id);
    ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), listing::Withdraw, request).ok());
  }

  // More listings than one piece reads, every other one withdrawn; contracts signed, settled and refused.
  void Trade() {
    for (int i = 0; i < 450; ++i) {
      const std::string id = List(kEggFarm, Eggs(10));
      if (i % 2 == 0) Withdraw(id);
    }
    for (int i = 0; i < 3; ++i) {
      List(kEggFarm, Eggs(100));
      const auto placed = Place(kSchool, EggOrder(100));
      ASSERT_TRUE(placed.ok()) << placed.status();
      for (const order::v1::Contract& contract : placed->contracts()) {
        if (i == 0) {
          order::v1::RefuseContractRequest refuse;
          refuse.set_contract_id(contract.contract_id());
          ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
          continue;
        }
        ASSERT_TRUE(Sign(contract).ok());
        if (i == 1) continue;
        ASSERT_TRUE(Ship(contract).ok());
        ASSERT_TRUE(Accept(contract, contract.ordered_units()).ok());
        ASSERT_TRUE(Settle(contract).ok());
      }
    }
  }

  static absl::Status Allow(store::Transaction& /*transaction*/) { return absl::OkStatus(); }

  int64_t Version() {
    const auto version = server::ReadRowsVersion(*store_.Latest());
    EXPECT_TRUE(version.ok()) << version.status();
    return version.value_or(-1);
  }

  // Does at most `pieces` with an upgrade that knows nothing of others; answers how many it took.
  int DoPieces(int pieces) {
    server::Upgrade upgrade;
    for (int done = 0; done < pieces; ++done) {
      EXPECT_EQ(Version(), 1) << "not before the last piece";
      const auto next = upgrade.Next(store_, Allow);
      EXPECT_TRUE(next.ok()) << next.status();
      if (!next.ok() || *next) return done + 1;
    }
    return pieces;
  }
};

TEST_F(UpgradeTest, WhatIsOverIsMarkedWhereverItIsCutOff) {
  Trade();
  const Rows before = AllRows();
  const Rows marked = GoBackAVersion();
  ASSERT_GT(marked.size(), 226u);
  Rows expected = before;
  expected["rows_version"] = "2";
  const store::Position feed = store_.FeedEnd();
  const int whole = DoPieces(1'000);
  ASSERT_GT(whole, 5);
  EXPECT_TRUE(AllRows() == expected);

  for (int cut = 1; cut < whole; ++cut) {
    Rows bare = marked;
    for (auto& [key, value] : bare) value.clear();
    bare["rows_version"] = "1";
    Put(bare);
    EXPECT_EQ(DoPieces(cut), cut);
    DoPieces(1'000);
    EXPECT_TRUE(AllRows() == expected) << "cut off after " << cut;
  }
  EXPECT_EQ(store_.FeedEnd(), feed) << "nothing happened that anybody should hear of";
}

TEST_F(UpgradeTest, NothingIsWrittenWithoutTheLease) {
  Trade();
  GoBackAVersion();
  const Rows before = AllRows();
  server::Upgrade upgrade;
  const auto next = upgrade.Next(store_, [](store::Transaction& transaction) {
    return store::CheckLease(transaction, {.name = "maintenance", .holder = "another", .fence = 7});
  });
  EXPECT_TRUE(absl::IsAborted(next.status())) << next.status();
  EXPECT_TRUE(AllRows() == before);
}

TEST_F(UpgradeTest, AnUpgradedStoreIsLeftAlone) {
  server::Upgrade first;
  while (!*first.Next(store_, Allow)) continue;
  EXPECT_EQ(Version(), server::kRowsVersion);
  server::Upgrade second;
  const auto none =
      second.Next(store_, [](store::Transaction&) { return absl::AbortedError("nothing to be written"); });
  EXPECT_TRUE(none.ok() && *none) << none.status();
}

TEST_F(UpgradeTest, RowsOfANewerVersionAreRefused) {
  EXPECT_TRUE(server::CheckRowsVersion(*store_.Latest()).ok());
  Put({{"rows_version", "3"}});
  const absl::Status refused = server::CheckRowsVersion(*store_.Latest());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("version 3; this program knows up to 2"));
  Put({{"rows_version", "two"}});
  EXPECT_TRUE(absl::IsDataLoss(server::CheckRowsVersion(*store_.Latest())));
}

}  // namespace
}  // namespace zhuxiao
