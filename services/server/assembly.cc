#include "services/server/assembly.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "services/api/handler.h"
#include "services/audit/audit_service.h"
#include "services/base/strings.h"
#include "services/base/temporary_directory.h"
#include "services/directory/directory_service.h"
#include "services/document/document_service.h"
#include "services/forward/forward_service.h"
#include "services/listing/listing_service.h"
#include "services/matching/policy.h"
#include "services/order/market.h"
#include "services/order/order_service.h"
#include "services/order/shipping_service.h"
#include "services/partner/partner_service.h"
#include "services/quota/quota_service.h"
#include "services/report/report_service.h"
#include "services/reward/record/signing_key.h"
#include "services/reward/reward_service.h"
#include "services/round/prices.h"
#include "services/round/round_service.h"
#include "services/round/schedule.h"
#include "services/round/watching.h"
#include "services/rpc/diagnostics_service.h"
#include "services/rpc/log.h"
#include "services/rpc/server.h"
#include "services/rpc/token_file.h"
#include "services/rpc/workers.h"
#include "services/server/maintenance.h"
#include "services/server/store_metrics.h"
#include "services/server/upgrade.h"
#include "services/server/version.h"
#include "services/stall/stall_service.h"
#include "services/stall/upkeep.h"
#include "services/store/copy_store.h"
#include "services/store/counted_store.h"
#include "services/store/memory_store.h"
#include "services/store/redis_store.h"
#include "services/store/rocksdb_store.h"

namespace zhuxiao::server {

// Tells health what the shared store's condition is: a replica that cannot commit is not ready. Thread-safe.
class Readiness {
 public:
  void Note(const absl::Status& condition) {
    if (condition.ok()) {
      rpc::Log(rpc::LogLevel::kInfo, "the shared store can be used", {});
    } else {
      rpc::Log(rpc::LogLevel::kError, "the shared store cannot be used",
               {{"condition", condition.ToString(absl::StatusToStringMode::kWithNoExtraData)}});
    }
    const std::lock_guard lock(mutex_);
    is_ready_ = condition.ok();
    if (server_ != nullptr) server_->SetServing(is_ready_);
  }

  // From now on `server` hears of it; nullptr: nobody.
  void Tell(rpc::Server* server) {
    const std::lock_guard lock(mutex_);
    server_ = server;
    if (server_ != nullptr && !is_ready_) server_->SetServing(false);
  }

 private:
  std::mutex mutex_;  // guards all below
  bool is_ready_ = true;
  rpc::Server* server_ = nullptr;
};

// In the order they are made; destroyed in the reverse, so that nothing outlives what it uses.
struct Installation::Parts {
  base::SystemClock clock;
  base::SystemRandom random;
  rpc::Metrics metrics;
  int metrics_port = 0;
  std::unique_ptr<Readiness> readiness;
  std::unique_ptr<base::TemporaryDirectory> copy;  // of a replica without a data directory
  std::unique_ptr<store::CountedStore> store;
  store::ReplicaStore* replica = nullptr;  // the same store, where it is shared
  std::unique_ptr<rpc::TokenFile> tokens;
  std::unique_ptr<api::Environment> environment;
  const round::SettledPrices round_prices;
  std::unique_ptr<order::Market> market;
  std::unique_ptr<StoreMetrics> store_metrics;
  std::unique_ptr<rpc::Workers> exports;
  std::unique_ptr<rpc::Workers> round_calls;
  std::unique_ptr<rpc::Workers> round_watches;
  std::unique_ptr<rpc::Workers> previews;
  std::unique_ptr<stall::CaseWatch> watch;
  std::unique_ptr<stall::Upkeep> stalls;
  std::unique_ptr<report::DailyFacts> facts;
  std::unique_ptr<Maintenance> maintenance;
  std::unique_ptr<rpc::Server> server;

  absl::Status OpenStore(const ServeConfig& config);
};

namespace {

absl::StatusOr<std::unique_ptr<store::ReplicaStore>> OpenShared(const ServeConfig& config, const std::string& directory,
                                                                Readiness& readiness) {
  absl::StatusOr<std::string> password = ReadPassword(config.store_password_file);
  if (!password.ok()) return password.status();
  return store::OpenRedisStore({.url = config.store,
                                .password = *std::move(password),
                                .directory = directory,
                                .on_condition = [&](const absl::Status& condition) { readiness.Note(condition); }});
}

absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(base::StrCat(directory, ": ", error.message()));
  return absl::OkStatus();
}

// What metrics call the store.
std::string StoreKind(const ServeConfig& config) {
  if (IsShared(config)) return "redis";
  return DataDirectory(config).empty() ? "memory" : "rocksdb";
}

// Of a replica's data directory, beside its tokens.
constexpr std::string_view kCopyName = "/copy";

// The schedule of clearing rounds that the configuration names.
absl::StatusOr<std::vector<round::ScheduleRow>> ReadSchedule(const ServeConfig& config) {
  if (config.round_schedule.empty()) return round::DefaultSchedule();
  std::ifstream file(config.round_schedule, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(base::StrCat("--round-schedule: cannot open ", config.round_schedule));
  return round::ParseSchedule(std::string{std::istreambuf_iterator<char>(file), {}});
}

using RecordKey = std::shared_ptr<const reward::record::SigningKey>;

// The key that signs records: null where the configuration names none and none was made.
absl::StatusOr<RecordKey> ReadRecordKey(const ServeConfig& config) {
  const std::string path = RecordKeyFile(config);
  if (path.empty() || (config.record_key.empty() && !std::filesystem::exists(path))) return RecordKey();
  auto key = reward::record::SigningKey::Read(path);
  if (!key.ok()) return absl::InvalidArgumentError(base::StrCat("--record-key: ", key.status().message()));
  return std::make_shared<const reward::record::SigningKey>(*std::move(key));
}

std::vector<std::unique_ptr<rpc::Service>> MakeServices(const ServeConfig& config, api::Environment& environment,
                                                        order::Market& market, rpc::Workers& exports,
                                                        const round::RoundWorkers& round_workers,
                                                        stall::CaseWatch& watch, report::DailyFacts& facts,
                                                        const RecordKey& record_key) {
  const std::map<std::string, std::function<std::unique_ptr<rpc::Service>()>> makers = {
      {"directory", [&] { return directory::MakeDirectoryService(environment); }},
      {"listing", [&] { return listing::MakeListingService(environment); }},
      {"quota", [&] { return quota::MakeQuotaService(environment); }},
      {"order", [&] { return order::MakeOrderService(environment, market); }},
      {"matching", [&] { return round::MakeMatchingService(environment, market, round_workers); }},
      {"partner", [&] { return partner::MakePartnerService(environment); }},
      {"reward", [&] { return reward::MakeRewardService(environment, exports, record_key); }},
      {"report", [&] { return report::MakeReportService(environment, facts, exports); }},
      {"stall", [&] { return stall::MakeStallService(environment, watch); }},
      {"shipping", [&] { return order::MakeShippingService(environment); }},
      {"forward", [&] { return forward::MakeForwardService(environment, market); }},
      {"document", [&] { return document::MakeDocumentService(environment); }},
      {"audit", [&] { return audit::MakeAuditService(environment, exports); }},
  };
  std::vector<std::unique_ptr<rpc::Service>> services;
  services.push_back(rpc::MakeDiagnosticsService(kVersion));
  for (const char* name : kServiceNames) {
    if (Wants(config, name)) services.push_back(makers.at(name)());
  }
  return services;
}

}  // namespace

absl::Status Installation::Parts::OpenStore(const ServeConfig& config) {
  std::string directory = DataDirectory(config);
  absl::StatusOr<std::unique_ptr<store::Store>> opened;
  if (IsShared(config)) {
    readiness = std::make_unique<Readiness>();
    if (directory.empty()) {
      copy = std::make_unique<base::TemporaryDirectory>();
      directory = copy->path();
    }
    directory.append(kCopyName);
    if (absl::Status made = MakeDirectory(directory); !made.ok()) return made;
    auto shared = OpenShared(config, directory, *readiness);
    if (!shared.ok()) return shared.status();
    replica = shared->get();
    opened = *std::move(shared);
  } else if (directory.empty()) {
    opened = std::make_unique<store::MemoryStore>();
  } else {
    if (absl::Status made = MakeDirectory(directory); !made.ok()) return made;
    opened = store::RocksDbStore::Open({.directory = directory});
  }
  if (!opened.ok()) return opened.status();
  store = std::make_unique<store::CountedStore>(*std::move(opened));
  if (absl::Status whole = store::CheckWhole(*store); !whole.ok()) return whole;
  return CheckRowsVersion(*store->Latest());
}

Installation::Installation(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Installation::~Installation() { Stop(); }

absl::StatusOr<std::unique_ptr<Installation>> Installation::Start(const ServeConfig& config) {
  if (absl::Status checked = Check(config); !checked.ok()) return checked;
  auto schedule = ReadSchedule(config);
  if (!schedule.ok()) return schedule.status();
  auto record_key = ReadRecordKey(config);
  if (!record_key.ok()) return record_key.status();
  auto parts = std::make_unique<Parts>();
  if (absl::Status opened = parts->OpenStore(config); !opened.ok()) return opened;
  const std::string token_file = config.tokens.empty() ? DataDirectory(config) + "/tokens" : config.tokens;
  auto tokens = rpc::TokenFile::Open(token_file, parts->clock);
  if (!tokens.ok()) return tokens.status();
  parts->tokens = *std::move(tokens);
  parts->environment = std::make_unique<api::Environment>(api::Environment{*parts->store, parts->clock, parts->random});
  auto market = order::Market::Load(*parts->store, matching::DefaultMatchPolicy(), &parts->round_prices);
  if (!market.ok()) return market.status();
  parts->market = *std::move(market);
  parts->exports = std::make_unique<rpc::Workers>(audit::kMaxExports, "exports");
  parts->round_calls = std::make_unique<rpc::Workers>(round::kMaxRoundCalls, "exports and explanations of rounds");
  parts->round_watches = std::make_unique<rpc::Workers>(round::kMaxWatches, "watches of rounds");
  parts->previews = std::make_unique<rpc::Workers>(round::kMaxPreviews, "previews of rounds");
  parts->watch = std::make_unique<stall::CaseWatch>(*parts->store);
  auto stalls = stall::Upkeep::Load(*parts->store, parts->clock.Now());
  if (!stalls.ok()) return stalls.status();
  parts->stalls = *std::move(stalls);
  parts->facts = std::make_unique<report::DailyFacts>(*parts->store);

  parts->store_metrics =
      std::make_unique<StoreMetrics>(parts->metrics, StoreKind(config), *parts->store, parts->replica, *parts->market);
  if (!config.metrics.empty()) {
    auto port = parts->metrics.Serve(config.metrics);
    if (!port.ok()) return port.status();
    parts->metrics_port = *port;
  }
  auto services = MakeServices(config, *parts->environment, *parts->market, *parts->exports,
                               {*parts->round_calls, *parts->round_watches, *parts->previews}, *parts->watch,
                               *parts->facts, *record_key);
  auto server = rpc::Server::Start(config.server, std::move(services), *parts->tokens, parts->metrics);
  if (!server.ok()) return server.status();
  parts->server = *std::move(server);
  if (parts->readiness != nullptr) parts->readiness->Tell(parts->server.get());
  parts->maintenance = std::make_unique<Maintenance>(*parts->environment, *parts->market, *parts->stalls, *parts->facts,
                                                     *std::move(schedule));
  return std::unique_ptr<Installation>(new Installation(std::move(parts)));
}

void Installation::Stop() {
  if (parts_ == nullptr) return;
  if (parts_->readiness != nullptr) parts_->readiness->Tell(nullptr);
  // Whoever watches would keep the drain waiting.
  parts_->watch->Stop();
  parts_->server->Drain();
  parts_->maintenance.reset();
  parts_.reset();
}

int Installation::port() const { return parts_->server->port(); }
int Installation::metrics_port() const { return parts_->metrics_port; }

}  // namespace zhuxiao::server
