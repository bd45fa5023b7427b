// Runs the conformance suite on every backend.
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <utility>

#include "services/store/memory_store.h"
#include "services/store/redis_store.h"
#include "services/store/rocksdb_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::store {
namespace {

struct Case {
  std::string backend;
  StoreCheck check;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.backend << " " << c.check.name; }
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const char* backend : {"Memory", "RocksDb", "RocksDbWithoutCache", "Redis"}) {
    for (StoreCheck& check : StoreChecks()) cases.push_back({backend, std::move(check)});
  }
  return cases;
}

// One server for all checks; each finds it empty.
testing::RedisProcess& EmptyRedis() {
  static ScratchDirectory directory;
  static testing::RedisProcess redis(directory.path());
  if (!redis.is_running() && !redis.Start()) std::abort();
  redis.Ask({"FLUSHALL"});
  return redis;
}

std::unique_ptr<Store> OpenStore(const std::string& backend, const std::string& directory) {
  if (backend == "Memory") return std::make_unique<MemoryStore>();
  if (backend == "Redis") return OpenRedisStore({.url = EmptyRedis().url(), .directory = directory}).value();
  RocksDbStoreOptions options{.directory = directory};
  if (backend == "RocksDbWithoutCache") options.row_cache_bytes = 0;
  return RocksDbStore::Open(options).value();
}

class StoreConformance : public ::testing::TestWithParam<Case> {};

TEST_P(StoreConformance, Holds) {
  ScratchDirectory directory;
  const std::unique_ptr<Store> store = OpenStore(GetParam().backend, directory.path());
  EXPECT_EQ(GetParam().check.run(*store), "");
}

INSTANTIATE_TEST_SUITE_P(Store, StoreConformance, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.backend + "_" + info.param.check.name; });

}  // namespace
}  // namespace zhuxiao::store
