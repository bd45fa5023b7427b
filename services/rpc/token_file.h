// Bearer tokens kept in a file, hashed, and the operations of `zhuxiaod token` on it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/rpc/authenticator.h"

namespace zhuxiao::rpc {

// A year: a token nobody remembers dies within it.
inline constexpr absl::Duration kMaxTokenLifetime = absl::Hours(24 * 366);

// One line of the file: the hash and what it stands for, never the token.
struct TokenRecord {
  std::string sha256;  // of the whole token, 64 lower-case hexadecimal digits
  base::Caller caller;
  absl::Time expires;
};

// A token just made. The secret is shown once and is nowhere else.
struct NewToken {
  std::string secret;  // "zx_" and 43 characters of base64url: 32 random bytes
  TokenRecord record;
};

// Adds a token for `caller` (whose token_id is made here) to the file at `path`, which is made with mode 0600 where it
// does not exist. The file is replaced as a whole (written beside, synced, renamed) under a lock, so that a reader
// sees the old or the new one and two writers do not lose each other's. INVALID_ARGUMENT (INVALID_FIELDS) for a role
// that is none, a supplier, institution or platform without a valid USCC, a region code that has no level, or a
// lifetime outside (0, kMaxTokenLifetime].
absl::StatusOr<NewToken> CreateToken(const std::string& path, base::Caller caller, absl::Duration lifetime,
                                     const base::Clock& clock, base::Random& random);

// The tokens in the order made, expired ones included. A file that does not exist holds none. DATA_LOSS names a line
// that is not of the form, UNAVAILABLE a file that cannot be read.
absl::StatusOr<std::vector<TokenRecord>> ListTokens(const std::string& path);

// Removes the token of that id. NOT_FOUND where there is none.
absl::Status RevokeToken(const std::string& path, std::string_view token_id);

// Answers from memory. Looks once a second, and whenever a token is unknown, whether the file has changed, so a new
// token works at once and a revoked one dies within a second. A file that is gone admits nobody; one that cannot be
// read or has a bad line leaves the former content in force and an error in the log. Thread-safe.
//
// Tokens are found by a hash table over SHA-256: comparing in constant time would add nothing, for an attacker cannot
// steer the hash of a guess, and the time of a lookup tells about hashes alone.
class TokenFile final : public Authenticator {
 public:
  // Reads the file; see ListTokens for errors. `clock` outlives the object.
  static absl::StatusOr<std::unique_ptr<TokenFile>> Open(std::string path, const base::Clock& clock);

  absl::StatusOr<base::Caller> Authenticate(std::string_view bearer_token) override;

 private:
  using Table = absl::flat_hash_map<std::string, TokenRecord>;  // by sha256

  // What tells one state of the file from another.
  struct Stamp {
    int64_t inode = 0;  // 0: there is no file
    int64_t size = 0;
    int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  TokenFile(std::string path, const base::Clock& clock) : path_(std::move(path)), clock_(clock) {}

  static Stamp StampOf(const std::string& path);
  absl::Status Load();
  void ReloadIfChanged();
  std::shared_ptr<const Table> table() const;

  const std::string path_;
  const base::Clock& clock_;
  std::atomic<int64_t> next_look_ns_ = 0;
  absl::Mutex load_mutex_;  // one loads, the others go on with what there is
  Stamp stamp_ ABSL_GUARDED_BY(load_mutex_);
  mutable absl::Mutex table_mutex_;
  std::shared_ptr<const Table> table_ ABSL_GUARDED_BY(table_mutex_);
};

}  // namespace zhuxiao::rpc
