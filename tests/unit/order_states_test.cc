// The states of a contract: the table against a second writing of it, and every call in every state by every role
// against the table.
#include <functional>

#include "services/order/contract_payments.h"
#include "services/order/contract_returns.h"
#include "services/order/contract_states.h"
#include "tests/support/market_fixture.h"
#include "tests/support/state_table.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using base::Role;
using order::v1::Contract;
using testing::HasReason;

TEST(ContractStatesTest, TheTableIsThis) {
  using namespace order::v1;
  testing::ExpectMoves(
      order::ContractStates(),
      {
          {{CONTRACT_STATE_PROPOSED, "sign", Role::ROLE_SUPPLIER}, CONTRACT_STATE_SIGNED},
          {{CONTRACT_STATE_PROPOSED, "sign to be paid first", Role::ROLE_SUPPLIER}, CONTRACT_STATE_AWAITING_PAYMENT},
          {{CONTRACT_STATE_AWAITING_PAYMENT, "pay", Role::ROLE_INSTITUTION}, CONTRACT_STATE_SIGNED},
          {{CONTRACT_STATE_AWAITING_PAYMENT, "extend the time to pay", Role::ROLE_INSTITUTION},
           CONTRACT_STATE_AWAITING_PAYMENT},
          {{CONTRACT_STATE_AWAITING_PAYMENT, "miss the time to pay", base::kTime}, CONTRACT_STATE_VOID},
          {{CONTRACT_STATE_AWAITING_PAYMENT, "miss the last-sale time", base::kTime}, CONTRACT_STATE_VOID},
          {{CONTRACT_STATE_PROPOSED, "refuse", Role::ROLE_SUPPLIER}, CONTRACT_STATE_VOID},
          {{CONTRACT_STATE_PROPOSED, "miss the sign deadline", base::kTime}, CONTRACT_STATE_VOID},
          {{CONTRACT_STATE_SIGNED, "ship", Role::ROLE_SUPPLIER}, CONTRACT_STATE_SHIPPED},
          {{CONTRACT_STATE_SIGNED, "miss the last-sale time", base::kTime}, CONTRACT_STATE_VOID},
          {{CONTRACT_STATE_SHIPPED, "accept", Role::ROLE_INSTITUTION}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_SHIPPED, "accept nothing", Role::ROLE_INSTITUTION}, CONTRACT_STATE_VOID},
          {{CONTRACT_STATE_ACCEPTED, "settle", Role::ROLE_INSTITUTION}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_ACCEPTED, "owe nothing", base::kTime}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_ACCEPTED, "fall overdue", base::kTime}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_ACCEPTED, "ask to return", Role::ROLE_INSTITUTION}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_SETTLED, "ask to return", Role::ROLE_INSTITUTION}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_ACCEPTED, "agree to a return", Role::ROLE_SUPPLIER}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_ACCEPTED, "agree to a return", Role::ROLE_OFFICER}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_ACCEPTED, "agree to a return", Role::ROLE_OPERATOR}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_SETTLED, "agree to a return", Role::ROLE_SUPPLIER}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_SETTLED, "agree to a return", Role::ROLE_OFFICER}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_SETTLED, "agree to a return", Role::ROLE_OPERATOR}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_ACCEPTED, "decline a return", Role::ROLE_SUPPLIER}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_ACCEPTED, "decline a return", Role::ROLE_OFFICER}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_ACCEPTED, "decline a return", Role::ROLE_OPERATOR}, CONTRACT_STATE_ACCEPTED},
          {{CONTRACT_STATE_SETTLED, "decline a return", Role::ROLE_SUPPLIER}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_SETTLED, "decline a return", Role::ROLE_OFFICER}, CONTRACT_STATE_SETTLED},
          {{CONTRACT_STATE_SETTLED, "decline a return", Role::ROLE_OPERATOR}, CONTRACT_STATE_SETTLED},
      });
}

TEST(ContractStatesTest, AStepGivesANewEtagAndARefusalChangesNothing) {
  Contract contract;
  contract.set_state(order::v1::CONTRACT_STATE_SIGNED);
  contract.set_etag("4");
  const std::string before = contract.SerializeAsString();
  EXPECT_THAT(order::TakeStep(contract, order::kSignStep, Role::ROLE_SUPPLIER),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(contract.SerializeAsString(), before);
  ASSERT_TRUE(order::TakeStep(contract, order::kShipStep, Role::ROLE_SUPPLIER).ok());
  EXPECT_EQ(contract.state(), order::v1::CONTRACT_STATE_SHIPPED);
  EXPECT_EQ(contract.etag(), "5");
}

class ContractCallsTest : public testing::MarketFixture {
 protected:
  struct Call {
    std::string step;    // of the table
    std::string method;  // of the proto
    std::function<absl::Status(const base::Caller&, const Contract&)> make;
  };

  template <typename Request, typename Function>
  Call CallOf(std::string step, std::string method, Function function,
              std::function<void(Request&, const Contract&)> fill = {}) {
    return {std::move(step), std::move(method), [=, this](const base::Caller& caller, const Contract& contract) {
              Request request;
              if (fill) fill(request, contract);
              request.set_contract_id(contract.contract_id());
              return Do(caller, function, request).status();
            }};
  }

  std::vector<Call> Calls() {
    using namespace order::v1;
    return {
        CallOf<SignContractRequest>("sign", "SignContract", order::Sign),
        CallOf<RefuseContractRequest>("refuse", "RefuseContract", order::RefuseContract),
        CallOf<ShipContractRequest>(
            "ship", "ShipContract", order::Ship,
            [this](ShipContractRequest& request, const Contract& contract) { request = Shipment(contract); }),
        CallOf<AcceptContractRequest>("accept", "AcceptContract", order::AcceptGoods,
                                      [](AcceptContractRequest& request, const Contract& contract) {
                                        request.set_accepted_units(contract.ordered_units());
                                      }),
        CallOf<AcceptContractRequest>("accept nothing", "AcceptContract", order::AcceptGoods,
                                      [](AcceptContractRequest& request, const Contract&) {
                                        request.set_rejected_goods(REJECTED_GOODS_RETURNED);
                                      }),
        CallOf<SettleContractRequest>("settle", "SettleContract", order::Settle),
        CallOf<PayContractRequest>("pay", "PayContract", order::Pay),
        CallOf<ExtendPaymentRequest>("extend the time to pay", "ExtendPayment", order::ExtendPayment),
        CallOf<AskReturnRequest>("ask to return", "AskReturn", order::AskReturn,
                                 [](AskReturnRequest& request, const Contract&) { request = Asked(); }),
        CallOf<AnswerReturnRequest>("agree to a return", "AnswerReturn", order::AnswerReturn,
                                    [](AnswerReturnRequest& request, const Contract& contract) {
                                      if (contract.returns_size() > 0) {
                                        request.set_return_id(contract.returns(0).return_id());
                                      }
                                      request.set_is_agreed(true);
                                    }),
        CallOf<AnswerReturnRequest>("decline a return", "AnswerReturn", order::AnswerReturn,
                                    [](AnswerReturnRequest& request, const Contract& contract) {
                                      if (contract.returns_size() > 0) {
                                        request.set_return_id(contract.returns(0).return_id());
                                      }
                                      request.set_answer("sound when it left");
                                    }),
    };
  }

  static order::v1::AskReturnRequest Asked() {
    order::v1::AskReturnRequest request;
    request.set_units(1);
    request.set_goods(order::v1::REJECTED_GOODS_SPOILED);
    request.set_party(order::v1::PARTY_CARRIER);
    request.set_cause("broken");
    return request;
  }

  // What a call of the step finds besides the state: a return asked for, where it answers one.
  void Prepare(Contract& contract, const std::string& step) {
    const bool answers = step == "agree to a return" || step == "decline a return";
    if (!answers || contract.accepted_units() == 0) return;
    order::v1::AskReturnRequest request = Asked();
    request.set_contract_id(contract.contract_id());
    const auto asked = Do(testing::InstitutionOf(kSchool), order::AskReturn, request);
    ASSERT_TRUE(asked.ok()) << asked.status();
    contract = asked->contract();
  }

  // A fresh contract in that state, with what the step finds.
  Contract ContractIn(order::v1::ContractState state, const std::string& step) {
    Contract contract = ContractIn(state);
    Prepare(contract, step);
    return contract;
  }

  Contract ContractIn(order::v1::ContractState state) {
    if (goods_.empty()) goods_ = List(kEggFarm, Eggs(100'000));
    order::v1::Order order = EggOrder(10);
    const bool is_paid_first = state == order::v1::CONTRACT_STATE_AWAITING_PAYMENT;
    if (is_paid_first) order.set_payment_mode(order::v1::PAYMENT_MODE_PAY_FIRST);
    const auto placed = Place(kSchool, order);
    EXPECT_TRUE(placed.ok()) << placed.status();
    const Contract contract = placed.ok() ? placed->contracts(0) : Contract();
    if (state == order::v1::CONTRACT_STATE_VOID) {
      order::v1::RefuseContractRequest request;
      request.set_contract_id(contract.contract_id());
      EXPECT_TRUE(Do(testing::SupplierOf(kEggFarm), order::RefuseContract, request).ok());
      return ContractNow(contract.contract_id());
    }
    if (state >= order::v1::CONTRACT_STATE_SIGNED) {
      EXPECT_TRUE(Sign(contract).ok());
    }
    if (is_paid_first) return ContractNow(contract.contract_id());
    if (state >= order::v1::CONTRACT_STATE_SHIPPED) {
      EXPECT_TRUE(Ship(contract).ok());
    }
    if (state >= order::v1::CONTRACT_STATE_ACCEPTED) {
      EXPECT_TRUE(Accept(contract, 10).ok());
    }
    if (state >= order::v1::CONTRACT_STATE_SETTLED) {
      EXPECT_TRUE(Settle(contract).ok());
    }
    EXPECT_EQ(ContractNow(contract.contract_id()).state(), state);
    return ContractNow(contract.contract_id());
  }

  // A caller of the role; the sides of the contract act for themselves.
  static base::Caller CallerOf(Role role) {
    if (role == Role::ROLE_SUPPLIER) return testing::SupplierOf(kEggFarm);
    if (role == Role::ROLE_INSTITUTION) return testing::InstitutionOf(kSchool);
    if (role == Role::ROLE_PLATFORM) return testing::PlatformOf(testing::Uscc("91", 5));
    return {.role = role, .token_id = "token"};
  }

  std::string goods_;
};

TEST_F(ContractCallsTest, EveryCallInEveryStateByEveryRole) {
  for (int state = order::v1::CONTRACT_STATE_PROPOSED; state <= order::v1::ContractState_MAX; ++state) {
    for (const Call& call : Calls()) {
      Contract contract = ContractIn(static_cast<order::v1::ContractState>(state), call.step);
      for (const Role role : testing::AllActors()) {
        if (role == base::kTime) continue;
        const std::string where = base::StrCat(order::v1::ContractState_Name(contract.state()), " ", call.step, " ",
                                               common::v1::Role_Name(role));
        const auto next = order::ContractStates().Next(state, call.step, role, "");
        const absl::Status made = call.make(CallerOf(role), contract);
        const Contract after = ContractNow(contract.contract_id());
        if (next.ok()) {
          EXPECT_TRUE(made.ok()) << where << ": " << made;
          EXPECT_EQ(after.state(), *next) << where;
          contract = ContractIn(static_cast<order::v1::ContractState>(state), call.step);
          continue;
        }
        // To whom the step never belongs the contract is not even there.
        const bool is_other_side = base::ReasonOf(next.status()) == ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED;
        EXPECT_THAT(made, HasReason(is_other_side ? ErrorReason::ERROR_REASON_NOT_FOUND
                                                  : ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED))
            << where;
        EXPECT_EQ(after.SerializeAsString(), contract.SerializeAsString()) << where;
      }
    }
  }
}

TEST_F(ContractCallsTest, AMethodAdmitsTheRolesOfTheTable) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("zhuxiao.order.v1.OrderService");
  ASSERT_NE(service, nullptr);
  for (const Call& call : Calls()) {
    std::set<int> of_table;
    for (const base::Transition& row : order::ContractStates().transitions()) {
      if (row.action == call.step) of_table.insert(row.actors.begin(), row.actors.end());
    }
    const auto& rule = service->FindMethodByName(call.method)->options().GetExtension(common::v1::access);
    EXPECT_EQ(std::set<int>(rule.roles().begin(), rule.roles().end()), of_table) << call.method;
  }
}

}  // namespace
}  // namespace zhuxiao
