#include "services/reward/reward_service.h"

#include <fstream>
#include <string>
#include <utility>

#include "services/base/temporary_directory.h"
#include "services/ledger/operation.h"
#include "services/reward/claims.h"
#include "services/reward/dry_run.h"
#include "services/reward/exports.h"
#include "services/reward/pending.h"
#include "services/reward/policies.h"
#include "services/reward/record_export.h"
#include "services/reward/sales.h"
#include "services/reward/sales_export.h"
#include "services/reward/statements.h"
#include "services/reward/waivers.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::reward {
namespace {

using api::ReadContext;

// Takes one batch to its commit; `done` gets what became of it. `batch` outlives that.
void Take(api::Environment& environment, const base::Caller& caller, const v1::ReportSalesRequest& batch,
          int64_t first_index, std::function<void(absl::StatusOr<v1::ReportSalesResponse>)> done) {
  auto intent = std::make_shared<ledger::Intent>();
  intent->caller = caller;
  intent->action = "ReportSales";
  intent->now = environment.clock.Now();
  intent->first_id = base::NewId(intent->now, environment.random);
  auto tally = std::make_shared<v1::ReportSalesResponse>();
  store::RunTransaction(
      environment.store,
      [&batch, first_index, intent, tally](store::Transaction& transaction) {
        return TakeBatch(transaction, *intent, batch, first_index, *tally);
      },
      [tally, done = std::move(done)](absl::Status status, store::Position) {
        if (!status.ok()) return done(std::move(status));
        done(std::move(*tally));
      });
}

// Takes the batches of one ReportSales call, each committed before the next is read.
class SalesReader final : public rpc::StreamReader<v1::ReportSalesRequest, v1::ReportSalesResponse> {
 public:
  SalesReader(api::Environment& environment, base::Caller caller)
      : environment_(environment), caller_(std::move(caller)) {}

  void OnMessage(const v1::ReportSalesRequest& batch, std::function<void(absl::Status)> next) override {
    // `next` keeps the batch and this reader alive until the commit has answered.
    Take(environment_, caller_, batch, next_index_,
         [this, &batch, next](absl::StatusOr<v1::ReportSalesResponse> tally) {
           if (tally.ok()) {
             AddTally(*tally, total_);
             next_index_ += batch.entries_size();
           }
           next(tally.status());
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
  api::Write<ProposePolicyRequest, ProposePolicyResponse>(service, "ProposePolicy", environment, ProposePolicy);
  api::Write<ReviewPolicyRequest, ReviewPolicyResponse>(service, "ReviewPolicy", environment, ReviewPolicy);
  api::Write<PublishPolicyRequest, PublishPolicyResponse>(service, "PublishPolicy", environment, PublishPolicy);
  api::Write<SubmitClaimRequest, SubmitClaimResponse>(service, "SubmitClaim", environment, SubmitClaim);
  api::Write<ReviewClaimRequest, ReviewClaimResponse>(service, "ReviewClaim", environment, ReviewClaim);
  api::Write<RecheckClaimRequest, RecheckClaimResponse>(service, "RecheckClaim", environment, RecheckClaim);
  api::Write<PublishClaimsRequest, PublishClaimsResponse>(service, "PublishClaims", environment, PublishClaims);
  api::Write<ObjectToClaimRequest, ObjectToClaimResponse>(service, "ObjectToClaim", environment, ObjectToClaim);
  api::Write<AnswerObjectionRequest, AnswerObjectionResponse>(service, "AnswerObjection", environment, AnswerObjection);
  api::Write<ApproveClaimRequest, ApproveClaimResponse>(service, "ApproveClaim", environment, ApproveClaim);
  api::Write<RecordWaiverRequest, RecordWaiverResponse>(service, "RecordWaiver", environment, RecordWaiver);
  api::Write<PayClaimRequest, PayClaimResponse>(service, "PayClaim", environment, PayClaim);
  api::Write<SettleClawBackRequest, SettleClawBackResponse>(service, "SettleClawBack", environment, SettleClawBack);
}

// Entries need no request_id, since they have numbers of their own. Each is checked by itself: text that is not UTF-8
// is a bad field of its entry, and keeps no other entry from being taken.
void AddStream(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  service.ClientStream<ReportSalesRequest, ReportSalesResponse>(
      "ReportSales",
      [&environment](const rpc::Call& call) { return std::make_unique<SalesReader>(environment, call.caller); },
      rpc::BadText::kMarked);
}

// The same for a single batch.
void AddBatch(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  service.Unary<ReportSalesBatchRequest, ReportSalesBatchResponse>(
      "ReportSalesBatch",
      [&environment](const rpc::Call& call, const ReportSalesBatchRequest& request,
                     rpc::Done<ReportSalesBatchResponse> done) {
        // The request lives as long as a copy of `done`.
        Take(environment, call.caller, request.batch(), 0, [done](absl::StatusOr<ReportSalesResponse> tally) {
          if (!tally.ok()) return done(tally.status());
          ReportSalesBatchResponse response;
          *response.mutable_report() = *std::move(tally);
          done(std::move(response));
        });
      },
      rpc::BadText::kMarked);
}

// The file goes out in parts well below the largest message; each waits for the one before.
constexpr size_t kPartBytes = 512 << 10;

// A file on its way to a caller, gone when it was sent.
struct OutgoingFile {
  base::TemporaryDirectory directory;
  std::ifstream bytes;
};

template <typename Response>
void SendOn(std::shared_ptr<rpc::StreamWriter<Response>> writer, std::shared_ptr<OutgoingFile> file) {
  std::string part(kPartBytes, '\0');
  file->bytes.read(part.data(), static_cast<std::streamsize>(part.size()));
  part.resize(static_cast<size_t>(file->bytes.gcount()));
  if (file->bytes.bad()) return writer->Finish(absl::InternalError("a temporary file cannot be read"));
  if (part.empty()) return writer->Finish(absl::OkStatus());
  Response response;
  response.set_part(std::move(part));
  writer->Write(response, [writer, file](bool is_written) {
    if (is_written) SendOn(writer, file);
  });
}

// Answers `request` with the file that `make` writes at a path, in parts.
template <typename Request, typename Response>
void AddFile(
    rpc::Service& service, const std::string& method, api::Environment& environment, rpc::Workers& workers,
    std::function<absl::Status(store::Reader&, const base::Caller&, const Request&, const std::string&)> make) {
  service.ServerStream<Request, Response>(
      method,
      [&environment, &workers, make](const rpc::Call& call, const Request& request,
                                     std::shared_ptr<rpc::StreamWriter<Response>> writer) {
        const absl::Status started = workers.Run([&environment, make, caller = call.caller, request, writer] {
          auto file = std::make_shared<OutgoingFile>();
          const std::string path = file->directory.path() + "/file";
          const absl::Status made = file->directory.path().empty()
                                        ? absl::InternalError("there is no room for temporary files")
                                        : make(*environment.store.Latest(), caller, request, path);
          const absl::Status checked = api::WithRequestChecks(request, made);
          if (!checked.ok()) return writer->Finish(checked);
          file->bytes.open(path, std::ios::binary);
          SendOn(writer, file);
        });
        if (!started.ok()) writer->Finish(started);
      },
      rpc::BadText::kMarked);
}

void AddFiles(rpc::Service& service, api::Environment& environment, rpc::Workers& workers,
              const std::shared_ptr<const record::SigningKey>& key) {
  using namespace v1;
  AddFile<ExportStatementRequest, ExportStatementResponse>(service, "ExportStatement", environment, workers,
                                                           ExportStatement);
  AddFile<ExportSalesRequest, ExportSalesResponse>(service, "ExportSales", environment, workers, ExportSales);
  AddFile<ExportClaimRecordRequest, ExportClaimRecordResponse>(
      service, "ExportClaimRecord", environment, workers,
      [key](store::Reader& reader, const base::Caller& caller, const ExportClaimRecordRequest& request,
            const std::string& path) { return ExportClaimRecord(reader, caller, key.get(), request, path); });
  api::Read<GetRecordKeyRequest, GetRecordKeyResponse>(
      service, "GetRecordKey", environment,
      [key](store::Reader&, const ReadContext&, const GetRecordKeyRequest&) { return GetRecordKey(key.get()); });
}

void AddReads(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  api::Read<GetPolicyRequest, GetPolicyResponse>(
      service, "GetPolicy", environment,
      [](store::Reader& reader, const ReadContext& context, const GetPolicyRequest& request) {
        return GetPolicy(reader, context.caller, request);
      });
  api::Read<DryRunPolicyRequest, DryRunPolicyResponse>(
      service, "DryRunPolicy", environment,
      [](store::Reader& reader, const ReadContext& context, const DryRunPolicyRequest& request) {
        return DryRunPolicy(reader, context.caller, request);
      });
  api::Read<GetSalesFeedRequest, GetSalesFeedResponse>(
      service, "GetSalesFeed", environment,
      [](store::Reader& reader, const ReadContext& context, const GetSalesFeedRequest& request) {
        return GetSalesFeed(reader, context.caller, request);
      });
  api::Read<GetClaimRequest, GetClaimResponse>(
      service, "GetClaim", environment,
      [](store::Reader& reader, const ReadContext& context, const GetClaimRequest& request) {
        return GetClaim(reader, context.caller, request);
      });
  api::List<ListPoliciesRequest, ListPoliciesResponse>(
      service, "ListPolicies", environment,
      [](store::Reader& reader, const ReadContext& context, const ListPoliciesRequest& request,
         const store::PageRequest& page) { return ListPolicies(reader, context.caller, request, page); });
  api::List<ListWaiversRequest, ListWaiversResponse>(
      service, "ListWaivers", environment,
      [](store::Reader& reader, const ReadContext& context, const ListWaiversRequest& request,
         const store::PageRequest& page) { return ListWaivers(reader, context.caller, request, page); });
  api::List<ListSalesRequest, ListSalesResponse>(
      service, "ListSales", environment,
      [](store::Reader& reader, const ReadContext& context, const ListSalesRequest& request,
         const store::PageRequest& page) { return ListSales(reader, context.caller, request, page); });
  api::List<ListPendingRefundsRequest, ListPendingRefundsResponse>(
      service, "ListPendingRefunds", environment,
      [](store::Reader& reader, const ReadContext& context, const ListPendingRefundsRequest& request,
         const store::PageRequest& page) { return ListPendingRefunds(reader, context.caller, request, page); });
  api::List<ListPendingWaybillsRequest, ListPendingWaybillsResponse>(
      service, "ListPendingWaybills", environment,
      [](store::Reader& reader, const ReadContext& context, const ListPendingWaybillsRequest& request,
         const store::PageRequest& page) { return ListPendingWaybills(reader, context.caller, request, page); });
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

std::unique_ptr<rpc::Service> MakeRewardService(api::Environment& environment, rpc::Workers& workers,
                                                std::shared_ptr<const record::SigningKey> key) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.reward.v1.RewardService"));
  AddWrites(*service, environment);
  AddStream(*service, environment);
  AddBatch(*service, environment);
  AddFiles(*service, environment, workers, key);
  AddReads(*service, environment);
  return service;
}

}  // namespace zhuxiao::reward
