#include "services/round/round_service.h"

#include <utility>

#include "services/base/errors.h"
#include "services/base/process.h"
#include "services/round/archive.h"
#include "services/round/explain.h"
#include "services/round/operations.h"
#include "services/round/preview.h"
#include "services/round/reading.h"
#include "services/round/watching.h"

namespace zhuxiao::round {
namespace {

using WatchWriter = std::shared_ptr<rpc::StreamWriter<v1::WatchRoundResponse>>;
using ExportWriter = std::shared_ptr<rpc::StreamWriter<v1::ExportRoundResponse>>;

absl::Status Export(store::Store& store, const base::Caller& caller, const std::string& round_id,
                    const ExportWriter& writer) {
  const std::shared_ptr<store::Snapshot> snapshot = store.Latest();
  auto round = GetRound(*snapshot, round_id);
  if (!round.ok()) return round.status();
  if (!ReadsAllOf(caller, *round)) return base::NotFound("round", round_id);
  if (!round->has_close_time()) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, round_id, "the round is not closed",
                        {{"state", v1::RoundState_Name(round->state())}});
  }
  const auto send = [&writer](const storage::v1::RoundFilePiece& piece) {
    v1::ExportRoundResponse response;
    response.set_file(piece.file());
    response.set_content(piece.content());
    return writer->WriteAndWait(response) ? absl::OkStatus() : Gone();
  };
  absl::Status sent = ForEachPiece(*snapshot, round_id, ArchivePart::kInput, send);
  if (!sent.ok() || !round->has_clear_time()) return sent;
  sent = ForEachPiece(*snapshot, round_id, ArchivePart::kResult, send);
  if (!sent.ok() || round->state() != v1::ROUND_STATE_SETTLED) return sent;
  return ForEachPiece(*snapshot, round_id, ArchivePart::kSettled, send);
}

// Runs `send` on a worker and ends the call with its status.
template <typename Writer>
void Stream(rpc::Workers& workers, Writer writer, std::function<absl::Status()> send) {
  const absl::Status started = workers.Run([writer, send = std::move(send)] { writer->Finish(send()); });
  if (!started.ok()) writer->Finish(started);
}

void RegisterSteps(rpc::Service& service, api::Environment& environment) {
  api::Write<v1::OpenRoundRequest, v1::OpenRoundResponse>(service, "OpenRound", environment, Open);
  api::Write<v1::CloseRoundRequest, v1::CloseRoundResponse>(service, "CloseRound", environment, Close);
  api::Write<v1::ClearRoundRequest, v1::ClearRoundResponse>(service, "ClearRound", environment, Clear);
  api::Write<v1::SettleRoundRequest, v1::SettleRoundResponse>(service, "SettleRound", environment, Settle);
  api::Write<v1::CancelRoundRequest, v1::CancelRoundResponse>(service, "CancelRound", environment, Cancel);
}

void RegisterReading(rpc::Service& service, api::Environment& environment) {
  api::Read<v1::GetRoundRequest, v1::GetRoundResponse>(
      service, "GetRound", environment,
      [](store::Reader& reader, const api::ReadContext&,
         const v1::GetRoundRequest& request) -> absl::StatusOr<v1::GetRoundResponse> {
        auto round = ReadRound(reader, request.round_id());
        if (!round.ok()) return round.status();
        v1::GetRoundResponse response;
        *response.mutable_round() = *std::move(round);
        return response;
      });
  api::List<v1::ListRoundsRequest, v1::ListRoundsResponse>(
      service, "ListRounds", environment,
      [](store::Reader& reader, const api::ReadContext&, const v1::ListRoundsRequest& request,
         const store::PageRequest& page) { return ListRounds(reader, request, page); });
  api::List<v1::ListRoundLinesRequest, v1::ListRoundLinesResponse>(
      service, "ListRoundLines", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListRoundLinesRequest& request,
         const store::PageRequest& page) { return ListRoundLines(reader, context.caller, request, page); });
}

void RegisterWatches(rpc::Service& service, api::Environment& environment, rpc::Workers& watches) {
  service.ServerStream<v1::WatchRoundRequest, v1::WatchRoundResponse>(
      "WatchRound", [&environment, &watches, count = std::make_shared<WatchCount>()](
                        const rpc::Call& call, const v1::WatchRoundRequest& request, WatchWriter writer) {
        auto place = count->Begin(call.caller);
        if (!place.ok()) return writer->Finish(place.status());
        const auto watch = [&environment, request, writer] {
          return Watch(environment.store, request,
                       {.send = [&writer](const v1::WatchRoundResponse& seen) { return writer->WriteAndWait(seen); },
                        .is_gone = [&writer] { return writer->IsOver(); },
                        .now_seconds = base::SteadySeconds});
        };
        // Given up before the answer leaves, so that a caller who was answered may watch again.
        const absl::Status started = watches.Run([place = *std::move(place), writer, watch]() mutable {
          const absl::Status watched = watch();
          place.reset();
          writer->Finish(watched);
        });
        if (!started.ok()) writer->Finish(started);
      });
}

void RegisterLongCalls(rpc::Service& service, api::Environment& environment, rpc::Workers& workers) {
  service.ServerStream<v1::ExportRoundRequest, v1::ExportRoundResponse>(
      "ExportRound",
      [&environment, &workers](const rpc::Call& call, const v1::ExportRoundRequest& request, ExportWriter writer) {
        Stream(workers, writer, [&environment, caller = call.caller, id = request.round_id(), writer] {
          return Export(environment.store, caller, id, writer);
        });
      });
  service.Unary<v1::ExplainRoundRequest, v1::ExplainRoundResponse>(
      "ExplainRound",
      [&environment, &workers, rounds = std::make_shared<ClearedRounds>()](
          const rpc::Call& call, const v1::ExplainRoundRequest& request, rpc::Done<v1::ExplainRoundResponse> done) {
        const absl::Status started = workers.Run([&environment, rounds, caller = call.caller, request, done] {
          auto response = Explain(*environment.store.Latest(), caller, *rounds, request);
          const absl::Status checked = api::WithRequestChecks(request, response.status());
          done(checked.ok() ? std::move(response) : checked);
        });
        if (!started.ok()) done(started);
      },
      rpc::BadText::kMarked);
}

// A preview ends by its time limit, of at most kMaxPreviewSeconds, whether its caller waits for it or not.
void RegisterPreview(rpc::Service& service, api::Environment& environment, order::Market& market,
                     rpc::Workers& previews) {
  service.Unary<v1::PreviewRoundRequest, v1::PreviewRoundResponse>(
      "PreviewRound",
      [&environment, &market, &previews](const rpc::Call& call, const v1::PreviewRoundRequest& request,
                                         rpc::Done<v1::PreviewRoundResponse> done) {
        const absl::Status started = previews.Run([&environment, &market, caller = call.caller, request, done] {
          auto response = Preview(environment.store.Latest(), market, caller, environment.clock.Now(), request);
          const absl::Status checked = api::WithRequestChecks(request, response.status());
          done(checked.ok() ? std::move(response) : checked);
        });
        if (!started.ok()) done(started);
      },
      rpc::BadText::kMarked);
}

}  // namespace

std::unique_ptr<rpc::Service> MakeMatchingService(api::Environment& environment, order::Market& market,
                                                  const RoundWorkers& workers) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.matching.v1.MatchingService"));
  RegisterSteps(*service, environment);
  RegisterReading(*service, environment);
  RegisterWatches(*service, environment, workers.watches);
  RegisterLongCalls(*service, environment, workers.calls);
  RegisterPreview(*service, environment, market, workers.previews);
  return service;
}

}  // namespace zhuxiao::round
