#include "services/rpc/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <string>

#include "services/base/strings.h"
#include "services/rpc/server.h"

namespace zhuxiao::rpc {
namespace {

constexpr unsigned kRefreshSeconds = 60;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using File = std::unique_ptr<FILE, decltype(&fclose)>;

absl::Status Unusable(const std::string& path, std::string_view what) {
  return absl::FailedPreconditionError(base::StrCat("TLS file ", path, " ", what));
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& path) {
  File file(fopen(path.c_str(), "re"), &fclose);
  if (file == nullptr) return Unusable(path, "cannot be read");
  Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
  if (certificate == nullptr) return Unusable(path, "holds no PEM certificate");
  return certificate;
}

absl::StatusOr<Key> ReadKey(const std::string& path) {
  File file(fopen(path.c_str(), "re"), &fclose);
  if (file == nullptr) return Unusable(path, "cannot be read");
  // An empty pass phrase: OpenSSL would ask for one on the terminal otherwise.
  Key key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, const_cast<char*>("")), &EVP_PKEY_free);
  if (key == nullptr) return Unusable(path, "holds no PEM private key");
  return key;
}

absl::Status CheckFiles(const TlsOptions& tls) {
  const auto certificate = ReadCertificate(tls.certificate_file);
  if (!certificate.ok()) return certificate.status();
  const auto key = ReadKey(tls.key_file);
  if (!key.ok()) return key.status();
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    return Unusable(tls.key_file, base::StrCat("is not the key of ", tls.certificate_file));
  }
  return tls.client_ca_file.empty() ? absl::OkStatus() : ReadCertificate(tls.client_ca_file).status();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const ServerOptions& options) {
  if (!options.use_tls) return grpc::InsecureServerCredentials();
  const TlsOptions& tls = options.tls;
  if (absl::Status status = CheckFiles(tls); !status.ok()) return status;
  grpc::experimental::TlsServerCredentialsOptions credentials(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(tls.key_file, tls.certificate_file,
                                                                           tls.client_ca_file, kRefreshSeconds));
  credentials.watch_identity_key_cert_pairs();
  if (!tls.client_ca_file.empty()) {
    credentials.watch_root_certs();
    credentials.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(credentials);
}

}  // namespace zhuxiao::rpc
