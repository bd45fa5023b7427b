#include "services/store/redis_log.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/steady.h"
#include "services/base/strings.h"
#include "services/store/redis_function.h"
#include "services/store/redis_settings.h"

namespace zhuxiao::store {
namespace {

// One hash tag, so that one function may use them all.
constexpr std::string_view kHead = "{zhuxiao}:head";
constexpr std::string_view kLog = "{zhuxiao}:log";
constexpr std::string_view kRows = "{zhuxiao}:rows";
constexpr std::string_view kFeed = "{zhuxiao}:feed";

// One read of the log: a large group and more, so that a follower's memory is bounded.
constexpr size_t kReadBytes = 8 << 20;
constexpr size_t kReadRecords = 256;
// Rows asked for at once when all are visited.
constexpr std::string_view kVisitCount = "1000";
// What a replica of the server is given to acknowledge, each time.
constexpr std::string_view kWaitMs = "1000";
// Between two tries to reach a server.
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr size_t kDigestDigits = 12;

using base::Unavailable;

absl::Status RolledBack(const LogPlace& place, std::string_view found) {
  return base::DataLoss(base::StrCat(
      "the shared store lacks commits that were acknowledged: this replica knows it up to ", place.version, ", there ",
      found,
      ". A replica's data directory holds a copy of all: restore the store from the newest (zhuxiaod store copy), "
      "then remove the directory copy of every replica"));
}

// Versions of the functions live side by side, so that old and new replicas can be on one server.
const std::string& Digest() {
  static const std::string digest = absl::BytesToHexString(base::Sha256(kRedisFunction)).substr(0, kDigestDigits);
  return digest;
}

absl::StatusOr<int64_t> NumberOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return static_cast<int64_t>(reply.integer);
  int64_t number = 0;
  if (!absl::SimpleAtoi(base::View(TextOf(reply)), &number)) return base::DataLoss("Redis answered no number");
  return number;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisLog>> RedisLog::Open(RedisTarget target, std::string password, std::string author,
                                                         size_t max_log_bytes) {
  std::unique_ptr<RedisLog> log(new RedisLog(std::move(target), std::move(password), std::move(author), max_log_bytes));
  if (auto link = log->Link(); !link.ok()) return link.status();
  return log;
}

RedisLog::RedisLog(RedisTarget target, std::string password, std::string author, size_t max_log_bytes)
    : target_(std::move(target)),
      password_(std::move(password)),
      author_(std::move(author)),
      max_log_bytes_(max_log_bytes),
      stop_fd_(eventfd(0, 0)) {}

RedisLog::~RedisLog() {
  Unwatch();
  close(stop_fd_);
}

absl::StatusOr<RedisLink*> RedisLog::Link() {
  if (link_ != nullptr) return link_.get();
  absl::StatusOr<std::unique_ptr<RedisLink>> link = RedisLink::Connect(target_, password_);
  if (!link.ok()) return link.status();
  if (absl::Status status = CheckRedisSettings(**link); !status.ok()) return status;
  if (absl::Status status = LoadFunctions(**link); !status.ok()) return status;
  if (absl::Status status = CheckFormat(**link); !status.ok()) return status;
  link_ = *std::move(link);
  heard_nanos_ = base::SteadyNanos();
  return link_.get();
}

absl::Status RedisLog::CheckFormat(RedisLink& link) {
  auto reply = link.Call({"HGET", kHead, "format"});
  if (!reply.ok()) return reply.status();
  if ((*reply)->type == REDIS_REPLY_NIL) return absl::OkStatus();
  absl::StatusOr<int64_t> format = NumberOf(**reply);
  if (!format.ok() || *format <= kFormat) return format.status();
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
      base::StrCat("the data has format ", *format, ", written by a newer program; this one reads up to ", kFormat));
}

absl::Status RedisLog::LoadFunctions(RedisLink& link) {
  const std::string library = base::StrCat("zhuxiao_", Digest());
  auto found = link.Call({"FUNCTION", "LIST", "LIBRARYNAME", library});
  if (!found.ok()) return found.status();
  if ((*found)->elements > 0) return absl::OkStatus();
  const std::string code = base::StrCat("#!lua name=", library, "\n",
                                        absl::StrReplaceAll(base::View(kRedisFunction), {{"DIGEST", Digest()}}));
  // REPLACE, because two replicas may load it at once.
  return link.Call({"FUNCTION", "LOAD", "REPLACE", code}).status();
}

absl::Status RedisLog::Drop(const absl::Status& status) {
  link_.reset();
  return status;
}

absl::StatusOr<RedisReply> RedisLog::Call(const RedisLink::Command& command) {
  absl::StatusOr<RedisLink*> link = Link();
  if (!link.ok()) return link.status();
  absl::StatusOr<RedisReply> reply = (*link)->Call(command);
  if (!reply.ok()) return Drop(reply.status());
  heard_nanos_ = base::SteadyNanos();
  return reply;
}

absl::StatusOr<LogPlace> RedisLog::End() {
  base::SystemRandom random;
  const std::string first_hash = base::Sha256(base::NewId(absl::Now(), random));
  absl::StatusOr<RedisReply> reply =
      Call({"FCALL", base::StrCat("zhuxiao_", Digest(), "_open"), "1", kHead, base::StrCat(kFormat), first_hash});
  if (!reply.ok()) return reply.status();
  if ((*reply)->type != REDIS_REPLY_ARRAY || (*reply)->elements != 2) return base::DataLoss("Redis answered no head");
  absl::StatusOr<int64_t> version = NumberOf(*(*reply)->element[0]);
  if (!version.ok()) return version.status();
  return LogPlace{static_cast<uint64_t>(*version), std::string(TextOf(*(*reply)->element[1]))};
}

absl::StatusOr<std::optional<LogRecord>> RedisLog::Oldest() {
  absl::StatusOr<RedisReply> reply = Call({"XRANGE", kLog, "-", "+", "COUNT", "1"});
  if (!reply.ok()) return reply.status();
  if ((*reply)->type != REDIS_REPLY_ARRAY) return base::DataLoss("Redis answered no log");
  if ((*reply)->elements == 0) return std::optional<LogRecord>();
  // An entry is its id, "VERSION-0", and its fields: "hash", the hash, "body", the body.
  const redisReply& entry = *(*reply)->element[0];
  if (entry.elements != 2 || entry.element[1]->elements != 4) return base::DataLoss("Redis answered no record");
  const std::string_view id = TextOf(*entry.element[0]);
  LogRecord record;
  if (!absl::SimpleAtoi(base::View(id.substr(0, id.find('-'))), &record.place.version)) {
    return base::DataLoss("Redis answered a record without a version");
  }
  record.place.hash = TextOf(*entry.element[1]->element[1]);
  record.body = TextOf(*entry.element[1]->element[3]);
  return std::optional<LogRecord>(std::move(record));
}

absl::StatusOr<int64_t> RedisLog::TryAppend(const LogPlace& place, const LogRecord& record) {
  absl::StatusOr<RedisLink*> link = Link();
  if (!link.ok()) return link.status();
  const std::string name = base::StrCat("zhuxiao_", Digest(), "_append");
  const std::string version = base::StrCat(place.version);
  const std::string limit = base::StrCat(max_log_bytes_);
  const RedisLink::Command append = {
      "FCALL", name, "4", kHead, kLog, kRows, kFeed, version, place.hash, record.place.hash, record.body, limit};
  RedisReply answer;
  int64_t replica_count = 1;
  if (target_.is_quorum()) {
    auto both = (*link)->CallBoth(append, {"WAIT", "1", kWaitMs});
    if (!both.ok()) return Drop(both.status());
    answer = std::move(both->first);
    replica_count = both->second->integer;
  } else {
    auto one = (*link)->Call(append);
    if (!one.ok()) return Drop(one.status());
    answer = *std::move(one);
  }
  heard_nanos_ = base::SteadyNanos();
  absl::StatusOr<int64_t> is_appended = NumberOf(*answer);
  if (is_appended.ok() && *is_appended == 1 && replica_count < 1) {
    ++unreplicated_count_;
    return Drop(Unavailable("no replica of Redis has acknowledged the commit yet"));
  }
  return is_appended;
}

AppendResult RedisLog::Append(const LogPlace& place, const LogRecord& record) {
  const int64_t deadline_nanos = heard_nanos_ + absl::ToInt64Nanoseconds(kPatience);
  while (true) {
    absl::StatusOr<int64_t> is_appended = TryAppend(place, record);
    if (is_appended.ok()) return {*is_appended == 1 ? AppendOutcome::kAppended : AppendOutcome::kOvertaken, {}};
    if (base::SteadyNanos() >= deadline_nanos || is_stopping_) {
      return {AppendOutcome::kUnknown,
              Unavailable(base::StrCat("the outcome is unknown: ", is_appended.status().message()))};
    }
    absl::SleepFor(kPause);
  }
}

absl::Status RedisLog::AwaitReplica() {
  if (!target_.is_quorum()) return absl::OkStatus();
  absl::StatusOr<RedisLink*> link = Link();
  if (!link.ok()) return link.status();
  auto both =
      (*link)->CallBoth({"FCALL", base::StrCat("zhuxiao_", Digest(), "_touch"), "1", kHead}, {"WAIT", "1", kWaitMs});
  if (!both.ok()) return Drop(both.status());
  if (both->second->integer >= 1) return absl::OkStatus();
  ++unreplicated_count_;
  return Drop(Unavailable("no replica of Redis has acknowledged the newest commits yet"));
}

absl::StatusOr<std::vector<LogRecord>> RedisLog::ReadAfter(const LogPlace& place) {
  absl::StatusOr<RedisReply> reply =
      Call({"FCALL_RO", base::StrCat("zhuxiao_", Digest(), "_read"), "2", kHead, kLog, base::StrCat(place.version),
            base::StrCat(kReadBytes), base::StrCat(kReadRecords)});
  if (!reply.ok()) return reply.status();
  if ((*reply)->type != REDIS_REPLY_ARRAY || (*reply)->elements != 4) return base::DataLoss("Redis answered no log");
  redisReply* const* parts = (*reply)->element;
  if (parts[0]->type == REDIS_REPLY_NIL) return RolledBack(place, "it is empty");
  absl::StatusOr<int64_t> end = NumberOf(*parts[0]);
  if (!end.ok()) return end.status();
  const uint64_t version = static_cast<uint64_t>(*end);
  if (version < place.version) return RolledBack(place, base::StrCat("it ends at ", version));
  const bool is_at_end = version == place.version;
  if (is_at_end && TextOf(*parts[1]) != place.hash) return RolledBack(place, "is another commit");
  if (parts[2]->type == REDIS_REPLY_STRING && TextOf(*parts[2]) != place.hash) {
    return RolledBack(place, "is another commit");
  }
  std::vector<LogRecord> records;
  LogPlace at = place;
  for (size_t i = 0; i + 1 < parts[3]->elements; i += 2) {
    const std::string_view body = TextOf(*parts[3]->element[i + 1]);
    at = at.After(body);
    if (at.hash != TextOf(*parts[3]->element[i])) return RolledBack(place, "follows another history");
    records.push_back({at, std::string(body)});
  }
  if (records.empty()) {
    if (is_at_end) return records;
    return absl::NotFoundError(base::View(base::StrCat("the log has forgotten what follows ", place.version)));
  }
  if (absl::Status status = AwaitReplica(); !status.ok()) return status;
  return records;
}

absl::Status RedisLog::Visit(Part part, const std::function<absl::Status(std::string_view, std::string_view)>& visit) {
  std::string cursor = "0";
  do {
    if (is_stopping_) return Unavailable("the store is closing");
    absl::StatusOr<RedisReply> reply =
        Call({"HSCAN", part == Part::kRows ? kRows : kFeed, cursor, "COUNT", kVisitCount});
    if (!reply.ok()) return reply.status();
    if ((*reply)->type != REDIS_REPLY_ARRAY || (*reply)->elements != 2) return base::DataLoss("Redis answered no scan");
    cursor = TextOf(*(*reply)->element[0]);
    const redisReply& rows = *(*reply)->element[1];
    for (size_t i = 0; i + 1 < rows.elements; i += 2) {
      absl::Status status = visit(TextOf(*rows.element[i]), TextOf(*rows.element[i + 1]));
      if (!status.ok()) return status;
    }
  } while (cursor != "0");
  return absl::OkStatus();
}

void RedisLog::Watch(std::function<void()> look) {
  watcher_ = std::thread([this, look = std::move(look)] { WatchUntilStopped(look); });
}

void RedisLog::Unwatch() {
  is_stopping_ = true;
  const uint64_t one = 1;
  if (write(stop_fd_, &one, sizeof(one)) < 0) return;
  if (watcher_.joinable()) watcher_.join();
}

void RedisLog::FollowMessages(RedisLink& link, const std::function<void()>& look) {
  if (!link.Call({"SUBSCRIBE", kLog}).ok()) return;
  while (!is_stopping_) {
    absl::StatusOr<RedisReply> message = link.NextMessage(stop_fd_, kLookInterval);
    if (!message.ok()) return;
    const bool is_message = *message != nullptr && (*message)->type == REDIS_REPLY_ARRAY && (*message)->elements == 3;
    // What this replica appended itself it knows.
    if (is_message && TextOf(*(*message)->element[2]).starts_with(author_)) continue;
    look();
  }
}

void RedisLog::WatchUntilStopped(const std::function<void()>& look) {
  while (!is_stopping_) {
    absl::StatusOr<std::unique_ptr<RedisLink>> link = RedisLink::Connect(target_, password_);
    if (link.ok()) FollowMessages(**link, look);
    if (is_stopping_) return;
    look();
    pollfd stop{stop_fd_, POLLIN, 0};
    poll(&stop, 1, static_cast<int>(absl::ToInt64Milliseconds(kLookInterval)));
  }
}

}  // namespace zhuxiao::store
