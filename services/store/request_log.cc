// Request records: read first, written in the same commit as the effect they stand for.
#include "services/store/request_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "google/rpc/status.pb.h"
#include "services/base/clock.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/store/keys.h"
#include "zhuxiao/storage/v1/store.pb.h"

namespace zhuxiao::store {
namespace {

using ::zhuxiao::storage::v1::RequestRecord;

constexpr std::string_view kTable = "request";

std::string Digest(const Request& request) {
  std::string text = request.method;
  text += '\0';
  text += request.content;
  return base::Sha256(text);
}

bool IsAnswer(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsNotFound(status) || absl::IsAlreadyExists(status) ||
         absl::IsOutOfRange(status);
}

void Record(const absl::Status& status, google::rpc::Status& refusal) {
  refusal.set_code(static_cast<int>(status.code()));
  refusal.set_message(std::string(status.message()));
  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    details.emplace_back(std::string(type_url), std::string(payload));
  });
  // Abseil hands payloads out in no particular order.
  std::ranges::sort(details);
  for (auto& [type_url, payload] : details) {
    google::protobuf::Any* detail = refusal.add_details();
    detail->set_type_url(std::move(type_url));
    detail->set_value(std::move(payload));
  }
}

absl::Status Restore(const google::rpc::Status& refusal) {
  absl::Status status(static_cast<absl::StatusCode>(refusal.code()), refusal.message());
  for (const google::protobuf::Any& detail : refusal.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

// One call of RunOnce, from its first attempt to its answer.
class Call {
 public:
  Call(Request request, RequestBody body)
      : request_(std::move(request)),
        body_(std::move(body)),
        key_(Key(kTable, request_.tenant, request_.request_id)),
        digest_(Digest(request_)) {}

  absl::Status Run(Transaction& transaction) {
    answer_ = absl::InternalError("not answered");
    absl::StatusOr<std::optional<std::string>> row = transaction.Get(key_);
    if (!row.ok()) return row.status();
    return row->has_value() ? Repeat(**row) : Execute(transaction);
  }

  absl::StatusOr<std::string> TakeAnswer() { return std::move(answer_); }

 private:
  absl::Status Repeat(const std::string& row) {
    RequestRecord record;
    if (!record.ParseFromString(row)) return base::DataLoss(base::StrCat("unreadable request record at ", key_));
    if (record.digest() != digest_) {
      return base::Refuse(base::ErrorReason::ERROR_REASON_REQUEST_ID_REUSED, request_.request_id,
                          "this request_id was used before with other content");
    }
    if (record.has_refusal()) {
      answer_ = Restore(record.refusal());
    } else {
      answer_ = std::move(*record.mutable_response());
    }
    return absl::OkStatus();
  }

  absl::Status Execute(Transaction& transaction) {
    answer_ = body_(transaction);
    RequestRecord record;
    if (answer_.ok()) {
      record.set_response(*answer_);
    } else if (IsAnswer(answer_.status())) {
      transaction.ClearWrites();
      Record(answer_.status(), *record.mutable_refusal());
    } else {
      return answer_.status();
    }
    record.set_digest(digest_);
    *record.mutable_create_time() = base::ToProto(request_.now);
    transaction.Put(key_, record.SerializeAsString());
    return absl::OkStatus();
  }

  const Request request_;
  const RequestBody body_;
  const std::string key_;
  const std::string digest_;
  absl::StatusOr<std::string> answer_;
};

bool IsExpired(const std::string& row, absl::Time now) {
  RequestRecord record;
  return record.ParseFromString(row) && base::FromProto(record.create_time()) + kRequestRetention < now;
}

}  // namespace

void RunOnce(Store& store, Request request, RequestBody body, std::function<void(absl::StatusOr<std::string>)> done,
             RetryPolicy policy) {
  base::FieldErrors errors;
  errors.Require(base::IsValidId(request.request_id), "request_id", "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  if (!errors.empty()) {
    done(errors.ToStatus());
    return;
  }
  const auto call = std::make_shared<Call>(std::move(request), std::move(body));
  RunTransaction(
      store, [call](Transaction& transaction) { return call->Run(transaction); },
      [call, done = std::move(done)](absl::Status status, Position) {
        if (status.ok()) {
          done(call->TakeAnswer());
        } else {
          done(std::move(status));
        }
      },
      policy);
}

absl::StatusOr<std::string> PruneRequests(Store& store, absl::Time now, std::string cursor, size_t limit) {
  const std::string prefix = base::StrCat(kTable, "/");
  const std::string begin = cursor.empty() ? prefix : cursor + '\0';
  absl::StatusOr<std::vector<KeyValue>> rows = store.Latest()->Scan(begin, PrefixEnd(prefix), limit);
  if (!rows.ok()) return rows.status();
  const std::string next = rows->size() == limit ? rows->back().key : "";
  std::erase_if(*rows, [now](const KeyValue& row) { return !IsExpired(row.value, now); });
  // Reading each again in the transaction keeps a record alive that was pruned and made anew in between, without
  // the conflicts that a scan of the whole stretch would have with every request in it.
  absl::Status status = RunTransaction(store, [&rows, now](Transaction& transaction) -> absl::Status {
    for (const KeyValue& row : *rows) {
      absl::StatusOr<std::optional<std::string>> value = transaction.Get(row.key);
      if (!value.ok()) return value.status();
      if (value->has_value() && IsExpired(**value, now)) transaction.Delete(row.key);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return next;
}

}  // namespace zhuxiao::store
