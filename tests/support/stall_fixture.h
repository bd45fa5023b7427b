// A small market with upkeep of its stall cases, and shortcuts for what most tests of them repeat.
#pragma once

#include <memory>
#include <string>

#include "services/order/contract_steps.h"
#include "services/order/upkeep.h"
#include "services/stall/cases.h"
#include "services/stall/reading.h"
#include "services/stall/stall.h"
#include "services/stall/upkeep.h"
#include "tests/support/market_fixture.h"
#include "tests/support/verified_books.h"

namespace zhuxiao::testing {

class StallFixture : public MarketFixture {
 protected:
  inline static const base::Caller kCountyOfficer = Officer("140321", "county-officer");

  void SetUp() override {
    MarketFixture::SetUp();
    LoadUpkeep();
  }
  void TearDown() override { EXPECT_EQ(BrokenRules(store_), ""); }

  // As at a start of the server.
  void LoadUpkeep() {
    auto upkeep = stall::Upkeep::Load(store_, clock_.Now());
    ASSERT_TRUE(upkeep.ok()) << upkeep.status();
    upkeep_ = *std::move(upkeep);
  }

  template <typename Step>
  void RunStep(const Step& step) {
    const absl::Status done = Do(
        base::Caller(), [&](ledger::Operation& operation, int) -> absl::Status { return step(operation); }, 0);
    EXPECT_TRUE(done.ok()) << done;
  }

  // What upkeep does now: deadlines first, then stall cases, twice, since cases opened by the first are reviewed by the
  // second.
  void Upkeep() {
    for (int pass = 0; pass < 2; ++pass) {
      const auto contracts = order::DueContracts(*store_.Latest(), clock_.Now(), 500);
      for (const std::string& id : *contracts) {
        RunStep([&](ledger::Operation& operation) { return order::ExpireContract(operation, id); });
      }
      const auto listings = listing::DueListings(*store_.Latest(), clock_.Now(), 500);
      for (const std::string& id : *listings) {
        RunStep([&](ledger::Operation& operation) { return listing::Expire(operation, id); });
      }
      const absl::Status passed =
          upkeep_->Pass(clock_.Now(), [this](const std::string&, const auto& step) { RunStep(step); });
      EXPECT_TRUE(passed.ok()) << passed;
    }
  }

  void NextDay() {
    clock_.Advance(absl::Hours(24));
    Upkeep();
  }

  absl::StatusOr<stall::v1::ReportStallCaseResponse> Report(const base::Caller& caller, const std::string& listing_id,
                                                            int households = 0) {
    stall::v1::ReportStallCaseRequest request;
    request.mutable_stall_case()->set_listing_id(listing_id);
    request.mutable_stall_case()->set_reporter("Li Si 13800000000");
    request.mutable_stall_case()->set_grade("grade one");
    request.mutable_stall_case()->mutable_floor_price()->set_amount_fen(300);
    request.mutable_stall()->set_cause("roads are closed");
    request.mutable_stall()->set_contact("Wang Wu 13900000000");
    request.mutable_stall()->set_households_affected(households);
    return Do(caller, stall::ReportCase, request);
  }

  std::string MustReport(const std::string& listing_id, int households = 0) {
    auto reported = Report(SupplierOf(kEggFarm), listing_id, households);
    EXPECT_TRUE(reported.ok()) << reported.status();
    return reported.ok() ? reported->stall_case().case_id() : "";
  }

  // Calls a write that takes a case id, with what `fill` adds.
  template <typename Request, typename Function>
  auto Act(const base::Caller& caller, const Function& function, const std::string& case_id,
           const std::function<void(Request&)>& fill = {}) {
    Request request;
    request.set_case_id(case_id);
    if (fill) fill(request);
    return Do(caller, function, request);
  }
  auto Verify(const std::string& case_id, const base::Caller& caller = kCountyOfficer) {
    return Act<stall::v1::VerifyStallCaseRequest>(caller, stall::VerifyCase, case_id);
  }
  auto Dismiss(const std::string& case_id, const base::Caller& caller = kCountyOfficer) {
    return Act<stall::v1::DismissStallCaseRequest>(caller, stall::DismissCase, case_id,
                                                   [](auto& request) { request.set_remark("sells well"); });
  }
  auto Dispatch(const std::string& case_id, directory::v1::Channel channel,
                const base::Caller& caller = kCountyOfficer) {
    return Act<stall::v1::DispatchStallCaseRequest>(caller, stall::DispatchCase, case_id,
                                                    [&](auto& request) { request.add_channels(channel); });
  }
  auto Raise(const std::string& case_id, listing::v1::StallLevel level, const base::Caller& caller = kCountyOfficer) {
    return Act<stall::v1::RaiseStallCaseRequest>(caller, stall::RaiseCase, case_id,
                                                 [&](auto& request) { request.set_level(level); });
  }
  auto Close(const std::string& case_id, const base::Caller& caller = kCountyOfficer) {
    return Act<stall::v1::CloseStallCaseRequest>(caller, stall::CloseByHand, case_id);
  }

  absl::StatusOr<stall::v1::GetStallCaseResponse> Read(const base::Caller& caller, const std::string& case_id) {
    stall::v1::GetStallCaseRequest request;
    request.set_case_id(case_id);
    return See([&](store::Reader& reader) { return stall::ReadCase(reader, caller, clock_.Now(), request); });
  }
  stall::v1::StallCase CaseNow(const std::string& case_id) {
    auto read = Read(Operator(), case_id);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->stall_case() : stall::v1::StallCase();
  }

  std::vector<stall::v1::StallCase> Cases(const base::Caller& caller,
                                          const stall::v1::ListStallCasesRequest& request = {}) {
    auto page = See(
        [&](store::Reader& reader) { return stall::ListCases(reader, caller, clock_.Now(), request, {.size = 200}); });
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->response.stall_cases().begin(), page->response.stall_cases().end()};
  }

  // Sells `jin` to the school, to the end.
  void SellEggs(int64_t jin) {
    auto placed = Place(kSchool, EggOrder(jin));
    ASSERT_TRUE(placed.ok()) << placed.status();
    for (const order::v1::Contract& contract : placed->contracts()) {
      ASSERT_TRUE(Sign(contract).ok());
      ASSERT_TRUE(Ship(contract).ok());
      ASSERT_TRUE(Accept(contract, contract.ordered_units()).ok());
      ASSERT_TRUE(Settle(contract).ok());
    }
  }

  std::unique_ptr<stall::Upkeep> upkeep_;
};

}  // namespace zhuxiao::testing
