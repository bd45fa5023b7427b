// What zhuxiaod is told on its command line, checked before anything starts.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/rpc/server.h"

namespace zhuxiao::server {

// Every service by the name --services takes; "all" stands for all of them.
inline constexpr const char* kServiceNames[] = {"directory", "listing", "quota",  "order", "matching",
                                                "partner",   "reward",  "report", "stall", "document",
                                                "shipping",  "forward", "audit"};

struct ServeConfig {
  std::string store = "rocksdb:.data";  // "rocksdb:DIR", "memory" or a url of store::RedisTarget
  std::string data;                     // on Redis: directory of this replica's copy and tokens; empty: a temporary one
  std::string store_password_file;      // holds the password of Redis; empty: none
  std::string tokens;                   // file of hashed tokens; empty: "tokens" in the data directory
  std::vector<std::string> services = {"all"};
  std::string metrics = "127.0.0.1:0";  // where /metrics is served; empty: nowhere
  std::string port_file;                // written with "PORT METRICS_PORT" once the server serves; empty: none
  std::string log_level = "info";
  std::string round_schedule;  // file of services/round/schedule.h's form; empty: the one that ships with the product
  std::string record_key;  // file of the key that signs records; empty: kRecordKeyName in the data directory, if there
  rpc::ServerOptions server;
};

// The name of the signing key in a data directory.
inline constexpr const char* kRecordKeyName = "record_key.pem";

struct KeyConfig {
  std::string data = ".data";  // the data directory, for its file kRecordKeyName
  std::string key;             // another file

  std::string file() const { return key.empty() ? data + "/" + kRecordKeyName : key; }
};

struct TokenConfig {
  std::string data = ".data";  // the data directory, for its file "tokens"
  std::string tokens;          // another file
  std::string role;
  std::string organisation;
  std::string region;
  std::string id;
  int valid_days = 90;

  std::string file() const { return tokens.empty() ? data + "/tokens" : tokens; }
};

// True where the store is shared, on Redis.
bool IsShared(const ServeConfig& config);

// The directory of a rocksdb: store or of a replica; "" for memory and where a replica's is temporary.
std::string DataDirectory(const ServeConfig& config);

// Where the key that signs records is to be; "" where the configuration leaves no place for one.
std::string RecordKeyFile(const ServeConfig& config);

// The first line of `file`; empty where `file` is. INVALID_ARGUMENT where there is none.
absl::StatusOr<std::string> ReadPassword(const std::string& file);

// OK, or INVALID_ARGUMENT naming every option that is wrong.
absl::Status Check(const ServeConfig& config);

// True where `config` asks for the service.
bool Wants(const ServeConfig& config, const std::string& service);

}  // namespace zhuxiao::server
