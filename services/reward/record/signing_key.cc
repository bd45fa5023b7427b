// Ed25519 by OpenSSL.
#include "services/reward/record/signing_key.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "services/base/digest.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::record {
namespace {

constexpr size_t kIdCharacters = 16;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::shared_ptr<EVP_PKEY> Owned(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

bool IsEd25519(const EVP_PKEY* key) { return key != nullptr && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519; }

// Bytes of a call that works on a fresh context; empty where it fails.
struct DigestContext {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  DigestContext() = default;
  ~DigestContext() { EVP_MD_CTX_free(context); }
  DigestContext(const DigestContext&) = delete;
  DigestContext& operator=(const DigestContext&) = delete;
};

std::shared_ptr<EVP_PKEY> Generate() {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nullptr);
  const bool is_made = context != nullptr && EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_keygen(context, &key) == 1;
  EVP_PKEY_CTX_free(context);
  return Owned(is_made ? key : nullptr);
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromBytes(std::string_view bytes) {
  if (bytes.size() == kPublicKeyBytes) {
    auto key = Owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size()));
    if (key != nullptr) return PublicKey(std::move(key), std::string(bytes));
  }
  return absl::InvalidArgumentError("is no public key of Ed25519");
}

absl::StatusOr<PublicKey> PublicKey::FromPem(std::string_view text) {
  BIO* bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  const auto key = Owned(PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  if (!IsEd25519(key.get())) return absl::InvalidArgumentError("is no public key of Ed25519 in PEM");
  std::string bytes(kPublicKeyBytes, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return FromBytes(bytes);
}

bool PublicKey::Verifies(std::string_view text, std::string_view signature) const {
  const DigestContext digest;
  return signature.size() == kSignatureBytes &&
         EVP_DigestVerifyInit(digest.context, nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(digest.context, Bytes(signature), signature.size(), Bytes(text), text.size()) == 1;
}

std::string PublicKey::Id() const {
  return absl::BytesToHexString(base::View(base::Sha256(bytes_))).substr(0, kIdCharacters);
}

std::string PublicKey::Pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

absl::StatusOr<SigningKey> SigningKey::FromKey(std::shared_ptr<EVP_PKEY> key) {
  std::string bytes(kPublicKeyBytes, '\0');
  size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1) {
    return absl::InvalidArgumentError("is no key of Ed25519");
  }
  return SigningKey(PublicKey(std::move(key), std::move(bytes)));
}

absl::StatusOr<SigningKey> SigningKey::Create(const std::string& path) {
  auto key = Generate();
  if (key == nullptr) return absl::InternalError("no key can be made");
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(base::StrCat(path, " is there already, and a key is never overwritten"));
  }
  if (fd < 0) return absl::UnavailableError(base::StrCat("cannot make ", path));
  FILE* file = fdopen(fd, "w");
  bool is_written = PEM_write_PKCS8PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  is_written = fflush(file) == 0 && fsync(fd) == 0 && is_written;
  is_written = fclose(file) == 0 && is_written;
  if (!is_written) {
    unlink(path.c_str());
    return absl::UnavailableError(base::StrCat("cannot write ", path));
  }
  return FromKey(std::move(key));
}

absl::StatusOr<SigningKey> SigningKey::Read(const std::string& path) {
  FILE* file = fopen(path.c_str(), "re");
  if (file == nullptr) return absl::NotFoundError(base::StrCat("cannot read ", path));
  const absl::Cleanup close_file = [file] { fclose(file); };
  struct stat status = {};
  if (fstat(fileno(file), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::InvalidArgumentError(base::StrCat(path, " may be read by others than its owner: chmod 600"));
  }
  auto key = Owned(PEM_read_PrivateKey(file, nullptr, nullptr, nullptr));
  if (!IsEd25519(key.get())) return absl::InvalidArgumentError(base::StrCat(path, " holds no key of Ed25519"));
  return FromKey(std::move(key));
}

std::string SigningKey::Sign(std::string_view text) const {
  const DigestContext digest;
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  EVP_DigestSignInit(digest.context, nullptr, nullptr, nullptr, public_key_.key_.get());
  EVP_DigestSign(digest.context, reinterpret_cast<unsigned char*>(signature.data()), &size, Bytes(text), text.size());
  return signature;
}

}  // namespace zhuxiao::reward::record
