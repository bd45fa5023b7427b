#include "services/audit/audit_service.h"

#include <utility>

#include "services/base/errors.h"
#include "services/document/document.h"
#include "services/forward/forward.h"
#include "services/ledger/posting.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/order/shipping.h"
#include "services/partner/partner.h"
#include "services/quota/bindings.h"
#include "services/quota/declarations.h"
#include "services/quota/quota.h"
#include "services/reward/reward.h"
#include "services/stall/stall.h"
#include "services/store/keys.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::audit {
namespace {

// Events read at once while streaming the feed.
constexpr size_t kFeedChunk = 500;

v1::FeedPosition ToProto(store::Position position) {
  v1::FeedPosition proto;
  proto.set_epoch(position.epoch);
  proto.set_sequence(position.sequence);
  return proto;
}

store::Position FromProto(const v1::FeedPosition& proto) { return {proto.epoch(), proto.sequence()}; }

using BooksWriter = std::shared_ptr<rpc::StreamWriter<v1::ExportBooksResponse>>;
using FeedWriter = std::shared_ptr<rpc::StreamWriter<v1::ReadFeedResponse>>;

absl::Status Gone() { return absl::CancelledError("the client went away"); }

// Sends each row of one kind through `writer` by way of `set`.
template <typename Row>
auto Sender(const BooksWriter& writer, Row* (v1::ExportBooksResponse::*mutable_row)()) {
  return [writer, mutable_row](const Row& row) {
    v1::ExportBooksResponse response;
    *(response.*mutable_row)() = row;
    return writer->WriteAndWait(response) ? absl::OkStatus() : Gone();
  };
}

absl::Status SendAccounts(store::Reader& reader, const BooksWriter& writer) {
  const std::string prefix = store::Key(ledger::kAccountTable, "");
  return store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    auto fields = store::DecodeCounter(row.value);
    if (!fields.ok()) return fields.status();
    v1::ExportBooksResponse response;
    response.mutable_account()->set_name(row.key.substr(prefix.size()));
    response.mutable_account()->set_balance_fen(fields->front());
    return writer->WriteAndWait(response) ? absl::OkStatus() : Gone();
  });
}

absl::Status SendBooks(store::Snapshot& snapshot, const BooksWriter& writer) {
  using Response = v1::ExportBooksResponse;
  Response first;
  *first.mutable_position() = ToProto(snapshot.position());
  if (!writer->WriteAndWait(first)) return Gone();
  absl::Status status = listing::ForEach(snapshot, Sender(writer, &Response::mutable_listing));
  if (status.ok()) status = order::ForEachOrder(snapshot, Sender(writer, &Response::mutable_order));
  if (status.ok()) status = order::ForEachContract(snapshot, Sender(writer, &Response::mutable_contract));
  if (status.ok()) status = quota::ForEach(snapshot, Sender(writer, &Response::mutable_quota));
  if (status.ok()) status = quota::ForEachBinding(snapshot, Sender(writer, &Response::mutable_binding));
  if (status.ok()) status = quota::ForEachDeclaration(snapshot, Sender(writer, &Response::mutable_declaration));
  if (status.ok()) status = partner::ForEachHold(snapshot, Sender(writer, &Response::mutable_hold));
  if (status.ok()) status = partner::ForEachPlatformSale(snapshot, Sender(writer, &Response::mutable_platform_sale));
  if (status.ok()) status = reward::ForEachPolicy(snapshot, Sender(writer, &Response::mutable_policy));
  if (status.ok()) status = reward::ForEachSale(snapshot, Sender(writer, &Response::mutable_online_sale));
  if (status.ok()) status = reward::ForEachClaim(snapshot, Sender(writer, &Response::mutable_claim));
  if (status.ok()) status = stall::ForEachCase(snapshot, Sender(writer, &Response::mutable_stall_case));
  if (status.ok()) status = reward::ForEachWaiver(snapshot, Sender(writer, &Response::mutable_waiver));
  if (status.ok()) status = order::ForEachShipment(snapshot, Sender(writer, &Response::mutable_shipment));
  if (status.ok()) status = forward::ForEachForward(snapshot, Sender(writer, &Response::mutable_forward));
  if (status.ok()) status = document::ForEach(snapshot, Sender(writer, &Response::mutable_document));
  if (status.ok()) status = SendAccounts(snapshot, writer);
  return status;
}

absl::Status SendFeed(store::Store& store, store::Position after, store::Position up_to, const FeedWriter& writer) {
  while (after < up_to) {
    auto entries = store.ReadFeed(after, kFeedChunk);
    if (!entries.ok()) return entries.status();
    if (entries->empty()) return absl::OkStatus();
    for (const store::FeedEntry& entry : *entries) {
      if (entry.position > up_to) return absl::OkStatus();
      v1::ReadFeedResponse response;
      *response.mutable_position() = ToProto(entry.position);
      if (!response.mutable_event()->ParseFromString(entry.payload)) {
        return base::DataLoss("an event of the feed cannot be read");
      }
      if (!writer->WriteAndWait(response)) return Gone();
      after = entry.position;
    }
  }
  return absl::OkStatus();
}

// Runs `send` on a worker and ends the call with its status.
template <typename Writer>
void Stream(rpc::Workers& workers, Writer writer, std::function<absl::Status()> send) {
  const absl::Status started = workers.Run([writer, send = std::move(send)] { writer->Finish(send()); });
  if (!started.ok()) writer->Finish(started);
}

}  // namespace

std::unique_ptr<rpc::Service> MakeAuditService(api::Environment& environment, rpc::Workers& workers) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.audit.v1.AuditService"));
  service->ServerStream<v1::ExportBooksRequest, v1::ExportBooksResponse>(
      "ExportBooks", [&environment, &workers](const rpc::Call&, const v1::ExportBooksRequest&, BooksWriter writer) {
        Stream(workers, writer, [&environment, writer] { return SendBooks(*environment.store.Latest(), writer); });
      });
  service->ServerStream<v1::ReadFeedRequest, v1::ReadFeedResponse>(
      "ReadFeed", [&environment, &workers](const rpc::Call&, const v1::ReadFeedRequest& request, FeedWriter writer) {
        const store::Position end = environment.store.FeedEnd();
        const store::Position up_to = request.has_up_to() ? std::min(FromProto(request.up_to()), end) : end;
        Stream(workers, writer, [&environment, after = FromProto(request.after()), up_to, writer] {
          return SendFeed(environment.store, after, up_to, writer);
        });
      });
  return service;
}

}  // namespace zhuxiao::audit
