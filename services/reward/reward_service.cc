#include "services/reward/reward_service.h"

#include <string>
#include <utility>

#include "services/ledger/operation.h"
#include "services/reward/claims.h"
#include "services/reward/policies.h"
#include "services/reward/sales.h"
#include "services/reward/statements.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::reward {
namespace {

using api::ReadContext;

// Takes the batches of one ReportSales call, each committed before the next is read.
class SalesReader final : public rpc::StreamReader<v1::ReportSalesRequest, v1::ReportSalesResponse> {
 public:
  SalesReader(api::Environment& environment, base::Caller caller)
      : environment_(environment), caller_(std::move(caller)) {}

  void OnMessage(const v1::ReportSalesRequest& batch, std::function<void(absl::Status)> next) override {
    auto intent = std::make_shared<ledger::Intent>();
    intent->caller = caller_;
    intent->action = "ReportSales";
    intent->now = environment_.clock.Now();
    intent->first_id = base::NewId(intent->now, environment_.random);
    auto tally = std::make_shared<v1::ReportSalesResponse>();
    // `next` keeps the batch and this reader alive until the commit has answered.
    store::RunTransaction(
        environment_.store,
        [this, &batch, next, intent, tally](store::Transaction& transaction) {
          return TakeBatch(transaction, *intent, batch, next_index_, *tally);
        },
        [this, &batch, next, tally](absl::Status status, store::Position) {
          if (status.ok()) {
            AddTally(*tally, total_);
            next_index_ += batch.entries_size();
          }
          next(std::move(status));
        });
  }

  void OnEnd(std::function<void(absl::StatusOr<v1::ReportSalesResponse>)> done) override { done(std::move(total_)); }

 private:
  api::Environment& environment_;
  const base::Caller caller_;
  int64_t next_index_ = 0;
  v1::ReportSalesResponse total_;
};

void AddWrites(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  api::Write<PublishPolicyRequest, PublishPolicyResponse>(service, "PublishPolicy", environment, PublishPolicy);
  api::Write<SubmitClaimRequest, SubmitClaimResponse>(service, "SubmitClaim", environment, SubmitClaim);
  api::Write<ReviewClaimRequest, ReviewClaimResponse>(service, "ReviewClaim", environment, ReviewClaim);
  api::Write<PayClaimRequest, PayClaimResponse>(service, "PayClaim", environment, PayClaim);
  api::Write<SettleClawBackRequest, SettleClawBackResponse>(service, "SettleClawBack", environment, SettleClawBack);
  service.ClientStream<ReportSalesRequest, ReportSalesResponse>("ReportSales", [&environment](const rpc::Call& call) {
    return std::make_unique<SalesReader>(environment, call.caller);
  });
}

void AddReads(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  api::Read<GetPolicyRequest, GetPolicyResponse>(
      service, "GetPolicy", environment,
      [](store::Reader& reader, const ReadContext&, const GetPolicyRequest& request) {
        return GetPolicy(reader, request);
      });
  api::Read<GetClaimRequest, GetClaimResponse>(
      service, "GetClaim", environment,
      [](store::Reader& reader, const ReadContext& context, const GetClaimRequest& request) {
        return GetClaim(reader, context.caller, request);
      });
  api::List<ListPoliciesRequest, ListPoliciesResponse>(
      service, "ListPolicies", environment,
      [](store::Reader& reader, const ReadContext&, const ListPoliciesRequest&, const store::PageRequest& page) {
        return ListPolicies(reader, page);
      });
  api::List<ListSalesRequest, ListSalesResponse>(
      service, "ListSales", environment,
      [](store::Reader& reader, const ReadContext& context, const ListSalesRequest& request,
         const store::PageRequest& page) { return ListSales(reader, context.caller, request, page); });
  api::List<ListClaimsRequest, ListClaimsResponse>(
      service, "ListClaims", environment,
      [](store::Reader& reader, const ReadContext& context, const ListClaimsRequest& request,
         const store::PageRequest& page) { return ListClaims(reader, context.caller, request, page); });
  api::List<GetStatementRequest, GetStatementResponse>(service, "GetStatement", environment,
                                                       [](store::Reader& reader, const ReadContext& context,
                                                          const GetStatementRequest& request, store::PageRequest page) {
                                                         // Here a page size of 0 asks for the sums alone.
                                                         if (request.page_size() == 0) page.size = 0;
                                                         return GetStatement(reader, context.caller, request, page);
                                                       });
}

}  // namespace

std::unique_ptr<rpc::Service> MakeRewardService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.reward.v1.RewardService"));
  AddWrites(*service, environment);
  AddReads(*service, environment);
  return service;
}

}  // namespace zhuxiao::reward
