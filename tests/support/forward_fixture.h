// Shortcuts for forward contracts between the school and the egg cooperative, their steps and the step of time.
#pragma once

#include <string>

#include "services/forward/agreeing.h"
#include "services/forward/call_off.h"
#include "services/forward/forward.h"
#include "services/forward/reading.h"
#include "tests/support/payment_fixture.h"

namespace zhuxiao::testing {

class ForwardFixture : public PaymentFixture {
 protected:
  // 1,000 jin of eggs at 3.40 to 4.00 yuan, arriving from 20 December to 20 January.
  forward::v1::Forward Winter() const {
    forward::v1::Forward forward;
    forward.set_supplier_uscc(kEggFarm);
    forward.set_commodity_code("egg");
    forward.set_sale_unit("jin");
    forward.set_sale_unit_base(500);
    forward.set_units(1'000);
    forward.mutable_floor_price()->set_amount_fen(340);
    forward.mutable_ceiling_price()->set_amount_fen(400);
    forward.set_first_day("2020-12-20");
    forward.set_last_day("2021-01-20");
    forward.set_destination_code(kCity);
    return forward;
  }

  absl::StatusOr<forward::v1::ProposeForwardResponse> TryPropose(const forward::v1::Forward& forward,
                                                                 const std::string& buyer = kSchool) {
    forward::v1::ProposeForwardRequest request;
    *request.mutable_forward() = forward;
    return Do(InstitutionOf(buyer), forward::Propose, request);
  }

  std::string Propose(const forward::v1::Forward& forward) {
    auto proposed = TryPropose(forward);
    EXPECT_TRUE(proposed.ok()) << proposed.status();
    return proposed.ok() ? proposed->forward().forward_id() : "";
  }

  // Takes a step that needs nothing but the id.
  template <typename Request, typename Function>
  auto Step(const base::Caller& caller, const Function& function, const std::string& id, const std::string& etag = "") {
    Request request;
    request.set_forward_id(id);
    request.set_etag(etag);
    return Do(caller, function, request);
  }

  // Proposed and signed.
  std::string Agree(const forward::v1::Forward& forward) {
    const std::string id = Propose(forward);
    EXPECT_TRUE(Step<forward::v1::SignForwardRequest>(SupplierOf(forward.supplier_uscc()), forward::Sign, id).ok());
    return id;
  }

  absl::StatusOr<forward::v1::AskCancelForwardResponse> AskCancel(const base::Caller& caller, const std::string& id) {
    forward::v1::AskCancelForwardRequest request;
    request.set_forward_id(id);
    request.set_reason("hail");
    return Do(caller, forward::AskCancel, request);
  }

  absl::StatusOr<forward::v1::AnswerCancelForwardResponse> AnswerCancel(const base::Caller& caller,
                                                                        const std::string& id, bool is_agreed) {
    forward::v1::AnswerCancelForwardRequest request;
    request.set_forward_id(id);
    request.set_is_agreed(is_agreed);
    return Do(caller, forward::AnswerCancel, request);
  }

  // Eggs that are ready now and last for thirty days; no going price means the floor.
  forward::v1::CallOffForwardRequest Part(const std::string& id, int64_t units, int64_t going_fen = 0) const {
    forward::v1::CallOffForwardRequest request;
    request.set_forward_id(id);
    request.set_units(units);
    if (going_fen > 0) request.mutable_going_price()->set_amount_fen(going_fen);
    *request.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 30));
    return request;
  }

  absl::StatusOr<forward::v1::CallOffForwardResponse> CallOff(const forward::v1::CallOffForwardRequest& request,
                                                              const std::string& supplier = kEggFarm) {
    return Do(
        SupplierOf(supplier),
        [this](ledger::Operation& operation, const forward::v1::CallOffForwardRequest& asked) {
          return forward::CallOff(operation, *market_, asked);
        },
        request);
  }

  // With figures.
  forward::v1::Forward Now(const std::string& id) {
    forward::v1::GetForwardRequest request;
    request.set_forward_id(id);
    auto read = See([&](store::Reader& reader) { return forward::ReadForward(reader, Auditor(), request); });
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->forward() : forward::v1::Forward();
  }

  // Takes the steps of time that are due, as upkeep does.
  void PassTime() {
    Expire();
    const auto due = See([&](store::Reader& reader) { return forward::DueForwards(reader, clock_.Now(), 100); });
    ASSERT_TRUE(due.ok());
    for (const std::string& id : *due) {
      const auto step = [](ledger::Operation& operation, const std::string& due_id) {
        return forward::ExpireForward(operation, due_id);
      };
      ASSERT_TRUE(Do(base::Caller{}, step, id).ok());
    }
  }
};

}  // namespace zhuxiao::testing
