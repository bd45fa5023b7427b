// Ed25519 keys (RFC 8032) that records are signed with. A signature of the same text by the same key is always the
// same, so a record made twice is the same file.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zhuxiao::reward::record {

inline constexpr size_t kPublicKeyBytes = 32;
inline constexpr size_t kSignatureBytes = 64;

// What signatures are checked with. Immutable; thread-safe; copies share the key.
class PublicKey {
 public:
  // INVALID_ARGUMENT where the bytes or the text are no Ed25519 key.
  static absl::StatusOr<PublicKey> FromBytes(std::string_view bytes);
  static absl::StatusOr<PublicKey> FromPem(std::string_view text);

  bool Verifies(std::string_view text, std::string_view signature) const;

  const std::string& bytes() const { return bytes_; }  // kPublicKeyBytes
  // The first 16 hexadecimal digits of the SHA-256 of the bytes: what people compare.
  std::string Id() const;
  std::string Pem() const;

 private:
  friend class SigningKey;
  PublicKey(std::shared_ptr<EVP_PKEY> key, std::string bytes) : key_(std::move(key)), bytes_(std::move(bytes)) {}

  std::shared_ptr<EVP_PKEY> key_;
  std::string bytes_;
};

// The secret half. Immutable; thread-safe.
class SigningKey {
 public:
  // Makes a key by the system's randomness and keeps it as PKCS #8 in a new file that its owner alone may read.
  // ALREADY_EXISTS where there is a file: a key that signed something is never overwritten. UNAVAILABLE of the disk.
  static absl::StatusOr<SigningKey> Create(const std::string& path);
  // NOT_FOUND; INVALID_ARGUMENT where the file holds no Ed25519 key, or others than its owner may read it.
  static absl::StatusOr<SigningKey> Read(const std::string& path);

  // kSignatureBytes over `text`.
  std::string Sign(std::string_view text) const;
  const PublicKey& public_key() const { return public_key_; }

 private:
  explicit SigningKey(PublicKey public_key) : public_key_(std::move(public_key)) {}
  static absl::StatusOr<SigningKey> FromKey(std::shared_ptr<EVP_PKEY> key);

  PublicKey public_key_;  // its key_ holds the secret half too
};

}  // namespace zhuxiao::reward::record
