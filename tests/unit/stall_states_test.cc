// The states of a stall case: the table against a second writing of it, and every call in every state by every role.
#include "services/stall/case_states.h"
#include "tests/support/stall_fixture.h"
#include "tests/support/state_table.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using base::Role;
using stall::v1::StallCaseState;
using testing::HasReason;

TEST(CaseStatesTest, TheTableIsThis) {
  using namespace stall::v1;
  testing::ExpectedMoves moves;
  for (const Role officer : {Role::ROLE_OFFICER, Role::ROLE_OPERATOR}) {
    for (const int fresh : {STALL_CASE_STATE_REPORTED, STALL_CASE_STATE_DETECTED}) {
      moves[{fresh, "verify", officer}] = STALL_CASE_STATE_VERIFIED;
      moves[{fresh, "dismiss", officer}] = STALL_CASE_STATE_DISMISSED;
    }
    moves[{STALL_CASE_STATE_VERIFIED, "dispatch", officer}] = STALL_CASE_STATE_DISPATCHED;
    moves[{STALL_CASE_STATE_DISPATCHED, "dispatch", officer}] = STALL_CASE_STATE_DISPATCHED;
    moves[{STALL_CASE_STATE_PARTLY_SOLD, "dispatch", officer}] = STALL_CASE_STATE_PARTLY_SOLD;
  }
  moves[{STALL_CASE_STATE_VERIFIED, "sell some", base::kTime}] = STALL_CASE_STATE_PARTLY_SOLD;
  moves[{STALL_CASE_STATE_DISPATCHED, "sell some", base::kTime}] = STALL_CASE_STATE_PARTLY_SOLD;
  for (const int open : {1, 2, 3, 4, 5}) {
    for (const Role actor : {base::kTime, Role::ROLE_OFFICER, Role::ROLE_OPERATOR}) {
      moves[{open, "raise", actor}] = open;
      moves[{open, "end, mostly sold", actor}] = STALL_CASE_STATE_CLEARED;
      moves[{open, "end, too much lost", actor}] = STALL_CASE_STATE_SPOILED;
    }
  }
  testing::ExpectMoves(stall::CaseStates(), moves);
}

class CaseCallsTest : public testing::StallFixture {
 protected:
  struct Call {
    std::string step;
    std::string method;
    std::function<absl::Status(const base::Caller&, const std::string&)> make;
  };

  std::vector<Call> Calls() {
    return {
        {"verify", "VerifyStallCase", [this](const auto& who, const auto& id) { return Verify(id, who).status(); }},
        {"dismiss", "DismissStallCase", [this](const auto& who, const auto& id) { return Dismiss(id, who).status(); }},
        {"dispatch", "DispatchStallCase",
         [this](const auto& who, const auto& id) {
           return Dispatch(id, directory::v1::CHANNEL_HOSPITAL, who).status();
         }},
        {"raise", "RaiseStallCase",
         [this](const auto& who, const auto& id) {
           return Raise(id, listing::v1::STALL_LEVEL_PROVINCE, who).status();
         }},
        {"end, too much lost", "CloseStallCase",
         [this](const auto& who, const auto& id) { return Close(id, who).status(); }},
    };
  }

  // A fresh case in that state, of a listing of its own; ends that CloseStallCase reaches are SPOILED ones.
  std::string CaseIn(StallCaseState state) {
    using namespace stall::v1;
    const std::string goods = List(kEggFarm, Eggs(1'000));
    if (state == STALL_CASE_STATE_DETECTED) {
      RunStep([&](ledger::Operation& operation) { return stall::OpenDetected(operation, goods, StallDetection()); });
      Spoil(goods);
      return CaseOf(goods);
    }
    const std::string id = MustReport(goods);
    if (state == STALL_CASE_STATE_DISMISSED) {
      EXPECT_TRUE(Dismiss(id).ok());
    }
    if (state == STALL_CASE_STATE_CLEARED) {
      SellAllOf(goods);
      EXPECT_TRUE(Close(id).ok());
    }
    if (state == STALL_CASE_STATE_SPOILED) {
      Spoil(goods);
      EXPECT_TRUE(Close(id).ok());
    }
    const bool is_on_its_way = state >= STALL_CASE_STATE_VERIFIED && state <= STALL_CASE_STATE_PARTLY_SOLD;
    if (is_on_its_way) {
      EXPECT_TRUE(Verify(id).ok());
    }
    if (state == STALL_CASE_STATE_DISPATCHED) {
      EXPECT_TRUE(Dispatch(id, directory::v1::CHANNEL_SCHOOL).ok());
    }
    if (state == STALL_CASE_STATE_PARTLY_SOLD) {
      SellSomeOf(goods);
      RunStep([&](ledger::Operation& operation) { return stall::ReviewCase(operation, *store_.Latest(), id); });
    } else if (state <= STALL_CASE_STATE_DISPATCHED) {
      Spoil(goods);  // so that an end is SPOILED
    }
    EXPECT_EQ(CaseNow(id).state(), state);
    return id;
  }

  std::string CaseOf(const std::string& goods) {
    for (const stall::v1::StallCase& shown : Cases(testing::Operator())) {
      if (shown.listing_id() == goods) return shown.case_id();
    }
    ADD_FAILURE() << "no case of " << goods;
    return "";
  }

  void Spoil(const std::string& goods) {
    listing::v1::ReportSpoiledRequest request;
    request.set_listing_id(goods);
    request.set_units(300);
    ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), listing::ReportSpoiled, request).ok());
  }
  // Closes the other listings' goods to buyers, so that the sale is of this one.
  void SellSomeOf(const std::string& goods) {
    Spoil(goods);
    RunStep([&](ledger::Operation& operation) {
      return listing::MoveUnits(operation, goods, listing::Balance::kAvailable, listing::Balance::kSold, 10, "test");
    });
  }
  void SellAllOf(const std::string& goods) {
    RunStep([&](ledger::Operation& operation) {
      return listing::MoveUnits(operation, goods, listing::Balance::kAvailable, listing::Balance::kSold, 1'000, "test");
    });
  }
  // Units are moved here without the contracts behind them, which the check of the books would rightly complain of.
  void TearDown() override {}

  static base::Caller CallerOf(Role role) {
    if (role == Role::ROLE_SUPPLIER) return testing::SupplierOf(kEggFarm);
    if (role == Role::ROLE_INSTITUTION) return testing::InstitutionOf(kSchool);
    if (role == Role::ROLE_PLATFORM) return testing::PlatformOf(testing::Uscc("91", 5));
    if (role == Role::ROLE_OFFICER) return kCountyOfficer;
    return {.role = role, .token_id = "token"};
  }
};

TEST_F(CaseCallsTest, EveryCallInEveryStateByEveryRole) {
  for (int state = stall::v1::STALL_CASE_STATE_REPORTED; state <= stall::v1::StallCaseState_MAX; ++state) {
    std::string id = CaseIn(static_cast<StallCaseState>(state));
    for (const Call& call : Calls()) {
      for (const Role role : testing::AllActors()) {
        if (role == base::kTime) continue;
        const std::string where = base::StrCat(stall::v1::StallCaseState_Name(static_cast<StallCaseState>(state)), " ",
                                               call.step, " ", common::v1::Role_Name(role));
        const auto next = stall::CaseStates().Next(state, call.step, role, "");
        const stall::v1::StallCase before = CaseNow(id);
        const absl::Status made = call.make(CallerOf(role), id);
        if (next.ok()) {
          EXPECT_TRUE(made.ok()) << where << ": " << made;
          EXPECT_EQ(CaseNow(id).state(), *next) << where;
          id = CaseIn(static_cast<StallCaseState>(state));
          continue;
        }
        const bool is_nobodys = base::ReasonOf(next.status()) == ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED;
        EXPECT_THAT(made, HasReason(is_nobodys ? ErrorReason::ERROR_REASON_NOT_FOUND
                                               : ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED))
            << where;
        EXPECT_EQ(CaseNow(id).SerializeAsString(), before.SerializeAsString()) << where;
      }
    }
  }
}

TEST_F(CaseCallsTest, AMethodAdmitsTheRolesOfTheTable) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("zhuxiao.stall.v1.StallService");
  ASSERT_NE(service, nullptr);
  for (const Call& call : Calls()) {
    std::set<int> of_table;
    for (const base::Transition& row : stall::CaseStates().transitions()) {
      if (row.action == call.step) of_table.insert(row.actors.begin(), row.actors.end());
    }
    of_table.erase(base::kTime);
    const auto& rule = service->FindMethodByName(call.method)->options().GetExtension(common::v1::access);
    EXPECT_EQ(std::set<int>(rule.roles().begin(), rule.roles().end()), of_table) << call.method;
  }
}

}  // namespace
}  // namespace zhuxiao
