#include "services/rpc/token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/rpc/log.h"

namespace zhuxiao::rpc {
namespace {

constexpr char kSecretPrefix[] = "zx_";
constexpr int kSecretWords = 4;  // of 64 random bits
constexpr absl::Duration kLookInterval = absl::Seconds(1);
constexpr char kHeader[] = "# sha256 role organisation region token_id expires\n";
constexpr char kNothing[] = "-";
constexpr size_t kColumnCount = 6;

std::string Sha256Hex(std::string_view text) { return absl::BytesToHexString(base::Sha256(text)); }

std::string OrNothing(const std::string& text) { return text.empty() ? kNothing : text; }
std::string FromColumn(const std::string& text) { return text == kNothing ? "" : text; }

std::string FormatRecord(const TokenRecord& record) {
  return absl::StrCat(record.sha256, " ", common::v1::Role_Name(record.caller.role), " ",
                      OrNothing(record.caller.organisation), " ", OrNothing(record.caller.region), " ",
                      record.caller.token_id, " ",
                      absl::FormatTime(absl::RFC3339_sec, record.expires, absl::UTCTimeZone()), "\n");
}

absl::StatusOr<TokenRecord> ParseRecord(const std::string& line, int number) {
  const std::vector<std::string> columns = absl::StrSplit(line, ' ');
  TokenRecord record;
  std::string error;
  const bool is_good = columns.size() == kColumnCount && columns[0].size() == 2 * base::kSha256Bytes &&
                       common::v1::Role_Parse(columns[1], &record.caller.role) &&
                       record.caller.role != base::Role::ROLE_UNSPECIFIED && base::IsValidId(columns[4]) &&
                       absl::ParseTime(absl::RFC3339_sec, columns[5], &record.expires, &error);
  if (!is_good) return base::DataLoss(base::StrCat("line ", number, " of the token file is not a token"));
  record.sha256 = columns[0];
  record.caller.organisation = FromColumn(columns[2]);
  record.caller.region = FromColumn(columns[3]);
  record.caller.token_id = columns[4];
  return record;
}

absl::Status SystemError(std::string_view what, const std::string& path) {
  return absl::UnavailableError(base::StrCat("cannot ", what, " ", path, ": ", strerror(errno)));
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) text.remove_prefix(count);
  }
  return true;
}

// The rename is durable only once the directory is synced too.
absl::Status SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError("open", directory);
  const bool is_synced = fsync(fd) == 0;
  close(fd);
  return is_synced ? absl::OkStatus() : SystemError("sync", directory);
}

absl::Status Replace(const std::string& path, const std::vector<TokenRecord>& records) {
  std::string text = kHeader;
  for (const TokenRecord& record : records) text += FormatRecord(record);
  const std::string beside = path + ".new";
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return SystemError("write", beside);
  // fchmod for a file left by a crash with another mode.
  const bool is_written = fchmod(fd, 0600) == 0 && WriteAll(fd, text) && fsync(fd) == 0;
  const int saved_errno = errno;
  close(fd);
  errno = saved_errno;
  if (!is_written) return SystemError("write", beside);
  if (rename(beside.c_str(), path.c_str()) != 0) return SystemError("replace", path);
  return SyncDirectoryOf(path);
}

// Runs `change` on the records under a lock that other processes honour, and writes what it leaves.
template <typename Change>
absl::Status Update(const std::string& path, Change change) {
  const std::string lock_path = path + ".lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return SystemError("open", lock_path);
  const auto unlock = absl::MakeCleanup([lock] { close(lock); });
  while (flock(lock, LOCK_EX) != 0) {
    if (errno != EINTR) return SystemError("lock", lock_path);
  }
  absl::StatusOr<std::vector<TokenRecord>> records = ListTokens(path);
  if (!records.ok()) return records.status();
  if (absl::Status status = change(*records); !status.ok()) return status;
  return Replace(path, *records);
}

bool ActsForOrganisation(base::Role role) {
  return role == base::Role::ROLE_SUPPLIER || role == base::Role::ROLE_INSTITUTION || role == base::Role::ROLE_PLATFORM;
}

absl::Status CheckSpec(const base::Caller& caller, absl::Duration lifetime) {
  base::FieldErrors errors;
  errors.Require(caller.role != base::Role::ROLE_UNSPECIFIED && common::v1::Role_IsValid(caller.role), "role",
                 "is not a role");
  const bool needs_organisation = ActsForOrganisation(caller.role);
  errors.Require((caller.organisation.empty() && !needs_organisation) || base::IsValidUscc(caller.organisation),
                 "organisation", "is not a unified social credit code");
  errors.Require(caller.region.empty() || base::LevelOf(caller.region).has_value(), "region", "is not a region code");
  errors.Require(lifetime > absl::ZeroDuration() && lifetime <= kMaxTokenLifetime, "lifetime",
                 "is not between a second and 366 days");
  return errors.ToStatus();
}

std::string NewSecret(base::Random& random) {
  std::string bytes;
  for (int i = 0; i < kSecretWords; ++i) {
    const uint64_t word = random.Next();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  return kSecretPrefix + absl::WebSafeBase64Escape(bytes);
}

absl::Status UnknownToken() {
  return base::MakeError(absl::StatusCode::kUnauthenticated, base::ErrorReason::ERROR_REASON_TOKEN_INVALID,
                         "the token is unknown, revoked or expired");
}

}  // namespace

absl::StatusOr<NewToken> CreateToken(const std::string& path, base::Caller caller, absl::Duration lifetime,
                                     const base::Clock& clock, base::Random& random) {
  if (absl::Status status = CheckSpec(caller, lifetime); !status.ok()) return status;
  NewToken token;
  token.secret = NewSecret(random);
  token.record.sha256 = Sha256Hex(token.secret);
  token.record.caller = std::move(caller);
  token.record.caller.token_id = base::NewId(clock.Now(), random);
  token.record.expires = absl::FromUnixSeconds(absl::ToUnixSeconds(clock.Now() + lifetime));
  absl::Status status = Update(path, [&](std::vector<TokenRecord>& records) {
    records.push_back(token.record);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return token;
}

absl::StatusOr<std::vector<TokenRecord>> ListTokens(const std::string& path) {
  std::vector<TokenRecord> records;
  std::ifstream file(path);
  if (!file.is_open()) {
    if (errno == ENOENT) return records;
    return SystemError("read", path);
  }
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    absl::StatusOr<TokenRecord> record = ParseRecord(line, number);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
  if (file.bad()) return SystemError("read", path);
  return records;
}

absl::Status RevokeToken(const std::string& path, std::string_view token_id) {
  return Update(path, [&](std::vector<TokenRecord>& records) {
    const auto is_it = [&](const TokenRecord& record) { return record.caller.token_id == token_id; };
    return std::erase_if(records, is_it) > 0 ? absl::OkStatus() : base::NotFound("token", token_id);
  });
}

absl::StatusOr<std::unique_ptr<TokenFile>> TokenFile::Open(std::string path, const base::Clock& clock) {
  std::unique_ptr<TokenFile> file(new TokenFile(std::move(path), clock));
  absl::MutexLock lock(&file->load_mutex_);
  if (absl::Status status = file->Load(); !status.ok()) return status;
  return file;
}

TokenFile::Stamp TokenFile::StampOf(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {static_cast<int64_t>(info.st_ino), static_cast<int64_t>(info.st_size),
          info.st_mtim.tv_sec * int64_t{1'000'000'000} + info.st_mtim.tv_nsec};
}

// The stamp is taken before the reading: a change in between is seen as a change at the next look.
absl::Status TokenFile::Load() {
  stamp_ = StampOf(path_);
  absl::StatusOr<std::vector<TokenRecord>> records = ListTokens(path_);
  if (!records.ok()) return records.status();
  auto table = std::make_shared<Table>();
  for (TokenRecord& record : *records) table->emplace(record.sha256, record);
  absl::MutexLock lock(&table_mutex_);
  table_ = std::move(table);
  return absl::OkStatus();
}

void TokenFile::ReloadIfChanged() {
  absl::MutexLock lock(&load_mutex_);
  next_look_ns_.store(absl::ToUnixNanos(clock_.Now() + kLookInterval), std::memory_order_relaxed);
  if (StampOf(path_) == stamp_) return;
  if (absl::Status status = Load(); !status.ok()) {
    Log(LogLevel::kError, "the token file could not be read again; the former tokens stay in force",
        {{"error", std::string(status.message())}});
  }
}

std::shared_ptr<const TokenFile::Table> TokenFile::table() const {
  absl::MutexLock lock(&table_mutex_);
  return table_;
}

absl::StatusOr<base::Caller> TokenFile::Authenticate(std::string_view bearer_token) {
  const absl::Time now = clock_.Now();
  const std::string hash = Sha256Hex(bearer_token);
  std::shared_ptr<const Table> table = this->table();
  auto found = table->find(hash);
  if (found == table->end() || absl::ToUnixNanos(now) >= next_look_ns_.load(std::memory_order_relaxed)) {
    ReloadIfChanged();
    table = this->table();
    found = table->find(hash);
  }
  if (found == table->end() || found->second.expires <= now) return UnknownToken();
  return found->second.caller;
}

}  // namespace zhuxiao::rpc
