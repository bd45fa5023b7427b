// zhuxiaod: `zhuxiaod [serve]` runs the server, `zhuxiaod health` asks one whether it serves, `zhuxiaod token …` makes,
// lists and revokes bearer tokens, `zhuxiaod key …` makes and shows the key that signs records of rewards, `zhuxiaod
// store …` copies whole stores, `zhuxiaod states` draws the life cycles.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>

#include "absl/strings/str_join.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/reward/record/signing_key.h"
#include "services/rpc/health_probe.h"
#include "services/rpc/log.h"
#include "services/rpc/token_file.h"
#include "services/server/assembly.h"
#include "services/server/config.h"
#include "services/server/state_machines.h"
#include "services/server/store_commands.h"
#include "services/server/version.h"

namespace zhuxiao::server {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

int Fail(const absl::Status& status) {
  std::cerr << "zhuxiaod: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? kExitUsage : kExitFailed;
}

rpc::LogLevel ParseLogLevel(const std::string& name) {
  if (name == "debug") return rpc::LogLevel::kDebug;
  if (name == "warn") return rpc::LogLevel::kWarn;
  if (name == "error") return rpc::LogLevel::kError;
  return rpc::LogLevel::kInfo;
}

absl::Status WritePortFile(const ServeConfig& config, const Installation& installation) {
  if (config.port_file.empty()) return absl::OkStatus();
  // Written beside and renamed, so that whoever waits for the file never reads half of it.
  const std::string draft = config.port_file + ".new";
  std::ofstream(draft) << installation.port() << ' ' << installation.metrics_port() << '\n';
  std::error_code error;
  std::filesystem::rename(draft, config.port_file, error);
  if (error) return absl::UnavailableError(base::StrCat(config.port_file, ": ", error.message()));
  return absl::OkStatus();
}

int Serve(const ServeConfig& config) {
  // Blocked before any thread starts, so that every thread inherits it and sigwait below is the only receiver.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);

  rpc::SetUpLog(ParseLogLevel(config.log_level));
  auto installation = Installation::Start(config);
  if (!installation.ok()) return Fail(installation.status());
  if (absl::Status written = WritePortFile(config, **installation); !written.ok()) return Fail(written);
  rpc::Log(rpc::LogLevel::kInfo, "serving",
           {{"address", config.server.address},
            {"port", (*installation)->port()},
            {"metrics_port", (*installation)->metrics_port()},
            {"version", kVersion}});
  int received = 0;
  sigwait(&ends, &received);
  rpc::Log(rpc::LogLevel::kInfo, "draining", {{"signal", received}});
  (*installation)->Stop();
  rpc::Log(rpc::LogLevel::kInfo, "stopped");
  return 0;
}

std::string ShortRole(base::Role role) { return common::v1::Role_Name(role).substr(std::string("ROLE_").size()); }

int CreateToken(const TokenConfig& config) {
  base::Caller caller;
  std::string role = "ROLE_" + config.role;
  for (char& c : role) c = static_cast<char>(toupper(static_cast<unsigned char>(c)));
  if (!common::v1::Role_Parse(role, &caller.role)) {
    return Fail(absl::InvalidArgumentError(base::StrCat("--role: knows no role ", config.role)));
  }
  caller.organisation = config.organisation;
  caller.region = config.region;
  if (!config.region.empty() && !directory::Counties().Exists(config.region)) {
    return Fail(absl::InvalidArgumentError(base::StrCat("--region: knows no region ", config.region)));
  }
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(config.file()).parent_path(), error);
  base::SystemClock clock;
  base::SystemRandom random;
  auto token = rpc::CreateToken(config.file(), caller, absl::Hours(24) * config.valid_days, clock, random);
  if (!token.ok()) return Fail(token.status());
  std::cerr << "token " << token->record.caller.token_id << ", valid until "
            << absl::FormatTime(token->record.expires, base::Shanghai()) << "; it is shown once:\n";
  std::cout << token->secret << std::endl;
  return 0;
}

int ListTokens(const TokenConfig& config) {
  auto tokens = rpc::ListTokens(config.file());
  if (!tokens.ok()) return Fail(tokens.status());
  for (const rpc::TokenRecord& record : *tokens) {
    std::cout << record.caller.token_id << ' ' << ShortRole(record.caller.role) << ' '
              << (record.caller.organisation.empty() ? "-" : record.caller.organisation) << ' '
              << (record.caller.region.empty() ? "-" : record.caller.region) << ' '
              << absl::FormatTime("%Y-%m-%d", record.expires, base::Shanghai()) << "\n";
  }
  return 0;
}

int RevokeToken(const TokenConfig& config) {
  const absl::Status revoked = rpc::RevokeToken(config.file(), config.id);
  return revoked.ok() ? 0 : Fail(revoked);
}

// The public half goes to whoever replays records; the secret half stays in its file.
int Print(const absl::StatusOr<reward::record::SigningKey>& key) {
  if (!key.ok()) return Fail(key.status());
  std::cerr << "key " << key->public_key().Id() << "; its public half:\n";
  std::cout << key->public_key().Pem() << std::flush;
  return 0;
}

int CreateKey(const KeyConfig& config) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(config.file()).parent_path(), error);
  return Print(reward::record::SigningKey::Create(config.file()));
}

int Print(const absl::StatusOr<store::StoreDigest>& digest) {
  if (!digest.ok()) return Fail(digest.status());
  std::cout << digest->row_count << " rows, " << digest->event_count << " events, sha256 " << digest->sha256 << "\n";
  return 0;
}

void AddServeOptions(CLI::App& app, ServeConfig& config) {
  app.add_option("--store", config.store,
                 "rocksdb:DIRECTORY, redis://HOST:PORT[/DB], redis+sentinel://HOST:PORT,…/NAME[/DB] or memory")
      ->capture_default_str();
  app.add_option(
      "--data", config.data,
      "on Redis: directory of this replica's copy of the store and of its tokens (default: a temporary one)");
  app.add_option("--store-password-file", config.store_password_file, "file that holds the password of Redis");
  app.add_option("--address", config.server.address, "numeric address to listen on")->capture_default_str();
  app.add_option("--port", config.server.port, "port to listen on; 0 picks a free one")->default_val(50051);
  app.add_option("--metrics", config.metrics, "ADDRESS:PORT of /metrics; empty for none")->capture_default_str();
  app.add_option("--services", config.services,
                 base::StrCat("all, or some of: ", absl::StrJoin(server::kServiceNames, " ")))
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--tokens", config.tokens, "file of hashed tokens (default: tokens in the data directory)");
  app.add_option("--record-key", config.record_key,
                 "file of the key that signs records (default: record_key.pem in the data directory, if it is there)");
  app.add_option("--port-file", config.port_file, "file to write the ports to once serving");
  app.add_option("--round-schedule", config.round_schedule,
                 "CSV of the clearing rounds a day, time,late_minutes (default: 09:30 and 15:00)");
  app.add_option("--log-level", config.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  auto* certificate =
      app.add_option("--tls-certificate", config.server.tls.certificate_file, "certificate chain (PEM)");
  app.add_option("--tls-key", config.server.tls.key_file, "private key (PEM)")->needs(certificate);
  app.add_option("--tls-client-ca", config.server.tls.client_ca_file, "authorities of client certificates (PEM)")
      ->needs(certificate);
}

// Options of the server given before another command, which would go unheard.
absl::Status CheckUnheard(const CLI::App& app, const CLI::App* serving) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  if (given.empty() || given.front() == serving) return absl::OkStatus();
  std::vector<std::string> unheard;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0) unheard.push_back(option->get_name());
  }
  if (unheard.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(base::StrCat(absl::StrJoin(unheard, ", "), " before `", given.front()->get_name(),
                                                 "` is the server's; give that command its own options after it"));
}

struct HealthConfig {
  rpc::HealthProbe probe;
  double timeout_s = 2;
};

int PrintHealth(const HealthConfig& config) {
  rpc::HealthProbe probe = config.probe;
  probe.use_tls = probe.use_tls || !probe.certificate_file.empty();
  probe.timeout = absl::Seconds(config.timeout_s);
  if (const absl::Status health = rpc::CheckHealth(probe); !health.ok()) return Fail(health);
  std::cout << "serving\n";
  return 0;
}

// What the command given does; each command sets it.
using Run = std::function<int()>;

void AddHealth(CLI::App& parent, HealthConfig& config, Run& run) {
  CLI::App& app = *parent.add_subcommand("health", "ask a server whether it serves: exit 0 where it does, else 1");
  app.callback([&config, &run] { run = [&config] { return PrintHealth(config); }; });
  rpc::HealthProbe& probe = config.probe;
  app.add_option("--address", probe.address, "numeric address")->capture_default_str();
  app.add_option("--port", probe.port, "port")->default_val(50051);
  app.add_option("--service", probe.service, "full name of one service, instead of the server as a whole");
  app.add_option("--timeout", config.timeout_s, "seconds to wait for an answer")->capture_default_str();
  app.add_flag("--tls", probe.use_tls, "the server speaks TLS; its certificate is not checked");
  auto* certificate = app.add_option("--tls-certificate", probe.certificate_file, "certificate to show (PEM); TLS");
  auto* key = app.add_option("--tls-key", probe.key_file, "its private key (PEM)")->needs(certificate);
  certificate->needs(key);
}

void AddTokens(CLI::App& app, TokenConfig& token, Run& run) {
  CLI::App& tokens = *app.add_subcommand("token", "make, list and revoke bearer tokens");
  tokens.require_subcommand(1);
  tokens.add_option("--data", token.data, "data directory")->capture_default_str();
  tokens.add_option("--tokens", token.tokens, "file of hashed tokens, instead of the one in the data directory");
  CLI::App& create = *tokens.add_subcommand("create", "make a token and print it once")->fallthrough();
  create.callback([&token, &run] { run = [&token] { return CreateToken(token); }; });
  create.add_option("--role", token.role, "supplier, institution, platform, officer, auditor or operator")->required();
  create.add_option("--organisation", token.organisation, "unified social credit code");
  create.add_option("--region", token.region, "region of an officer; empty is the whole country");
  create.add_option("--days", token.valid_days, "days it is valid")->capture_default_str();
  CLI::App& list = *tokens.add_subcommand("list", "list tokens, never their secrets")->fallthrough();
  list.callback([&token, &run] { run = [&token] { return ListTokens(token); }; });
  CLI::App& revoke = *tokens.add_subcommand("revoke", "revoke a token")->fallthrough();
  revoke.callback([&token, &run] { run = [&token] { return RevokeToken(token); }; });
  revoke.add_option("id", token.id, "the token's id")->required();
}

void AddKeys(CLI::App& app, KeyConfig& key, Run& run) {
  CLI::App& keys = *app.add_subcommand("key", "make and show the key that signs records of rewards (Ed25519)");
  keys.require_subcommand(1);
  keys.add_option("--data", key.data, "data directory")->capture_default_str();
  keys.add_option("--record-key", key.key, "file of the key, instead of record_key.pem in the data directory");
  keys.add_subcommand("create", "make a key and print its public half; never overwrites one")
      ->fallthrough()
      ->callback([&key, &run] { run = [&key] { return CreateKey(key); }; });
  keys.add_subcommand("show", "print the public half of the key")->fallthrough()->callback([&key, &run] {
    run = [&key] { return Print(reward::record::SigningKey::Read(key.file())); };
  });
}

void AddStores(CLI::App& app, StoreCopyConfig& copy, Run& run) {
  CLI::App& stores = *app.add_subcommand("store", "copy and compare whole stores");
  stores.require_subcommand(1);
  stores.add_option("--store-password-file", copy.store_password_file, "file that holds the password of Redis");
  CLI::App& copying = *stores.add_subcommand("copy", "copy a store into an empty one and compare their digests");
  copying.fallthrough()->callback([&copy, &run] { run = [&copy] { return Print(CopyStore(copy)); }; });
  copying.add_option("--from", copy.from, "rocksdb:DIRECTORY, a server's that runs too, or a store on Redis")
      ->required();
  copying.add_option("--to", copy.to, "rocksdb:DIRECTORY or a store on Redis")->required();
  CLI::App& digesting = *stores.add_subcommand("digest", "print the digest of a store")->fallthrough();
  digesting.callback([&copy, &run] { run = [&copy] { return Print(DigestStore(copy)); }; });
  digesting.add_option("--from", copy.from, "as of copy")->required();
}

int DrawStates() {
  std::cout << DrawStateMachines();
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app{"zhuxiaod: the server of Zhuxiao"};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(0, 1);
  ServeConfig serve;
  Run run = [&serve] {
    serve.server.use_tls = !serve.server.tls.certificate_file.empty();
    return Serve(serve);
  };
  AddServeOptions(app, serve);
  CLI::App* serving = app.add_subcommand("serve", "run the server (the default)")->fallthrough();
  HealthConfig health;
  AddHealth(app, health, run);
  TokenConfig token;
  AddTokens(app, token, run);
  KeyConfig key;
  AddKeys(app, key, run);
  StoreCopyConfig copy;
  AddStores(app, copy, run);
  app.add_subcommand("states", "print the life cycles of things: services/STATES.md")->callback([&run] {
    run = DrawStates;
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 has a number of its own for each mistake; --help is none.
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (absl::Status unheard = CheckUnheard(app, serving); !unheard.ok()) return Fail(unheard);
  return run();
}

}  // namespace
}  // namespace zhuxiao::server

int main(int argc, char** argv) { return zhuxiao::server::Main(argc, argv); }
