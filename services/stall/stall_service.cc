#include "services/stall/stall_service.h"

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/errors.h"
#include "services/stall/cases.h"
#include "services/stall/reading.h"

namespace zhuxiao::stall {
namespace {

// Changes a client may be behind before it is sent away: minutes of the busiest day of a province.
constexpr size_t kMaxBehind = 1'000;

using Writer = rpc::StreamWriter<v1::WatchStallCasesResponse>;

// One client that watches: what it may see and asked for goes out in order, one message at a time.
class Watcher final : public CaseSink, public std::enable_shared_from_this<Watcher> {
 public:
  Watcher(const base::Clock& clock, Sight sight, v1::WatchStallCasesRequest request, std::shared_ptr<Writer> writer)
      : clock_(clock), sight_(std::move(sight)), request_(std::move(request)), writer_(std::move(writer)) {}

  bool Take(store::Reader& reader, const v1::StallCase& stall_case) override {
    if (writer_->IsOver()) return false;
    auto shown = Show(reader, sight_.caller(), clock_.Now(), stall_case);
    if (!shown.ok()) {
      writer_->Finish(shown.status());
      return false;
    }
    if (!sight_.Sees(*shown) || !IsAsked(*shown, request_.region_prefix(), request_.min_level())) return true;
    v1::WatchStallCasesResponse response;
    *response.mutable_stall_case() = *std::move(shown);
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.size() == kMaxBehind) {
        writer_->Finish(base::Overloaded("the client is too slow to follow; read the list again", absl::Seconds(1)));
        return false;
      }
      waiting_.push_back(std::move(response));
      if (std::exchange(is_writing_, true)) return true;
    }
    WriteNext();
    return true;
  }

  bool IsOver() const override { return writer_->IsOver(); }

  void End() override { writer_->Finish(base::Unavailable("the server stops; watch again")); }

 private:
  void WriteNext() {
    v1::WatchStallCasesResponse next;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty()) {
        is_writing_ = false;
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    writer_->Write(next, [self = shared_from_this()](bool ok) {
      if (ok) self->WriteNext();
    });
  }

  const base::Clock& clock_;
  const Sight sight_;
  const v1::WatchStallCasesRequest request_;
  const std::shared_ptr<Writer> writer_;
  absl::Mutex mutex_;
  std::deque<v1::WatchStallCasesResponse> waiting_ ABSL_GUARDED_BY(mutex_);
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
};

void RegisterWrites(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  api::Write<ReportStallCaseRequest, ReportStallCaseResponse>(service, "ReportStallCase", environment, ReportCase);
  api::Write<VerifyStallCaseRequest, VerifyStallCaseResponse>(service, "VerifyStallCase", environment, VerifyCase);
  api::Write<DismissStallCaseRequest, DismissStallCaseResponse>(service, "DismissStallCase", environment, DismissCase);
  api::Write<RaiseStallCaseRequest, RaiseStallCaseResponse>(service, "RaiseStallCase", environment, RaiseCase);
  api::Write<DispatchStallCaseRequest, DispatchStallCaseResponse>(service, "DispatchStallCase", environment,
                                                                  DispatchCase);
  api::Write<CloseStallCaseRequest, CloseStallCaseResponse>(service, "CloseStallCase", environment, CloseByHand);
}

void RegisterReads(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  api::Read<GetStallCaseRequest, GetStallCaseResponse>(
      service, "GetStallCase", environment,
      [](store::Reader& reader, const api::ReadContext& context, const GetStallCaseRequest& request) {
        return ReadCase(reader, context.caller, context.now, request);
      });
  api::List<ListStallCasesRequest, ListStallCasesResponse>(
      service, "ListStallCases", environment,
      [](store::Reader& reader, const api::ReadContext& context, const ListStallCasesRequest& request,
         const store::PageRequest& page) { return ListCases(reader, context.caller, context.now, request, page); });
  api::Read<GetStallRulesRequest, GetStallRulesResponse>(
      service, "GetStallRules", environment,
      [](store::Reader&, const api::ReadContext& context, const GetStallRulesRequest& request) {
        return ReadRules(context.now, request);
      });
}

void RegisterWatch(rpc::Service& service, api::Environment& environment, CaseWatch& watch) {
  service.ServerStream<v1::WatchStallCasesRequest, v1::WatchStallCasesResponse>(
      "WatchStallCases",
      [&environment, &watch](const rpc::Call& call, const v1::WatchStallCasesRequest& request,
                             std::shared_ptr<Writer> writer) {
        base::FieldErrors errors;
        CheckRegion(request.region_prefix(), errors);
        if (const absl::Status checked = api::WithRequestChecks(request, errors.ToStatus()); !checked.ok()) {
          return writer->Finish(checked);
        }
        auto sight = Sight::Of(*environment.store.Latest(), call.caller);
        if (!sight.ok()) return writer->Finish(sight.status());
        watch.Add(std::make_shared<Watcher>(environment.clock, *std::move(sight), request, std::move(writer)));
      },
      rpc::BadText::kMarked);
}

}  // namespace

std::unique_ptr<rpc::Service> MakeStallService(api::Environment& environment, CaseWatch& watch) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.stall.v1.StallService"));
  RegisterWrites(*service, environment);
  RegisterReads(*service, environment);
  RegisterWatch(*service, environment, watch);
  return service;
}

}  // namespace zhuxiao::stall
