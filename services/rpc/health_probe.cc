// One call of grpc.health.v1.Health/Check. Its messages have one field each and gRPC installs no classes for them, so
// they are written and read as bytes.
#include "services/rpc/health_probe.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "services/base/strings.h"

namespace zhuxiao::rpc {
namespace {

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
// Field 1 of the request, a string.
constexpr char kServiceTag = '\x0a';
// Field 1 of the answer, SERVING.
constexpr std::string_view kServing = "\x08\x01";
// What one byte of length can tell; names of services are shorter.
constexpr size_t kMaxServiceBytes = 127;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::FailedPreconditionError(base::View(base::StrCat(path, " cannot be read")));
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const HealthProbe& probe) {
  if (!probe.use_tls) return grpc::InsecureChannelCredentials();
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  if (!probe.certificate_file.empty()) {
    const absl::StatusOr<std::string> certificate = ReadFile(probe.certificate_file);
    if (!certificate.ok()) return certificate.status();
    const absl::StatusOr<std::string> key = ReadFile(probe.key_file);
    if (!key.ok()) return key.status();
    const std::vector<grpc::experimental::IdentityKeyCertPair> pairs = {{*key, *certificate}};
    options.set_certificate_provider(std::make_shared<grpc::experimental::StaticDataCertificateProvider>(pairs));
    options.watch_identity_key_cert_pairs();
  }
  return grpc::experimental::TlsCredentials(options);
}

std::string Text(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

}  // namespace

absl::Status CheckHealth(const HealthProbe& probe) {
  if (probe.service.size() > kMaxServiceBytes) return absl::NotFoundError("no service has so long a name");
  auto credentials = MakeCredentials(probe);
  if (!credentials.ok()) return credentials.status();
  grpc::GenericStub stub(grpc::CreateChannel(base::StrCat(probe.address, ":", probe.port), *credentials));
  std::string bytes;
  if (!probe.service.empty()) {
    bytes.push_back(kServiceTag);
    bytes.push_back(static_cast<char>(probe.service.size()));
    bytes.append(probe.service);
  }
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer answer;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + probe.timeout));
  // A server that is about to listen is worth the whole timeout.
  context.set_wait_for_ready(true);
  grpc::Status status;
  absl::Notification is_done;
  stub.UnaryCall(&context, kCheck, {}, &request, &answer, [&](const grpc::Status& given) {
    status = given;
    is_done.Notify();
  });
  is_done.WaitForNotification();
  if (status.error_code() == grpc::NOT_FOUND) return absl::NotFoundError("the server knows no such service");
  if (!status.ok()) return absl::UnavailableError(base::View(base::StrCat("no answer: ", status.error_message())));
  if (Text(answer) != kServing) return absl::UnavailableError("not serving");
  return absl::OkStatus();
}

}  // namespace zhuxiao::rpc
