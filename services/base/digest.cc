#include "services/base/digest.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace zhuxiao::base {
namespace {

// OpenSSL's one-call functions look the algorithm up by name, under a lock, each time; that costs more than the digest
// of a short text.
const EVP_MD* Algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

std::string Sha256(std::string_view text) {
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free);
  std::string digest(kSha256Bytes, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_DigestInit_ex2(context.get(), Algorithm(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), bytes, nullptr) != 1) {
    std::abort();  // out of memory, or an OpenSSL without SHA-256
  }
  return digest;
}

}  // namespace zhuxiao::base
